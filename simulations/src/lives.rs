//! Machines that die and come back from what their disk holds, or from what it held once.

use purser_journal::{Entry, Fact, Head};
use purser_ledger::Posting;
use purser_replica::Replica;
use purser_sync::Input;

use crate::{
    Machine, StoreIndex, World,
    disk::{self, Image},
    world::Event,
};

/// How long a machine whose power failed stays down, at most.
const RESTART_MOST_MS: u64 = 20_000;
/// Writes and syncs of a long turn: the power fails at one of the first so many.
const STEPS_MOST: u64 = 24;

/// A copy of a database as it once was.
#[derive(Debug, Clone)]
pub struct Backup {
    files: Image,
    head: Head,
}

impl World {
    /// A replica dies over its inputs: before its turn, in the middle of writing, or after the commit
    /// and before anything has left.
    pub(crate) fn crash(&mut self, at: StoreIndex, inputs: Vec<Input>) {
        let seed = self.draw(u64::MAX);
        let way = self.draw(3);
        self.note(format_args!("{at} dies, way {way}"));
        if way == 0 {
            self.marks.note("died_before_commit");
            self.power_off(at);
            return;
        }
        let steps = self.draw(STEPS_MOST);
        if way == 1 {
            let steps = u32::try_from(steps).unwrap_or(0);
            disk::fail_power_in(&self.machines[at].database, steps, seed);
        }
        let Some(outputs) = self.handle(at, inputs) else { return };
        drop(outputs);
        if let Some(left) = disk::take_power_failure(&self.machines[at].database) {
            self.marks.note("died_while_writing");
            self.lose(at, &left);
        } else {
            self.marks.note("died_before_sending");
            self.watch(at);
            self.power_off(at);
        }
    }

    /// The power of a machine fails between two turns; it comes back a while later.
    pub(crate) fn power_off(&mut self, at: StoreIndex) {
        let seed = self.draw(u64::MAX);
        let left = disk::power_cut(&self.machines[at].database, seed);
        self.lose(at, &left);
    }

    /// Of a machine remains what is on its disk.
    fn lose(&mut self, at: StoreIndex, left: &Image) {
        self.stop(at);
        disk::put(&self.machines[at].database, left);
        let back_ms = self.now.monotonic_ms + 1 + self.draw(RESTART_MOST_MS);
        self.schedule(back_ms, Event::Restart { machine: at });
    }

    /// Ends a process. What it writes while it closes its files does not count: whoever calls puts the
    /// disk in order.
    pub(crate) fn stop(&mut self, at: StoreIndex) {
        let Some(engine) = self.machines[at].engine.take() else { return };
        disk::set_syncs_fail(&self.machines[at].database, false);
        drop(engine);
        self.disconnect_all(at);
    }

    /// Starts a machine that is down from what its disk holds, as a node does: not if the database lacks
    /// what the witness beside it has seen, nor if it does not check out.
    pub(crate) fn start(&mut self, at: StoreIndex) {
        if self.machines[at].engine.is_some() || self.machines[at].is_gone {
            return;
        }
        self.note(format_args!("{at} starts"));
        let settings = purser_sync::EngineSettings { gather_ms: self.layout.gather_ms };
        let Machine { who, database, witness, .. } = &self.machines[at];
        let opened = match self.city.open_at(database, *who, settings) {
            Ok(engine) => match fault_of(engine.replica(), *witness) {
                None => Ok(engine),
                Some(fault) => Err(fault),
            },
            Err(error) => Err(error.to_string()),
        };
        match opened {
            Ok(engine) => {
                self.machines[at].engine = Some(engine);
                self.machines[at].refuses = None;
                self.watch(at);
                self.link_up(at);
                if self.machines[at].who.is_hub {
                    (0..self.machines.len()).for_each(|machine| self.link_up(machine));
                }
            }
            Err(fault) => {
                self.note(format_args!("{at} refuses to start: {fault}"));
                self.marks.note("start_refused");
                let replica = self.machines[at].who.replica();
                if !self.oracle.doubtful.contains(&replica) {
                    // The power fails, and nothing else: what was written is there.
                    let what = format!("machine {at} does not start: {fault}");
                    self.oracle.blame("acknowledged_survives", what);
                }
                self.machines[at].refuses = Some(fault);
            }
        }
    }

    /// A copy of a machine's database, made while it runs.
    pub fn back_up(&self, at: StoreIndex) -> Option<Backup> {
        let machine = &self.machines[at];
        let head = machine.engine.as_ref()?.replica().me().head;
        Some(Backup { files: disk::copy(&machine.database), head })
    }

