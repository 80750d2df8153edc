//! How this replica stands with the others: links, what waits, what may be spent without a hub, outages.

use axum::{extract::State, response::Response};
use maud::{Markup, html};
use purser_journal::Role;
use purser_replica::{FleetReplica, Lease, Outage, Refusal, View};
use purser_sync::Status;
use purser_types::ReplicaId;
use rust_i18n::t;

use crate::{
    chart::{self, Bar},
    desk::Desk,
    gate::Guest,
    language::Language,
    moment::Moment,
    refusals,
    shell::{self, Place, alert},
};

/// What only the engine knows.
struct Engine {
    status: Status,
    lease: Option<Lease>,
    allowance: (i64, i64),
    entries: u64,
}

/// Outages that the page lists.
const OUTAGES_SHOWN: u32 = 60;

/// The page.
pub(crate) async fn show(State(desk): State<Desk>, guest: Guest) -> Response {
    if let Some(refusal) = guest.unless_auditing() {
        return refusal;
    }
    let me = desk.credential.replica;
    let read = desk.read(move |reader| {
        let outages = reader.view.outages(me, OUTAGES_SHOWN)?;
        Ok::<_, Refusal>((reader.view.fleet()?, timed(&reader.view, outages)))
    });
    let content = match (look(&desk).await, read.await) {
        (Some(engine), Ok((fleet, outages))) => html! {
            div .two {
                (standing(&desk, &engine, guest.language))
                (links(&desk, &engine.status, &fleet, guest.language))
            }
            (outages_with(running_for(&desk, &engine, &fleet), &outages, guest.language))
            (alarms(&desk, guest.language))
        },
        (None, _) => alert(&t!("line.unknown", locale = guest.language.locale())),
        (_, Err(fault)) => alert(&refusals::words(&fault, guest.language)),
    };
    shell::page(&desk, &guest, Place::Sync, content).await
}

async fn look(desk: &Desk) -> Option<Engine> {
    let looked = desk.handle.inspect(|engine| {
        let replica = engine.replica();
        let allowance = replica.allowance().unwrap_or_default();
        Engine {
            status: engine.status(),
            lease: replica.lease(),
            allowance: (allowance.available, allowance.used),
            entries: replica.version_vector().iter().fold(0_u64, |sum, (_, seq)| sum.saturating_add(seq)),
        }
    });
    looked.await.ok()
}

fn standing(desk: &Desk, engine: &Engine, language: Language) -> Markup {
    let locale = language.locale();
    let now_ms = desk.handle.now().wall_ms;
    let days = engine.lease.map(|lease| lease.ends_ms().saturating_sub(now_ms) / 86_400_000);
    let (left, used) = engine.allowance;
    let line =
        |key: &str, value: &str| html! { div { dt { (t!(key, locale = locale)) } dd .figure { (value) } } };
    html! {
        section .card {
            h1 { (t!("place.office_sync", locale = locale)) }
            dl .sums {
                (line("sync.entries", &engine.entries.to_string()))
                (line("sync.waiting", &engine.status.hunts.to_string()))
                @if let Some(days) = days { (line("sync.lease", &days.to_string())) }
                @if left + used > 0 { (line("sync.allowance", &left.to_string())) (line("sync.allowance_used", &used.to_string())) }
                (line("sync.replica", &desk.credential.replica.to_string()[..8]))
            }
            @if let Some(stopped) = engine.status.stopped { (alert(stopped)) }
        }
    }
}

fn links(desk: &Desk, status: &Status, fleet: &[FleetReplica], language: Language) -> Markup {
    let locale = language.locale();
    let now_ms = desk.handle.now().wall_ms;
    let name = |peer: ReplicaId| {
        let known = fleet.iter().find(|it| it.replica == peer);
        known.map_or_else(|| peer.to_string()[..8].to_owned(), |it| replica_name(it, language))
    };
    html! {
        section .card {
            h2 { (t!("sync.links", locale = locale)) }
            @if status.links.is_empty() { p .warn-line { (t!("line.off", locale = locale)) } }
            @else { table {
                thead { tr { th { (t!("sync.with", locale = locale)) } th .figure { (t!("sync.behind", locale = locale)) }
                    th .figure { (t!("sync.heard", locale = locale)) } th .figure { (t!("sync.clock", locale = locale)) } } }
                tbody { @for link in &status.links { tr {
                    td { (name(link.peer)) }
                    td .figure { (link.behind) }
                    td .figure { (t!("sync.seconds", locale = locale, seconds = now_ms.saturating_sub(link.heard_ms) / 1_000)) }
                    td .figure { (seconds(link.clock_ahead_ms)) }
                } } }
            } }
        }
    }
}

