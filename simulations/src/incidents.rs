//! What can befall a city between two visits. The troubles of `scenarios` say which of them belong together.

use crate::{StoreIndex, World, disk, lives::Backup};

/// Something that befalls a city.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Incident {
    /// A store's line is cut.
    LineCut,
    /// A line comes back.
    LineBack,
    /// A hub's line is cut.
    HubAway,
    /// Every line is cut.
    EveryoneAway,
    /// What one machine sends another does not arrive.
    OneWay,
    /// A store and a hub do not reach each other; a neighbour reaches both.
    Bridge,
    /// All links break and come back at once.
    Stampede,
    /// A machine is on a slow line: minutes, hours or a week a frame.
    SlowLine,
    /// The power of a machine fails.
    PowerFailure,
    /// A disk is full; some time later there is room again.
    DiskFull,
    /// A disk does not sync any longer.
    SyncFails,
    /// A bit of a database turns over.
    BitRot,
    /// A clock is set wrong by hours.
    ClockHours,
    /// A clock is set wrong by years.
    ClockYears,
    /// A machine makes a copy of its database.
    BackUp,
    /// The copy is put back, and the machine goes on from it.
    Restored,
    /// The same, while its line is cut.
    RestoredOffLine,
    /// The copy is put back, and what stands beside the database is not.
    RestoredFile,
    /// A machine is copied while it runs, and both go on.
    Cloned,
    /// A machine is lost; a hub puts its replica out.
    LostForGood,
    /// A hub puts a store out that is merely cut off, and that comes back.
    FencedAndBack,
    /// The hub is lost, and built anew from what the stores know.
    HubLost,
    /// A frame that is no frame: noise, a damaged one, a bomb, a deep one.
    BrokenFrame,
    /// Entries in another's name, or of another chain.
    Impersonation,
    /// An enrolled author spends what it does not have.
    Overspending,
    /// An enrolled author writes a profile change that cannot be applied, among sound ones.
    PoisonedProfile,
    /// An author of a later version writes what nobody here knows.
    LaterVersion,
    /// An author tells two stories.
    TwoStories,
    /// Two hubs that do not reach each other put each other out.
    HubsPartWays,
    /// A member carries points to a store.
    Carried,
    /// A hub lets a store spend in advance of rights.
    Granted,
    /// Head office publishes a version of the programme.
    Published,
}

const HOUR_MS: u64 = 3_600_000;
const DAY_MS: u64 = 24 * HOUR_MS;

impl World {
    /// An incident befalls somebody. Nothing does if nobody is there whom it could befall.
    pub fn befall(&mut self, incident: Incident) {
        let Some(store) = self.some_store() else { return };
        self.note(format_args!("{incident:?} at {store}"));
        match incident {
            Incident::LineCut => self.set_line(store, false),
            Incident::LineBack => self.line_back(),
            Incident::HubAway => self.set_line(0, false),
            Incident::EveryoneAway => self.everyone_away(),
            Incident::OneWay => {
                let hub = self.registrar();
                let (from, to) = if self.draw(2) == 0 { (store, hub) } else { (hub, store) };
                self.deafen(from, to);
            }
            Incident::Bridge => self.bridge(store),
            Incident::Stampede => self.stampede(),
            Incident::SlowLine => {
                let longer_ms = [60_000, HOUR_MS, 7 * DAY_MS][self.pick(3)];
                self.marks.note("slow_line");
                self.network.set_slow(store, longer_ms);
            }
            Incident::PowerFailure => {
                self.marks.note("power_failure");
                self.power_off(store);
            }
            Incident::DiskFull => self.disk_full(store),
            Incident::SyncFails => {
                self.marks.note("sync_fails");
                disk::set_syncs_fail(&self.machines[store].database, true);
            }
            Incident::BitRot => self.bit_rot(store),
            Incident::ClockHours => self.clock_jumps(store, 20 * HOUR_MS),
            Incident::ClockYears => self.clock_jumps(store, 3 * 365 * DAY_MS),
            Incident::BackUp => self.keep_backup(store),
            Incident::Restored => self.put_back(false, true),
            Incident::RestoredOffLine => self.put_back(true, true),
            Incident::RestoredFile => self.put_back(false, false),
            Incident::Cloned => drop(self.clone_machine(store)),
            Incident::LostForGood => self.lost_for_good(store),
            Incident::FencedAndBack => self.fenced_and_back(store),
            Incident::HubLost => self.hub_lost(),
            Incident::BrokenFrame => self.broken_frame(store),
            Incident::Impersonation => self.impersonate(store),
            Incident::Overspending => self.overspend(store),
            Incident::PoisonedProfile => self.poison(store),
            Incident::LaterVersion => self.later_version(store),
            Incident::TwoStories => self.two_stories(store),
            Incident::HubsPartWays => self.hubs_part_ways(),
            Incident::Carried => self.carry(store),
            Incident::Granted => self.grant(store),
            Incident::Published => self.publish(),
        }
    }

