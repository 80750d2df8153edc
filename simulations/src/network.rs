use std::collections::{BTreeMap, BTreeSet};

use purser_sync::{Lane, LinkId};

use crate::StoreIndex;

/// Who can reach whom, and the links that are open.
#[derive(Default)]
pub(crate) struct Network {
    links: BTreeMap<LinkId, Link>,
    made: u64,
    /// Machines that nothing reaches.
    cut: BTreeSet<StoreIndex>,
    /// From one to another nothing arrives.
    deaf: BTreeSet<(StoreIndex, StoreIndex)>,
    /// Machines on a slow line: how much longer each frame takes there.
    slow_ms: BTreeMap<StoreIndex, u64>,
}

/// One end of a connection; the other end has the other id.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Link {
    pub(crate) from: StoreIndex,
    pub(crate) to: StoreIndex,
    pub(crate) other: LinkId,
    /// When the last frame on the ordered stream arrives: none overtakes another there.
    last_ms: u64,
    /// Since when nothing that is sent here arrives.
    pub(crate) deaf_since_ms: Option<u64>,
}

impl Network {
    /// Whether a connection can be made.
    pub(crate) fn can_reach(&self, one: StoreIndex, other: StoreIndex) -> bool {
        let blocked = |from, to| self.deaf.contains(&(from, to));
        one != other
            && !self.cut.contains(&one)
            && !self.cut.contains(&other)
            && !blocked(one, other)
            && !blocked(other, one)
    }

    pub(crate) fn are_linked(&self, one: StoreIndex, other: StoreIndex) -> bool {
        self.links.values().any(|link| link.from == one && link.to == other)
    }

    /// Opens a connection: its end at `from`, and its end at `to`.
    pub(crate) fn open(&mut self, from: StoreIndex, to: StoreIndex) -> (LinkId, LinkId) {
        let (here, there) = (LinkId(self.made + 1), LinkId(self.made + 2));
        self.made += 2;
        let end = |from, to, other| Link { from, to, other, last_ms: 0, deaf_since_ms: None };
        self.links.insert(here, end(from, to, there));
        self.links.insert(there, end(to, from, here));
        (here, there)
    }

    pub(crate) fn get(&self, link: LinkId) -> Option<&Link> {
        self.links.get(&link)
    }

    /// Closes both ends.
    pub(crate) fn close(&mut self, link: LinkId) -> Option<Link> {
        let end = self.links.remove(&link)?;
        self.links.remove(&end.other);
        Some(end)
    }

    /// The links that end at a machine, by its own ids for them.
    pub(crate) fn of(&self, machine: StoreIndex) -> Vec<(LinkId, StoreIndex)> {
        let own = self.links.iter().filter(|(_, link)| link.from == machine);
        own.map(|(id, link)| (*id, link.to)).collect()
    }

    /// The machine's end of its link with `to`.
    pub(crate) fn between(&self, machine: StoreIndex, to: StoreIndex) -> Option<LinkId> {
        self.of(machine).into_iter().find(|(_, other)| *other == to).map(|(id, _)| id)
    }

    pub(crate) fn set_cut(&mut self, machine: StoreIndex, cut: bool) {
        if cut {
            self.cut.insert(machine);
        } else {
            self.cut.remove(&machine);
        }
    }

    pub(crate) fn is_cut(&self, machine: StoreIndex) -> bool {
        self.cut.contains(&machine)
    }

    /// From now on nothing that `from` sends arrives at `to`.
    pub(crate) fn deafen(&mut self, from: StoreIndex, to: StoreIndex) {
        self.deaf.insert((from, to));
    }

    pub(crate) fn set_slow(&mut self, machine: StoreIndex, longer_ms: u64) {
        self.slow_ms.insert(machine, longer_ms);
    }

    /// Machines on a slow line.
    pub(crate) fn slow(&self) -> Vec<StoreIndex> {
        self.slow_ms.keys().copied().collect()
    }

    /// Heals everything.
    pub(crate) fn heal(&mut self) {
        self.cut.clear();
        self.deaf.clear();
        self.slow_ms.clear();
        self.links.values_mut().for_each(|link| link.deaf_since_ms = None);
    }

    /// When a frame that is sent now on `link` arrives, after a delay drawn for it; `None` if it never
    /// does. On the ordered stream it arrives after all that was sent there before.
    pub(crate) fn arrival_ms(&mut self, link: LinkId, lane: Lane, now_ms: u64, delay_ms: u64) -> Option<u64> {
        let end = self.links.get_mut(&link)?;
        if self.deaf.contains(&(end.from, end.to)) {
            end.deaf_since_ms.get_or_insert(now_ms);
            return None;
        }
        let slow = |machine| self.slow_ms.get(&machine).copied().unwrap_or(0);
        let mut at_ms = now_ms + delay_ms + slow(end.from) + slow(end.to);
        if lane == Lane::Control {
            at_ms = at_ms.max(end.last_ms);
            end.last_ms = at_ms;
        }
        Some(at_ms)
    }
}
