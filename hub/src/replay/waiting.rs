//! Waiting for the real network to catch up with virtual time, never without a bound.

use std::time::Duration;

use purser_journal::{Role, VersionVector};
use tokio::time::{Instant, sleep};

use super::{city::City, replay_error::ReplayError, site::Site};

const FIRST_PAUSE: Duration = Duration::from_millis(2);
const LONGEST_PAUSE: Duration = Duration::from_millis(40);

/// Waits until `holds` says so; false if it does not within `patience`.
pub(crate) async fn until(
    patience: Duration,
    mut holds: impl AsyncFnMut() -> Result<bool, ReplayError>,
) -> Result<bool, ReplayError> {
    let give_up = Instant::now() + patience;
    let mut pause = FIRST_PAUSE;
    loop {
        if holds().await? {
            return Ok(true);
        }
        if Instant::now() >= give_up {
            return Ok(false);
        }
        sleep(pause).await;
        pause = (pause * 3 / 2).min(LONGEST_PAUSE);
    }
}

impl City {
    /// Whether a site knows all that `due` names.
    pub(crate) async fn knows(&self, site: Site, due: &VersionVector) -> Result<bool, ReplayError> {
        if due.is_empty() {
            return Ok(true);
        }
        let due = due.clone();
        self.look(site, move |engine| {
            let head = |author| engine.replica().author(author).map_or(0, |author| author.head.seq);
            due.iter().all(|(author, seq)| head(author) >= seq)
        })
        .await
    }

    /// Whether a store has a link to a hub on which both have said hello.
    pub(crate) async fn is_linked(&self, store: Site) -> Result<bool, ReplayError> {
        let links = self.look(store, |engine| engine.status().links).await?;
        Ok(links.iter().any(|link| link.role == Some(Role::Hub)))
    }

    /// Whether a site has no link to `peer`, or to anybody if `None`.
    pub(crate) async fn is_unlinked(&self, site: Site, peer: Option<Site>) -> Result<bool, ReplayError> {
        let peer = peer.map(|peer| self.replica(peer));
        let links = self.look(site, |engine| engine.status().links).await?;
        Ok(!links.iter().any(|link| peer.is_none_or(|peer| link.peer == peer)))
    }
}