    /// A version that says what the one before said: what it changes, others test.
    fn publish(&mut self) {
        let hub = self.registrar();
        if self.machines[hub].is_gone {
            return;
        }
        self.published += 1;
        self.marks.note("published");
        let order = self.city.publication(self.published);
        let _ticket = self.submit(hub, order);
    }

    /// A store whose process runs, drawn by chance.
    pub(crate) fn some_store(&mut self) -> Option<StoreIndex> {
        let up: Vec<StoreIndex> =
            self.stores().filter(|store| self.machines[*store].engine.is_some()).collect();
        if up.is_empty() {
            return None;
        }
        let index = self.pick(up.len());
        Some(up[index])
    }

    fn line_back(&mut self) {
        let machine = self.pick(self.machines.len());
        let cut = |at: usize| self.network.is_cut((machine + at) % self.machines.len());
        if let Some(next) = (0..self.machines.len()).find(|at| cut(*at)) {
            self.set_line((machine + next) % self.machines.len(), true);
        }
    }

    fn everyone_away(&mut self) {
        self.marks.note("everyone_away");
        (0..self.machines.len()).for_each(|machine| self.set_line(machine, false));
    }

    fn bridge(&mut self, store: StoreIndex) {
        let hub = self.registrar();
        self.marks.note("bridge");
        self.network.deafen(store, hub);
        self.network.deafen(hub, store);
        if let Some(link) = self.network.between(store, hub) {
            self.disconnect(link);
        }
        if let Some(neighbour) = self.some_store().filter(|neighbour| *neighbour != store) {
            self.connect(store, neighbour);
        }
    }

    fn disk_full(&mut self, store: StoreIndex) {
        self.marks.note("disk_full");
        disk::set_full(&self.machines[store].database, true);
    }

    /// Every other time there is room again, wherever there was none.
    pub(crate) fn make_room(&mut self) {
        if self.draw(2) == 0 {
            for machine in &self.machines {
                disk::set_full(&machine.database, false);
            }
        }
    }

    fn bit_rot(&mut self, store: StoreIndex) {
        let seed = self.draw(u64::MAX);
        if self.few_are_doubtful() && disk::rot(&self.machines[store].database, seed) {
            self.marks.note("bit_rot");
            let replica = self.machines[store].who.replica();
            self.oracle.doubtful.insert(replica);
            self.rotten.insert(store);
        }
    }

    fn clock_jumps(&mut self, store: StoreIndex, most_ms: u64) {
        let by_ms = self.draw(2 * most_ms + 1).cast_signed() - most_ms.cast_signed();
        self.marks.note(if by_ms < 0 { "clock_back" } else { "clock_forward" });
        self.machines[store].clock.jump(by_ms, self.now);
    }

    fn keep_backup(&mut self, store: StoreIndex) {
        if let Some(backup) = self.back_up(store) {
            self.backups.push((store, backup));
        }
    }

    fn put_back(&mut self, off_line: bool, with_witness: bool) {
        let there = |(store, _): &&(StoreIndex, Backup)| !self.machines[*store].is_gone;
        let Some((store, backup)) = self.backups.iter().rev().find(there).cloned() else { return };
        if !self.few_are_doubtful() {
            return;
        }
        if off_line {
            self.set_line(store, false);
        }
        self.restore(store, &backup, with_witness);
    }

    fn lost_for_good(&mut self, store: StoreIndex) {
        if self.few_are_doubtful() {
            self.abandon(store);
            self.fence(store);
        }
    }

    fn fenced_and_back(&mut self, store: StoreIndex) {
        if self.few_are_doubtful() {
            self.set_line(store, false);
            self.fence(store);
        }
    }

    fn hub_lost(&mut self) {
        let hub = self.registrar();
        if !self.machines[hub].is_gone && self.machines[hub].who.life < 3 {
            self.marks.note("hub_lost");
            self.abandon(hub);
            let _new = self.replace(hub);
        }
    }

    /// Whether most stores are still beyond doubt: with nobody left there is nothing to see.
    pub(crate) fn few_are_doubtful(&self) -> bool {
        2 * self.oracle.doubtful.len() < self.layout.stores + self.layout.hubs
    }
}
