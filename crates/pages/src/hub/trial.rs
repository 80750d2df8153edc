//! What a programme would have made of past sales, and that it was tried before it is published.

use std::sync::LazyLock;

use maud::{Markup, html};
use purser_programme::Programme;
use purser_replica::{Difference, DryRun, Refusal};
use purser_types::{BusinessDate, Fen, MemberId};
use rust_i18n::t;
use subtle::ConstantTimeEq;
use tokio::sync::Semaphore;

use crate::{
    chart::{self, Bar},
    desk::Desk,
    fields::Fields,
    gate::Guest,
    language::Language,
    office::pictures::{money, plain},
    refusals,
    session::random,
    shell::alert,
};

/// What came of a trial.
pub(crate) struct Trial {
    run: DryRun,
    /// The members whose sales would have changed most.
    names: Vec<(MemberId, String)>,
    /// Sales of the days before today, if the days that were chosen have none.
    passed_by: i64,
}

/// A dry run reads every member's entries: one at a time, so that a hub has hands free for its stores.
static TRYING: Semaphore = Semaphore::const_new(1);
/// Days that a dry run goes over.
const DAYS_MAX: i32 = 100;
/// Days that it is offered for: the last month.
const DAYS: i32 = 30;
/// Members that it lists, and of these in the picture.
const MEMBERS_SHOWN: usize = 20;
const BARS_SHOWN: usize = 8;
/// The field that shows what was tried.
const STAMP: &str = "tried";
/// This process alone knows it, so nobody makes up a form with something tried.
static SECRET: LazyLock<Option<String>> = LazyLock::new(random);

/// The days that a trial is offered for.
pub(crate) fn last_month(today: BusinessDate) -> (BusinessDate, BusinessDate) {
    (today.plus_days(-DAYS), today)
}

/// Prices the sales of the days in the form anew; words if that cannot be.
pub(crate) async fn run(
    desk: &Desk,
    guest: &Guest,
    fields: &Fields,
    programme: Programme,
) -> Result<Trial, String> {
    let locale = guest.language.locale();
    let days = fields.get("from").parse::<BusinessDate>().ok().zip(fields.get("until").parse().ok());
    let days = days.filter(|(from, until)| from <= until && *until <= from.plus_days(DAYS_MAX));
    let days = days.ok_or_else(|| t!("programmes.days", locale = locale, days = DAYS_MAX).into_owned())?;
    let one = TRYING.acquire().await;
    let _one = one.map_err(|_| t!("refusal.unavailable", locale = locale).into_owned())?;
    let now_ms = desk.handle.now().wall_ms;
    let tried = desk.read(move |reader| {
        let view = &mut reader.view;
        let mut run = view.dry_run(&programme, days)?;
        run.members.sort_by_key(|(member, it)| (std::cmp::Reverse(change_of(it)), *member));
        let mut names = Vec::new();
        for (member, _) in run.members.iter().take(MEMBERS_SHOWN) {
            names.push((*member, view.member(*member)?.map(|row| row.name).unwrap_or_default()));
        }
        let (from, until) = last_month(view.date_at(now_ms));
        let is_empty = run.total.sales + run.refused == 0;
        let figures = if is_empty { view.figures(from, until)? } else { Vec::new() };
        let passed_by = figures.iter().fold(0_i64, |sum, day| sum.saturating_add(day.figures.sales));
        Ok::<_, Refusal>(Trial { run, names, passed_by })
    });
    tried.await.map_err(|fault| refusals::words(&fault, guest.language))
}

/// The field that shows later on that this text was tried by this very session.
pub(crate) fn stamp_field(guest: &Guest, fields: &Fields) -> Markup {
    html! { @if let Some(stamp) = stamp(guest, fields) { input type="hidden" name=(STAMP) value=(stamp); } }
}

/// Whether the form shows that the text in it was tried.
pub(crate) fn is_stamped(guest: &Guest, fields: &Fields) -> bool {
    let shown = fields.get(STAMP).as_bytes();
    stamp(guest, fields).is_some_and(|stamp| stamp.as_bytes().ct_eq(shown).into())
}

fn stamp(guest: &Guest, fields: &Fields) -> Option<String> {
    let key = blake3::derive_key("purser programme that was tried", SECRET.as_ref()?.as_bytes());
    let tried = format!("{} {}", guest.session.form_key, fields.get("text"));
    Some(blake3::keyed_hash(&key, tried.as_bytes()).to_hex().to_string())
}

impl Trial {
    /// Whether it says anything: there were sales, or there are none to try it on.
    pub(crate) fn counts(&self) -> bool {
        self.passed_by == 0
    }

    /// What came of it, in a line.
    pub(crate) fn told(&self, language: Language) -> Markup {
        let locale = language.locale();
        let (run, total) = (&self.run, &self.run.total);
        html! {
            @if run.total.sales + run.refused == 0 {
                p .note-now role="status" {
                    @if self.passed_by > 0 { (language.counted("programmes.other_days", self.passed_by)) }
                    @else { (t!("programmes.no_sales", locale = locale)) }
                }
            } @else {
                p .told role="status" {
                    (language.counted("programmes.tried", total.sales))
                    (t!("programmes.in_all", locale = locale, was = money(total.price.0.0), is = money(total.price.1.0), gap = gap(total.price)))
                    " " a href="#trial" { (t!("programmes.to_result", locale = locale)) }
                }
            }
        }
    }

