//! One turn of the engine: what was asked, what was decided, what follows once it is durable.

use std::collections::BTreeMap;

use purser_journal::{ForkProof, Role};
use purser_replica::{Committed, Gated, Intake, IntakeFault, Order, Refusal, Replica, Reply, Transaction};
use purser_storage::StorageError;
use purser_types::mutant::{Mutant, is_on};
use purser_types::{Now, ReplicaId};

use crate::{
    Ask, Declined, Detail, Engine, Frame, Hello, LinkId, Output, RunFrame, Ticket, engine::send,
    hunt::Missing, lending_desk, session::Session,
};

/// Inputs of one turn and, once decided, what came of them.
#[derive(Default)]
pub(crate) struct Decision {
    pub(crate) orders: Vec<(Ticket, Order)>,
    pub(crate) hellos: Vec<(LinkId, Hello)>,
    pub(crate) runs: Vec<(LinkId, u64, Vec<RunFrame>)>,
    pub(crate) asks: Vec<(LinkId, Ask)>,
    /// Proofs that authors have told two stories.
    pub(crate) forks: Vec<(LinkId, ForkProof)>,
    /// Details of sales that hubs want.
    pub(crate) wanted: Vec<(LinkId, ReplicaId, Vec<u64>)>,
    /// Details of sales that were wanted: who sent them, whose sales, what.
    pub(crate) details: Vec<(LinkId, ReplicaId, Vec<Detail>)>,
    /// Links whose peers take no more of our own journal.
    pub(crate) disowned: Vec<LinkId>,
    /// Links whose frames are decided: without an answer their peers would wait for ever.
    asking: Vec<LinkId>,
    answers: Vec<(Ticket, Result<Reply, Refusal>)>,
    wanting: Vec<(Ticket, Order, Missing)>,
    greeted: Vec<(LinkId, Role, Hello)>,
    known: Vec<(LinkId, Frame)>,
    lent: Vec<(LinkId, Ask, Result<Reply, Refusal>)>,
    grown: Vec<ReplicaId>,
    blamed: Vec<(LinkId, String)>,
}

/// What came of one frame of entries.
struct TakenIn {
    link: LinkId,
    number: u64,
    intakes: Vec<Gated<Intake>>,
    /// Journals of which entries before the frame's are missing here, and how far they are known.
    gaps: Vec<(ReplicaId, u64)>,
    unwanted: Vec<ReplicaId>,
}

impl Decision {
    /// Decides everything in one transaction. After an error nothing has been decided.
    pub(crate) fn decide(&mut self, engine: &mut Engine, now: Now) -> Result<(), StorageError> {
        let links = self.hellos.iter().map(|(link, ..)| *link);
        let links = links.chain(self.runs.iter().map(|(link, ..)| *link));
        let links = links.chain(self.details.iter().map(|(link, ..)| *link));
        self.asking = links.chain(self.asks.iter().map(|(link, ..)| *link)).collect();
        self.greet(engine, now)?;
        self.heed_disowned(engine, now)?;
        let due = engine.replica.next_deadline_ms()?.is_some_and(|at_ms| at_ms <= now.wall_ms);
        let idle = self.orders.is_empty() && self.runs.is_empty() && self.asks.is_empty();
        let idle = idle && self.forks.is_empty() && self.details.is_empty();
        if idle && !due {
            return Ok(());
        }
        let head_before = engine.replica.me().head.seq;
        let mut transaction = engine.replica.begin(now)?;
        let answers = execute_all(&mut transaction, &self.orders)?;
        // What does not fit into one seal's reach waits for the next turn.
        engine.deferred = self.orders.split_off(answers.len());
        let loans = self.asks.iter().map(|(_, ask)| (Ticket(0), lending_desk::loan(ask)));
        let loans: Vec<(Ticket, Order)> = loans.collect();
        // A question that goes unanswered for once is asked again by its till.
        let lent = execute_all(&mut transaction, &loans)?;
        for (link, proof) in std::mem::take(&mut self.forks) {
            if !transaction.note_proof(&proof)? {
                self.blamed.push((link, "a proof of a fork that proves nothing".to_owned()));
            }
        }
        self.keep_details(&mut transaction)?;
        let taken_in = self.take_in(&mut transaction, &engine.links)?;
        transaction.release_due_holds()?;
        let proof = transaction.commit()?;

        let release = |answer: Result<Gated<Reply>, Refusal>| answer.map(|reply| reply.release(&proof));
        for ((ticket, order), answer) in std::mem::take(&mut self.orders).into_iter().zip(answers) {
            self.sort_answer(ticket, order, release(answer));
        }
        for ((link, ask), answer) in std::mem::take(&mut self.asks).into_iter().zip(lent) {
            self.lent.push((link, ask, release(answer)));
        }
        for frame in taken_in {
            self.note_intake(engine, frame, &proof);
        }
        if engine.replica.me().head.seq > head_before {
            self.grown.push(engine.replica.id());
        }
        Ok(())
    }

