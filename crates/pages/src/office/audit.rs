//! Who did what: the latest first, page by page, of everybody or one person, of all days or one.

use std::collections::BTreeMap;

use axum::{
    extract::{Query, State},
    response::Response,
};
use maud::{Markup, html};
use purser_replica::{ActsAsked, Refusal, View};
use purser_storage::{AccountRow, ActPlace, ActRow, AuthorNumber};
use purser_types::{BusinessDate, StoreNumber};
use rust_i18n::t;
use serde::Deserialize;

use crate::{
    desk::Desk,
    fields::{in_query, plain_digits, shown},
    gate::Guest,
    language::Language,
    moment::Moment,
    office::subject::{Lookup, Subject, store_words},
    refusals,
    shell::{self, Place, alert},
};

/// Which acts.
#[derive(Deserialize, Clone, Default)]
pub(crate) struct Asked {
    /// The account of who did them.
    #[serde(default)]
    by: String,
    #[serde(default)]
    day: String,
    /// The place before which they stand, as the page before told it.
    #[serde(default)]
    before: String,
}

/// One line.
struct Line {
    when: Moment,
    store: StoreNumber,
    act: ActRow,
    /// Who the account belongs to.
    person: Option<String>,
    subject: Subject,
}

/// All that the page shows.
struct Trail {
    lines: Vec<Line>,
    /// Where the page after begins, if there is one.
    older: Option<ActPlace>,
    accounts: Vec<AccountRow>,
}

/// Acts on one page.
const SHOWN: usize = 50;

/// The page.
pub(crate) async fn show(State(desk): State<Desk>, guest: Guest, Query(asked): Query<Asked>) -> Response {
    if let Some(refusal) = guest.unless_auditing() {
        return refusal;
    }
    let language = guest.language;
    let (own_store, serves) = (desk.credential.store, guest.unless_serving().is_none());
    let (wanted, now_ms) = (asked.clone(), desk.handle.now().wall_ms);
    let read = desk.read(move |reader| Trail::read(&mut reader.view, (&wanted, now_ms), (own_store, serves)));
    let content = match read.await {
        Err(fault) => alert(&refusals::words(&fault, language)),
        Ok(trail) => trail.html(&asked, language),
    };
    shell::page(&desk, &guest, Place::Audit, content).await
}

impl Trail {
    fn read(
        view: &mut View,
        (asked, now_ms): (&Asked, u64),
        (own_store, serves): (StoreNumber, bool),
    ) -> Result<Self, Refusal> {
        let asked = ActsAsked {
            before: place(&asked.before),
            by: Some(asked.by.trim()).filter(|by| !by.is_empty()),
            day: plain_digits(asked.day.trim()).parse::<BusinessDate>().ok(),
        };
        let (fleet, programme) = (view.fleet()?, view.programme_on(view.date_at(now_ms))?);
        let lookup = Lookup { fleet: &fleet, programme: &programme, own_store, serves };
        let mut acts = view.acts(&asked, u32::try_from(SHOWN + 1).unwrap_or(u32::MAX))?;
        let has_older = acts.len() > SHOWN;
        acts.truncate(SHOWN);
        let older = acts.last().map(|(act, _)| act.place).filter(|_| has_older);
        let mut people = BTreeMap::<(StoreNumber, String), Option<String>>::new();
        let mut lines = Vec::new();
        for (act, store) in acts {
            let key = (store, act.by.clone());
            if !people.contains_key(&key) {
                people.insert(key.clone(), view.person_at(store, &act.by)?);
            }
            let person = people.get(&key).cloned().flatten();
            let when = Moment::of(view, act.place.wall_ms);
            let subject = Subject::of(view, &act.about, store, &lookup)?;
            lines.push(Line { when, store, act, person, subject });
        }
        Ok(Self { lines, older, accounts: view.accounts()? })
    }

    fn html(&self, asked: &Asked, language: Language) -> Markup {
        let locale = language.locale();
        html! {
            section .card {
                h1 { (t!("place.office_audit", locale = locale)) }
                p .soft { (t!("audit.what", locale = locale)) }
                (self.filter(asked, language))
                @if self.lines.is_empty() { p .soft role="status" { (t!("audit.none", locale = locale)) } }
                @else {
                    table .stacked {
                        thead { tr {
                            th { (t!("audit.when", locale = locale)) } th { (t!("audit.store", locale = locale)) }
                            th { (t!("audit.who", locale = locale)) } th { (t!("audit.act", locale = locale)) }
                        } }
                        tbody { @for line in &self.lines { (line.html(language)) } }
                    }
                }
                @if let Some(older) = self.older {
                    p { a .button .second rel="next" href={ "/office/audit?by=" (in_query(&asked.by)) "&day=" (in_query(&asked.day)) "&before=" (place_words(older)) } {
                        (t!("audit.older", locale = locale)) } }
                }
            }
        }
    }

    fn filter(&self, asked: &Asked, language: Language) -> Markup {
        let locale = language.locale();
        html! {
            form .row method="get" action="/office/audit" role="search" {
                label { (t!("audit.by", locale = locale))
                    input name="by" value=(shown(&asked.by)) list="people" maxlength="128" autocomplete="off"; }
                datalist #people { @for account in &self.accounts { option value=(account.name) { (account.person) } } }
                label { (t!("audit.day", locale = locale)) input name="day" type="date" value=(shown(&asked.day)); }
                button .second { (t!("audit.filter", locale = locale)) }
                @if !asked.by.is_empty() || !asked.day.is_empty() || !asked.before.is_empty() {
                    a .button .second href="/office/audit" { (t!("audit.all", locale = locale)) }
                }
            }
        }
    }
}

impl Line {
    fn html(&self, language: Language) -> Markup {
        let Self { act, .. } = self;
        html! {
            tr {
                td .when { (self.when) }
                td { (store_words(self.store, language)) }
                td { (who(&act.by, self.person.as_deref())) }
                td { (act_words(&act.act, language.locale())) (self.subject.html(&act.act, language)) }
            }
        }
    }
}

/// Somebody by name and account, as a link to all that they did.
fn who(by: &str, person: Option<&str>) -> Markup {
    html! {
        @if !by.is_empty() && by != "-" {
            a href={ "/office/audit?by=" (in_query(by)) } { @if let Some(person) = person { (person) } @else { (by) } }
            @if person.is_some() { " " span .soft .mono { (by) } }
        }
    }
}

fn act_words(act: &str, locale: &str) -> String {
    let key = format!("act.{act}");
    let words = t!(key.as_str(), locale = locale).into_owned();
    if words.ends_with(&key) { act.to_owned() } else { words }
}

fn place_words(place: ActPlace) -> String {
    let ActPlace { wall_ms, author, seq, nth } = place;
    format!("{wall_ms}.{}.{seq}.{nth}", author.0)
}

fn place(text: &str) -> Option<ActPlace> {
    let mut parts = text.split('.');
    let place = ActPlace {
        wall_ms: parts.next()?.parse().ok()?,
        author: AuthorNumber(parts.next()?.parse().ok()?),
        seq: parts.next()?.parse().ok()?,
        nth: parts.next()?.parse().ok()?,
    };
    parts.next().is_none().then_some(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_it_was_told() {
        let at = ActPlace { wall_ms: 1_798_732_800_000, author: AuthorNumber(3), seq: 7, nth: 1 };
        assert_eq!(place(&place_words(at)), Some(at));
        for other in ["", "1.2.3", "1.2.3.4.5", "a.b.c.d"] {
            assert_eq!(place(other), None, "{other}");
        }
    }
}
