use purser_journal::{
    ChainFault, CredentialFault, Entry, Head, Seal, SealFault, SignedCredential, VerifiedRun, to_cbor,
    verify_run,
};
use purser_storage::StorageError;
use purser_types::mutant::{Mutant, is_on};
use purser_types::{Coded, Digest, ReplicaId};

use crate::{
    Alarm, Gated, Transaction, Unsound,
    authors::Author,
    fence::{DISOWNED, OLD_COPY},
    fold::FoldFailure,
    state::{Begun, State},
};

/// The entries of a run have at most so many bytes: two such runs fit into a frame.
const RUN_BYTES_MAX: usize = 2 * 1024 * 1024 - 64 * 1024;

/// Entries of one journal up to a seal, as they travel.
#[derive(Debug, Clone)]
pub struct Run {
    /// Whose journal.
    pub author: ReplicaId,
    /// Who the author is; needed by those who have not heard of it.
    pub credential: Option<SignedCredential>,
    /// The place of the first entry.
    pub first_seq: u64,
    /// The entries, byte for byte.
    pub entries: Vec<Vec<u8>>,
    /// The seal of the last.
    pub seal: Seal,
}

/// What came of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Intake {
    /// Whose journal.
    pub author: ReplicaId,
    /// How far it is known now.
    pub known: u64,
    /// How far the run went: more than `known` if part of it could not stand.
    pub sealed: u64,
    /// How many entries were new.
    pub fresh: u64,
    /// How far it is kept, with what its author wrote after it was put out.
    pub kept: u64,
    /// How many entries of that were new.
    pub late: u64,
}

/// Why a run was not taken in.
#[derive(Debug, thiserror::Error)]
pub enum IntakeFault {
    /// The author's credential is not to be believed.
    #[error("the credential of {author:?}: {fault}")]
    Credential {
        /// The author.
        author: ReplicaId,
        /// What is wrong.
        fault: CredentialFault,
    },
    /// A journal of somebody unknown here that came without a credential.
    #[error("a journal of {0:?}, who is not known here, without a credential")]
    Stranger(ReplicaId),
    /// More under one seal than can be passed on in one frame.
    #[error("{bytes} bytes of entries of {author:?} in one run, at most {RUN_BYTES_MAX} are allowed")]
    TooLong {
        /// The author.
        author: ReplicaId,
        /// How many.
        bytes: usize,
    },
    /// The run is not the continuation of its author's journal.
    #[error(transparent)]
    Chain(#[from] ChainFault),
    /// Entries before this run are missing here.
    #[error("the journal of {author:?} is known up to {known}, the run starts at {first_seq}")]
    Gap {
        /// The author.
        author: ReplicaId,
        /// How far it is known.
        known: u64,
        /// Where the run starts.
        first_seq: u64,
    },
    /// The author has sealed two histories.
    #[error("{author:?} has written two different journals up to entry {seq}")]
    Forked {
        /// The author.
        author: ReplicaId,
        /// The first entry that follows another history than the one known here.
        seq: u64,
    },
    /// The author is set aside; nothing more of it is folded.
    #[error("{0:?} is set aside")]
    SetAside(ReplicaId),
    /// The database could not. The transaction must be dropped.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Coded for IntakeFault {
    fn code(&self) -> &'static str {
        match self {
            IntakeFault::Credential { fault, .. } => fault.code(),
            IntakeFault::Stranger(_) => "author_unknown",
            IntakeFault::TooLong { .. } => "run_too_long",
            IntakeFault::Chain(fault) => fault.code(),
            IntakeFault::Gap { .. } => "journal_gap",
            IntakeFault::Forked { .. } => "journal_forked",
            IntakeFault::SetAside(_) => "author_set_aside",
            IntakeFault::Storage(error) => error.code(),
        }
    }
}

impl IntakeFault {
    /// Whether only a faulty or hostile *sender* can cause it, so that its connection is to go.
    /// (A gap can come of a lost frame, and a fork is the author's fault, not the relay's.)
    pub fn blames_sender(&self) -> bool {
        match self {
            IntakeFault::Credential { .. }
            | IntakeFault::Stranger(_)
            | IntakeFault::TooLong { .. }
            | IntakeFault::Chain(_) => true,
            IntakeFault::Gap { .. }
            | IntakeFault::Forked { .. }
            | IntakeFault::SetAside(_)
            | IntakeFault::Storage(_) => false,
        }
    }
}

