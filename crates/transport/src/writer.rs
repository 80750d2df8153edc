//! The one thread that writes: takes what waits, lets the engine decide it in one turn, and
//! hands out what comes of it.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError},
    },
    time::Duration,
};

use purser_replica::{Order, Refusal, Reply};
use purser_sync::{Engine, Input, LinkId, Output, Ticket};
use purser_types::ReplicaId;
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};

use crate::{
    handle::{Shared, count},
    outbound::Outbound,
    witness::Witness,
};

/// Where the answer to an order goes.
type Answer = oneshot::Sender<Result<Reply, Refusal>>;

/// Something for the writer.
pub(crate) enum Message {
    Order { order: Order, answer: Answer, permit: OwnedSemaphorePermit },
    Inspect(Box<dyn FnOnce(&Engine) + Send>),
    LinkUp { link: LinkId, peer: ReplicaId, outbound: Outbound },
    LinkDown { link: LinkId },
    Frame { link: LinkId, bytes: Vec<u8>, permit: OwnedSemaphorePermit },
    Stop,
}

/// Orders decided in one turn at most.
const ORDERS_AT_ONCE: usize = 256;
/// Bytes of frames taken in by one turn: fewer while orders wait, so that tills do not.
const FRAME_BYTES_IDLE: usize = 2 << 20;
const FRAME_BYTES_BUSY: usize = 128 << 10;
/// The longest sleep: a wall clock that was set is noticed within it.
const NAP_MS: u64 = 1_000;

pub(crate) struct Writer {
    pub(crate) engine: Engine,
    witness: Witness,
    pub(crate) inbox: Receiver<Message>,
    pub(crate) shared: Arc<Shared>,
    /// Where to ask for links to holders of rights.
    pub(crate) dial: mpsc::UnboundedSender<ReplicaId>,
    /// Told what made the writer give up.
    pub(crate) fatal: mpsc::UnboundedSender<String>,
    orders: VecDeque<(Order, Answer, OwnedSemaphorePermit)>,
    frames: VecDeque<(LinkId, Vec<u8>, OwnedSemaphorePermit)>,
    /// Links that came or went: decided ahead of the frames after them.
    events: VecDeque<Input>,
    answers: HashMap<Ticket, Answer>,
    links: HashMap<LinkId, Outbound>,
    next_ticket: u64,
    stopping: bool,
}

impl Writer {
    pub(crate) fn new(
        engine: Engine,
        witness: Witness,
        inbox: Receiver<Message>,
        shared: Arc<Shared>,
        dial: mpsc::UnboundedSender<ReplicaId>,
        fatal: mpsc::UnboundedSender<String>,
    ) -> Self {
        Self {
            engine,
            witness,
            inbox,
            shared,
            dial,
            fatal,
            orders: VecDeque::new(),
            frames: VecDeque::new(),
            events: VecDeque::new(),
            answers: HashMap::new(),
            links: HashMap::new(),
            next_ticket: 1,
            stopping: false,
        }
    }

    /// Works until told to stop, or until the device fails.
    pub(crate) fn run(mut self) {
        while !self.stopping {
            if self.orders.is_empty() && self.frames.is_empty() && self.events.is_empty() {
                self.wait();
            }
            while let Ok(message) = self.inbox.try_recv() {
                self.sort(message);
            }
            if !self.turn() {
                break;
            }
        }
    }

    /// Sleeps until something comes or falls due.
    fn wait(&mut self) {
        let now = self.shared.clock.now();
        let due_ms = self.engine.next_deadline_ms(now).ok().flatten();
        let nap_ms = due_ms.map_or(NAP_MS, |due_ms| due_ms.saturating_sub(now.monotonic_ms).min(NAP_MS));
        match self.inbox.recv_timeout(Duration::from_millis(nap_ms)) {
            Ok(message) => self.sort(message),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => self.stopping = true,
        }
    }

    fn sort(&mut self, message: Message) {
        match message {
            Message::Order { order, answer, permit } => self.orders.push_back((order, answer, permit)),
            Message::Frame { link, bytes, permit } => self.frames.push_back((link, bytes, permit)),
            Message::Inspect(look) => look(&self.engine),
            Message::LinkUp { link, peer, outbound } => {
                self.links.insert(link, outbound);
                self.events.push_back(Input::LinkUp { link, peer });
            }
            Message::LinkDown { link } => {
                self.links.remove(&link);
                self.frames.retain(|(of, ..)| *of != link);
                self.events.push_back(Input::LinkDown { link });
            }
            Message::Stop => self.stopping = true,
        }
    }

    /// One turn of the engine. False when the device has failed.
    fn turn(&mut self) -> bool {
        let mut permits = Vec::new();
        let inputs = self.gather(&mut permits);
        let outputs = self.engine.handle(inputs, self.shared.clock.now());
        self.witness.note(self.engine.replica().me().head);
        count(&self.shared.tally.turns, 1);
        let mut sound = true;
        for output in outputs {
            sound &= self.carry_out(output);
        }
        sound
    }

    fn gather(&mut self, permits: &mut Vec<OwnedSemaphorePermit>) -> Vec<Input> {
        let mut inputs: Vec<Input> = self.events.drain(..).collect();
        let waiting = self.orders.len().min(ORDERS_AT_ONCE);
        for (order, answer, permit) in self.orders.drain(..waiting) {
            let ticket = Ticket(self.next_ticket);
            self.next_ticket += 1;
            self.answers.insert(ticket, answer);
            permits.push(permit);
            inputs.push(Input::Order { ticket, order: Box::new(order) });
        }
        let most = if waiting > 0 { FRAME_BYTES_BUSY } else { FRAME_BYTES_IDLE };
        let mut taken = 0;
        while taken < most
            && let Some((link, bytes, permit)) = self.frames.pop_front()
        {
            taken += bytes.len();
            count(&self.shared.tally.frames_in, 1);
            count(&self.shared.tally.bytes_in, bytes.len());
            permits.push(permit);
            inputs.push(Input::Frame { link, bytes });
        }
        inputs
    }

    fn carry_out(&mut self, output: Output) -> bool {
        match output {
            Output::Answer { ticket, result } => {
                count(&self.shared.tally.orders, 1);
                count(&self.shared.tally.refusals, usize::from(result.is_err()));
                if let Some(answer) = self.answers.remove(&ticket) {
                    // Whoever asked may have gone; the effect stands all the same.
                    let _ = answer.send(result);
                }
            }
            Output::Send { link, lane, bytes } => {
                count(&self.shared.tally.frames_out, 1);
                count(&self.shared.tally.bytes_out, bytes.len());
                if let Some(outbound) = self.links.get(&link) {
                    outbound.send(lane, bytes);
                }
            }
            Output::Close { link, reason } => {
                tracing::warn!(%reason, "closing a link");
                if let Some(outbound) = self.links.remove(&link) {
                    outbound.close(&reason);
                }
            }
            Output::Dial(replica) => {
                // Without a dialler (shutting down) nobody is dialled.
                let _ = self.dial.send(replica);
            }
            Output::Alarm(alarm) => self.shared.raise(&alarm),
            Output::Fatal(error) => {
                tracing::error!(%error, "the device failed: stopping");
                let _ = self.fatal.send(error.to_string());
                return false;
            }
        }
        true
    }
}