/// For how many seconds there has been no hub, if one could be there.
fn running_for(desk: &Desk, engine: &Engine, fleet: &[FleetReplica]) -> Option<u64> {
    let is_linked = engine.status.links.iter().any(|link| link.role == Some(Role::Hub));
    let has_hub = fleet.iter().any(|it| it.role == Role::Hub && it.fenced.is_none());
    let lease = engine.lease.filter(|_| has_hub && !is_linked)?;
    Some(desk.handle.now().wall_ms.saturating_sub(lease.met_hub_ms) / 1_000)
}

/// What a replica is called: a hub by what it is, with its name if it has one of its own.
pub(crate) fn replica_name(replica: &FleetReplica, language: Language) -> String {
    let name = &replica.name;
    if replica.role == Role::Store {
        return format!("{} {name}", replica.store.0);
    }
    let hub = t!("sync.hub", locale = language.locale());
    if name == UNNAMED_HUB { hub.into_owned() } else { format!("{hub} · {name}") }
}

/// What a hub is called that was given no name.
const UNNAMED_HUB: &str = "Hub";

/// Outages that are over.
pub(crate) fn outage_list(outages: &[(Outage, Moment)], language: Language) -> Markup {
    outages_with(None, outages, language)
}

/// The same with one that goes on, for so many seconds so far.
fn outages_with(running: Option<u64>, outages: &[(Outage, Moment)], language: Language) -> Markup {
    let locale = language.locale();
    let bar = |(outage, began): &(Outage, Moment)| Bar {
        label: began.to_string(),
        value: i64::try_from(outage.seconds).unwrap_or(i64::MAX),
        shown: lasted(outage.seconds, language),
        is_marked: false,
    };
    let now = running.map(|seconds| Bar {
        label: t!("sync.off_now", locale = locale).into_owned(),
        value: i64::try_from(seconds).unwrap_or(i64::MAX),
        shown: lasted(seconds, language),
        is_marked: true,
    });
    let bars: Vec<Bar> = now.into_iter().chain(outages.iter().map(bar)).collect();
    html! {
        section .card {
            (chart::lying(&t!("sync.outages", locale = locale), &bars))
            @if bars.is_empty() { p .soft { (t!("sync.no_outages", locale = locale)) } }
        }
    }
}

/// Outages with the moments at which they began.
pub(crate) fn timed(view: &View, outages: Vec<Outage>) -> Vec<(Outage, Moment)> {
    let began_ms = |outage: &Outage| outage.ended_ms.saturating_sub(outage.seconds.saturating_mul(1_000));
    let timed = |outage: Outage| {
        let began = Moment::of(view, began_ms(&outage));
        (outage, began)
    };
    outages.into_iter().map(timed).collect()
}

/// Seconds with one decimal, for clocks that differ.
pub(crate) fn seconds(ms: i64) -> String {
    let tenths = ms.unsigned_abs() / 100;
    let sign = if ms < 0 && tenths > 0 { "-" } else { "" };
    format!("{sign}{}.{} s", tenths / 10, tenths % 10)
}

/// A length of time as people say it.
pub(crate) fn lasted(seconds: u64, language: Language) -> String {
    let locale = language.locale();
    let (hours, minutes) = (seconds / 3_600, seconds % 3_600 / 60);
    match (hours, minutes) {
        (0, 0) => t!("sync.seconds", locale = locale, seconds = seconds).into_owned(),
        (0, minutes) => t!("sync.minutes", locale = locale, minutes = minutes).into_owned(),
        (hours, minutes) => t!("sync.hours", locale = locale, hours = hours, minutes = minutes).into_owned(),
    }
}

/// What the node has raised since it runs.
pub(crate) fn alarms(desk: &Desk, language: Language) -> Markup {
    let locale = language.locale();
    let alarms = desk.handle.recent_alarms();
    html! {
        @if !alarms.is_empty() {
            section .card {
                h2 { (t!("sync.alarms", locale = locale)) span .tag .warn { (alarms.len()) } }
                ul { @for alarm in alarms.iter().rev().take(20) { li { span .mono { (alarm.code) } " " (alarm.message) } } }
            }
        }
    }
}
