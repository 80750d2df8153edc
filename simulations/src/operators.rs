//! What the people of a chain do when something has gone wrong.

use purser_replica::{LateChoice, Order, Outcome, Undertaking, View, verify};
use purser_types::ReplicaId;

use crate::{Faults, StoreIndex, World, disk};

/// How long they wait between two looks.
const LOOK_AGAIN_MS: u64 = 60_000;
/// How often they look, at most.
const LOOKS_MOST: usize = 12;
/// From when on rights can be taken back: the lease, the margin, and a little.
const RECLAIM_AFTER_MS: u64 = 32 * 24 * 3_600_000;
/// A thousand lots are taken back at once.
const RECLAIMS_MOST: usize = 50;
/// Late entries that are looked at.
const LATE_MOST: usize = 500;

impl World {
    /// The faults stop: disks have room and sync, lines and clocks are right, machines run again, and
    /// whoever is not to be believed any more is put out and replaced.
    pub fn calm(&mut self) {
        self.faults = Faults::NONE;
        for machine in 0..self.machines.len() {
            disk::set_full(&self.machines[machine].database, false);
            disk::set_syncs_fail(&self.machines[machine].database, false);
            let right = crate::Clock { set_at_ms: self.now.monotonic_ms, ..crate::Clock::default() };
            self.machines[machine].clock = right;
        }
        self.heal_lines();
        for _ in 0..LOOKS_MOST {
            (0..self.machines.len()).for_each(|machine| self.start(machine));
            self.run_for(LOOK_AGAIN_MS);
            if !self.put_in_order() {
                break;
            }
        }
    }

    /// Puts out and replaces whoever needs it; tells whether anybody did.
    fn put_in_order(&mut self) -> bool {
        let mut acted = false;
        for machine in 0..self.machines.len() {
            if !self.machines[machine].is_gone && self.is_beyond_help(machine) {
                acted = true;
                self.ask_why(self.machines[machine].who.replica(), "stopped");
                if !self.machines[machine].who.is_hub || self.hubs().len() > 1 {
                    self.fence(machine);
                }
                self.retire(machine);
            }
        }
        for replica in self.to_put_out() {
            acted = true;
            self.ask_why(replica, "set aside");
            self.fence_replica(replica);
        }
        acted
    }

    /// Nobody is stopped or set aside who gave no cause.
    fn ask_why(&mut self, replica: ReplicaId, what: &str) {
        self.oracle.looks("nobody_honest_set_aside");
        if !self.oracle.doubtful.contains(&replica) {
            self.oracle.blame("nobody_honest_set_aside", format!("{replica:?} is {what}"));
        }
    }

    /// Whether a machine has to be set up anew.
    fn is_beyond_help(&mut self, machine: StoreIndex) -> bool {
        if self.machines[machine].refuses.is_some() {
            return true;
        }
        let Some(engine) = &self.machines[machine].engine else { return false };
        if engine.replica().stopped().is_some() {
            return true;
        }
        self.rotten.remove(&machine) && self.is_rotten(machine)
    }

    /// Whether the full proof of a database fails.
    fn is_rotten(&mut self, machine: StoreIndex) -> bool {
        let scratch = self.city.directory().join("proof.db");
        let proof = verify(&self.machines[machine].database, &scratch);
        disk::wipe(&scratch);
        let is_sound = proof.is_ok_and(|proof| proof.findings.is_empty());
        self.marks.note(if is_sound { "rot_was_harmless" } else { "rot_was_found" });
        !is_sound
    }

    /// Replaces a machine, unless its shop has another one in service.
    fn retire(&mut self, machine: StoreIndex) {
        let shop = self.machines[machine].who.shop;
        let replica = self.machines[machine].who.replica();
        self.oracle.doubtful.insert(replica);
        let others = (0..self.machines.len()).filter(|other| *other != machine);
        let has_other = others
            .map(|other| &self.machines[other])
            .any(|other| other.who.shop == shop && !other.is_gone && other.who.replica() != replica);
        if has_other {
            self.stop(machine);
            self.machines[machine].is_gone = true;
        } else {
            let _new = self.replace(machine);
        }
    }

