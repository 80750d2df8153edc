//! How each replica stands, as far as this hub knows.

use std::collections::HashMap;

use maud::{Markup, html};
use purser_journal::Role;
use purser_replica::{FleetReplica, Refusal, View};
use purser_storage::StorageError;
use purser_sync::{Engine, LinkStatus, Status};
use purser_transport::RaisedAlarm;
use purser_types::ReplicaId;
use rust_i18n::t;

use crate::{
    desk::{Desk, Fault},
    hub::alarms::ShownAlarm,
    language::Language,
    moment::Moment,
    office::{pictures::plain, sync::lasted},
};

/// A replica, its link to this hub, and what it has noted of itself.
pub(crate) struct Standing {
    pub(crate) replica: FleetReplica,
    pub(crate) link: Option<LinkStatus>,
    pub(crate) is_here: bool,
    /// When its latest entry was written.
    pub(crate) wrote: Option<Moment>,
    /// When it was heard of last, if it is not linked.
    seen: Option<(u64, Moment)>,
    /// The version of Purser that it runs, if it has said.
    pub(crate) version: Option<String>,
    /// Its own alarms and the hub's about it, the latest first.
    pub(crate) alarms: Vec<ShownAlarm>,
}

/// What this hub runs.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");
/// So far back alarms are shown: 31 days.
const ALARMS_BACK_MS: u64 = 31 * 86_400_000;
/// More than a replica notes in that time, at one of a kind a day.
const ALARMS_MAX: u32 = 400;
/// What a hub is called that nobody has given a name.
const UNNAMED_HUB: &str = "Hub";

/// Every replica with its link.
pub(crate) async fn standings(desk: &Desk, language: Language) -> Result<Vec<Standing>, Fault> {
    let status = desk.handle.inspect(Engine::status).await;
    let Status { links, gone, .. } = status.map_err(|error| Fault::Unavailable(error.to_string()))?;
    let mut links: HashMap<ReplicaId, LinkStatus> = links.into_iter().map(|link| (link.peer, link)).collect();
    let gone: HashMap<ReplicaId, u64> = gone.into_iter().collect();
    let (raised, now_ms) = (desk.handle.recent_alarms(), desk.handle.now().wall_ms);
    let (me, here) = (desk.credential.replica, title(&desk.credential.name, None, language));
    desk.read(move |reader| {
        let view = &mut reader.view;
        let fleet = view.fleet()?.into_iter();
        let standing = |replica: FleetReplica| {
            let is_here = replica.replica == me;
            let seen_ms = replica.wrote_ms.max(gone.get(&replica.replica).copied());
            let version = view.version_of(replica.replica)?;
            let alarms = alarms(view, &replica, &here, &raised, (now_ms, language))?;
            Ok(Standing {
                is_here,
                link: links.remove(&replica.replica),
                wrote: replica.wrote_ms.map(|wrote_ms| Moment::of(view, wrote_ms)),
                seen: seen_ms.map(|seen_ms| (seen_ms, Moment::of(view, seen_ms))),
                version: if is_here { Some(VERSION.to_owned()) } else { version },
                alarms,
                replica,
            })
        };
        fleet.map(standing).collect::<Result<_, Refusal>>()
    })
    .await
}

fn alarms(
    view: &mut View,
    replica: &FleetReplica,
    here: &str,
    raised: &[RaisedAlarm],
    (now_ms, language): (u64, Language),
) -> Result<Vec<ShownAlarm>, StorageError> {
    let name = name(replica, language);
    let noted = view.alarms_of(replica.replica, now_ms.saturating_sub(ALARMS_BACK_MS), ALARMS_MAX)?;
    let mut alarms: Vec<(u64, String, String, Option<String>)> =
        noted.into_iter().map(|it| (it.wall_ms, it.code, name.clone(), None)).collect();
    let about_it = raised.iter().filter(|alarm| alarm.about == Some(replica.replica));
    alarms.extend(about_it.map(|it| (it.wall_ms, it.code.to_owned(), here.to_owned(), Some(name.clone()))));
    alarms.sort_by_key(|(wall_ms, ..)| std::cmp::Reverse(*wall_ms));
    let shown = |(wall_ms, code, by, about)| ShownAlarm { at: Moment::of(view, wall_ms), code, by, about };
    Ok(alarms.into_iter().map(shown).collect())
}

