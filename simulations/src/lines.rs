//! Lines between machines: made, broken, made again.

use purser_sync::{Input, LinkId};

use crate::{
    StoreIndex, World,
    world::{Event, RECONNECT_MS},
};

impl World {
    /// A machine looks for a hub; where none can be reached, for a neighbour.
    pub(crate) fn link_up(&mut self, machine: StoreIndex) {
        if self.machines[machine].engine.is_none() {
            return;
        }
        let hubs: Vec<StoreIndex> =
            (0..self.machines.len()).filter(|other| self.machines[*other].who.is_hub).collect();
        for hub in hubs {
            self.connect(machine, hub);
        }
        let has_hub = self.network.of(machine).iter().any(|(_, to)| self.machines[*to].who.is_hub);
        if has_hub || self.machines[machine].who.is_hub {
            // Neighbours are for when no hub is there.
            let spare = self.network.of(machine);
            for (link, to) in spare {
                if has_hub && !self.machines[to].who.is_hub && !self.machines[machine].who.is_hub {
                    self.disconnect(link);
                }
            }
            return;
        }
        let near = machine + 1 + self.pick(self.machines.len());
        let neighbour = near % self.machines.len();
        if !self.machines[neighbour].who.is_hub && self.network.can_reach(machine, neighbour) {
            self.connect(machine, neighbour);
        }
    }

    /// Links two machines, if a line leads from one to the other and both run.
    pub(crate) fn connect(&mut self, from: StoreIndex, to: StoreIndex) {
        let up = |machine: StoreIndex| self.machines[machine].engine.is_some();
        if !self.network.can_reach(from, to) || self.network.are_linked(from, to) || !up(from) || !up(to) {
            return;
        }
        let (from_replica, to_replica) = (self.machines[from].who.replica(), self.machines[to].who.replica());
        if from_replica == to_replica {
            return;
        }
        let (here, there) = self.network.open(from, to);
        self.turn(from, vec![Input::LinkUp { link: here, peer: to_replica }]);
        // Whoever died over that has taken the link along.
        if self.network.get(there).is_some() {
            self.turn(to, vec![Input::LinkUp { link: there, peer: from_replica }]);
        }
    }

    pub(crate) fn disconnect(&mut self, link: LinkId) {
        let Some(end) = self.network.close(link) else { return };
        self.turn(end.from, vec![Input::LinkDown { link }]);
        self.turn(end.to, vec![Input::LinkDown { link: end.other }]);
        let again_ms = self.now.monotonic_ms + RECONNECT_MS;
        for machine in [end.from, end.to] {
            if !self.network.is_cut(machine) {
                self.schedule(again_ms, Event::Reconnect { machine });
            }
        }
    }

    pub(crate) fn disconnect_all(&mut self, machine: StoreIndex) {
        for (link, _) in self.network.of(machine) {
            self.disconnect(link);
        }
    }

    /// Cuts a machine off, or lets it back.
    pub fn set_line(&mut self, machine: StoreIndex, up: bool) {
        self.note(format_args!("{machine} line {}", if up { "up" } else { "cut" }));
        if !up && !self.network.is_cut(machine) {
            self.marks.note("line_cut");
        }
        self.network.set_cut(machine, !up);
        if up {
            self.link_up(machine);
        } else {
            self.disconnect_all(machine);
        }
    }

    /// From now on nothing that `from` sends arrives at `to`, while `to` may think that all is well.
    pub(crate) fn deafen(&mut self, from: StoreIndex, to: StoreIndex) {
        self.note(format_args!("{to} does not hear {from}"));
        self.marks.note("one_way");
        self.network.deafen(from, to);
    }

    /// All lines are up again, and whoever runs looks for a hub.
    pub(crate) fn heal_lines(&mut self) {
        let slow = self.network.slow();
        self.network.heal();
        // What crept along a slow line is given up with it.
        for machine in slow {
            self.disconnect_all(machine);
        }
        for machine in 0..self.machines.len() {
            self.link_up(machine);
        }
    }

    /// Every link breaks in one moment, and all come back at once.
    pub(crate) fn stampede(&mut self) {
        self.note(format_args!("all links break"));
        self.marks.note("stampede");
        (0..self.machines.len()).for_each(|machine| self.disconnect_all(machine));
    }
}
