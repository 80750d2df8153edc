//! Orders that wait for rights from elsewhere.

use std::collections::BTreeMap;

use purser_journal::{Request, RequestId, Role};
use purser_ledger::Asset;
use purser_replica::{Order, Refusal, Reply, RightsCause};
use purser_storage::StorageError;
use purser_types::mutant::{Mutant, is_on};
use purser_types::{MemberId, Now, ReplicaId};

use crate::{
    Ask, Declined, Engine, Frame, LinkId, Output, Ticket, engine::send, lending_desk::rights_of_others,
};

/// How long a till waits for rights, in milliseconds.
pub const PATIENCE_MS: u64 = 2_000;

/// How many holders are dialled for one order.
const DIALLED_AT_ONCE: usize = 3;

/// How long a round of asking lasts, in milliseconds.
const ROUND_MS: u64 = 300;

/// An order that was refused for want of rights, while they are asked for.
pub(crate) struct Hunt {
    pub(crate) ticket: Ticket,
    pub(crate) order: Order,
    /// The question of this round.
    pub(crate) ask: Ask,
    /// When the till is told that it was in vain, by the monotonic clock.
    deadline_ms: u64,
    /// When the question is put anew: what came may have gone to another till meanwhile.
    next_round_ms: u64,
    /// Links on which the question is open, and whether the peer knew all that we had offered when it was put: one
    /// that does not cannot know where the rights are.
    pub(crate) open: BTreeMap<LinkId, bool>,
    /// Whether a link to a holder is being opened.
    dialling: bool,
    /// What to tell the till if it was in vain.
    cause: RightsCause,
}

/// What is missing for an order.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Missing {
    pub(crate) member: MemberId,
    pub(crate) asset: Asset,
    pub(crate) amount: i64,
}

impl Hunt {
    fn new(ticket: Ticket, order: Order, missing: Missing, asker: ReplicaId, now: Now) -> Self {
        let Missing { member, asset, amount } = missing;
        let ask = Ask { request: [0; 16], asker, member, asset, amount, pass_on: true };
        Self {
            ticket,
            order,
            ask,
            deadline_ms: now.monotonic_ms + PATIENCE_MS,
            next_round_ms: now.monotonic_ms + ROUND_MS,
            open: BTreeMap::new(),
            dialling: false,
            cause: RightsCause::NoAnswer,
        }
    }

    /// Gives the question of a new round its name. `number` counts the rounds of this replica
    /// since it started, and the clock tells starts apart: no two questions have one name.
    fn name_round(&mut self, number: u64, now: Now) {
        let name = [self.ask.asker.0.as_slice(), &number.to_le_bytes(), &now.wall_ms.to_le_bytes()].concat();
        let RequestId(request) = RequestId::of(&name);
        self.ask.request = request;
        self.next_round_ms = now.monotonic_ms + ROUND_MS;
    }

    /// Somebody answered that nothing is to be had there, or not yet.
    pub(crate) fn declined(&mut self, link: LinkId, reason: Declined) {
        match reason {
            // The next round asks again.
            Declined::OnTheWay => {}
            Declined::Busy => drop(self.open.remove(&link)),
            Declined::HoldersUnreachable | Declined::NoRightsHere => {
                if self.open.get(&link) == Some(&true) {
                    self.open.remove(&link);
                    self.cause = RightsCause::HolderOffLine;
                }
            }
        }
    }

    /// When there is something to do, by the monotonic clock.
    pub(crate) fn next_deadline_ms(&self) -> u64 {
        self.next_round_ms.min(self.deadline_ms)
    }

    fn ask_on(&mut self, link: LinkId, is_abreast: bool, outputs: &mut Vec<Output>) {
        if self.open.insert(link, is_abreast).is_none() {
            send(outputs, link, &Frame::Ask(self.ask));
        }
    }

    /// Whether both carry out one request: a till whose line broke asks again while its first
    /// question is still waited for.
    fn is_repetition_of(&self, other: &Self) -> bool {
        self.order.request.is_some() && self.order.request == other.order.request
    }

    /// Whether there is nothing left to wait for.
    fn is_over(&self, now: Now) -> bool {
        now.monotonic_ms >= self.deadline_ms || (self.open.is_empty() && !self.dialling)
    }