    /// The result: a picture of all and of the members of whom most changes, the figures below it.
    pub(crate) fn html(&self, language: Language) -> Markup {
        let locale = language.locale();
        let run = &self.run;
        html! {
            section .card #trial {
                h2 { (language.counted("programmes.tried", run.total.sales)) }
                @if run.without_lines > 0 { p .soft { (language.counted("programmes.without_lines", run.without_lines)) } }
                @if run.points_refused > 0 { p .soft { (language.counted("programmes.points_refused", run.points_refused)) } }
                @if let Some(refusal) = &run.refusal {
                    @let words = refusals::of_refusal(&Refusal::Quote(refusal.clone()), language);
                    (alert(&format!("{} {words}", language.counted("programmes.refused", run.refused))))
                }
                (self.picture(language))
                details {
                    summary { (t!("programmes.figures", locale = locale)) }
                    (self.table(language))
                }
            }
        }
    }

    fn picture(&self, language: Language) -> Markup {
        let locale = language.locale();
        let total = &self.run.total;
        let bar = |key: &str, value: i64, shown: String, is_marked: bool| Bar {
            label: t!(format!("programmes.{key}"), locale = locale).into_owned(),
            value,
            shown,
            is_marked,
        };
        let (was, would) = (total.price.0.0, total.price.1.0);
        let prices = [bar("price_was", was, money(was), false), bar("would_be", would, money(would), true)];
        let (was, would) = total.points;
        let points = [bar("points_were", was, plain(was), false), bar("would_be", would, plain(would), true)];
        let of_member = |((member, name), (_, it)): (&(MemberId, String), &(MemberId, Difference))| Bar {
            label: if name.is_empty() { member.to_string() } else { name.clone() },
            value: it.price.0.0.abs_diff(it.price.1.0).try_into().unwrap_or(i64::MAX),
            shown: gap(it.price),
            is_marked: it.price.1 > it.price.0,
        };
        let members =
            self.names.iter().zip(&self.run.members).filter(|(_, (_, it))| it.price.0 != it.price.1);
        let members: Vec<Bar> = members.map(of_member).take(BARS_SHOWN).collect();
        html! {
            (chart::lying(&t!("programmes.prices_in_all", locale = locale), &prices))
            (chart::lying(&t!("programmes.points_in_all", locale = locale), &points))
            @if !members.is_empty() { (chart::lying(&t!("programmes.gap_by_member", locale = locale), &members)) }
        }
    }

    fn table(&self, language: Language) -> Markup {
        let locale = language.locale();
        let run = &self.run;
        let figures = |it: &Difference| {
            let (was, would) = it.points;
            html! {
                td .figure { (money(it.price.0.0)) } td .figure { (money(it.price.1.0)) } td .figure { (gap(it.price)) }
                td .figure { (plain(was)) } td .figure { (plain(would)) } td .figure { (signed(would.saturating_sub(was), plain)) }
            }
        };
        html! {
            table {
                thead { tr { th { (t!("fleet.member", locale = locale)) }
                    th .figure { (t!("programmes.price_was", locale = locale)) } th .figure { (t!("programmes.would_be", locale = locale)) } th .figure { "±" }
                    th .figure { (t!("programmes.points_were", locale = locale)) } th .figure { (t!("programmes.would_be", locale = locale)) } th .figure { "±" } } }
                tbody {
                    tr .sum { th scope="row" { (t!("programmes.all", locale = locale)) } (figures(&run.total)) }
                    @for ((member, name), (_, it)) in self.names.iter().zip(&run.members) {
                        tr { td { @if name.is_empty() { (member) } @else { (name) } } (figures(it)) }
                    }
                }
            }
            @if run.members.len() > self.names.len() { p .soft { (language.counted("programmes.more", (run.members.len() - self.names.len()) as u64)) } }
        }
    }
}

/// The difference of two amounts, with its sign.
fn gap((was, would): (Fen, Fen)) -> String {
    signed(would.0.saturating_sub(was.0), money)
}

fn signed(figure: i64, shown: fn(i64) -> String) -> String {
    let sign = match figure {
        0 => "±",
        1.. => "+",
        _ => "−",
    };
    format!("{sign}{}", shown(figure.saturating_abs()))
}

fn change_of(of: &Difference) -> u64 {
    of.price.0.0.abs_diff(of.price.1.0) + of.points.0.abs_diff(of.points.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_have_their_sign() {
        assert_eq!(gap((Fen(10_000), Fen(7_000))), "−¥30.00");
        assert_eq!(gap((Fen(0), Fen(123_456))), "+¥1,234.56");
        assert_eq!(gap((Fen(5), Fen(5))), "±¥0.00");
    }
}