    /// What follows now that everything is durable.
    pub(crate) fn publish(self, engine: &mut Engine, now: Now, outputs: &mut Vec<Output>) {
        for (link, role, hello) in &self.greeted {
            engine.welcome(*link, *role, hello, outputs);
        }
        for author in &self.grown {
            engine.links.values_mut().for_each(|session| session.grown(*author));
        }
        outputs.extend(self.answers.into_iter().map(|(ticket, result)| Output::Answer { ticket, result }));
        self.known.iter().for_each(|(link, frame)| send(outputs, *link, frame));
        for (link, ask, result) in &self.lent {
            engine.answer_ask(*link, ask, result, now, outputs);
        }
        for (link, author, seqs) in &self.wanted {
            engine.give_details(*link, *author, seqs, outputs);
        }
        for (ticket, order, missing) in self.wanting {
            engine.start_hunt(ticket, order, missing, now, outputs);
        }
        for (link, reason) in &self.blamed {
            engine.close(*link, reason, outputs);
        }
        let rights_may_have_come = !self.grown.is_empty();
        if rights_may_have_come {
            engine.retry_hunts(now, outputs);
        }
    }

    /// Nothing was decided: every order is told so, and peers send again on new links.
    pub(crate) fn fail(self, engine: &mut Engine, error: &StorageError, outputs: &mut Vec<Output>) {
        for (ticket, _) in self.orders {
            outputs.push(Output::Answer { ticket, result: Err(Refusal::Storage(error.clone())) });
        }
        let mut links = self.asking;
        links.sort_unstable();
        links.dedup();
        for link in links {
            engine.close(link, "this replica cannot write to its disk", outputs);
        }
        if error.is_fatal() {
            outputs.push(Output::Fatal(error.clone()));
        }
    }

    fn sort_answer(&mut self, ticket: Ticket, order: Order, answer: Result<Reply, Refusal>) {
        match answer {
            Err(Refusal::RightsTooFew { member, asset, here, wanted, .. }) => {
                self.wanting.push((ticket, order, Missing { member, asset, amount: wanted - here }));
            }
            Err(Refusal::BalanceTooSmall { .. }) if is_on(Mutant::NeverAnswers) => {}
            answer => {
                if let Ok(reply) = answer.as_ref()
                    && is_on(Mutant::AnswersTwice)
                {
                    self.answers.push((ticket, Ok(reply.clone())));
                }
                self.answers.push((ticket, answer));
            }
        }
    }

    /// Checks who the peers are and whether their histories agree with ours.
    fn greet(&mut self, engine: &mut Engine, now: Now) -> Result<(), StorageError> {
        for (link, hello) in std::mem::take(&mut self.hellos) {
            let Some(peer) = engine.links.get(&link).map(|session| session.peer) else { continue };
            let role = match check_hello(&engine.replica, peer, &hello) {
                Ok(role) => role,
                Err(reason) => {
                    self.blamed.push((link, reason));
                    continue;
                }
            };
            if !engine.replica.is_fenced(peer)? {
                compare_histories(&mut engine.replica, (peer, role), &hello, now)?;
            }
            if let Some(session) = engine.links.get_mut(&link) {
                session.greeted(role, &hello, &engine.replica, now);
            }
            if engine.replica.author(peer).is_some_and(|author| author.quarantine.is_some()) {
                // It may not have heard before that nothing it writes reaches anybody.
                let (heads, unwanted) = (Vec::new(), vec![peer]);
                self.known.push((link, Frame::Known { number: 0, heads, unwanted }));
            }
            self.greeted.push((link, role, hello));
        }
        Ok(())
    }