    /// What the till is told in the end.
    fn refusal(&self, refusal: Refusal) -> Refusal {
        match refusal {
            Refusal::RightsTooFew { member, asset, here, balance, wanted, advance, .. } => {
                Refusal::RightsTooFew { member, asset, here, balance, wanted, advance, cause: self.cause }
            }
            other => other,
        }
    }
}

impl Engine {
    /// Asks for the rights that an order lacks: the hub first; without one, the neighbours
    /// that hold them. A store without any line says so at once.
    pub(crate) fn start_hunt(
        &mut self,
        ticket: Ticket,
        order: Order,
        missing: Missing,
        now: Now,
        outputs: &mut Vec<Output>,
    ) {
        self.rounds += 1;
        let mut hunt = Hunt::new(ticket, order, missing, self.replica.id(), now);
        hunt.name_round(self.rounds, now);
        if let Some(first) = self.hunts.iter().find(|first| hunt.is_repetition_of(first)) {
            hunt.deadline_ms = first.deadline_ms;
        }
        let links = self.greeted();
        if links.is_empty() {
            hunt.cause = RightsCause::OffLine;
        } else if let Some(hub) = self.hub_link() {
            hunt.ask_on(hub, self.is_abreast(hub, &hunt.ask), outputs);
        } else {
            let holders = rights_of_others(&self.replica, missing.member, missing.asset);
            for (holder, _) in holders.unwrap_or_default().into_iter().take(DIALLED_AT_ONCE) {
                if let Some(link) = links.get(&holder) {
                    hunt.ask_on(*link, self.is_abreast(*link, &hunt.ask), outputs);
                } else {
                    hunt.dialling = true;
                    outputs.push(Output::Dial(holder));
                }
            }
        }
        self.hunts.push(hunt);
    }

    /// A new link may lead to somebody who has what tills wait for.
    pub(crate) fn ask_newcomer(&mut self, link: LinkId, outputs: &mut Vec<Output>) {
        let Some((peer, role)) = self.links.get(&link).map(|session| (session.peer, session.role)) else {
            return;
        };
        let mut hunts = std::mem::take(&mut self.hunts);
        for hunt in &mut hunts {
            let holders = rights_of_others(&self.replica, hunt.ask.member, hunt.ask.asset);
            let holds = holders.unwrap_or_default().iter().any(|(holder, _)| *holder == peer);
            if holds || role == Some(Role::Hub) {
                hunt.ask_on(link, self.is_abreast(link, &hunt.ask), outputs);
            }
        }
        self.hunts = hunts;
    }

    /// Whether the peer knows all that we have offered of what is asked for.
    fn is_abreast(&self, link: LinkId, ask: &Ask) -> bool {
        let Some(session) = self.links.get(&link) else { return true };
        match self.replica.last_offer(ask.member, ask.asset) {
            Ok(last) => last <= session.known_of(self.replica.id()),
            Err(error) => {
                tracing::error!(%error, "looking for offers of ours failed");
                true
            }
        }
    }

    /// Tries the waiting orders again: rights may have come.
    pub(crate) fn retry_hunts(&mut self, now: Now, outputs: &mut Vec<Output>) {
        if self.hunts.is_empty() {
            return;
        }
        let hunts = std::mem::take(&mut self.hunts);
        match self.retry(&hunts, false, now) {
            Ok(answers) => {
                for (hunt, answer) in hunts.into_iter().zip(answers) {
                    match answer {
                        Err(Refusal::RightsTooFew { member, asset, here, wanted, .. }) => {
                            let missing = Missing { member, asset, amount: wanted - here };
                            self.hunt_on(hunt, missing, now, outputs);
                        }
                        result => outputs.push(Output::Answer { ticket: hunt.ticket, result }),
                    }
                }
            }
            Err(error) => {
                tracing::error!(%error, "trying waiting orders again failed");
                self.hunts = hunts;
                outputs.extend(error.is_fatal().then_some(Output::Fatal(error)));
            }
        }
    }

