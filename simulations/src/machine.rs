use std::path::PathBuf;

use purser_journal::Head;
use purser_sync::Engine;

use crate::{Clock, Identity, story::StoryId};

/// A shop's computer: a database on its disk, the process on it if it runs, and its clock.
pub struct Machine {
    /// Whose database it is.
    pub who: Identity,
    /// Where that lies.
    pub database: PathBuf,
    pub(crate) engine: Option<Engine>,
    pub(crate) clock: Clock,
    /// What stands beside the database about how far it has come.
    pub(crate) witness: Option<Head>,
    /// The telling of its journal that it goes on with.
    pub(crate) story: Option<StoryId>,
    /// When it last was linked to a hub, by the true monotonic clock.
    pub(crate) met_hub_ms: u64,
    /// When it is woken next, by the true monotonic clock.
    pub(crate) wakes_ms: Option<u64>,
    /// Whether the machine is not there any more: stolen, burnt, or thrown away.
    pub(crate) is_gone: bool,
    /// Why the process refuses to start on its database.
    pub(crate) refuses: Option<String>,
}

impl Machine {
    pub(crate) fn new(who: Identity, database: PathBuf, now_ms: u64) -> Self {
        Self {
            who,
            database,
            engine: None,
            clock: Clock::default(),
            witness: None,
            story: None,
            met_hub_ms: now_ms,
            wakes_ms: None,
            is_gone: false,
            refuses: None,
        }
    }

    /// Whether its replica may still write, as far as it knows itself.
    pub(crate) fn is_in_service(&self) -> bool {
        self.engine.as_ref().is_some_and(|engine| engine.replica().stopped().is_none())
    }
}