    /// Puts a copy in the place of a machine's database, and starts it from there.
    pub fn restore(&mut self, at: StoreIndex, backup: &Backup, with_witness: bool) {
        self.note(format_args!("{at} gets its database of entry {} back", backup.head.seq));
        self.marks.note(if with_witness { "restored_with_witness" } else { "restored" });
        self.stop(at);
        disk::put(&self.machines[at].database, &backup.files);
        if with_witness {
            self.machines[at].witness = Some(backup.head);
        }
        self.tell_on(at, at, backup.head.seq);
        self.start(at);
    }

    /// A second machine goes on with a copy of the first one's database.
    pub(crate) fn clone_machine(&mut self, of: StoreIndex) -> Option<StoreIndex> {
        let backup = self.back_up(of)?;
        self.note(format_args!("{of} is cloned at entry {}", backup.head.seq));
        self.marks.note("cloned");
        let who = self.machines[of].who;
        let copy = self.machines.len();
        let database = self.city.directory().join(format!("copy-{copy}.db"));
        let mut machine = Machine::new(who, database, self.now.monotonic_ms);
        machine.clock = self.machines[of].clock;
        machine.witness = Some(backup.head);
        machine.met_hub_ms = self.machines[of].met_hub_ms;
        self.machines.push(machine);
        disk::put(&self.machines[copy].database, &backup.files);
        self.tell_on(of, copy, backup.head.seq);
        self.start(copy);
        Some(copy)
    }

    /// From now on `on` tells the story on which `of` has told up to `known`.
    fn tell_on(&mut self, of: StoreIndex, on: StoreIndex, known: u64) {
        let replica = self.machines[of].who.replica();
        if let Some(story) = self.machines[of].story {
            self.machines[on].story = Some(self.oracle.copy(story, replica, known));
        }
    }

    /// A machine's device is lost: nobody will ever see it again.
    pub(crate) fn abandon(&mut self, at: StoreIndex) {
        self.note(format_args!("{at} is lost for good"));
        self.marks.note("lost_for_good");
        let replica = self.machines[at].who.replica();
        self.oracle.doubtful.insert(replica);
        self.stop(at);
        self.machines[at].is_gone = true;
    }

    /// The shop of a machine gets a new replica on a new machine, without any rights.
    pub(crate) fn replace(&mut self, at: StoreIndex) -> StoreIndex {
        let shop = self.machines[at].who.shop;
        let lives = self.machines.iter().map(|machine| machine.who).filter(|who| who.shop == shop);
        let who = lives.max().unwrap_or(self.machines[at].who).next_life();
        self.note(format_args!("{at} is replaced"));
        self.marks.note("replaced");
        self.stop(at);
        self.machines[at].is_gone = true;
        self.settle_in(who)
    }

    /// Takes note of what a machine has made durable.
    pub(crate) fn watch(&mut self, at: StoreIndex) {
        let Machine { engine: Some(engine), story, .. } = &self.machines[at] else { return };
        let (story, fresh) = self.oracle.watch(*story, engine.replica());
        let head = engine.replica().me().head;
        self.machines[at].story = Some(story);
        self.machines[at].witness = Some(head);
        for entry in &fresh {
            self.mark_entry(entry);
        }
        self.check_leases(at, &fresh);
    }

    fn mark_entry(&mut self, entry: &Entry) {
        for fact in &entry.facts {
            let Fact::Postings(postings) = fact else { continue };
            match postings.first() {
                _ if postings.iter().any(|posting| matches!(posting, Posting::Advance { .. })) => {
                    self.marks.note("advanced");
                }
                Some(Posting::Accept { .. }) => self.marks.note("rights_moved"),
                Some(Posting::Settle { captured: 0, .. }) if entry.request.is_none() => {
                    self.marks.note("hold_expired");
                }
                _ => {}
            }
        }
    }
}

/// Why a database is not taken into use.
fn fault_of(opened: &Replica, witness: Option<Head>) -> Option<String> {
    let known = |head: Head| {
        opened.me().head.seq >= head.seq
            && opened.hash_at(opened.id(), head.seq).is_ok_and(|hash| hash == Some(head.hash))
    };
    if let Some(head) = witness.filter(|head| !known(*head)) {
        return Some(format!("it lacks entry {}, which this replica has written", head.seq));
    }
    match opened.self_check() {
        Ok(findings) => findings.first().map(|finding| format!("{finding:?}")),
        Err(error) => Some(error.to_string()),
    }
}