    /// Goes on with a hunt that lacks this now: more of the same, or something else that the order spends.
    fn hunt_on(&mut self, hunt: Hunt, missing: Missing, now: Now, outputs: &mut Vec<Output>) {
        if missing.asset == hunt.ask.asset {
            let ask = Ask { amount: missing.amount, ..hunt.ask };
            self.hunts.push(Hunt { ask, ..hunt });
            return;
        }
        self.start_hunt(hunt.ticket, hunt.order, missing, now, outputs);
        if let Some(last) = self.hunts.last_mut() {
            last.deadline_ms = hunt.deadline_ms;
        }
    }

    /// Carries out what `hunts` wait for, if it can be by now; `at_last` also in advance of rights.
    fn retry(
        &mut self,
        hunts: &[Hunt],
        at_last: bool,
        now: Now,
    ) -> Result<Vec<Result<Reply, Refusal>>, StorageError> {
        let head_before = self.replica.me().head.seq;
        let mut transaction = self.replica.begin(now)?;
        let mut answers = Vec::new();
        for hunt in hunts {
            let answer = if at_last {
                transaction.execute_at_last(&hunt.order)
            } else {
                transaction.execute(&hunt.order)
            };
            match answer {
                Err(Refusal::Storage(error)) => return Err(error),
                answer => answers.push(answer),
            }
        }
        let proof = transaction.commit()?;
        if self.replica.me().head.seq > head_before {
            let me = self.replica.id();
            self.links.values_mut().for_each(|session| session.grown(me));
        }
        if is_on(Mutant::DeniesAfterDoing) {
            let denied = |answer: Result<_, Refusal>| answer.and(Err(Refusal::NothingToLend));
            return Ok(answers.into_iter().map(denied).collect());
        }
        Ok(answers.into_iter().map(|answer| answer.map(|reply| reply.release(&proof))).collect())
    }

    /// Starts the next round of hunts whose round has passed. What earlier rounds moved is
    /// here or on its way; the new question asks for what is missing now.
    pub(crate) fn next_rounds(&mut self, now: Now, outputs: &mut Vec<Output>) {
        let mut hunts = std::mem::take(&mut self.hunts);
        for hunt in hunts.iter_mut().filter(|hunt| hunt.next_round_ms <= now.monotonic_ms) {
            self.rounds += 1;
            hunt.name_round(self.rounds, now);
            for link in std::mem::take(&mut hunt.open).into_keys() {
                hunt.ask_on(link, self.is_abreast(link, &hunt.ask), outputs);
            }
        }
        self.hunts = hunts;
    }

    /// Ends hunts that were in vain: one last try tells what can be spent here now, or spends it
    /// in advance.
    pub(crate) fn end_hunts(&mut self, now: Now, outputs: &mut Vec<Output>) {
        if !self.hunts.iter().any(|hunt| hunt.is_over(now)) {
            return;
        }
        // Repetitions end together: none is told no while another may still be told yes.
        let going = self.hunts.iter().filter(|hunt| !hunt.is_over(now));
        let going: Vec<Request> = going.filter_map(|hunt| hunt.order.request).collect();
        let ends = |hunt: &Hunt| hunt.order.request.is_none_or(|request| !going.contains(&request));
        let (over, going): (Vec<Hunt>, Vec<Hunt>) =
            std::mem::take(&mut self.hunts).into_iter().partition(|hunt| hunt.is_over(now) && ends(hunt));
        self.hunts = going;
        match self.retry(&over, true, now) {
            Ok(answers) => {
                for (hunt, answer) in over.into_iter().zip(answers) {
                    let result = answer.map_err(|refusal| hunt.refusal(refusal));
                    outputs.push(Output::Answer { ticket: hunt.ticket, result });
                }
            }
            Err(error) => {
                for hunt in over {
                    let result = Err(Refusal::Storage(error.clone()));
                    outputs.push(Output::Answer { ticket: hunt.ticket, result });
                }
                outputs.extend(error.is_fatal().then_some(Output::Fatal(error)));
            }
        }
    }

    fn hub_link(&self) -> Option<LinkId> {
        let hub = self.links.iter().find(|(_, session)| session.is_hub());
        hub.map(|(link, _)| *link)
    }
}
