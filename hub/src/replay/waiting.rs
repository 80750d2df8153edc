//! Waiting for the real network to catch up with virtual time, never without a bound.

use std::time::Duration;

use purser_journal::{Role, VersionVector};
use tokio::time::{Instant, sleep};

use super::{city::City, replay_error::ReplayError, site::Site};

const FIRST_PAUSE: Duration = Duration::from_millis(2);
const LONGEST_PAUSE: Duration = Duration::from_millis(40);

/// Paces one wait: short pauses first, longer ones later, none after the bound.
pub(crate) struct Patience {
    ends: Instant,
    pause: Duration,
}

impl Patience {
    /// For so long.
    pub(crate) fn of(bound: Duration) -> Self {
        Self { ends: Instant::now() + bound, pause: FIRST_PAUSE }
    }

    /// Lets some time pass; false, at once, when the bound is reached.
    pub(crate) async fn pause(&mut self) -> bool {
        if Instant::now() >= self.ends {
            return false;
        }
        sleep(self.pause).await;
        self.pause = (self.pause * 3 / 2).min(LONGEST_PAUSE);
        true
    }
}

impl City {
    /// Waits until a site knows all that `due` names; false if it does not within `bound`.
    pub(crate) async fn until_known(
        &self,
        site: Site,
        due: &VersionVector,
        bound: Duration,
    ) -> Result<bool, ReplayError> {
        let mut patience = Patience::of(bound);
        while !self.knows(site, due).await? {
            if !patience.pause().await {
                return Ok(false);
            }
        }
        Ok(true)
    }

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
