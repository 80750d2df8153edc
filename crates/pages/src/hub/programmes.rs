//! The versions of the programme: which is in force, what a new one would have made of past sales, publishing it.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode, response::Response};
use maud::{Markup, html};
use purser_journal::StaffRole;
use purser_programme::{Faults, Programme};
use purser_replica::{Difference, DryRun, Refusal, Undertaking};
use purser_types::{BusinessDate, Fen, MemberId};
use rust_i18n::t;
use tokio::sync::Semaphore;

use crate::{
    desk::{Desk, Fault},
    fields::{Fields, shown},
    gate::{FORM_KEY, Guest, SentForm},
    language::Language,
    office::settings::scheme,
    refusals,
    session::random,
    shell::{self, Place, alert},
};

/// A form with a programme is at most so long: its text, escaped for the way.
pub(crate) const FORM_BYTES_MAX: usize = 700 * 1024;

/// What came of what was asked.
enum Came {
    Nothing,
    Faults(Faults),
    Sound(Box<Programme>),
    Tried { run: Box<DryRun>, names: Vec<(MemberId, String)> },
    Published(u32, BusinessDate),
    Trouble(String),
}

/// A dry run reads every member's entries: one at a time, so that a hub has hands free for its stores.
static TRYING: Semaphore = Semaphore::const_new(1);
/// Days that a dry run goes over.
const DAYS_MAX: i32 = 100;
/// Members that it lists.
const MEMBERS_SHOWN: usize = 20;

/// The page.
pub(crate) async fn show(State(desk): State<Desk>, guest: Guest) -> Response {
    if let Some(refusal) = guest.unless_overseeing() {
        return refusal;
    }
    render(&desk, &guest, &Fields::default(), Came::Nothing).await
}

/// Checks a programme, tries it on past sales, or publishes it.
pub(crate) async fn change(State(desk): State<Desk>, sent: SentForm) -> Response {
    let SentForm { guest, fields } = sent;
    if let Some(refusal) = guest.unless_heading() {
        return refusal;
    }
    let came = match Programme::read(fields.get("text")) {
        Err(faults) => Came::Faults(faults),
        Ok(programme) => match fields.get("do") {
            "check" => Came::Sound(Box::new(programme)),
            "try" => try_out(&desk, &guest, &fields, programme).await,
            "publish" => publish(&desk, &guest, &fields, &programme).await,
            _ => return shell::refusal(guest.language, StatusCode::UNPROCESSABLE_ENTITY),
        },
    };
    render(&desk, &guest, &fields, came).await
}

async fn try_out(desk: &Desk, guest: &Guest, fields: &Fields, programme: Programme) -> Came {
    let locale = guest.language.locale();
    let days = fields.get("from").parse::<BusinessDate>().ok().zip(fields.get("until").parse().ok());
    let Some((from, until)) =
        days.filter(|(from, until)| from <= until && *until <= from.plus_days(DAYS_MAX))
    else {
        return Came::Trouble(t!("programmes.days", locale = locale, days = DAYS_MAX).into_owned());
    };
    let Ok(_one) = TRYING.acquire().await else {
        return Came::Trouble(t!("refusal.unavailable", locale = locale).into_owned());
    };
    let tried = desk.read(move |reader| {
        let mut run = reader.view.dry_run(&programme, (from, until))?;
        run.members.sort_by_key(|(member, it)| (std::cmp::Reverse(change_of(it)), *member));
        let mut names = Vec::new();
        for (member, _) in run.members.iter().take(MEMBERS_SHOWN) {
            names.push((*member, reader.view.member(*member)?.map(|row| row.name).unwrap_or_default()));
        }
        Ok::<_, Refusal>(Came::Tried { run: Box::new(run), names })
    });
    tried.await.unwrap_or_else(|fault| Came::Trouble(refusals::words(&fault, guest.language)))
}

async fn publish(desk: &Desk, guest: &Guest, fields: &Fields, programme: &Programme) -> Came {
    let locale = guest.language.locale();
    let Some(authority) = &desk.authority else {
        return Came::Trouble(t!("programmes.no_key", locale = locale).into_owned());
    };
    if fields.get("sure") != "on" {
        return Came::Trouble(t!("store.say_twice", locale = locale).into_owned());
    }
    let (version, from) = (programme.version, programme.in_force_from);
    let signed = authority.sign_programme(version, from, fields.get("text").to_owned());
    let key = format!("programme {}", fields.get("key"));
    match desk.carry_out(&guest.session.name, &key, Undertaking::Publish(Box::new(signed))).await {
        Ok(_) => Came::Published(version, from),
        Err(fault) => Came::Trouble(refusals::words(&fault, guest.language)),
    }
}

/// The versions, and the one that is in force.
async fn versions(desk: &Desk) -> Result<(Vec<Arc<Programme>>, Arc<Programme>), Fault> {
    let now_ms = desk.handle.now().wall_ms;
    desk.read(move |reader| {
        let today = reader.view.date_at(now_ms);
        Ok::<_, Refusal>((reader.view.programmes()?, reader.view.programme_on(today)?))
    })
    .await
}

