//! One link: what the peer knows, what is on its way to it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use purser_journal::Role;
use purser_replica::{Author, Replica, Run, RunLimit};
use purser_storage::StorageError;
use purser_types::mutant::{Mutant, is_on};
use purser_types::{Now, ReplicaId};

use crate::{
    archive::Asked,
    frame::{Frame, Hello, JournalHead, RunFrame},
};

/// Frames of entries on their way at once.
pub(crate) const WINDOW: usize = 4;

/// What one frame of entries aims at.
const FRAME_ENTRIES: u64 = 512;
const FRAME_BYTES: usize = 1024 * 1024;

/// A link to a peer whose certificate was checked.
pub(crate) struct Session {
    pub(crate) peer: ReplicaId,
    /// What the peer is for, once it has said hello.
    pub(crate) role: Option<Role>,
    /// How far the peer's wall clock is ahead of ours.
    pub(crate) clock_ahead_ms: i64,
    /// When the last frame came, by the wall clock.
    pub(crate) heard_ms: u64,
    /// How far the peer is known to know each journal, durably.
    known: HashMap<ReplicaId, u64>,
    /// Journals that the peer knew further than we did when it said hello, and how far.
    ahead: BTreeMap<ReplicaId, u64>,
    /// How far each journal has been sent.
    sent: HashMap<ReplicaId, u64>,
    /// Journals that may have more for the peer.
    pending: BTreeSet<ReplicaId>,
    /// Frames on their way: number → the journals in them.
    in_flight: BTreeMap<u64, Vec<ReplicaId>>,
    /// Journals in a frame on its way.
    busy: HashSet<ReplicaId>,

    /// Details of sales that the peer was asked for.
    pub(crate) details: Asked,
    /// Whether the peer was put out: it gets what hubs write, so that it learns of that, and no more.
    pub(crate) is_fenced: bool,
    /// Journals of which the peer wants no more.
    unwanted: HashSet<ReplicaId>,
    next_number: u64,
    /// When what others wrote is passed on, by the monotonic clock: it gathers until then.
    relay_at_ms: Option<u64>,
}

impl Session {
    pub(crate) fn new(peer: ReplicaId, is_fenced: bool, now: Now) -> Self {
        Self {
            peer,
            role: None,
            clock_ahead_ms: 0,
            heard_ms: now.wall_ms,
            known: HashMap::new(),
            ahead: BTreeMap::new(),
            sent: HashMap::new(),
            pending: BTreeSet::new(),
            in_flight: BTreeMap::new(),
            busy: HashSet::new(),
            details: Asked::default(),

            is_fenced,
            unwanted: HashSet::new(),
            next_number: 1,
            relay_at_ms: None,
        }
    }

    /// The first frame that we send.
    pub(crate) fn hello(replica: &Replica, now: Now) -> Frame {
        let heads = replica.authors().map(|author| JournalHead {
            author: author.credential.replica,
            seq: author.head.seq,
            hash: author.head.hash,
        });
        Frame::Hello(Hello {
            protocol: 1,
            scope: replica.charter().scope.clone(),
            credential: replica.me().signed.clone(),
            heads: heads.collect(),
            wall_ms: now.wall_ms,
        })
    }

    /// Takes note of what the peer knows; from now on it is kept up to date.
    pub(crate) fn greeted(&mut self, role: Role, hello: &Hello, replica: &Replica, now: Now) {
        self.role = Some(role);
        let ahead = i128::from(hello.wall_ms) - i128::from(now.wall_ms);
        self.clock_ahead_ms = i64::try_from(ahead).unwrap_or(i64::MAX);
        for head in &hello.heads {
            // Where the peer tells another story, ours from there on proves it to the peer.
            let ours = replica.hash_at(head.author, head.seq).ok().flatten();
            let is_other = ours.is_some_and(|ours| ours != head.hash);
            let from = if is_other { head.seq.saturating_sub(1) } else { head.seq };
            self.known.insert(head.author, head.seq);
            self.sent.insert(head.author, from);
            self.ahead.insert(head.author, head.seq);
        }
        self.has_caught_up(replica);
        self.details.more();

        self.pending = replica.authors().map(|author| author.credential.replica).collect();
    }

    /// Whether the peer is a hub that was not put out itself.
    pub(crate) fn is_hub(&self) -> bool {
        self.role == Some(Role::Hub) && !self.is_fenced
    }

    /// Whether everything is known here that the peer knew when it said hello, or is set aside.
    /// Until then we may have been put out without knowing it.
    pub(crate) fn has_caught_up(&mut self, replica: &Replica) -> bool {
        let is_missing = |author: ReplicaId, seq| {
            replica.author(author).is_none_or(|known| {
                // The database is asked last: this is looked at in every turn until all is there.
                known.head.seq < seq
                    && known.quarantine.is_none()
                    && !replica.is_fenced(author).unwrap_or(false)
            })
        };
        self.ahead.retain(|author, seq| is_missing(*author, *seq));
        self.ahead.is_empty()
    }

    /// Whether the answer to frame `number` can speak of the journal of `me`: it was in that frame,
    /// or the peer says by itself, as number 0, that it takes none of it.
    pub(crate) fn may_disown(&self, number: u64, me: ReplicaId) -> bool {
        number == 0 || self.in_flight.get(&number).is_some_and(|authors| authors.contains(&me))
    }

    /// A journal has grown here.
    pub(crate) fn grown(&mut self, author: ReplicaId) {
        self.pending.insert(author);
    }

    /// How far the peer is known to know a journal.
    pub(crate) fn known_of(&self, author: ReplicaId) -> u64 {
        self.known.get(&author).copied().unwrap_or(0)
    }

