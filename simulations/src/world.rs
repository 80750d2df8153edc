use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap, HashMap},
};

use purser_replica::{Alarm, Order, Policy, Refusal, Reply};
use purser_sync::{Engine, EngineSettings, Input, LinkId, Output, Ticket};
use purser_types::{Now, ReplicaId};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::{City, city::START};

/// Which store: 0 is the hub.
pub type StoreIndex = usize;

/// What goes wrong on the line, as chances in a thousand and times in milliseconds.
#[derive(Debug, Clone, Copy)]
pub struct Faults {
    /// A frame arrives twice.
    pub doubled_per_mille: u32,
    /// The link breaks under a frame: it and all on their way are lost.
    pub broken_per_mille: u32,
    /// The longest that a frame is under way.
    pub delay_most_ms: u64,
}

/// Engines, time and links.
pub struct World {
    /// Where the databases are.
    pub city: City,
    now: Now,
    engines: Vec<Engine>,
    rng: ChaCha8Rng,
    faults: Faults,
    events: BinaryHeap<Reverse<(u64, u64, Event)>>,
    next_event: u64,
    links: HashMap<LinkId, Link>,
    next_link: u64,
    /// Stores that are cut off.
    cut: Vec<bool>,
    answers: BTreeMap<Ticket, Result<Reply, Refusal>>,
    next_ticket: u64,
    alarms: Vec<(StoreIndex, Alarm)>,
}

/// One end of a connection; the other end has the other id.
struct Link {
    from: StoreIndex,
    to: StoreIndex,
    other: LinkId,
    /// When the last frame sent arrives: none overtakes another on one lane.
    last_ms: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Arrive { at: StoreIndex, link: u64, bytes: Vec<u8> },
    Reconnect { store: StoreIndex },
    Wake { at: StoreIndex },
}

const RECONNECT_MS: u64 = 500;

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
        let engines = numbers.map(|number| city.open(number, EngineSettings { gather_ms: 20 })).collect();
        let mut world = Self {
            city,
            now: START,
            engines,
            rng: ChaCha8Rng::seed_from_u64(seed),
            faults: Faults { doubled_per_mille: 0, broken_per_mille: 0, ..faults },
            events: BinaryHeap::new(),
            next_event: 0,
            links: HashMap::new(),
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
        world.faults = faults;
        world.answers.clear();
        world
    }

    /// The time.
    pub fn now(&self) -> Now {
        self.now
    }

    /// The engine of a store.
    pub fn engine(&self, store: StoreIndex) -> &Engine {
        &self.engines[store]
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

    /// Gives an order to a store, now.
    pub fn submit(&mut self, at: StoreIndex, order: Order) -> Ticket {
        let ticket = Ticket(self.next_ticket);
        self.next_ticket += 1;
        self.turn(at, vec![Input::Order { ticket, order }]);
        ticket
    }

    /// The answer to an order, once there is one.
    pub fn take_answer(&mut self, ticket: Ticket) -> Option<Result<Reply, Refusal>> {
        self.answers.remove(&ticket)
    }

    /// Cuts a store off, or lets it back.
    pub fn set_line(&mut self, store: StoreIndex, up: bool) {
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

    /// Stops all faults.
    pub fn calm(&mut self) {
        self.faults = Faults { doubled_per_mille: 0, broken_per_mille: 0, delay_most_ms: 5 };
        (1..self.engines.len()).for_each(|store| self.set_line(store, true));
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
        let end_ms = self.now.monotonic_ms + 600_000;
        while !self.events.is_empty() {
            assert!(self.now.monotonic_ms < end_ms, "the city does not become quiet");
            self.step();
        }
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
            Event::Wake { at } => self.turn(at, Vec::new()),
        }
    }

    fn advance_to(&mut self, at_ms: u64) {
        let passed = at_ms.saturating_sub(self.now.monotonic_ms);
        self.now.monotonic_ms += passed;
        self.now.wall_ms += passed;
    }

    fn turn(&mut self, at: StoreIndex, inputs: Vec<Input>) {
        let outputs = self.engines[at].handle(inputs, self.now);
        for output in outputs {
            self.carry_out(at, output);
        }
        // Holds fall due by the wall clock hours from now; only what is near is waited for.
        let due = self.engines[at].next_deadline_ms(self.now).ok().flatten();
        if let Some(due_ms) = due.filter(|due_ms| *due_ms < self.now.monotonic_ms + 10_000) {
            self.schedule(due_ms.max(self.now.monotonic_ms + 1), Event::Wake { at });
        }
    }

    fn carry_out(&mut self, at: StoreIndex, output: Output) {
        match output {
            Output::Answer { ticket, result } => {
                let earlier = self.answers.insert(ticket, result);
                assert!(earlier.is_none(), "an order was answered twice");
            }
            Output::Send { link, bytes, .. } => self.send(link, &bytes),
            Output::Close { link, .. } => self.disconnect(link),
            Output::Dial(replica) => {
                let holder = (1..self.engines.len()).find(|store| self.replica(*store) == replica);
                if let Some(holder) = holder {
                    self.connect(at, holder);
                }
            }
            Output::Alarm(alarm) => self.alarms.push((at, alarm)),
            Output::Fatal(error) => panic!("the disk failed: {error}"),
        }
    }

    fn send(&mut self, link: LinkId, bytes: &[u8]) {
        let (broken, doubled) = (self.faults.broken_per_mille, self.faults.doubled_per_mille);
        if self.chance(broken) {
            self.disconnect(link);
            return;
        }
        let copies = if self.chance(doubled) { 2 } else { 1 };
        let delay_ms = 1 + self.draw(self.faults.delay_most_ms.max(1));
        let Some(end) = self.links.get_mut(&link) else { return };
        let at_ms = (self.now.monotonic_ms + delay_ms).max(end.last_ms);
        end.last_ms = at_ms;
        let (at, other) = (end.to, end.other.0);
        for _ in 0..copies {
            self.schedule(at_ms, Event::Arrive { at, link: other, bytes: bytes.to_vec() });
        }
    }

    fn connect(&mut self, from: StoreIndex, to: StoreIndex) {
        let linked = self.links.values().any(|link| link.from == from && link.to == to);
        if self.cut[from] || self.cut[to] || linked {
            return;
        }
        let (here, there) = (LinkId(self.next_link), LinkId(self.next_link + 1));
        self.next_link += 2;
        self.links.insert(here, Link { from, to, other: there, last_ms: 0 });
        self.links.insert(there, Link { from: to, to: from, other: here, last_ms: 0 });
        self.turn(from, vec![Input::LinkUp { link: here, peer: self.replica(to) }]);
        self.turn(to, vec![Input::LinkUp { link: there, peer: self.replica(from) }]);
    }

    fn disconnect(&mut self, link: LinkId) {
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

    fn replica(&self, store: StoreIndex) -> ReplicaId {
        self.engines[store].replica().id()
    }

    fn chance(&mut self, per_mille: u32) -> bool {
        self.rng.random_range(0..1_000) < per_mille
    }

    fn schedule(&mut self, at_ms: u64, event: Event) {
        self.next_event += 1;
        self.events.push(Reverse((at_ms, self.next_event, event)));
    }
}
