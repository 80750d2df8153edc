use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, BinaryHeap},
};

use purser_ledger::Asset;
use purser_replica::{Alarm, Order, Policy, Refusal, Reply};
use purser_sync::{Engine, Input, LinkId, Ticket};
use purser_types::{MemberId, Now};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::{
    City, EventLog, Faults, Identity, Machine, Marks, Oracle, carriers::Carried, city::START, lives::Backup,
    network::Network, sqlite_files,
};

/// Which machine. Hubs come first, from 0.
pub type StoreIndex = usize;

/// A city to be founded.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    /// Its hubs, at least one.
    pub hubs: usize,
    /// Its stores.
    pub stores: usize,
    /// Where rights live.
    pub policy: Policy,
    /// How long what others wrote is gathered before it is passed on.
    pub gather_ms: u64,
}

/// Machines, time, and what happens.
pub struct World {
    /// Where the databases are.
    pub city: City,
    pub(crate) layout: Layout,
    pub(crate) now: Now,
    pub(crate) machines: Vec<Machine>,
    pub(crate) network: Network,
    /// What never may be so.
    pub oracle: Oracle,
    /// What has happened.
    pub log: EventLog,
    /// Which situations were reached.
    pub marks: Marks,
    pub(crate) rng: ChaCha8Rng,
    pub(crate) faults: Faults,
    events: BinaryHeap<Reverse<(u64, u64, Event)>>,
    next_event: u64,
    pub(crate) answers: BTreeMap<Ticket, Result<Reply, Refusal>>,
    next_ticket: u64,
    pub(crate) alarms: Vec<(StoreIndex, Alarm)>,
    /// Copies of databases that somebody has kept.
    pub(crate) backups: Vec<(StoreIndex, Backup)>,
    /// Vouchers on telephones.
    pub(crate) vouchers: Vec<Carried>,
    /// Versions of the programme that were published.
    pub(crate) published: u32,
    /// Machines whose database has rotted and was not proved since.
    pub(crate) rotten: BTreeSet<StoreIndex>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Event {
    Arrive {
        at: StoreIndex,
        link: u64,
        bytes: Vec<u8>,
    },
    /// A frame of long ago comes once more, on whatever link there is.
    ArriveLate {
        from: StoreIndex,
        at: StoreIndex,
        bytes: Vec<u8>,
    },
    Reconnect {
        machine: StoreIndex,
    },
    Restart {
        machine: StoreIndex,
    },
    Wake {
        at: StoreIndex,
    },
    /// A link on which nothing arrives is given up.
    GiveUp {
        link: u64,
    },
}

pub(crate) const RECONNECT_MS: u64 = 500;
/// How long a link lives on which nothing arrives.
pub(crate) const IDLE_MS: u64 = 30_000;
/// How long the city may take to become quiet once the faults have stopped.
pub const QUIET_WITHIN_MS: u64 = 600_000;
/// Lines of the log that are kept to be shown.
const LINES_KEPT: usize = 400;
/// A doubled frame comes again within so long, a late one within so much longer.
pub(crate) const WEEKS_3_MS: u64 = 21 * 24 * 3_600_000;

impl World {
    /// A city, linked and enrolled, in which nothing goes wrong so far.
    ///
    /// # Panics
    /// If there is no room for it.
    pub fn found(layout: Layout, seed: u64) -> Self {
        sqlite_files::install();
        let city = match City::found(layout.policy) {
            Ok(city) => city,
            Err(error) => panic!("no room for a city: {error}"),
        };
        let mut world = Self {
            city,
            layout,
            now: START,
            machines: Vec::new(),
            network: Network::default(),
            oracle: Oracle::default(),
            log: EventLog::new(LINES_KEPT),
            marks: Marks::default(),
            rng: ChaCha8Rng::seed_from_u64(seed),
            faults: Faults::NONE,
            events: BinaryHeap::new(),
            next_event: 0,
            answers: BTreeMap::new(),
            next_ticket: 1,
            alarms: Vec::new(),
            backups: Vec::new(),
            vouchers: Vec::new(),
            published: 0,
            rotten: BTreeSet::new(),
        };
        for index in 0..layout.hubs + layout.stores {
            let shop = u32::try_from(index).unwrap_or(u32::MAX);
            let _machine = world.settle_in(Identity { shop, life: 0, is_hub: index < layout.hubs });
        }
        world.settle();
        world
    }

    /// A new machine for a new replica, enrolled by the first hub.
    pub(crate) fn settle_in(&mut self, who: Identity) -> StoreIndex {
        let database = self.city.database(who);
        self.machines.push(Machine::new(who, database, self.now.monotonic_ms));
        let machine = self.machines.len() - 1;
        self.start(machine);
        let order = self.city.enrolment(who);
        let registrar = self.registrar();
        self.submit(registrar, order);
        self.link_up(machine);
        machine
    }

    /// The hub that has the authority's key: the first that is in service, or else that is there.
    pub(crate) fn registrar(&self) -> StoreIndex {
        let is_there = |machine: &Machine| machine.who.is_hub && !machine.is_gone;
        let serves = |machine: &Machine| is_there(machine) && machine.is_in_service();
        let hub = self.machines.iter().position(serves);
        hub.or_else(|| self.machines.iter().position(is_there)).unwrap_or(0)
    }