/// What people call a replica.
pub(crate) fn name(replica: &FleetReplica, language: Language) -> String {
    let number = Some(replica.store.0).filter(|_| replica.role == Role::Store);
    title(&replica.name, number, language)
}

/// Whether it is a hub that has a name of its own, which does not say what it is.
pub(crate) fn is_named_hub(replica: &FleetReplica) -> bool {
    replica.role == Role::Hub && replica.name != UNNAMED_HUB
}

fn title(name: &str, number: Option<u32>, language: Language) -> String {
    match number {
        Some(number) => format!("{number} {name}"),
        None if name == UNNAMED_HUB => t!("fleet.hub", locale = language.locale()).into_owned(),
        None => name.to_owned(),
    }
}

impl Standing {
    pub(crate) fn is_on_line(&self) -> bool {
        self.is_here || self.link.is_some()
    }

    /// Whether it is there, or why not, in a word that does not need its colour.
    pub(crate) fn state(&self, language: Language) -> Markup {
        let locale = language.locale();
        html! {
            @if let Some(reason) = &self.replica.fenced { span .state .bad title=(reason) { "✕ " (t!("fleet.fenced", locale = locale)) } }
            @else if let Some(reason) = &self.replica.set_aside { span .state .bad title=(reason) { "! " (t!("fleet.set_aside", locale = locale)) } }
            @else if self.is_on_line() { span .state .good { "● " (t!("fleet.on", locale = locale)) } }
            @else { span .state .warn-line { "○ " (t!("fleet.off", locale = locale)) } }
        }
    }

    /// Entries that it lacks; nobody knows of one that is off line, and nothing is sent to one that is out.
    pub(crate) fn behind(&self, language: Language) -> String {
        match &self.link {
            _ if self.replica.fenced.is_some() => "—".to_owned(),
            _ if self.is_here => "0".to_owned(),
            Some(link) => plain(i64::try_from(link.behind).unwrap_or(i64::MAX)),
            None => t!("fleet.unknown", locale = language.locale()).into_owned(),
        }
    }

    /// When it was last heard of, and how long ago that is.
    pub(crate) fn seen(&self, now_ms: u64, language: Language) -> String {
        let locale = language.locale();
        match self.seen {
            _ if self.is_on_line() => t!("fleet.now", locale = locale).into_owned(),
            None => t!("fleet.never", locale = locale).into_owned(),
            Some((seen_ms, at)) => match now_ms.saturating_sub(seen_ms) / 60_000 {
                0 => t!("fleet.seen_just_now", locale = locale, at = at).into_owned(),
                // Minutes, so that a screen that nobody touches does not change each second.
                minutes => {
                    let time = lasted(minutes * 60, language);
                    t!("fleet.seen_ago", locale = locale, at = at, time = time).into_owned()
                }
            },
        }
    }

    /// What can be spent by its rights, and apart from that what it owes.
    pub(crate) fn points(&self, language: Language) -> Markup {
        let owed = self.replica.points_owed;
        html! {
            (plain(self.replica.points_in_hand()))
            @if owed > 0 { span .owed { (t!("fleet.owes", locale = language.locale(), points = plain(owed))) } }
        }
    }

    /// What it runs, marked where that is not what the hub runs.
    pub(crate) fn version(&self, language: Language) -> Markup {
        let locale = language.locale();
        html! {
            @match &self.version {
                None => { (t!("fleet.unknown", locale = locale)) }
                Some(version) => {
                    (version) @if version != VERSION { span .tag .warn { (t!("fleet.version_differs", locale = locale)) } } }
            }
        }
    }
}
