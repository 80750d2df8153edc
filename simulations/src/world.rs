use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap},
};

use purser_replica::{Alarm, Order, Policy, Refusal, Reply};
use purser_sync::{Engine, EngineSettings, Input, LinkId, Output, Ticket};
use purser_types::{Coded, Digest, Now, ReplicaId};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::{City, EventLog, FaultCounts, Faults, Oracle, city::START};

/// Which store: 0 is the hub.
pub type StoreIndex = usize;

/// Engines, time and links.
pub struct World {
    /// Where the databases are.
    pub city: City,
    pub(crate) now: Now,
    pub(crate) engines: Vec<Option<Engine>>,
    /// How far each clock is off.
    clock_off_ms: Vec<i64>,
    /// What never may be so.
    pub oracle: Oracle,
    /// What has happened.
    pub log: EventLog,
    pub(crate) counts: FaultCounts,
    rng: ChaCha8Rng,
    faults: Faults,
    events: BinaryHeap<Reverse<(u64, u64, Event)>>,
    next_event: u64,
    pub(crate) links: BTreeMap<LinkId, Link>,
    next_link: u64,
    /// Stores that are cut off.
    cut: Vec<bool>,
    answers: BTreeMap<Ticket, Result<Reply, Refusal>>,
    next_ticket: u64,
    alarms: Vec<(StoreIndex, Alarm)>,
}

/// One end of a connection; the other end has the other id.
pub(crate) struct Link {
    pub(crate) from: StoreIndex,
    to: StoreIndex,
    other: LinkId,
    /// When the last frame sent arrives: none overtakes another on one lane.
    last_ms: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Event {
    Arrive { at: StoreIndex, link: u64, bytes: Vec<u8> },
    Reconnect { store: StoreIndex },
    Restart { store: StoreIndex },
    Wake { at: StoreIndex },
}

const RECONNECT_MS: u64 = 500;
pub(crate) const ENGINE: EngineSettings = EngineSettings { gather_ms: 20 };
/// How long the city may take to become quiet once the faults have stopped.
const QUIET_WITHIN_MS: u64 = 600_000;
/// Lines of the log that are kept to be shown.
const LINES_KEPT: usize = 200;
/// From here on a clock counts as off.
const CLOCK_OFF_MS: u64 = 60_000;

impl World {
    /// A hub and `stores` stores, linked and enrolled.
    ///
    /// # Panics
    /// If there is no room for the databases.
    pub fn new(stores: usize, policy: Policy, faults: Faults, seed: u64) -> Self {
        let city = match City::found(policy) {
            Ok(city) => city,
            Err(error) => panic!("no room for a city: {error}"),
        };
        let numbers = 0..=u32::try_from(stores).unwrap_or(u32::MAX);
        let engines = numbers.map(|number| Some(city.open(number, ENGINE))).collect();
        let mut world = Self {
            city,
            now: START,
            engines,
            clock_off_ms: vec![0; stores + 1],
            oracle: Oracle::default(),
            log: EventLog::new(LINES_KEPT),
            counts: FaultCounts::default(),
            rng: ChaCha8Rng::seed_from_u64(seed),
            faults: Faults { delay_most_ms: faults.delay_most_ms, ..Faults::default() },
            events: BinaryHeap::new(),
            next_event: 0,
            links: BTreeMap::new(),
            next_link: 1,
            cut: vec![false; stores + 1],
            answers: BTreeMap::new(),
            next_ticket: 1,
            alarms: Vec::new(),
        };
        for number in 0..=u32::try_from(stores).unwrap_or(u32::MAX) {
            let order = world.city.enrolment(number);
            world.submit(0, order);
        }
        (1..=stores).for_each(|store| world.connect(store, 0));
        world.settle();
        world.set_faults(faults);
        world.answers.clear();
        world
    }

    /// The time.
    pub fn now(&self) -> Now {
        self.now
    }

    /// The engine of a store.
    ///
    /// # Panics
    /// If the store is down: ask [`World::is_up`] first.
    pub fn engine(&self, store: StoreIndex) -> &Engine {
        match &self.engines[store] {
            Some(engine) => engine,
            None => panic!("store {store} is down"),
        }
    }

    /// Whether a store's process runs.
    pub fn is_up(&self, store: StoreIndex) -> bool {
        self.engines[store].is_some()
    }

    /// How often each fault has happened so far.
    pub fn fault_counts(&self) -> FaultCounts {
        self.counts
    }

    /// How many stores there are, without the hub.
    pub fn stores(&self) -> usize {
        self.engines.len() - 1
    }

    /// Draws a number below `bound`.
    pub fn draw(&mut self, bound: u64) -> u64 {
        self.rng.random_range(0..bound)
    }

