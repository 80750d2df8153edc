//! What somebody who runs a store should look at: goods taken back, gifts, bonuses by approval, steep discounts, wrong
//! passwords. A manager ticks off what was seen; the journal keeps that, so it holds everywhere.

use std::collections::BTreeMap;

use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use maud::{Markup, html};
use purser_replica::{About, Refusal, View};
use purser_types::{EntryId, MemberId};
use rust_i18n::t;
use serde::Deserialize;

use crate::{
    desk::{Desk, Fault},
    gate::{FORM_KEY, Guest, SentForm},
    moment::Moment,
    office::{
        exception::{Exception, KINDS, SMALL_RETURN},
        pictures::money,
        subject::{member_link, receipt_link},
        today::person,
    },
    refusals,
    shell::{self, Place, alert},
};

/// Which exceptions.
#[derive(Deserialize, Clone, Default)]
pub(crate) struct Asked {
    /// Of one kind; of all but small returns if empty.
    #[serde(default)]
    kind: String,
    /// Also those that somebody has seen.
    #[serde(default)]
    seen: String,
}

/// What there is to look at.
struct Watch {
    /// The latest first, each with whether it was ticked off.
    exceptions: Vec<(Exception, Moment, bool)>,
    /// The members in it by name, as far as whoever looks may know them.
    names: BTreeMap<MemberId, String>,
    /// Who the accounts belong to.
    people: BTreeMap<String, String>,
}

/// So far back, in milliseconds: 31 days.
const BACK_MS: u64 = 31 * 86_400_000;
/// Entries of a journal that are looked at, and exceptions that are shown.
const ENTRIES_MAX: u64 = 20_000;
const SHOWN: usize = 300;

/// The page.
pub(crate) async fn show(State(desk): State<Desk>, guest: Guest, Query(asked): Query<Asked>) -> Response {
    if let Some(refusal) = guest.unless_auditing() {
        return refusal;
    }
    render(&desk, &guest, &asked, None).await
}

/// Ticks one off as seen.
pub(crate) async fn tick_off(State(desk): State<Desk>, sent: SentForm) -> Response {
    let SentForm { guest, fields } = sent;
    if !guest.is_manager() {
        return shell::refusal(guest.language, StatusCode::FORBIDDEN);
    }
    let asked = Asked { kind: fields.get("kind").to_owned(), seen: fields.get("seen").to_owned() };
    match note(&desk, &guest, fields.get("entry")).await {
        Ok(()) => Redirect::to(&asked.path()).into_response(),
        Err(trouble) => render(&desk, &guest, &asked, Some(&trouble)).await,
    }
}

async fn note(desk: &Desk, guest: &Guest, entry: &str) -> Result<(), String> {
    let in_words = |fault: Fault| refusals::words(&fault, guest.language);
    let entry = About::read(&format!("entry={entry}")).and_then(|about| about.entry);
    let watch = look(desk, false).await.map_err(in_words)?;
    let known = watch.exceptions.iter().find(|(it, ..)| Some(it.entry) == entry);
    let Some((exception, _, is_seen)) = known else {
        return Err(t!("exception.unknown", locale = guest.language.locale()).into_owned());
    };
    if *is_seen {
        return Ok(());
    }
    let about = About { entry: Some(exception.entry), ..About::default() };
    desk.note_surely(&guest.session.name, "reviewed", &about.to_string()).await.map_err(in_words)
}

async fn look(desk: &Desk, may_know_members: bool) -> Result<Watch, Fault> {
    let from_ms = desk.handle.now().wall_ms.saturating_sub(BACK_MS);
    desk.read(move |reader| Watch::read(&mut reader.view, from_ms, may_know_members)).await
}

impl Watch {
    fn read(view: &mut View, from_ms: u64, may_know_members: bool) -> Result<Self, Refusal> {
        let (entries, seen) = (view.written_here(from_ms, ENTRIES_MAX)?, view.reviewed(from_ms)?);
        let timed = |it: Exception| {
            let (at, is_seen) = (Moment::of(view, it.wall_ms), seen.contains(&it.entry));
            (it, at, is_seen)
        };
        let exceptions: Vec<_> = entries.iter().filter_map(Exception::of).map(timed).collect();
        let mut names = BTreeMap::new();
        if may_know_members {
            for member in exceptions.iter().filter_map(|(it, ..)| it.member) {
                names.extend(view.member(member)?.map(|row| (member, row.name)));
            }
        }
        let people = view.accounts()?.into_iter().map(|row| (row.name, row.person)).collect();
        Ok(Self { exceptions, names, people })
    }
}

impl Asked {
    fn wants(&self, exception: &Exception, is_seen: bool) -> bool {
        let is_of_kind = match self.kind.as_str() {
            "" => exception.kind != SMALL_RETURN,
            kind => exception.kind == kind,
        };
        is_of_kind && (self.shows_seen() || !is_seen)
    }

    fn shows_seen(&self) -> bool {
        self.seen == "1"
    }

    fn path(&self) -> String {
        let kind = KINDS.iter().find(|kind| **kind == self.kind).copied().unwrap_or_default();
        format!("/office/exceptions?kind={kind}&seen={}", if self.shows_seen() { "1" } else { "" })
    }
}

