//! One turn of a machine, and what becomes of its outputs.

use std::panic::{AssertUnwindSafe, catch_unwind};

use purser_replica::{Refusal, Reply};
use purser_sync::{Input, Lane, LinkId, Output, Ticket};
use purser_types::{Coded, Digest};

use crate::{
    Machine, StoreIndex, World, disk,
    world::{Event, IDLE_MS, WEEKS_3_MS},
};

impl World {
    /// One turn of a machine: inputs in, and out comes what is durable.
    pub(crate) fn turn(&mut self, at: StoreIndex, inputs: Vec<Input>) {
        if self.machines[at].engine.is_none() {
            return;
        }
        if self.chance(self.faults.crashed_per_mille) {
            self.crash(at, inputs);
            return;
        }
        if let Some(outputs) = self.handle(at, inputs) {
            self.after_turn(at, outputs);
        }
    }

    /// What the engine makes of its inputs; `None` if the process aborts over them.
    pub(crate) fn handle(&mut self, at: StoreIndex, inputs: Vec<Input>) -> Option<Vec<Output>> {
        let now = self.machines[at].clock.read(self.now);
        let engine = self.machines[at].engine.as_mut()?;
        let handled = catch_unwind(AssertUnwindSafe(|| engine.handle(inputs, now)));
        self.oracle.looks("no_abort");
        if let Ok(outputs) = handled {
            return Some(outputs);
        }
        // On a rotten database it may: what it has written before does not fit.
        if !self.rotten.contains(&at) {
            self.oracle.blame("no_abort", format!("machine {at} aborts"));
        }
        self.power_off(at);
        None
    }

    fn after_turn(&mut self, at: StoreIndex, outputs: Vec<Output>) {
        self.watch(at);
        self.wake_in_time(at);
        let stops = outputs.iter().any(|output| matches!(output, Output::Fatal(_)));
        if !outputs.is_empty() && !stops {
            self.oracle.looks("durable_before_sent");
            if !disk::is_synced(&self.machines[at].database) {
                self.oracle
                    .blame("durable_before_sent", format!("machine {at} speaks of what is not synced"));
            }
        }
        for output in outputs {
            self.carry_out(at, output);
        }
    }

    fn wake_in_time(&mut self, at: StoreIndex) {
        let now = self.machines[at].clock.read(self.now);
        let Some(engine) = &self.machines[at].engine else { return };
        // Holds fall due by the wall clock hours from now; only what is near is waited for.
        let due = engine.next_deadline_ms(now).ok().flatten();
        if let Some(due_ms) = due.filter(|due_ms| *due_ms < self.now.monotonic_ms + 10_000) {
            let due_ms = due_ms.max(self.now.monotonic_ms + 1);
            if self.machines[at].wakes_ms.is_none_or(|wakes_ms| due_ms < wakes_ms) {
                self.machines[at].wakes_ms = Some(due_ms);
                self.schedule(due_ms, Event::Wake { at });
            }
        }
    }

    fn carry_out(&mut self, at: StoreIndex, output: Output) {
        match output {
            Output::Answer { ticket, result } => self.answer(at, ticket, result),
            Output::Send { link, lane, bytes } => self.send(link, lane, bytes),
            Output::Close { link, .. } => {
                self.marks.note("link_closed");
                self.disconnect(link);
            }
            Output::Dial(replica) => {
                let holder = |machine: &Machine| machine.who.replica() == replica && machine.engine.is_some();
                if let Some(holder) = self.machines.iter().position(holder) {
                    self.connect(at, holder);
                }
            }
            Output::Alarm(alarm) => {
                self.note(format_args!("{at} {}: {alarm}", alarm.code()));
                self.marks.note(alarm.code());
                self.alarms.push((at, alarm));
            }
            Output::Fatal(error) => {
                self.note(format_args!("{at} stops: {error}"));
                self.marks.note(error.code());
                self.power_off(at);
            }
        }
    }

    fn answer(&mut self, at: StoreIndex, ticket: Ticket, result: Result<Reply, Refusal>) {
        let said = result.as_ref().map_or_else(Coded::code, |_| "done");
        self.note(format_args!("{at} answers {} {said}", ticket.0));
        self.marks.note(said);
        if let (Ok(reply), Some(story)) = (&result, self.machines[at].story) {
            self.oracle.acknowledge(story, reply);
        }
        self.oracle.looks("one_answer_an_order");
        if self.answers.insert(ticket, result).is_some() {
            self.oracle.blame("one_answer_an_order", format!("order {} is answered twice", ticket.0));
        }
    }

    fn send(&mut self, link: LinkId, lane: Lane, bytes: Vec<u8>) {
        let hash = Digest::of(&bytes);
        self.note(format_args!("link {} {} bytes {hash}", link.0, bytes.len()));
        if self.chance(self.faults.broken_per_mille) {
            self.marks.note("link_broken");
            self.disconnect(link);
            return;
        }
        let Some(end) = self.network.get(link).copied() else { return };
        let now_ms = self.now.monotonic_ms;
        let delay_ms = 1 + self.draw(self.faults.delay_most_ms);
        let Some(at_ms) = self.network.arrival_ms(link, lane, now_ms, delay_ms) else {
            self.marks.note("frame_lost");
            self.schedule(now_ms + IDLE_MS, Event::GiveUp { link: link.0 });
            return;
        };
        if self.chance(self.faults.late_per_mille) {
            let late_ms = now_ms + self.draw(WEEKS_3_MS);
            let (from, at) = (end.from, end.to);
            self.schedule(late_ms, Event::ArriveLate { from, at, bytes: bytes.clone() });
        }
        if self.chance(self.faults.doubled_per_mille) {
            self.marks.note("frame_doubled");
            let again_ms = at_ms + self.draw(self.faults.delay_most_ms);
            self.schedule(again_ms, Event::Arrive { at: end.to, link: end.other.0, bytes: bytes.clone() });
        }
        self.schedule(at_ms, Event::Arrive { at: end.to, link: end.other.0, bytes });
    }
}