impl Transaction<'_> {
    /// Takes in entries of another journal, as `from` tells them: verifies, folds, stores. What is
    /// known already is passed over, so a repeated run is harmless.
    ///
    /// # Errors
    /// Why not. After [`IntakeFault::Storage`] the transaction must be dropped.
    pub fn take_in(&mut self, run: Run, from: ReplicaId) -> Result<Gated<Intake>, IntakeFault> {
        let author = run.author;
        if author == self.replica.id() {
            return self.take_in_own(&run);
        }
        if self.replica.state.noted.begun == Begun::ToFold {
            // The tables still hold what the journal that was begun anew had said: links begin anew after this.
            return Err(IntakeFault::SetAside(author));
        }
        let known = self.replica.state.introduce(author, run.credential.as_ref())?.clone();
        let bytes: usize = run.entries.iter().map(Vec::len).sum();
        if bytes > RUN_BYTES_MAX {
            return Err(IntakeFault::TooLong { author, bytes });
        }
        if known.quarantine.is_none() || self.replica.state.proof_of(author)?.is_none() {
            self.look_for_fork(&known, &run, from)?;
        }
        if known.quarantine.is_some() {
            self.choose_story(author, &run, from)?;
            return Err(IntakeFault::SetAside(author));
        }
        if self.replica.state.is_wrong_story(&known, &run, from)? {
            return Err(IntakeFault::Forked { author, seq: run.first_seq });
        }
        let sealed = run.seal.seq;
        let head = self.replica.state.authors.get(author).map_or(known.head, Author::kept_head);
        if is_on(Mutant::BlamesHonest) && run.seal.seq <= head.seq {
            self.replica.state.set_aside(author, Alarm::Forked { author, seq: head.seq })?;
        }
        let Some(run) = unknown_part(run, head.seq)? else {
            return Ok(self.taken_in(author, sealed, 0, 0));
        };
        let scope = &self.replica.state.charter.scope;
        let before = previous(&run).unwrap_or(head.hash);
        let after = Head { hash: before, ..head };
        let verified = verify_run(scope, author, &known.key, after, run.entries, run.seal)?;
        if before != head.hash {
            return Err(ChainFault::Forked { author, seq: head.seq + 1 }.into());
        }
        self.fold_run(&known, &verified)
    }

    /// Sets an author aside of whose entry `seq` somebody else knows another version. If that is
    /// us, we are one of two copies, and stop writing until the replica is opened again.
    ///
    /// # Errors
    /// Whatever the database reports. The transaction must be dropped then.
    pub fn note_fork(&mut self, author: ReplicaId, seq: u64) -> Result<(), StorageError> {
        let alarm = Alarm::Forked { author, seq };
        if author == self.replica.id() {
            self.replica.stop(OLD_COPY, alarm);
            return Ok(());
        }
        if matches!(self.replica.state.database.end_of(author)?, Some((_, Some(_)))) {
            // A hub's fence says which story counts: whoever knows another has not heard of it.
            return Ok(());
        }
        match self.replica.state.authors.get(author) {
            Some(known) if known.quarantine.is_none() => self.replica.state.set_aside(author, alarm),
            _ => Ok(()),
        }
    }

    /// Stops this replica for good: `by`, a hub, takes no more of our journal.
    ///
    /// # Errors
    /// Whatever the database reports. The transaction must be dropped then.
    pub fn note_disowned(&mut self, by: ReplicaId) -> Result<(), StorageError> {
        let alarm = Alarm::Disowned { by };
        self.replica.stop(DISOWNED, alarm.clone());
        self.replica.state.set_aside(self.replica.state.me, alarm)
    }

    fn taken_in(&self, author: ReplicaId, sealed: u64, fresh: u64, late: u64) -> Gated<Intake> {
        let journal = self.replica.author(author);
        let (known, kept) = journal.map_or((0, 0), |of| (of.head.seq, of.kept_head().seq));
        Gated::new(self.number, Intake { author, known, sealed, fresh, kept, late })
    }

    /// Entries under our own seal that we do not have prove that we are an old copy of
    /// ourselves, or one of two: we stop writing for good.
    fn take_in_own(&mut self, run: &Run) -> Result<Gated<Intake>, IntakeFault> {
        let (me, seq) = (self.replica.id(), run.seal.seq);
        let have = self.replica.state.mine().head.seq;
        let hash = run.entries.last().map(|bytes| Entry::hash(bytes));
        if hash.is_some() && self.replica.hash_at(me, seq)? == hash {
            return Ok(self.taken_in(me, seq, 0, 0));
        }
        let forged = ChainFault::Unsealed(SealFault { author: me, seq });
        let head = Head { seq, hash: hash.ok_or(forged)? };
        let (key, scope) = (self.replica.key.verifying_key(), &self.replica.state.charter.scope);
        run.seal.verify(&key, scope, me, head).map_err(ChainFault::Unsealed)?;
        if seq > have {
            let alarm = Alarm::OwnJournalAhead { peer: me, known: seq, have };
            self.replica.stop(OLD_COPY, alarm.clone());
            self.replica.state.set_aside(me, alarm)?;
        } else {
            let mine = self.replica.state.mine().clone();
            match self.look_for_fork(&mine, run, me) {
                Err(IntakeFault::Storage(error)) => return Err(error.into()),
                // A part of the run may be all that came: the seal alone says enough.
                _ => self.note_stories(me, seq, None)?,
            }
        }
        Err(IntakeFault::SetAside(me))
    }

    fn fold_run(&mut self, author: &Author, run: &VerifiedRun) -> Result<Gated<Intake>, IntakeFault> {
        let replica = author.credential.replica;
        let state = &mut self.replica.state;
        let (fence, sealed) = (state.fence_of(replica)?, run.head.seq);
        let last = run.entries.last().map(|(entry, _)| entry.hlc);
        let keeps_late = state.keeps_late(author, run)?;
        let (mut fresh, mut late) = (0, 0);
        let mut unsound: Option<(u64, Unsound)> = None;
        for (entry, bytes) in &run.entries {
            if fence.is_some_and(|after_seq| entry.seq > after_seq) {
                if keeps_late {
                    state.keep_late(author, entry.seq, bytes)?;
                    late += 1;
                }
                continue;
            }
            if let Some((_, reason)) = &unsound {
                // Not looked at, but without it nobody else could check the seal.
                state.keep_aside(author, entry.seq, bytes, &reason.to_string())?;
                continue;
            }
            match state.fold(entry) {
                Ok(()) => state.keep(entry, bytes)?,
                Err(FoldFailure::Storage(error)) => return Err(error.into()),
                Err(FoldFailure::Unsound(reason)) => {
                    state.keep_aside(author, entry.seq, bytes, &reason.to_string())?;
                    unsound = Some((entry.seq, reason));
                    continue;
                }
            }
            fresh += 1;
        }
        if !keeps_late {
            return Ok(self.taken_in(replica, sealed, 0, 0));
        }
        let known = state.note_head(replica, run.seal)?;
        if fresh > 0 {
            state.noted.grown.push((replica, known + 1 - fresh, known));
        }
        if let Some(last) = last {
            self.replica.clock.observe(last, self.now.wall_ms);
        }
        if let Some((seq, reason)) = unsound {
            self.replica.state.set_aside(replica, Alarm::Unsound { author: replica, seq, reason })?;
        }
        Ok(self.taken_in(replica, sealed, fresh, late))
    }
}

