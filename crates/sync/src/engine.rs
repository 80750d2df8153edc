use std::collections::{BTreeMap, HashMap};

use purser_journal::Role;
use purser_replica::{Alarm, Order, Refusal, Replica, Reply};
use purser_storage::StorageError;
use purser_types::{Now, ReplicaId};

use crate::{Frame, Lane, Status, decision::Decision, hunt::Hunt, session::Session, status::LinkStatus};

/// Names an order until its answer: chosen by the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// Names an open link: chosen by the caller, never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkId(pub u64);

/// Something that reaches a replica.
#[derive(Debug)]
pub enum Input {
    /// Somebody wants something done.
    Order {
        /// Names the answer.
        ticket: Ticket,
        /// What is wanted.
        order: Box<Order>,
    },
    /// A link is open to a peer whose certificate was checked.
    LinkUp {
        /// The link.
        link: LinkId,
        /// Who is at the other end.
        peer: ReplicaId,
    },
    /// A frame came.
    Frame {
        /// On which link.
        link: LinkId,
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// A link is gone.
    LinkDown {
        /// The link.
        link: LinkId,
    },
}

/// Something that a replica wants done. Everything it depends on is durable.
#[derive(Debug)]
pub enum Output {
    /// The answer to an order.
    Answer {
        /// The order.
        ticket: Ticket,
        /// What came of it.
        result: Result<Reply, Refusal>,
    },
    /// A frame to send.
    Send {
        /// On which link.
        link: LinkId,
        /// On which stream of it.
        lane: Lane,
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// A link to close.
    Close {
        /// The link.
        link: LinkId,
        /// Why, for the log and the peer.
        reason: String,
    },
    /// A replica that holds rights which a till waits for, and that no link leads to.
    Dial(ReplicaId),
    /// Something that somebody should look at.
    Alarm(Alarm),
    /// The device failed: the process must stop.
    Fatal(StorageError),
}

/// How an engine runs.
#[derive(Debug, Clone, Copy)]
pub struct EngineSettings {
    /// How long what other replicas wrote is gathered before it is passed on, in milliseconds,
    /// at most 1,000.
    pub gather_ms: u64,
}

impl Default for EngineSettings {
    fn default() -> Self {
        Self { gather_ms: 50 }
    }
}

/// A replica and its links: the whole of a node but for I/O.
pub struct Engine {
    pub(crate) replica: Replica,
    pub(crate) links: BTreeMap<LinkId, Session>,
    pub(crate) hunts: Vec<Hunt>,
    /// Rounds of asking for rights since the start.
    pub(crate) rounds: u64,
    /// How many fences the links have been told of.
    fences_heeded: u64,
    /// Orders that did not fit into the transaction before.
    pub(crate) deferred: Vec<(Ticket, Order)>,
    /// By how much peers' clocks are off of whom an alarm was raised.
    skewed: BTreeMap<ReplicaId, i64>,
    /// When the last links of peers ended that have none now: members of the city, so not more than it has.
    gone: BTreeMap<ReplicaId, u64>,
    /// Of whom links have ended in this turn.
    ended: Vec<ReplicaId>,
    settings: EngineSettings,
}

/// Who may not make a replica's clock seem wrong within this.
const SKEW_MS: i64 = 60_000;

impl Engine {
    /// An engine without links.
    pub fn new(replica: Replica, settings: EngineSettings) -> Self {
        let (links, hunts, deferred) = (BTreeMap::new(), Vec::new(), Vec::new());
        let (skewed, gone, ended) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
        Self { replica, links, hunts, rounds: 0, fences_heeded: 0, deferred, skewed, gone, ended, settings }
    }

    /// The replica, to read from.
    pub fn replica(&self) -> &Replica {
        &self.replica
    }

    /// Takes inputs, decides them in one transaction, and returns what is to be done now.
    /// Called without inputs when [`Engine::next_deadline_ms`] has come.
    pub fn handle(&mut self, inputs: Vec<Input>, now: Now) -> Vec<Output> {
        let mut outputs = Vec::new();
        self.note_hub_met(now);
        let mut decision = self.sort_out(inputs, now, &mut outputs);
        loop {
            match decision.decide(self, now) {
                Ok(()) => decision.publish(self, now, &mut outputs),
                Err(error) => decision.fail(self, &error, &mut outputs),
            }
            if self.deferred.is_empty() {
                break;
            }
            decision = Decision::default();
            decision.orders = std::mem::take(&mut self.deferred);
        }
        self.note_fences();
        self.tell_forks(&mut outputs);
        self.next_rounds(now, &mut outputs);
        self.end_hunts(now, &mut outputs);
        self.pump(now, &mut outputs);
        self.ask_for_details(now, &mut outputs);
        self.note_gone(now);
        outputs.extend(self.replica.take_alarms().into_iter().map(Output::Alarm));
        outputs
    }