    /// What a hub has set aside the whole city will: what we would write from now on, nobody
    /// else would ever know of. A store's word alone stops nobody.
    fn heed_disowned(&mut self, engine: &mut Engine, now: Now) -> Result<(), StorageError> {
        let sessions = self.disowned.iter().filter_map(|link| engine.links.get(link));
        let hub = sessions.filter(|session| session.is_hub()).map(|session| session.peer).next();
        if let Some(hub) = hub
            && engine.replica.stopped().is_none()
        {
            let mut transaction = engine.replica.begin(now)?;
            transaction.note_disowned(hub)?;
            let _proof = transaction.commit()?;
        }
        Ok(())
    }

    /// Keeps details that a hub has asked for.
    fn keep_details(&mut self, transaction: &mut Transaction<'_>) -> Result<(), StorageError> {
        for (link, author, details) in std::mem::take(&mut self.details) {
            for detail in details {
                if !transaction.keep_detail(author, detail.seq, &detail.bytes)? {
                    self.blamed.push((link, "the detail of a sale that its entry does not name".to_owned()));
                    break;
                }
            }
        }
        Ok(())
    }

    fn take_in(
        &mut self,
        transaction: &mut Transaction<'_>,
        links: &BTreeMap<LinkId, Session>,
    ) -> Result<Vec<TakenIn>, StorageError> {
        let mut taken_in = Vec::new();
        for (link, number, runs) in std::mem::take(&mut self.runs) {
            let Some(from) = links.get(&link).map(|session| session.peer) else { continue };
            let mut frame =
                TakenIn { link, number, intakes: Vec::new(), gaps: Vec::new(), unwanted: Vec::new() };
            for run in runs {
                let author = run.author;
                match transaction.take_in(run.into(), from) {
                    Ok(intake) => frame.intakes.push(intake),
                    Err(IntakeFault::Storage(error)) => return Err(error),
                    Err(IntakeFault::Gap { known, .. }) => frame.gaps.push((author, known)),
                    Err(fault) if fault.blames_sender() => self.blamed.push((link, fault.to_string())),
                    Err(_) => frame.unwanted.push(author),
                }
            }
            taken_in.push(frame);
        }
        Ok(taken_in)
    }

    fn note_intake(&mut self, engine: &mut Engine, frame: TakenIn, proof: &Committed) {
        let TakenIn { link, number, intakes, gaps: mut heads, mut unwanted } = frame;
        for intake in intakes.into_iter().map(|intake| intake.release(proof)) {
            heads.push((intake.author, intake.kept));
            if intake.kept < intake.sealed {
                unwanted.push(intake.author);
            }
            if intake.fresh > 0 || intake.late > 0 {
                self.grown.push(intake.author);
            }
            if let Some(session) = engine.links.get_mut(&link) {
                session.details.more();
                session.knows(intake.author, intake.sealed);
            }
        }
        self.known.push((link, Frame::Known { number, heads, unwanted }));
    }
}

/// What one transaction writes of its own, in bytes: it travels in one frame.
const OWN_BYTES_MAX: usize = 1024 * 1024;

type Answers = Vec<Result<Gated<Reply>, Refusal>>;

/// Executes orders; only a failure of the database ends it early.
fn execute_all(
    transaction: &mut Transaction<'_>,
    orders: &[(Ticket, Order)],
) -> Result<Answers, StorageError> {
    let mut answers = Vec::with_capacity(orders.len());
    for (_, order) in orders {
        if transaction.own_bytes() > OWN_BYTES_MAX {
            break;
        }
        match transaction.execute(order) {
            Err(Refusal::Storage(error)) => return Err(error),
            answer => answers.push(answer),
        }
    }
    Ok(answers)
}

