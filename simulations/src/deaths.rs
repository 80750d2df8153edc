//! Replicas that die and come back from what their disk holds.

use purser_sync::Input;

use crate::{
    StoreIndex, World,
    world::{ENGINE, Event},
};

/// How long a replica that died stays down, at most.
const RESTART_MOST_MS: u64 = 20_000;

impl World {
    /// A replica dies: before its turn, or after the commit and before anything has left.
    pub(crate) fn crash(&mut self, at: StoreIndex, inputs: Vec<Input>) {
        let is_durable = self.draw(2) == 0;
        self.log.note(self.now.monotonic_ms, format_args!("{at} dies, durable {is_durable}"));
        let now = self.now_at(at);
        let Some(mut engine) = self.engines[at].take() else { return };
        if is_durable {
            self.counts.crashed_before_send += 1;
            drop(engine.handle(inputs, now));
            self.oracle.watch(engine.replica());
        } else {
            self.counts.crashed_before_commit += 1;
        }
        drop(engine);
        let ends = self.links.iter().filter(|(_, link)| link.from == at).map(|(id, _)| *id);
        for end in ends.collect::<Vec<_>>() {
            self.disconnect(end);
        }
        let back_ms = self.now.monotonic_ms + 1 + self.draw(RESTART_MOST_MS);
        self.schedule(back_ms, Event::Restart { store: at });
    }

    /// Starts a store that is down from what its disk holds, and links it.
    pub(crate) fn restart(&mut self, store: StoreIndex) {
        if self.is_up(store) {
            return;
        }
        self.log.note(self.now.monotonic_ms, format_args!("{store} starts"));
        let number = u32::try_from(store).unwrap_or(u32::MAX);
        self.engines[store] = Some(self.city.open(number, ENGINE));
        if store == 0 {
            (1..self.engines.len()).for_each(|store| self.connect(store, 0));
        } else {
            self.connect(store, 0);
        }
    }
}
