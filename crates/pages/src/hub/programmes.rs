//! The versions of the programme: which is in force, what a new one would have made of past sales, publishing it.

use std::sync::Arc;

use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use maud::{Markup, html};
use purser_journal::StaffRole;
use purser_programme::{Faults, Programme};
use purser_replica::{Refusal, Undertaking};
use purser_types::BusinessDate;
use rust_i18n::t;
use serde::Deserialize;

use crate::{
    desk::{Desk, Fault},
    fields::{Fields, shown},
    gate::{FORM_KEY, Guest, SentForm},
    hub::{
        mistakes,
        trial::{self, Trial, is_stamped, last_month, stamp_field},
    },
    language::Language,
    office::settings::scheme,
    refusals,
    session::random,
    shell::{self, Place, alert},
};

/// A form with a programme is at most so long: its text, escaped for the way.
pub(crate) const FORM_BYTES_MAX: usize = 700 * 1024;

/// What was done before the page is shown.
#[derive(Deserialize)]
pub(crate) struct Asked {
    /// The version that was published just now.
    published: Option<u32>,
}

/// What came of what was asked.
enum Came {
    Nothing,
    Faults(Faults),
    Sound(Box<Programme>),
    Tried(Box<Trial>),
    /// Its version was published before.
    Taken(u32),
    Published(u32),
    Trouble(String),
}

/// What the page shows of the versions.
struct Versions {
    today: BusinessDate,
    all: Vec<Arc<Programme>>,
    in_force: Arc<Programme>,
    /// The number of the version to come.
    next: u32,
}

/// The page.
pub(crate) async fn show(State(desk): State<Desk>, guest: Guest, Query(asked): Query<Asked>) -> Response {
    if let Some(refusal) = guest.unless_overseeing() {
        return refusal;
    }
    let came = asked.published.map_or(Came::Nothing, Came::Published);
    render(&desk, &guest, &Fields::default(), came).await
}

/// Checks a programme, tries it on past sales, or publishes it. What is published is shown after a redirect; checks
/// and trials hold a whole programme, which no address does.
pub(crate) async fn change(State(desk): State<Desk>, sent: SentForm) -> Response {
    let SentForm { guest, fields } = sent;
    if let Some(refusal) = guest.unless_heading() {
        return refusal;
    }
    let came = match Programme::read(fields.get("text")) {
        Err(faults) => Came::Faults(faults),
        Ok(programme) => match fields.get("do") {
            "publish" => match publish(&desk, &guest, &fields, &programme).await {
                Ok(()) => {
                    let address = format!("/programmes?published={}", programme.version);
                    return Redirect::to(&address).into_response();
                }
                Err(came) => came,
            },
            "check" | "try" => consider(&desk, &guest, &fields, programme).await,
            _ => return shell::refusal(guest.language, StatusCode::UNPROCESSABLE_ENTITY),
        },
    };
    render(&desk, &guest, &fields, came).await
}

/// Checks it, and tries it if that is wanted. A version that is there already cannot be published whatever comes of it.
async fn consider(desk: &Desk, guest: &Guest, fields: &Fields, programme: Programme) -> Came {
    match versions(desk).await {
        Err(fault) => return Came::Trouble(refusals::words(&fault, guest.language)),
        Ok(Versions { next, .. }) if programme.version < next => return Came::Taken(programme.version),
        Ok(_) => {}
    }
    if fields.get("do") == "check" {
        return Came::Sound(Box::new(programme));
    }
    match trial::run(desk, guest, fields, programme).await {
        Ok(trial) => Came::Tried(Box::new(trial)),
        Err(words) => Came::Trouble(words),
    }
}

async fn publish(desk: &Desk, guest: &Guest, fields: &Fields, programme: &Programme) -> Result<(), Came> {
    let trouble = |key: &str| Came::Trouble(t!(key, locale = guest.language.locale()).into_owned());
    let authority = desk.authority.as_ref().ok_or_else(|| trouble("programmes.no_key"))?;
    if !is_stamped(guest, fields) {
        return Err(trouble("programmes.not_tried"));
    }
    if fields.get("sure") != "on" {
        return Err(trouble("store.say_twice"));
    }
    let (version, from) = (programme.version, programme.in_force_from);
    let signed = authority.sign_programme(version, from, fields.get("text").to_owned());
    let key = format!("programme {}", fields.get("key"));
    match desk.carry_out(&guest.session.name, &key, Undertaking::Publish(Box::new(signed))).await {
        Ok(_) => Ok(()),
        Err(Fault::Refused(Refusal::VersionTaken(_))) => Err(Came::Taken(version)),
        Err(fault) => Err(Came::Trouble(refusals::words(&fault, guest.language))),
    }
}