    /// Alarms raised so far, and where.
    pub fn alarms(&self) -> &[(StoreIndex, Alarm)] {
        &self.alarms
    }

    /// Gives an order to a store, now. A store that is down, or dies over it, never answers.
    pub fn submit(&mut self, at: StoreIndex, order: Order) -> Ticket {
        let ticket = Ticket(self.next_ticket);
        self.next_ticket += 1;
        self.log.note(self.now.monotonic_ms, format_args!("{at} order {}", ticket.0));
        self.turn(at, vec![Input::Order { ticket, order }]);
        ticket
    }

    /// The answer to an order, once there is one.
    pub fn take_answer(&mut self, ticket: Ticket) -> Option<Result<Reply, Refusal>> {
        self.answers.remove(&ticket)
    }

    /// Cuts a store off, or lets it back.
    pub fn set_line(&mut self, store: StoreIndex, up: bool) {
        self.log.note(self.now.monotonic_ms, format_args!("{store} line {}", if up { "up" } else { "cut" }));
        self.counts.cut += u64::from(!up && !self.cut[store]);
        self.cut[store] = !up;
        if up {
            self.connect(store, 0);
        } else {
            let ends: Vec<LinkId> =
                self.links.iter().filter(|(_, l)| l.from == store).map(|(id, _)| *id).collect();
            for link in ends {
                self.disconnect(link);
            }
        }
    }

    /// From now on this goes wrong.
    pub fn set_faults(&mut self, faults: Faults) {
        self.faults = faults;
        self.set_clocks(faults.clock_off_most_ms);
    }

    /// Stops all faults; clocks stay as they are.
    pub fn calm(&mut self) {
        self.faults = Faults::NONE;
        (0..self.engines.len()).for_each(|store| self.restart(store));
        (1..self.engines.len()).for_each(|store| self.set_line(store, true));
    }

    /// Checks that every replica knows all that was acknowledged.
    pub fn check_acknowledged(&mut self) {
        for engine in self.engines.iter().flatten() {
            self.oracle.check_acknowledged(engine.replica());
        }
    }

    /// Lets time pass.
    pub fn run_for(&mut self, duration_ms: u64) {
        let end_ms = self.now.monotonic_ms + duration_ms;
        while let Some(Reverse((at_ms, ..))) = self.events.peek() {
            if *at_ms > end_ms {
                break;
            }
            self.step();
        }
        self.advance_to(end_ms);
    }

    /// Runs until nothing is under way, at most ten minutes of virtual time.
    ///
    /// # Panics
    /// If it does not become quiet: the replicas would talk for ever.
    pub fn settle(&mut self) {
        assert!(self.becomes_quiet(), "the city does not become quiet");
    }

    /// Runs until nothing is under way; tells whether that came about within ten minutes of
    /// virtual time.
    pub fn becomes_quiet(&mut self) -> bool {
        let end_ms = self.now.monotonic_ms + QUIET_WITHIN_MS;
        while !self.events.is_empty() && self.now.monotonic_ms < end_ms {
            self.step();
        }
        self.events.is_empty()
    }

    fn step(&mut self) {
        let Some(Reverse((at_ms, _, event))) = self.events.pop() else { return };
        self.advance_to(at_ms);
        match event {
            Event::Arrive { at, link, bytes } => {
                let link = LinkId(link);
                if self.links.contains_key(&link) {
                    self.turn(at, vec![Input::Frame { link, bytes }]);
                }
            }
            Event::Reconnect { store } => self.connect(store, 0),
            Event::Restart { store } => self.restart(store),
            Event::Wake { at } => self.turn(at, Vec::new()),
        }
    }

    fn advance_to(&mut self, at_ms: u64) {
        let passed = at_ms.saturating_sub(self.now.monotonic_ms);
        self.now.monotonic_ms += passed;
        self.now.wall_ms += passed;
    }

    fn turn(&mut self, at: StoreIndex, inputs: Vec<Input>) {
        if self.chance(self.faults.crashed_per_mille) && self.is_up(at) {
            self.crash(at, inputs);
            return;
        }
        let now = self.now_at(at);
        let Some(engine) = &mut self.engines[at] else { return };
        let outputs = engine.handle(inputs, now);
        self.oracle.watch(engine.replica());
        // Holds fall due by the wall clock hours from now; only what is near is waited for.
        let due = engine.next_deadline_ms(now).ok().flatten();
        if let Some(due_ms) = due.filter(|due_ms| *due_ms < self.now.monotonic_ms + 10_000) {
            self.schedule(due_ms.max(self.now.monotonic_ms + 1), Event::Wake { at });
        }
        for output in outputs {
            self.carry_out(at, output);
        }
    }

