use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use purser_sync::LinkId;
use purser_types::ReplicaId;

use crate::dialler::Towards;

/// The open links of a node.
#[derive(Debug, Default)]
pub(crate) struct Links(Mutex<Open>);

#[derive(Debug, Default)]
struct Open {
    opened: u64,
    links: HashMap<LinkId, (ReplicaId, Towards)>,
}

impl Links {
    pub(crate) fn open(&self, peer: ReplicaId, towards: Towards) -> LinkId {
        self.with(|open| {
            open.opened += 1;
            let link = LinkId(open.opened);
            open.links.insert(link, (peer, towards));
            link
        })
    }

    pub(crate) fn close(&self, link: LinkId) {
        self.with(|open| open.links.remove(&link));
    }

    pub(crate) fn has(&self, peer: ReplicaId) -> bool {
        self.with(|open| open.links.values().any(|(of, _)| *of == peer))
    }

    pub(crate) fn hubs(&self) -> usize {
        self.with(|open| open.links.values().filter(|(_, towards)| *towards == Towards::Hub).count())
    }

    pub(crate) fn count(&self) -> usize {
        self.with(|open| open.links.len())
    }

    fn with<T>(&self, use_it: impl FnOnce(&mut Open) -> T) -> T {
        use_it(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