    /// Replicas that a hub still counts on and that are lost, or that it has set aside.
    fn to_put_out(&self) -> Vec<ReplicaId> {
        let Some(hub) = self.machines[self.registrar()].engine.as_ref() else { return Vec::new() };
        let hub = hub.replica();
        let lost = |replica: ReplicaId| {
            let mut machines = self.machines.iter().filter(|machine| machine.who.replica() == replica);
            machines.clone().next().is_some() && machines.all(|machine| machine.is_gone)
        };
        let authors = hub.authors().filter(|author| {
            let replica = author.credential.replica;
            author.quarantine.is_some() || lost(replica)
        });
        let ids = authors.map(|author| author.credential.replica);
        ids.filter(|replica| *replica != hub.id() && !hub.is_fenced(*replica).unwrap_or(true)).collect()
    }

    /// A hub puts the replica of a machine out.
    pub(crate) fn fence(&mut self, machine: StoreIndex) {
        let replica = self.machines[machine].who.replica();
        self.fence_replica(replica);
    }

    /// Every hub does it: one that has not may renew its lease.
    fn fence_replica(&mut self, replica: ReplicaId) {
        self.marks.note("fenced");
        self.oracle.doubtful.insert(replica);
        for hub in self.hubs() {
            self.fence_at(hub, replica);
        }
    }

    fn fence_at(&mut self, hub: StoreIndex, replica: ReplicaId) {
        let undertaking = Undertaking::Fence { replica, reason: "lost".to_owned() };
        let ticket = self.submit(hub, Order { request: None, undertaking });
        let _answer = self.take_answer(ticket);
    }

    /// Hubs that are there.
    fn hubs(&self) -> Vec<StoreIndex> {
        let is_hub = |hub: &StoreIndex| self.machines[*hub].who.is_hub && !self.machines[*hub].is_gone;
        (0..self.machines.len()).filter(is_hub).collect()
    }

    /// Two hubs that do not reach each other put each other out. One of them is right.
    pub(crate) fn hubs_part_ways(&mut self) {
        let hubs = self.hubs();
        let [one, other] = hubs[..] else { return };
        if self.machines[one].who.life + self.machines[other].who.life > 3 {
            return;
        }
        self.marks.note("hubs_part_ways");
        if let Some(link) = self.network.between(one, other) {
            self.disconnect(link);
        }
        for (hub, out) in [(one, other), (other, one)] {
            let replica = self.machines[out].who.replica();
            self.oracle.doubtful.insert(replica);
            self.fence_at(hub, replica);
        }
    }

    /// A person looks at what those wrote too late whom a hub has put out, and decides entry by entry.
    pub fn settle_late(&mut self) {
        let hub = self.registrar();
        let Ok(mut view) = View::open(&self.machines[hub].database) else { return };
        for late in view.late(None, LATE_MOST).unwrap_or_default() {
            let (replica, seq, accept) = (late.replica, late.seq, self.draw(2) == 0);
            let (reason, by) = ("receipt was seen".to_owned(), "Li".to_owned());
            let choice = LateChoice { replica, seq, accept, reason, by };
            let ticket =
                self.submit(hub, Order { request: None, undertaking: Undertaking::SettleLate(choice) });
            if self.take_answer(ticket).is_some_and(|answer| answer.is_ok()) {
                self.marks.note(if accept { "late_accepted" } else { "late_written_off" });
            }
        }
    }

    /// More than a lease passes, and the hub takes back what those had whom it has put out.
    pub fn reclaim_all(&mut self) {
        self.run_for(RECLAIM_AFTER_MS);
        let hub = self.registrar();
        let mut fenced: Vec<ReplicaId> = self.oracle.ends.keys().copied().collect();
        fenced.sort_unstable();
        for replica in fenced {
            for _ in 0..RECLAIMS_MOST {
                let order = Order { request: None, undertaking: Undertaking::Reclaim { replica } };
                let ticket = self.submit(hub, order);
                match self.take_answer(ticket) {
                    Some(Ok(reply)) => {
                        let Outcome::Reclaimed { .. } = reply.outcome else { break };
                        self.marks.note("reclaimed");
                    }
                    _ => break,
                }
            }
        }
    }

    /// The machine that serves a shop.
    pub fn machine_of(&mut self, shop: u32) -> Option<StoreIndex> {
        let serves = |machine: &StoreIndex| {
            self.machines[*machine].who.shop == shop && !self.machines[*machine].is_gone
        };
        let machines: Vec<StoreIndex> = (0..self.machines.len()).filter(serves).collect();
        if machines.is_empty() {
            return None;
        }
        let index = self.pick(machines.len());
        Some(machines[index])
    }
}