/// Whether the peer is whom its certificate names, of our city, and speaks our protocol.
fn check_hello(replica: &Replica, peer: ReplicaId, hello: &Hello) -> Result<Role, String> {
    if hello.protocol != 1 {
        return Err(format!("protocol {} is not spoken here", hello.protocol));
    }
    if hello.scope != replica.charter().scope {
        return Err(format!("{} is another city", hello.scope));
    }
    let credential = hello.credential.verify(replica.charter()).map_err(|fault| fault.to_string())?;
    if credential.replica != peer {
        return Err("the credential is not the certificate's".to_owned());
    }
    Ok(credential.role)
}

/// Finds out whether we are an old copy of ourselves, and whether an author tells two stories.
/// A hello proves nothing, so only hubs are believed, and authors about themselves: what other
/// stores know better than we comes as runs, and their seals prove it.
fn compare_histories(
    replica: &mut Replica,
    (peer, role): (ReplicaId, Role),
    hello: &Hello,
    now: Now,
) -> Result<(), StorageError> {
    let mut forked = Vec::new();
    for head in hello.heads.iter().filter(|head| role == Role::Hub || head.author == peer) {
        if head.author == replica.id() && head.seq > replica.me().head.seq {
            replica.stop_as_old_copy(peer, head.seq);
        }
        let known = replica.author(head.author).map_or(0, |author| author.head.seq);
        if head.seq <= known && replica.hash_at(head.author, head.seq)? != Some(head.hash) {
            forked.push((head.author, head.seq));
        }
    }
    if !forked.is_empty() {
        let mut transaction = replica.begin(now)?;
        for (author, seq) in forked {
            transaction.note_fork(author, seq)?;
        }
        let _proof = transaction.commit()?;
    }
    Ok(())
}

impl Engine {
    fn welcome(&mut self, link: LinkId, role: Role, hello: &Hello, outputs: &mut Vec<Output>) {
        let Some(session) = self.links.get(&link) else { return };
        tracing::info!(peer = ?session.peer, ?role, journals = hello.heads.len(), "linked");
        let (peer, ahead_ms) = (session.peer, session.clock_ahead_ms);
        self.watch_clock(peer, ahead_ms, outputs);
        self.note_hub();
        for proof in self.replica.forks().unwrap_or_default() {
            send(outputs, link, &Frame::Fork(Box::new(proof)));
        }
        self.ask_newcomer(link, outputs);
    }

    /// Answers a question for rights: from our own, and by passing on what we lack.
    fn answer_ask(
        &self,
        link: LinkId,
        ask: &Ask,
        result: &Result<Reply, Refusal>,
        now: Now,
        outputs: &mut Vec<Output>,
    ) {
        let lent = match result {
            Ok(reply) => reply.lent(),
            Err(_) => 0,
        };
        let missing = ask.amount.saturating_sub(lent);
        let mut coming = lent;
        if ask.pass_on && missing > 0 {
            let passed_on = lending_desk::holders(&self.replica, &self.greeted(), ask, missing);
            for (holder, question) in passed_on.unwrap_or_default() {
                coming += question.amount;
                send(outputs, holder, &Frame::Ask(question));
            }
        }
        let request = ask.request;
        let answer = match result {
            _ if coming > 0 => Frame::Lent { request, amount: coming },
            Err(Refusal::Storage(_) | Refusal::Stopped(_)) => {
                Frame::Declined { request, reason: Declined::Busy }
            }
            _ if self.is_coming(ask, result, now) => Frame::Declined { request, reason: Declined::OnTheWay },
            _ if ask.pass_on => Frame::Declined { request, reason: Declined::HoldersUnreachable },
            _ => Frame::Declined { request, reason: Declined::NoRightsHere },
        };
        send(outputs, link, &answer);
    }

    /// Whether asking again is worth while: rights are on their way from one to another; or there are some here, and
    /// they were not lent because what the asker got before seemed to be on its way to it still.
    fn is_coming(&self, ask: &Ask, result: &Result<Reply, Refusal>, now: Now) -> bool {
        let Ask { member, asset, .. } = *ask;
        let were_held_back = matches!(result, Err(Refusal::NothingToLend))
            && self.replica.rights_to_lend(member, asset, now).is_ok_and(|rights| rights > 0);
        were_held_back || self.replica.rights_on_their_way(member, asset).unwrap_or(false)
    }
}