async fn versions(desk: &Desk) -> Result<Versions, Fault> {
    let now_ms = desk.handle.now().wall_ms;
    desk.read(move |reader| {
        let today = reader.view.date_at(now_ms);
        let (all, in_force) = (reader.view.programmes()?, reader.view.programme_on(today)?);
        // Those that this version of Purser cannot read have their numbers too.
        let newest = reader.database.programmes()?.iter().map(|row| row.version).max().unwrap_or(0);
        Ok::<_, Refusal>(Versions { today, all, in_force, next: newest.saturating_add(1) })
    })
    .await
}

async fn render(desk: &Desk, guest: &Guest, fields: &Fields, came: Came) -> Response {
    let language = guest.language;
    let content = match versions(desk).await {
        Err(fault) => alert(&refusals::words(&fault, language)),
        Ok(versions) => {
            let is_head_office = guest.session.role == StaffRole::HeadOffice;
            html! {
                (outcome(&came, &versions, language))
                // Who works on a version has the form before their eyes.
                @if fields.has("text") { (form(guest, fields, &came, versions.today)) }
                @if let Came::Tried(trial) = &came { (trial.html(language)) }
                div .two {
                    (list(&versions, language))
                    (scheme(&versions.in_force, language))
                }
                @if is_head_office && !fields.has("text") { (form(guest, fields, &came, versions.today)) }
            }
        }
    };
    shell::page(desk, guest, Place::Programmes, content).await
}

fn list(versions: &Versions, language: Language) -> Markup {
    let locale = language.locale();
    html! {
        section .card {
            h1 { (t!("place.programmes", locale = locale)) }
            table {
                thead { tr { th .figure { (t!("settings.scheme_version", locale = locale)) } th { (t!("settings.scheme", locale = locale)) } th { (t!("programmes.from", locale = locale)) } } }
                tbody { @for version in versions.all.iter().rev() { tr {
                    td .figure { (version.version) }
                    td { (language.name(&version.name)) @if version.version == versions.in_force.version { span .tag { (t!("programmes.in_force", locale = locale)) } } }
                    td { (version.in_force_from) }
                } } }
            }
        }
    }
}

fn form(guest: &Guest, fields: &Fields, came: &Came, today: BusinessDate) -> Markup {
    let locale = guest.language.locale();
    let is_tried = match came {
        Came::Tried(trial) => trial.counts(),
        Came::Sound(_) | Came::Trouble(_) => is_stamped(guest, fields),
        Came::Nothing | Came::Faults(_) | Came::Taken(_) | Came::Published(_) => false,
    };
    let (from, until) = last_month(today);
    let day = |name: &str, offered: BusinessDate| match fields.get(name) {
        "" => offered.to_string(),
        typed => shown(typed),
    };
    html! {
        form .card method="post" action="/programmes" {
            h2 { (t!("programmes.new", locale = locale)) }
            p .soft { (t!("programmes.new_what", locale = locale)) }
            input type="hidden" name=(FORM_KEY) value=(guest.session.form_key);
            input type="hidden" name="key" value=(random().unwrap_or_default());
            @if is_tried { (stamp_field(guest, fields)) }
            label { (t!("programmes.text", locale = locale))
                textarea .mono name="text" rows="14" spellcheck="false" required { (fields.get("text")) } }
            div .row {
                button .second name="do" value="check" { (t!("programmes.check", locale = locale)) }
                label { (t!("programmes.try_from", locale = locale)) input type="date" name="from" value=(day("from", from)); }
                label { (t!("programmes.try_until", locale = locale)) input type="date" name="until" value=(day("until", until)); }
                button .second name="do" value="try" { (t!("programmes.try", locale = locale)) }
            }
            @if is_tried {
                label .check { input type="checkbox" name="sure"; span { (t!("programmes.sure", locale = locale)) } }
                button name="do" value="publish" { (t!("programmes.publish", locale = locale)) }
            } @else { p .soft { (t!("programmes.try_first", locale = locale)) } }
        }
    }
}

fn outcome(came: &Came, versions: &Versions, language: Language) -> Markup {
    let locale = language.locale();
    match came {
        Came::Nothing => html! {},
        Came::Trouble(words) => alert(words),
        Came::Taken(version) => {
            alert(&t!("programmes.taken", locale = locale, version = version, next = versions.next))
        }
        Came::Published(number) => html! {
            @if let Some(version) = versions.all.iter().find(|version| version.version == *number) {
                p .told role="status" { (t!("programmes.published", locale = locale, version = number, from = version.in_force_from)) }
            }
        },
        Came::Faults(faults) => mistakes::list(faults, language),
        Came::Sound(programme) => html! {
            p .told role="status" { (t!("programmes.sound", locale = locale)) " "
                (t!("programmes.sound_what", locale = locale, version = programme.version, name = language.name(&programme.name), from = programme.in_force_from)) }
        },
        Came::Tried(trial) => trial.told(language),
    }
}
