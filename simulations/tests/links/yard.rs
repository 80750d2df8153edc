//! Machines and the links between them, where a test decides which frame goes when.

use std::collections::{BTreeMap, VecDeque};

use purser_replica::{Order, Outcome, Refusal, Replica, Undertaking};
use purser_simulations::{City, Identity};
use purser_sync::{Engine, EngineSettings, Frame, Input, LinkId, Output, Ticket};
use purser_types::Now;

pub struct Yard {
    engines: Vec<Engine>,
    links: BTreeMap<LinkId, (usize, usize)>,
    /// What machines have said and nobody has heard so far.
    said: VecDeque<(usize, Output)>,
    answers: Vec<Result<Outcome, Refusal>>,
    now: Now,
}

impl Yard {
    /// So many machines of a city, the first of which are hubs.
    pub fn new(city: &City, machines: u32, hubs: u32) -> Self {
        let who = |shop: u32| Identity { shop, life: 0, is_hub: shop < hubs };
        let open = |shop: u32| {
            city.open_at(&city.database(who(shop)), who(shop), EngineSettings::default()).unwrap()
        };
        let mut yard = Self {
            engines: (0..machines).map(open).collect(),
            links: BTreeMap::new(),
            said: VecDeque::new(),
            answers: Vec::new(),
            now: Now { wall_ms: 1_772_413_200_000, monotonic_ms: 1_000 },
        };
        for shop in 0..machines {
            yard.does(0, city.enrolment(who(shop)).undertaking);
        }
        yard
    }

    pub fn replica(&self, at: usize) -> &Replica {
        self.engines[at].replica()
    }

    /// What comes of an order at once.
    pub fn does(&mut self, at: usize, undertaking: Undertaking) -> Outcome {
        self.order(at, undertaking);
        self.deliver(|_| false);
        self.answer().unwrap().unwrap()
    }

    /// Gives an order.
    pub fn order(&mut self, at: usize, undertaking: Undertaking) {
        let order = Order { request: None, undertaking };
        self.handle(at, vec![Input::Order { ticket: Ticket(1), order: Box::new(order) }]);
    }

    /// The last answer, once there is one.
    pub fn answer(&mut self) -> Option<Result<Outcome, Refusal>> {
        self.answers.pop()
    }

    pub fn connect(&mut self, number: u64, (one, other): (usize, usize)) {
        let link = LinkId(number);
        self.links.insert(link, (one, other));
        for (at, peer) in [(one, other), (other, one)] {
            let peer = self.replica(peer).id();
            self.handle(at, vec![Input::LinkUp { link, peer }]);
        }
    }

    /// Breaks a link: what was said on it and not heard is lost.
    pub fn disconnect(&mut self, number: u64) {
        let link = LinkId(number);
        let (one, other) = self.links.remove(&link).unwrap();
        self.said.retain(|(_, output)| !matches!(output, Output::Send { link: on, .. } if *on == link));
        for at in [one, other] {
            self.handle(at, vec![Input::LinkDown { link }]);
        }
    }

    /// Delivers what was said, and what is said to that, until nothing that may go is left. The rest waits.
    pub fn deliver(&mut self, goes: impl Fn(&Frame) -> bool) {
        let mut waiting = VecDeque::new();
        while let Some((from, output)) = self.said.pop_front() {
            match output {
                Output::Answer { result, .. } => self.answers.push(result.map(|reply| reply.outcome)),
                Output::Send { link, bytes, .. } if Frame::from_bytes(&bytes).is_ok_and(|it| goes(&it)) => {
                    let (one, other) = self.links[&link];
                    let to = if from == one { other } else { one };
                    self.handle(to, vec![Input::Frame { link, bytes }]);
                }
                Output::Send { .. } => waiting.push_back((from, output)),
                _ => {}
            }
        }
        self.said = waiting;
    }

    /// Delivers everything that was said to one machine, all in one turn of it.
    pub fn deliver_at_once(&mut self, to: usize) {
        let mut inputs = Vec::new();
        for (from, output) in std::mem::take(&mut self.said) {
            match output {
                Output::Send { link, bytes, .. } if from != to => inputs.push(Input::Frame { link, bytes }),
                output => self.said.push_back((from, output)),
            }
        }
        self.handle(to, inputs);
    }

    /// Lets time pass, in which everything goes.
    pub fn wait(&mut self, ms: u64) {
        let until_ms = self.now.monotonic_ms + ms;
        self.deliver(|_| true);
        while let Some(at_ms) = self.next_deadline_ms().filter(|at_ms| *at_ms <= until_ms) {
            self.pass(at_ms.saturating_sub(self.now.monotonic_ms));
        }
        self.pass(until_ms.saturating_sub(self.now.monotonic_ms));
    }

    fn pass(&mut self, ms: u64) {
        self.now = Now { wall_ms: self.now.wall_ms + ms, monotonic_ms: self.now.monotonic_ms + ms };
        (0..self.engines.len()).for_each(|at| self.handle(at, Vec::new()));
        self.deliver(|_| true);
    }

    fn next_deadline_ms(&self) -> Option<u64> {
        let deadline = |engine: &Engine| engine.next_deadline_ms(self.now).unwrap();
        self.engines.iter().filter_map(deadline).min()
    }

    fn handle(&mut self, at: usize, inputs: Vec<Input>) {
        let outputs = self.engines[at].handle(inputs, self.now);
        self.said.extend(outputs.into_iter().map(|output| (at, output)));
    }
}