async fn render(desk: &Desk, guest: &Guest, fields: &Fields, came: Came) -> Response {
    let locale = guest.language.locale();
    let content = match versions(desk).await {
        Err(fault) => alert(&refusals::words(&fault, guest.language)),
        Ok((all, in_force)) => html! {
            (outcome(&came, guest.language))
            div .two {
                section .card {
                    h1 { (t!("place.programmes", locale = locale)) }
                    table {
                        thead { tr { th .figure { (t!("settings.scheme_version", locale = locale)) } th { (t!("settings.scheme", locale = locale)) } th { (t!("programmes.from", locale = locale)) } } }
                        tbody { @for version in all.iter().rev() { tr {
                            td .figure { (version.version) }
                            td { (guest.language.name(&version.name)) @if version.version == in_force.version { span .tag { (t!("programmes.in_force", locale = locale)) } } }
                            td { (version.in_force_from) }
                        } } }
                    }
                }
                (scheme(&in_force, guest.language))
            }
            @if guest.session.role == StaffRole::HeadOffice { (form(guest, fields, &came)) }
        },
    };
    shell::page(desk, guest, Place::Programmes, content).await
}

fn form(guest: &Guest, fields: &Fields, came: &Came) -> Markup {
    let locale = guest.language.locale();
    let is_sound = matches!(came, Came::Sound(_) | Came::Tried { .. } | Came::Trouble(_));
    html! {
        form .card method="post" action="/programmes" {
            h2 { (t!("programmes.new", locale = locale)) }
            p .soft { (t!("programmes.new_what", locale = locale)) }
            input type="hidden" name=(FORM_KEY) value=(guest.session.form_key);
            input type="hidden" name="key" value=(random().unwrap_or_default());
            label { (t!("programmes.text", locale = locale))
                textarea .mono name="text" rows="14" spellcheck="false" required { (fields.get("text")) } }
            div .row {
                button .second name="do" value="check" { (t!("programmes.check", locale = locale)) }
                label { (t!("programmes.try_from", locale = locale)) input type="date" name="from" value=(shown(fields.get("from"))); }
                label { (t!("programmes.try_until", locale = locale)) input type="date" name="until" value=(shown(fields.get("until"))); }
                button .second name="do" value="try" { (t!("programmes.try", locale = locale)) }
            }
            @if is_sound {
                label .check { input type="checkbox" name="sure"; span { (t!("programmes.sure", locale = locale)) } }
                button name="do" value="publish" { (t!("programmes.publish", locale = locale)) }
            }
        }
    }
}

fn outcome(came: &Came, language: Language) -> Markup {
    let locale = language.locale();
    match came {
        Came::Nothing => html! {},
        Came::Trouble(words) => alert(words),
        Came::Published(version, from) => html! {
            p .told role="status" { (t!("programmes.published", locale = locale, version = version, from = from)) }
        },
        Came::Faults(faults) => html! {
            section .card {
                (alert(&language.counted("programmes.faults", faults.0.len() as u64)))
                ul { @for fault in &faults.0 { li .mono { (fault) } } }
            }
        },
        Came::Sound(programme) => html! {
            p .told role="status" { (t!("programmes.sound", locale = locale)) }
            (scheme(programme, language))
        },
        Came::Tried { run, names } => tried(run, names, language),
    }
}

fn tried(run: &DryRun, names: &[(MemberId, String)], language: Language) -> Markup {
    let locale = language.locale();
    let figures = |it: &Difference| {
        html! {
            td .figure { "¥" (it.price.0) } td .figure { "¥" (it.price.1) } td .figure { (gap(it.price)) }
            td .figure { (it.points.0) } td .figure { (it.points.1) } td .figure { (format!("{:+}", it.points.1 - it.points.0)) }
        }
    };
    html! {
        section .card {
            h2 { (language.counted("programmes.tried", run.total.sales)) }
            @if run.without_lines > 0 { p .soft { (language.counted("programmes.without_lines", run.without_lines)) } }
            @if run.points_refused > 0 { p .soft { (language.counted("programmes.points_refused", run.points_refused)) } }
            @if let Some(refusal) = &run.refusal { (alert(&format!("{} {refusal}", language.counted("programmes.refused", run.refused)))) }
            table {
                thead { tr { th { (t!("fleet.member", locale = locale)) }
                    th .figure { (t!("programmes.price_was", locale = locale)) } th .figure { (t!("programmes.would_be", locale = locale)) } th .figure { "±" }
                    th .figure { (t!("programmes.points_were", locale = locale)) } th .figure { (t!("programmes.would_be", locale = locale)) } th .figure { "±" } } }
                tbody {
                    tr .sum { th scope="row" { (t!("programmes.all", locale = locale)) } (figures(&run.total)) }
                    @for ((member, name), (_, it)) in names.iter().zip(&run.members) {
                        tr { td { @if name.is_empty() { (member) } @else { (name) } } (figures(it)) }
                    }
                }
            }
            @if run.members.len() > names.len() { p .soft { (language.counted("programmes.more", (run.members.len() - names.len()) as u64)) } }
        }
    }
}

fn gap((was, is): (Fen, Fen)) -> String {
    let sign = if is < was { "-" } else { "+" };
    format!("{sign}{}", Fen((is.0 - was.0).abs()))
}

fn change_of(of: &Difference) -> u64 {
    of.price.0.0.abs_diff(of.price.1.0) + of.points.0.abs_diff(of.points.1)
}