    /// When [`Engine::handle`] has something to do by itself, by the monotonic clock.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn next_deadline_ms(&self, now: Now) -> Result<Option<u64>, StorageError> {
        let hold = self.replica.next_deadline_ms()?;
        let hold = hold.map(|at_ms| now.monotonic_ms + at_ms.saturating_sub(now.wall_ms));
        let hunts = self.hunts.iter().map(Hunt::next_deadline_ms);
        let relays = self.links.values().filter_map(Session::next_deadline_ms);
        Ok(hunts.chain(relays).chain(hold).min())
    }

    /// How the replica stands with the others.
    pub fn status(&self) -> Status {
        let link = |session: &Session| LinkStatus {
            peer: session.peer,
            role: session.role,
            is_fenced: session.is_fenced,
            behind: session.behind(&self.replica),
            heard_ms: session.heard_ms,
            clock_ahead_ms: session.clock_ahead_ms,
        };
        Status {
            links: self.links.values().map(link).collect(),
            hunts: self.hunts.len(),
            stopped: self.replica.stopped(),
            gone: self.gone.iter().map(|(peer, at_ms)| (*peer, *at_ms)).collect(),
        }
    }

    /// Separates what needs a transaction from what does not; opens and closes links.
    fn sort_out(&mut self, inputs: Vec<Input>, now: Now, outputs: &mut Vec<Output>) -> Decision {
        let mut decision = Decision::default();
        for input in inputs {
            match input {
                Input::Order { ticket, order } => decision.orders.push((ticket, *order)),
                Input::LinkUp { link, peer } => self.open(link, peer, now, outputs),
                Input::LinkDown { link } => self.forget(link),
                Input::Frame { link, bytes } => match Frame::from_bytes(&bytes) {
                    Ok(frame) => self.sort_frame(link, frame, now, &mut decision, outputs),
                    Err(fault) => self.close(link, &fault.to_string(), outputs),
                },
            }
        }
        decision
    }

    fn sort_frame(
        &mut self,
        link: LinkId,
        frame: Frame,
        now: Now,
        decision: &mut Decision,
        outputs: &mut Vec<Output>,
    ) {
        let Some(session) = self.links.get_mut(&link) else { return };
        session.heard_ms = now.wall_ms;
        let greeted = session.role.is_some();
        match frame {
            Frame::Hello(hello) if !greeted => decision.hellos.push((link, hello)),
            // A hello of the same batch is decided ahead of what came after it.
            Frame::Runs { number, runs } => decision.runs.push((link, number, runs)),
            // Only a hub passes on what others ask for.
            Frame::Ask(ask) if ask.asker != session.peer && session.role != Some(Role::Hub) => {
                self.close(link, "asks for rights in another's name", outputs);
            }
            // One that is out learns of that, and of nothing else.
            Frame::Ask(_) | Frame::Wanted { .. } if session.is_fenced => {}
            Frame::Ask(ask) => decision.asks.push((link, ask)),
            Frame::Known { number, heads, unwanted } => {
                let me = self.replica.id();
                if unwanted.contains(&me) && session.may_disown(number, me) {
                    decision.disowned.push(link);
                }
                session.answered(number, &heads, &unwanted);
            }
            Frame::Wanted { author, seqs } => decision.wanted.push((link, author, seqs)),
            Frame::Details { author, up_to, details } => {
                if session.details.answered(author, up_to, &details, now) {
                    decision.details.push((link, author, details));
                } else {
                    self.close(link, "details that were not asked for", outputs);
                }
            }
            Frame::Fork(proof) => decision.forks.push((link, *proof)),
            // What was lent comes as an offer in a journal; the answer itself changes nothing.
            Frame::Lent { .. } | Frame::Unknown { .. } => {}
            Frame::Declined { request, reason } => {
                for hunt in self.hunts.iter_mut().filter(|hunt| hunt.ask.request == request) {
                    hunt.declined(link, reason);
                }
            }
            Frame::Hello(_) => self.close(link, "a second hello", outputs),
        }
    }

    fn open(&mut self, link: LinkId, peer: ReplicaId, now: Now, outputs: &mut Vec<Output>) {
        let is_fenced = self.replica.is_fenced(peer).unwrap_or(true);
        self.links.insert(link, Session::new(peer, is_fenced, now));
        self.gone.remove(&peer);
        send(outputs, link, &Session::hello(&self.replica, now));
    }

