//! The fleet on one screen: who is on line, how far behind, what each holds, what is wrong.

use std::{collections::HashMap, time::Duration};

use axum::{extract::State, response::Response};
use maud::{Markup, html};
use purser_journal::Role;
use purser_replica::{FleetReplica, Refusal};
use purser_sync::LinkStatus;
use purser_types::ReplicaId;
use rust_i18n::t;

use crate::{
    desk::{Desk, Fault},
    gate::Guest,
    language::Language,
    live::live,
    moment::Moment,
    office::sync::{alarms, lasted, seconds},
    refusals,
    shell::{self, Place, alert},
};

/// A replica, and its link to this hub.
pub(crate) struct Standing {
    pub(crate) replica: FleetReplica,
    pub(crate) link: Option<LinkStatus>,
    pub(crate) is_here: bool,
    pub(crate) wrote: Option<Moment>,
}

/// How often the screen is looked at for whoever watches it.
const EVERY: Duration = Duration::from_secs(2);
/// A clock that differs by more is worth a word, in milliseconds.
pub(crate) const CLOCK_MS: i64 = 60_000;

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
        (alarms(&desk, guest.language))
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

/// Every replica with its link.
pub(crate) async fn standings(desk: &Desk) -> Result<Vec<Standing>, Fault> {
    let linked = desk.handle.inspect(|engine| {
        let links = engine.status().links.into_iter().map(|link| (link.peer, link));
        links.collect::<HashMap<ReplicaId, LinkStatus>>()
    });
    let mut links = linked.await.map_err(|error| Fault::Unavailable(error.to_string()))?;
    let me = desk.credential.replica;
    desk.read(move |reader| {
        let fleet = reader.view.fleet()?.into_iter();
        let standing = |replica: FleetReplica| {
            let wrote = replica.wrote_ms.map(|wrote_ms| Moment::of(&reader.view, wrote_ms));
            let link = links.remove(&replica.replica);
            Standing { is_here: replica.replica == me, link, wrote, replica }
        };
        Ok::<_, Refusal>(fleet.map(standing).collect())
    })
    .await
}

async fn screen(desk: &Desk, language: Language) -> Markup {
    let now_ms = desk.handle.now().wall_ms;
    match standings(desk).await {
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
                th { (t!("audit.store", locale = locale)) } th { (t!("fleet.state", locale = locale)) }
                th .figure { (t!("sync.behind", locale = locale)) } th { (t!("fleet.seen", locale = locale)) }
                th .figure { (t!("sync.entries", locale = locale)) } th .figure { (t!("fleet.rights", locale = locale)) }
                th .figure { (t!("sync.clock", locale = locale)) }
            } }
            tbody { @for it in standings { (it.row(now_ms, language)) } }
        }
    }
}

impl Standing {
    pub(crate) fn is_on_line(&self) -> bool {
        self.is_here || self.link.is_some()
    }

    fn row(&self, now_ms: u64, language: Language) -> Markup {
        let replica = &self.replica;
        let clock_ms = self.link.as_ref().map(|link| link.clock_ahead_ms);
        html! {
            tr {
                td { a href={ "/fleet/store?replica=" (replica.replica) } {
                    @if replica.role == Role::Store { (replica.store.0) " " } (replica.name) } }
                td { (self.state(language)) }
                td .figure { @if let Some(link) = &self.link { (link.behind) } @else if !self.is_here { "?" } @else { "0" } }
                td { (self.seen(now_ms, language)) }
                td .figure { (replica.entries) }
                td .figure { (replica.points_out) }
                td .figure { @if let Some(clock_ms) = clock_ms {
                    span .warn-line[clock_ms.abs() > CLOCK_MS] { (seconds(clock_ms)) } } }
            }
        }
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

    /// When it was last heard of.
    pub(crate) fn seen(&self, now_ms: u64, language: Language) -> String {
        let locale = language.locale();
        if self.is_on_line() {
            return t!("fleet.now", locale = locale).into_owned();
        }
        match self.replica.wrote_ms {
            None => "—".to_owned(),
            Some(wrote_ms) => {
                // Minutes, so that a screen that nobody touches does not change each second.
                let ago = now_ms.saturating_sub(wrote_ms) / 60_000 * 60;
                t!("fleet.ago", locale = locale, time = lasted(ago, language)).into_owned()
            }
        }
    }
}