    /// The clocks as a store reads them.
    pub(crate) fn now_at(&self, store: StoreIndex) -> Now {
        Now { wall_ms: self.now.wall_ms.saturating_add_signed(self.clock_off_ms[store]), ..self.now }
    }

    /// Sets every store's clock wrong by up to so much. The hub's is right.
    fn set_clocks(&mut self, off_most_ms: u64) {
        for store in 1..self.engines.len() {
            let off_ms = self.draw(2 * off_most_ms + 1).cast_signed() - off_most_ms.cast_signed();
            self.clock_off_ms[store] = off_ms;
            self.counts.clocks_off += u64::from(off_ms.unsigned_abs() > CLOCK_OFF_MS);
        }
    }

    fn carry_out(&mut self, at: StoreIndex, output: Output) {
        match output {
            Output::Answer { ticket, result } => {
                let said = result.as_ref().map_or_else(Coded::code, |_| "done");
                self.log.note(self.now.monotonic_ms, format_args!("{at} answers {} {said}", ticket.0));
                if let (Ok(reply), Some(engine)) = (&result, &self.engines[at]) {
                    self.oracle.acknowledge(engine.replica(), reply);
                }
                let earlier = self.answers.insert(ticket, result);
                assert!(earlier.is_none(), "an order was answered twice");
            }
            Output::Send { link, bytes, .. } => self.send(link, &bytes),
            Output::Close { link, .. } => self.disconnect(link),
            Output::Dial(replica) => {
                let holder = (1..self.engines.len()).find(|store| Self::replica(*store) == replica);
                if let Some(holder) = holder {
                    self.connect(at, holder);
                }
            }
            Output::Alarm(alarm) => {
                self.log.note(self.now.monotonic_ms, format_args!("{at} {}", alarm.code()));
                self.alarms.push((at, alarm));
            }
            Output::Fatal(error) => panic!("the disk failed: {error}"),
        }
    }

    fn send(&mut self, link: LinkId, bytes: &[u8]) {
        let (broken, doubled) = (self.faults.broken_per_mille, self.faults.doubled_per_mille);
        let hash = Digest::of(bytes);
        self.log.note(self.now.monotonic_ms, format_args!("link {} {} bytes {hash}", link.0, bytes.len()));
        if self.chance(broken) {
            self.counts.broken += 1;
            self.disconnect(link);
            return;
        }
        let copies = if self.chance(doubled) { 2 } else { 1 };
        self.counts.doubled += copies - 1;
        let delay_ms = 1 + self.draw(self.faults.delay_most_ms.max(1));
        let Some(end) = self.links.get_mut(&link) else { return };
        let at_ms = (self.now.monotonic_ms + delay_ms).max(end.last_ms);
        end.last_ms = at_ms;
        let (at, other) = (end.to, end.other.0);
        for _ in 0..copies {
            self.schedule(at_ms, Event::Arrive { at, link: other, bytes: bytes.to_vec() });
        }
    }

    pub(crate) fn connect(&mut self, from: StoreIndex, to: StoreIndex) {
        let linked = self.links.values().any(|link| link.from == from && link.to == to);
        if self.cut[from] || self.cut[to] || linked || !self.is_up(from) || !self.is_up(to) {
            return;
        }
        let (here, there) = (LinkId(self.next_link), LinkId(self.next_link + 1));
        self.next_link += 2;
        self.links.insert(here, Link { from, to, other: there, last_ms: 0 });
        self.links.insert(there, Link { from: to, to: from, other: here, last_ms: 0 });
        let (at_here, at_there) = (Self::replica(from), Self::replica(to));
        self.turn(from, vec![Input::LinkUp { link: here, peer: at_there }]);
        // Whoever died over that has taken the link along.
        if self.links.contains_key(&there) {
            self.turn(to, vec![Input::LinkUp { link: there, peer: at_here }]);
        }
    }

    pub(crate) fn disconnect(&mut self, link: LinkId) {
        let Some(end) = self.links.remove(&link) else { return };
        self.links.remove(&end.other);
        self.turn(end.from, vec![Input::LinkDown { link }]);
        self.turn(end.to, vec![Input::LinkDown { link: end.other }]);
        let store = end.from.max(end.to);
        let again_ms = self.now.monotonic_ms + RECONNECT_MS;
        if end.from == 0 || end.to == 0 {
            self.schedule(again_ms, Event::Reconnect { store });
        }
    }

    fn replica(store: StoreIndex) -> ReplicaId {
        City::replica(u32::try_from(store).unwrap_or(u32::MAX))
    }

    fn chance(&mut self, per_mille: u32) -> bool {
        self.rng.random_range(0..1_000) < per_mille
    }

    pub(crate) fn schedule(&mut self, at_ms: u64, event: Event) {
        self.next_event += 1;
        self.events.push(Reverse((at_ms, self.next_event, event)));
    }
}