    pub(crate) fn close(&mut self, link: LinkId, reason: &str, outputs: &mut Vec<Output>) {
        self.forget(link);
        outputs.push(Output::Close { link, reason: reason.to_owned() });
    }

    fn forget(&mut self, link: LinkId) {
        self.ended.extend(self.links.remove(&link).map(|session| session.peer));
        for hunt in &mut self.hunts {
            hunt.open.remove(&link);
        }
        self.note_hub();
    }

    /// Tells everybody who has told two stories; and where a journal was begun anew because of that,
    /// links begin anew, so that peers learn how far it is known.
    fn tell_forks(&mut self, outputs: &mut Vec<Output>) {
        for proof in self.replica.take_forks() {
            let frame = Frame::Fork(Box::new(proof));
            let greeted = self.links.iter().filter(|(_, session)| session.role.is_some());
            greeted.for_each(|(link, _)| send(outputs, *link, &frame));
        }
        if self.replica.take_begun_anew() {
            let links: Vec<LinkId> = self.links.keys().copied().collect();
            for link in links {
                self.close(link, "a journal begins anew here, or is wanted again", outputs);
            }
        }
    }

    /// An open link to a hub is a meeting, however quiet it is: one that is dead is soon closed.
    fn note_hub_met(&mut self, now: Now) {
        let replica = &self.replica;
        if self.links.values_mut().any(|session| session.is_hub() && session.has_caught_up(replica)) {
            self.replica.note_hub_met(now);
        }
    }

    /// Tells the replica which hub is there: rights move only while one is.
    pub(crate) fn note_hub(&mut self) {
        let hub = self.links.values().find(|session| session.is_hub());
        let hub = hub.map(|session| session.peer);
        let greeted = self.links.values().filter(|session| session.role.is_some());
        self.replica.set_peers_ahead(greeted.map(|session| session.clock_ahead_ms).collect());
        self.replica.set_hub(hub);
    }

    /// Takes note of who was put out: their links tell them, and nothing else any more.
    pub(crate) fn note_fences(&mut self) {
        if self.replica.fences_folded() == self.fences_heeded {
            return;
        }
        self.fences_heeded = self.replica.fences_folded();
        for session in self.links.values_mut() {
            session.is_fenced = self.replica.is_fenced(session.peer).unwrap_or(true);
        }
    }

    /// A peer whose clock is wrong is told of once, until it is right or wrong by something else.
    pub(crate) fn watch_clock(&mut self, peer: ReplicaId, ahead_ms: i64, outputs: &mut Vec<Output>) {
        if !is_skewed(ahead_ms) {
            self.skewed.remove(&peer);
            return;
        }
        let told = self.skewed.get(&peer);
        if told.is_none_or(|told| is_skewed(ahead_ms.saturating_sub(*told))) {
            self.skewed.insert(peer, ahead_ms);
            outputs.push(Output::Alarm(Alarm::ClockSkew { peer, ahead_ms }));
        }
    }

    /// Takes note of who has no link any more.
    fn note_gone(&mut self, now: Now) {
        for peer in std::mem::take(&mut self.ended) {
            if self.links.values().all(|session| session.peer != peer) {
                self.gone.insert(peer, now.wall_ms);
            }
        }
    }

    /// Links by peer, of those that have said hello.
    pub(crate) fn greeted(&self) -> HashMap<ReplicaId, LinkId> {
        let greeted = self.links.iter().filter(|(_, session)| session.role.is_some());
        greeted.map(|(link, session)| (session.peer, *link)).collect()
    }

    fn pump(&mut self, now: Now, outputs: &mut Vec<Output>) {
        for (link, session) in &mut self.links {
            match session.pump(&self.replica, now, self.settings.gather_ms) {
                Ok(frames) => frames.iter().for_each(|frame| send(outputs, *link, frame)),
                Err(error) => {
                    tracing::error!(%error, "reading entries for a peer failed");
                    if error.is_fatal() {
                        outputs.push(Output::Fatal(error));
                        return;
                    }
                }
            }
        }
    }
}

pub(crate) fn send(outputs: &mut Vec<Output>, link: LinkId, frame: &Frame) {
    outputs.push(Output::Send { link, lane: frame.lane(), bytes: frame.to_bytes() });
}

/// Whether a peer's clock is so far off that somebody should set it.
fn is_skewed(ahead_ms: i64) -> bool {
    ahead_ms.unsigned_abs() > SKEW_MS.unsigned_abs()
}