    /// The true time.
    pub fn now(&self) -> Now {
        self.now
    }

    /// The engine of a machine, if it runs.
    pub fn engine(&self, machine: StoreIndex) -> Option<&Engine> {
        self.machines[machine].engine.as_ref()
    }

    /// The machines, hubs first.
    pub fn machines(&self) -> &[Machine] {
        &self.machines
    }

    /// Machines that are stores.
    pub fn stores(&self) -> impl Iterator<Item = StoreIndex> + '_ {
        (0..self.machines.len()).filter(|machine| !self.machines[*machine].who.is_hub)
    }

    /// Draws a number below `bound`.
    pub fn draw(&mut self, bound: u64) -> u64 {
        self.rng.random_range(0..bound.max(1))
    }

    /// Draws one of `bound`.
    pub fn pick(&mut self, bound: usize) -> usize {
        usize::try_from(self.draw(bound as u64)).unwrap_or(0)
    }

    pub(crate) fn chance(&mut self, per_mille: u32) -> bool {
        per_mille > 0 && self.rng.random_range(0..1_000) < per_mille
    }

    /// Alarms raised so far, and where.
    pub fn alarms(&self) -> &[(StoreIndex, Alarm)] {
        &self.alarms
    }

    /// Gives an order to a machine, now. One that is down, or dies over it, never answers.
    pub fn submit(&mut self, at: StoreIndex, order: Order) -> Ticket {
        let ticket = Ticket(self.next_ticket);
        self.next_ticket += 1;
        self.note(format_args!("{at} order {}", ticket.0));
        self.turn(at, vec![Input::Order { ticket, order: Box::new(order) }]);
        ticket
    }

    /// The answer to an order, once there is one.
    pub fn take_answer(&mut self, ticket: Ticket) -> Option<Result<Reply, Refusal>> {
        self.answers.remove(&ticket)
    }

    /// From now on this goes wrong by itself. Sets every machine's clock anew, but the first hub's.
    pub fn set_faults(&mut self, faults: Faults) {
        self.faults = faults;
        for machine in 1..self.machines.len() {
            let either_way =
                |world: &mut Self, most: u64| world.draw(2 * most + 1).cast_signed() - most.cast_signed();
            let ahead_ms = either_way(self, faults.clock_off_most_ms);
            let drift_ppm = either_way(self, faults.clock_drift_most_ppm.into());
            let clock = crate::Clock { ahead_ms, drift_ppm, set_at_ms: self.now.monotonic_ms };
            if ahead_ms.unsigned_abs() > 60_000 {
                self.marks.note("clock_off");
            }
            if drift_ppm != 0 {
                self.marks.note("clock_drifts");
            }
            self.machines[machine].clock = clock;
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

    /// What a till shows of a member's points.
    pub(crate) fn points_shown(&self, at: StoreIndex, member: MemberId) -> i64 {
        let Some(engine) = &self.machines[at].engine else { return 0 };
        let now = self.machines[at].clock.read(self.now);
        engine.replica().balance(member, Asset::Points, now).unwrap_or(0)
    }

    /// Runs until nothing is under way, for [`QUIET_WITHIN_MS`] at most: else the replicas would talk for
    /// ever. What is late by weeks is forgotten.
    pub fn settle(&mut self) {
        self.oracle.looks("quiet");
        if !self.becomes_quiet() {
            self.oracle.blame("quiet", "the city does not become quiet".to_owned());
        }
    }

    fn becomes_quiet(&mut self) -> bool {
        let end_ms = self.now.monotonic_ms + QUIET_WITHIN_MS;
        let network = &self.network;
        self.events.retain(|Reverse((_, _, event))| match event {
            Event::ArriveLate { .. } => false,
            Event::Arrive { link, .. } => network.get(LinkId(*link)).is_some(),
            _ => true,
        });
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
                if self.network.get(link).is_some_and(|end| end.from == at) {
                    self.turn(at, vec![Input::Frame { link, bytes }]);
                }
            }
            Event::ArriveLate { from, at, bytes } => {
                if let Some(link) = self.network.between(at, from) {
                    self.marks.note("frame_late");
                    self.turn(at, vec![Input::Frame { link, bytes }]);
                }
            }
            Event::Reconnect { machine } => self.link_up(machine),
            Event::Restart { machine } => self.start(machine),
            Event::Wake { at } => {
                // One that was called off by an earlier one finds nothing to do.
                if self.machines[at].wakes_ms == Some(at_ms) {
                    self.machines[at].wakes_ms = None;
                    self.turn(at, Vec::new());
                }
            }
            Event::GiveUp { link } => {
                if self.network.get(LinkId(link)).is_some_and(|end| end.deaf_since_ms.is_some()) {
                    self.disconnect(LinkId(link));
                }
            }
        }
    }

    fn advance_to(&mut self, at_ms: u64) {
        let passed = at_ms.saturating_sub(self.now.monotonic_ms);
        self.now.monotonic_ms += passed;
        self.now.wall_ms += passed;
    }

    pub(crate) fn schedule(&mut self, at_ms: u64, event: Event) {
        self.next_event += 1;
        self.events.push(Reverse((at_ms, self.next_event, event)));
    }

    pub(crate) fn note(&mut self, what: std::fmt::Arguments<'_>) {
        self.log.note(self.now.monotonic_ms, what);
    }
}