async fn render(desk: &Desk, guest: &Guest, asked: &Asked, trouble: Option<&str>) -> Response {
    let content = match look(desk, guest.unless_serving().is_none()).await {
        Err(fault) => alert(&refusals::words(&fault, guest.language)),
        Ok(watch) => html! {
            @if let Some(trouble) = trouble { (alert(trouble)) }
            (Page { guest, asked, watch: &watch }.html())
        },
    };
    shell::page(desk, guest, Place::Exceptions, content).await
}

struct Page<'a> {
    guest: &'a Guest,
    asked: &'a Asked,
    watch: &'a Watch,
}

impl Page<'_> {
    fn html(&self) -> Markup {
        let locale = self.guest.language.locale();
        let wanted =
            || self.watch.exceptions.iter().filter(|(it, _, is_seen)| self.asked.wants(it, *is_seen));
        html! {
            section .card {
                h1 { (t!("place.office_exceptions", locale = locale)) span .tag { (wanted().count()) } }
                p .soft { (t!("exception.what", locale = locale)) }
                (self.kinds())
                @if wanted().next().is_none() { p .good { (t!("members.none", locale = locale)) } }
                @else {
                    table .stacked {
                        thead { tr { th { (t!("audit.when", locale = locale)) } th { (t!("audit.act", locale = locale)) }
                            th .figure { (t!("deal.amount", locale = locale)) } th { (t!("exception.about", locale = locale)) }
                            th { (t!("audit.who", locale = locale)) } @if self.guest.is_manager() { th { span .hidden { (t!("exception.seen", locale = locale)) } } } } }
                        tbody { @for (it, when, is_seen) in wanted().take(SHOWN) { (self.row(it, *when, *is_seen)) } }
                    }
                }
            }
        }
    }

    /// How many there are of each kind, as links to them.
    fn kinds(&self) -> Markup {
        let (locale, asked) = (self.guest.language.locale(), self.asked);
        let seen = asked.seen.clone();
        let count = |kind: &str| {
            let of_kind = Asked { kind: kind.to_owned(), seen: seen.clone() };
            (
                self.watch.exceptions.iter().filter(|(it, _, is_seen)| of_kind.wants(it, *is_seen)).count(),
                of_kind,
            )
        };
        let link = |words: &str, (count, of_kind): (usize, Asked)| {
            html! {
                a .button .second href=(of_kind.path()) aria-current=[(of_kind.kind == asked.kind).then_some("true")] {
                    (words) " " strong .figure { (count) } }
            }
        };
        let other = Asked {
            kind: asked.kind.clone(),
            seen: if asked.shows_seen() { String::new() } else { "1".to_owned() },
        };
        html! {
            p .links {
                (link(&t!("exception.all", locale = locale), count("")))
                @for kind in KINDS { @let counted = count(kind); @if counted.0 > 0 || kind == asked.kind {
                    (link(&t!(format!("exception.{kind}"), locale = locale), counted)) } }
                a .button .second href=(other.path()) {
                    @if asked.shows_seen() { (t!("exception.hide_seen", locale = locale)) } @else { (t!("exception.show_seen", locale = locale)) } }
            }
        }
    }

    fn row(&self, it: &Exception, when: Moment, is_seen: bool) -> Markup {
        let language = self.guest.language;
        let locale = language.locale();
        let serves = self.guest.unless_serving().is_none();
        let who = if it.by.is_empty() {
            t!("exception.machine", locale = locale).into_owned()
        } else if it.kind == "sign_in_refused" {
            it.by.clone()
        } else {
            person(&it.by, &self.watch.people, language)
        };
        html! {
            tr {
                td .when { (when) }
                td { (t!(format!("exception.{}", it.kind), locale = locale)) }
                td .figure { @if let Some(amount) = it.amount { (money(amount.0)) } }
                td { (self.about(it, serves)) }
                td { (who) }
                @if self.guest.is_manager() { td { @if is_seen { span .tag { (t!("exception.seen", locale = locale)) } } @else { (self.tick(it.entry)) } } }
            }
        }
    }

    fn about(&self, it: &Exception, serves: bool) -> Markup {
        let language = self.guest.language;
        html! {
            @if let Some((till, check)) = &it.receipt { (receipt_link(till, check, serves, language)) " " }
            @if !it.about.is_empty() { (it.about) " " }
            @if let Some(member) = it.member && let Some(name) = self.watch.names.get(&member) { (member_link(member, Some(name), language)) }
        }
    }

    fn tick(&self, entry: EntryId) -> Markup {
        html! {
            form method="post" action="/office/exceptions" {
                input type="hidden" name=(FORM_KEY) value=(self.guest.session.form_key);
                input type="hidden" name="entry" value={ (entry.replica) "/" (entry.seq) };
                input type="hidden" name="kind" value=(self.asked.kind);
                input type="hidden" name="seen" value=(self.asked.seen);
                button .quiet { (t!("exception.tick_off", locale = self.guest.language.locale())) }
            }
        }
    }
}