impl State {
    /// The journal of `replica`, after checking its credential if it is new here.
    pub(crate) fn introduce(
        &mut self,
        replica: ReplicaId,
        signed: Option<&SignedCredential>,
    ) -> Result<&Author, IntakeFault> {
        if self.authors.get(replica).is_none() {
            let signed = signed.ok_or(IntakeFault::Stranger(replica))?;
            let blame = |fault| IntakeFault::Credential { author: replica, fault };
            let credential = signed.verify(&self.charter).map_err(blame)?;
            let key = credential.key().map_err(blame)?;
            if credential.replica != replica {
                return Err(blame(CredentialFault::Forged));
            }
            let head = Head::genesis(&self.charter.scope, replica);
            let number = self.database.add_author(replica, &to_cbor(signed), head)?;
            let signed = signed.clone();
            self.authors.insert(Author {
                number,
                credential,
                signed,
                head,
                quarantine: None,
                late: None,
                key,
            });
        }
        self.authors
            .get(replica)
            .ok_or(IntakeFault::Storage(StorageError::Implausible("an author that was just added")))
    }

    /// Sets an author aside: nothing more of it is folded until a person decides.
    pub(crate) fn set_aside(&mut self, replica: ReplicaId, alarm: Alarm) -> Result<(), StorageError> {
        self.quarantine(replica, Some(alarm.to_string()))?;
        self.noted.alarm(alarm);
        Ok(())
    }

    /// Notes why an author is set aside, or that it is not any more.
    pub(crate) fn quarantine(
        &mut self,
        replica: ReplicaId,
        reason: Option<String>,
    ) -> Result<(), StorageError> {
        if let Some(author) = self.authors.get_mut(replica) {
            self.database.set_quarantine(author.number, reason.as_deref())?;
            author.quarantine = reason;
        }
        Ok(())
    }

    /// Notes how far a journal has come, and the seal of the run that brought it there.
    fn note_head(&mut self, replica: ReplicaId, seal: Seal) -> Result<u64, StorageError> {
        let Some(author) = self.authors.get(replica) else { return Ok(0) };
        self.database.set_head(author.number, author.head)?;
        // Beyond the end the first story stays, as of the entries set aside there.
        let is_new = |known: Option<Seal>| known.is_none_or(|known| known.seq != seal.seq);
        if seal.seq == author.head.seq
            || is_new(self.database.seal_near(author.number, seal.seq - 1, seal.seq)?)
        {
            self.database.add_seal(author.number, seal)?;
        }
        Ok(author.head.seq)
    }
}

/// The hash that the first entry of a run follows, by its own word.
pub(crate) fn previous(run: &Run) -> Option<Digest> {
    run.entries.first().and_then(|bytes| Entry::from_bytes(bytes).ok()).map(|entry| entry.previous)
}

/// What of a run comes after `known`; `None` if nothing does.
fn unknown_part(mut run: Run, known: u64) -> Result<Option<Run>, IntakeFault> {
    if run.seal.seq <= known {
        return Ok(None);
    }
    let author = run.author;
    if run.first_seq > known + 1 {
        return Err(IntakeFault::Gap { author, known, first_seq: run.first_seq });
    }
    let overlap = usize::try_from(known + 1 - run.first_seq).unwrap_or(usize::MAX);
    run.entries.drain(..overlap.min(run.entries.len()));
    run.first_seq = known + 1;
    Ok(Some(run))
}