    /// The peer has shown that it knows a journal up to `seq`.
    pub(crate) fn knows(&mut self, author: ReplicaId, seq: u64) {
        let known = self.known.entry(author).or_default();
        *known = seq.max(*known);
        let sent = self.sent.entry(author).or_default();
        *sent = seq.max(*sent);
    }

    /// The peer answers a frame of entries.
    pub(crate) fn answered(&mut self, number: u64, heads: &[(ReplicaId, u64)], unwanted: &[ReplicaId]) {
        let authors = self.in_flight.remove(&number).unwrap_or_default();
        for author in &authors {
            self.busy.remove(author);
            self.pending.insert(*author);
        }
        for (author, seq) in heads.iter().filter(|(author, _)| authors.contains(author)) {
            // What was sent and is not known did not fit there, or was cut since: again from there.
            self.known.insert(*author, *seq);
            self.sent.insert(*author, seq - u64::from(is_on(Mutant::SendsForEver) && *seq > 0));
        }
        self.unwanted.extend(unwanted.iter().filter(|author| authors.contains(author)));
    }

    /// Frames that can go now. `gather_ms` is how long what others wrote may wait for more.
    pub(crate) fn pump(
        &mut self,
        replica: &Replica,
        now: Now,
        gather_ms: u64,
    ) -> Result<Vec<Frame>, StorageError> {
        let mut frames = Vec::new();
        if self.role.is_none() {
            return Ok(frames);
        }
        while self.in_flight.len() < WINDOW {
            let relay = self.may_relay(replica, now, gather_ms);
            let runs = self.next_runs(replica, relay)?;
            if runs.is_empty() {
                break;
            }
            let number = self.next_number;
            self.next_number += 1;
            let authors: Vec<ReplicaId> = runs.iter().map(|run| run.author).collect();
            self.busy.extend(&authors);
            self.in_flight.insert(number, authors);
            frames.push(Frame::Runs { number, runs });
        }
        Ok(frames)
    }

    /// When [`Session::pump`] has something to do by itself, by the monotonic clock.
    pub(crate) fn next_deadline_ms(&self) -> Option<u64> {
        let relay = self.relay_at_ms.filter(|_| self.in_flight.len() < WINDOW);
        let details = self.details.next_deadline_ms().filter(|_| !self.is_fenced);
        relay.into_iter().chain(details).min()
    }

    /// How many entries known here the peer does not know.
    pub(crate) fn behind(&self, replica: &Replica) -> u64 {
        let missing = replica.authors().map(|author| {
            let known = self.known_of(author.credential.replica);
            author.head.seq.saturating_sub(known)
        });
        missing.sum()
    }

    /// Whether what others wrote goes now. The first of it starts the wait.
    fn may_relay(&mut self, replica: &Replica, now: Now, gather_ms: u64) -> bool {
        let me = replica.id();
        if self.pending.iter().all(|author| *author == me || self.busy.contains(author)) {
            self.relay_at_ms = None;
            return false;
        }
        let due_ms = *self.relay_at_ms.get_or_insert(now.monotonic_ms + gather_ms);
        if now.monotonic_ms >= due_ms {
            self.relay_at_ms = None;
            return true;
        }
        false
    }

    fn next_runs(&mut self, replica: &Replica, relay: bool) -> Result<Vec<RunFrame>, StorageError> {
        let me = replica.id();
        let mut runs = Vec::new();
        let (mut entries_left, mut bytes_left) = (FRAME_ENTRIES, FRAME_BYTES);
        let ready: Vec<ReplicaId> = self
            .pending
            .iter()
            .filter(|author| !self.busy.contains(author) && (relay || **author == me))
            .copied()
            .collect();
        for author in ready {
            if entries_left == 0 || bytes_left == 0 {
                break;
            }
            let Some(run) = self.next_run(replica, author, entries_left, bytes_left)? else {
                self.pending.remove(&author);
                continue;
            };
            self.sent.insert(author, run.seal.seq);
            let bytes: usize = run.entries.iter().map(|entry| entry.len()).sum();
            entries_left = entries_left.saturating_sub(run.entries.len() as u64);
            bytes_left = bytes_left.saturating_sub(bytes);
            if is_on(Mutant::SkipsRuns) && run.seal.seq % 5 == 0 {
                continue;
            }
            runs.push(run);
        }
        Ok(runs)
    }

    fn next_run(
        &self,
        replica: &Replica,
        author: ReplicaId,
        entries: u64,
        bytes: usize,
    ) -> Result<Option<RunFrame>, StorageError> {
        let sent = self.sent.get(&author).copied().unwrap_or(0);
        // What was written too late, hubs keep for a person to look at; what hubs wrote, everybody.
        let is_hub = self.role == Some(Role::Hub);
        let is_hubs = |of: &Author| of.credential.role == Role::Hub;
        let end = |of: &Author| if is_hub || is_hubs(of) { of.kept_head().seq } else { of.head.seq };
        let head = replica.author(author).map_or(0, end);
        if self.is_fenced && replica.author(author).is_none_or(|of| of.credential.role != Role::Hub) {
            return Ok(None);
        }
        // A peer's own journal comes from the peer. What came another way proves to it that it is an
        // old copy, or one of two; one that knows it passes over it.
        let known = self.known_of(author);
        if (author == self.peer && known >= head) || sent >= head || self.unwanted.contains(&author) {
            return Ok(None);
        }
        let run = replica.run_after(author, sent, RunLimit { entries, bytes })?;
        Ok(run.map(|run| {
            // A credential is longer than most entries.
            let credential = run.credential.filter(|_| !self.known.contains_key(&author));
            RunFrame::from(Run { credential, ..run })
        }))
    }
}
