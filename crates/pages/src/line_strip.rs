//! Whether the store is on line, how far behind it is, and until when it may spend: on every page, and live.

use std::time::Duration;

use axum::{extract::State, response::Response};
use maud::{Markup, html};
use purser_journal::Role;
use rust_i18n::t;

use crate::{desk::Desk, gate::Guest, language::Language, live::live};

/// How often it is looked at.
const EVERY: Duration = Duration::from_secs(1);

/// How the store stands with the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Line {
    is_linked: bool,
    /// Entries that linked replicas lack.
    behind: u64,
    /// Orders that wait for rights.
    waiting: usize,
    /// Whether nothing may be written.
    is_stopped: bool,
    /// Days until rights may not be spent here without having met a hub; `None` at an only hub.
    lease_days: Option<u64>,
}

/// The strip as it is now.
pub(crate) async fn strip(desk: &Desk, language: Language) -> Markup {
    let locale = language.locale();
    let Some(line) = look(desk).await else {
        return html! { p .line .bad { (t!("line.unknown", locale = locale)) } };
    };
    let is_ending = line.lease_days.is_some_and(|days| days < LEASE_DAYS_SHOWN);
    html! {
        p .line .(if line.is_stopped { "bad" } else if line.is_linked { "good" } else { "warn" }) role="status" {
            span .dot aria-hidden="true" {}
            @if line.is_stopped { (t!("line.stopped", locale = locale)) }
            @else if line.is_linked { (t!("line.on", locale = locale)) }
            @else { (t!("line.off", locale = locale)) }
            @if line.behind > 0 { span .note { (language.counted("line.behind", line.behind)) } }
            @if line.waiting > 0 { span .note { (language.counted("line.waiting", line.waiting as u64)) } }
            @if let Some(days) = line.lease_days.filter(|_| is_ending) {
                span .note { @if days == 0 { (t!("line.lease_over", locale = locale)) } @else { (language.counted("line.lease", days)) } }
            }
        }
    }
}

/// A lease that lasts longer is nothing to think of.
const LEASE_DAYS_SHOWN: u64 = 27;

/// Whether a hub is linked, so that what others hold can be asked for.
pub(crate) async fn is_on_line(desk: &Desk) -> bool {
    look(desk).await.is_some_and(|line| line.is_linked)
}

async fn look(desk: &Desk) -> Option<Line> {
    let now_ms = desk.handle.now().wall_ms;
    let looked = desk.handle.inspect(move |engine| {
        let status = engine.status();
        let hub_here = engine.replica().me().credential.role == Role::Hub;
        let lease = engine.replica().lease();
        Line {
            is_linked: hub_here || status.links.iter().any(|link| link.role == Some(Role::Hub)),
            // Who is out is sent nothing any more.
            behind: status
                .links
                .iter()
                .filter(|link| !link.is_fenced)
                .fold(0, |sum, link| sum.saturating_add(link.behind)),
            waiting: status.hunts,
            is_stopped: status.stopped.is_some(),
            lease_days: lease.map(|lease| lease.ends_ms().saturating_sub(now_ms) / 86_400_000),
        }
    });
    looked.await.ok()
}

/// The strip whenever it changes.
pub(crate) async fn follow(State(desk): State<Desk>, guest: Guest) -> Response {
    live(EVERY, move || {
        let (desk, language) = (desk.clone(), guest.language);
        async move { strip(&desk, language).await }
    })
}
