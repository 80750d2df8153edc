//! The fleet on one screen: who is on line, how far behind, what each holds and runs, what is wrong.

use std::time::Duration;

use axum::{extract::State, response::Response};
use maud::{Markup, html};
use purser_journal::Role;
use purser_replica::Refusal;
use rust_i18n::t;

use crate::{
    desk::{Desk, Fault},
    gate::Guest,
    hub::{
        alarms::{self, ShownAlarm},
        standing::{Standing, is_named_hub, name, standings},
    },
    language::Language,
    live::live,
    moment::Moment,
    office::{pictures::plain, sync::seconds},
    refusals,
    shell::{self, Place, alert},
};

/// How often the screen is looked at for whoever watches it.
const EVERY: Duration = Duration::from_secs(2);
/// A clock that differs by more is worth a word, in milliseconds.
const CLOCK_MS: i64 = 60_000;
/// Alarms of this hub that the page lists.
const ALARMS_SHOWN: usize = 20;

/// The page.
pub(crate) async fn show(State(desk): State<Desk>, guest: Guest) -> Response {
    if let Some(refusal) = guest.unless_overseeing() {
        return refusal;
    }
    let locale = guest.language.locale();
    let content = html! {
        section .card {
            h1 { (t!("place.fleet", locale = locale)) }
            div data-live="/fleet/live" { (screen(&desk, guest.language).await) }
        }
        @match raised_here(&desk, guest.language).await {
            Ok(raised) => (alarms::list(&raised, guest.language)),
            Err(fault) => (alert(&refusals::words(&fault, guest.language))),
        }
    };
    shell::page(&desk, &guest, Place::Fleet, content).await
}

/// The screen whenever it changes.
pub(crate) async fn follow(State(desk): State<Desk>, guest: Guest) -> Response {
    if let Some(refusal) = guest.unless_overseeing() {
        return refusal;
    }
    live(EVERY, move || {
        let (desk, language) = (desk.clone(), guest.language);
        async move { screen(&desk, language).await }
    })
}

/// What this hub has raised since it runs, the latest first.
async fn raised_here(desk: &Desk, language: Language) -> Result<Vec<ShownAlarm>, Fault> {
    let (raised, me) = (desk.handle.recent_alarms(), desk.credential.replica);
    desk.read(move |reader| {
        let fleet = reader.view.fleet()?;
        let called = |replica| fleet.iter().find(|it| it.replica == replica).map(|it| name(it, language));
        let by = called(me).unwrap_or_default();
        let shown = raised.iter().rev().take(ALARMS_SHOWN).map(|alarm| ShownAlarm {
            at: Moment::of(&reader.view, alarm.wall_ms),
            code: alarm.code.to_owned(),
            by: by.clone(),
            about: alarm.about.map(|replica| called(replica).unwrap_or_else(|| replica.to_string())),
        });
        Ok::<_, Refusal>(shown.collect())
    })
    .await
}

async fn screen(desk: &Desk, language: Language) -> Markup {
    let now_ms = desk.handle.now().wall_ms;
    match standings(desk, language).await {
        Err(fault) => alert(&refusals::words(&fault, language)),
        Ok(standings) => table(&standings, now_ms, language),
    }
}

fn table(standings: &[Standing], now_ms: u64, language: Language) -> Markup {
    let locale = language.locale();
    let stores = standings.iter().filter(|it| it.replica.role == Role::Store && it.replica.fenced.is_none());
    let (all, on_line) = stores.fold((0, 0), |(all, on), it| (all + 1, on + u32::from(it.is_on_line())));
    html! {
        p .lead { (t!("fleet.on_line", locale = locale, on = on_line, all = all)) }
        table .fleet {
            thead { tr {
                th { (t!("fleet.replica", locale = locale)) } th { (t!("fleet.state", locale = locale)) }
                th .figure { (t!("sync.behind", locale = locale)) } th { (t!("fleet.seen", locale = locale)) }
                th .figure .less { (t!("sync.entries", locale = locale)) } th .figure { (t!("fleet.rights", locale = locale)) }
                th .figure .less { (t!("sync.clock", locale = locale)) }
                th { (t!("fleet.version", locale = locale)) } th .figure { (t!("fleet.alarms", locale = locale)) }
            } }
            tbody { @for it in standings { (row(it, now_ms, language)) } }
        }
    }
}

fn row(it: &Standing, now_ms: u64, language: Language) -> Markup {
    let replica = &it.replica;
    let page = format!("/fleet/store?replica={}", replica.replica);
    let clock_ms = it.link.as_ref().map(|link| link.clock_ahead_ms);
    html! {
        tr {
            td { a href=(page) { (name(replica, language)) }
                @if is_named_hub(replica) { span .tag { (t!("fleet.hub", locale = language.locale())) } } }
            td { (it.state(language)) }
            td .figure { (it.behind(language)) }
            td { (it.seen(now_ms, language)) }
            td .figure .less { (plain(i64::try_from(replica.entries).unwrap_or(i64::MAX))) }
            td .figure { (it.points(language)) }
            td .figure .less { @if let Some(clock_ms) = clock_ms {
                span .warn-line[clock_ms.abs() > CLOCK_MS] { (seconds(clock_ms)) } } }
            td .version { (it.version(language)) }
            td .figure { @if it.alarms.is_empty() { "0" }
                @else { a .warn-line href={ (page) "#alarms" } { (it.alarms.len()) } } }
        }
    }
}
