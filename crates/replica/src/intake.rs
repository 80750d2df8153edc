use purser_journal::{
    ChainFault, CredentialFault, Entry, Head, Seal, SignedCredential, VerifiedRun, to_cbor, verify_run,
};
use purser_storage::StorageError;
use purser_types::{Coded, Digest, ReplicaId};

use crate::{Alarm, Gated, Transaction, authors::Author, fold::FoldFailure, state::State};

/// Entries of one journal up to a seal, as they travel.
#[derive(Debug, Clone)]
pub struct Run {
    /// Whose journal.
    pub author: ReplicaId,
    /// Who the author is, for those who have not heard of it.
    pub credential: SignedCredential,
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
            IntakeFault::Chain(fault) => fault.code(),
            IntakeFault::Gap { .. } => "journal_gap",
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
            IntakeFault::Credential { .. } => true,
            IntakeFault::Chain(fault) => !matches!(fault, ChainFault::Forked { .. }),
            IntakeFault::Gap { .. } | IntakeFault::SetAside(_) | IntakeFault::Storage(_) => false,
        }
    }
}

impl Transaction<'_> {
    /// Takes in entries of another journal: verifies, folds, stores. What is known already is
    /// passed over, so a repeated run is harmless.
    ///
    /// # Errors
    /// Why not. After [`IntakeFault::Storage`] the transaction must be dropped.
    pub fn take_in(&mut self, run: Run) -> Result<Gated<Intake>, IntakeFault> {
        let author = run.author;
        if author == self.replica.id() {
            return self.take_in_own(&run);
        }
        let known = self.replica.state.introduce(author, &run.credential)?.clone();
        if known.quarantine.is_some() {
            return Err(IntakeFault::SetAside(author));
        }
        let sealed = run.seal.seq;
        let Some(run) = unknown_part(run, known.head.seq)? else {
            return Ok(self.taken_in(author, known.head.seq, sealed, 0));
        };
        let scope = &self.replica.state.charter.scope;
        match verify_run(scope, author, &known.key, known.head, run.entries, run.seal) {
            Ok(verified) => self.fold_run(&known, &verified),
            Err(fault @ ChainFault::Forked { seq, .. }) => {
                self.replica.state.set_aside(author, Alarm::Forked { author, seq })?;
                Err(fault.into())
            }
            Err(fault) => Err(fault.into()),
        }
    }

    /// Sets an author aside of whose entry `seq` somebody else knows another version.
    ///
    /// # Errors
    /// Whatever the database reports. The transaction must be dropped then.
    pub fn note_fork(&mut self, author: ReplicaId, seq: u64) -> Result<(), StorageError> {
        match self.replica.state.authors.get(author) {
            Some(known) if known.quarantine.is_none() => {
                self.replica.state.set_aside(author, Alarm::Forked { author, seq })
            }
            _ => Ok(()),
        }
    }

    fn taken_in(&self, author: ReplicaId, known: u64, sealed: u64, fresh: u64) -> Gated<Intake> {
        Gated::new(self.number, Intake { author, known, sealed, fresh })
    }

    /// Our own entries come back to us only if we are an old copy of ourselves.
    fn take_in_own(&mut self, run: &Run) -> Result<Gated<Intake>, IntakeFault> {
        let have = self.replica.state.mine().head.seq;
        if run.seal.seq > have {
            self.replica.stop_as_old_copy(run.author, run.seal.seq);
            return Err(IntakeFault::SetAside(run.author));
        }
        Ok(self.taken_in(run.author, have, run.seal.seq, 0))
    }

    fn fold_run(&mut self, author: &Author, run: &VerifiedRun) -> Result<Gated<Intake>, IntakeFault> {
        let replica = author.credential.replica;
        let state = &mut self.replica.state;
        let (fence, sealed) = (state.fence_of(replica)?, run.head.seq);
        let last = run.entries.last().map(|(entry, _)| entry.hlc);
        let mut fresh = 0;
        let mut unsound = None;
        for (entry, bytes) in &run.entries {
            if fence.is_some_and(|after_seq| entry.seq > after_seq) {
                state.keep_aside(author, entry.seq, bytes, "written after its author was fenced")?;
                continue;
            }
            match state.fold(entry) {
                Ok(()) => state.keep(entry, bytes)?,
                Err(FoldFailure::Storage(error)) => return Err(error.into()),
                Err(FoldFailure::Unsound(reason)) => {
                    state.keep_aside(author, entry.seq, bytes, &reason.to_string())?;
                    unsound = Some((entry.seq, reason));
                    break;
                }
            }
            fresh += 1;
        }
        let known = state.note_head(replica, run.seal)?;
        if let Some(last) = last {
            self.replica.clock.observe(last, self.now.wall_ms);
        }
        if let Some((seq, reason)) = unsound {
            self.replica.state.set_aside(replica, Alarm::Unsound { author: replica, seq, reason })?;
        }
        Ok(self.taken_in(replica, known, sealed, fresh))
    }
}

impl State {
    /// The journal of `replica`, after checking its credential if it is new here.
    fn introduce(&mut self, replica: ReplicaId, signed: &SignedCredential) -> Result<&Author, IntakeFault> {
        if self.authors.get(replica).is_none() {
            let blame = |fault| IntakeFault::Credential { author: replica, fault };
            let credential = signed.verify(&self.charter).map_err(blame)?;
            let key = credential.key().map_err(blame)?;
            if credential.replica != replica {
                return Err(blame(CredentialFault::Forged));
            }
            let head = Head::genesis(&self.charter.scope, replica);
            let number = self.database.add_author(replica, &to_cbor(signed), head)?;
            let signed = signed.clone();
            self.authors.insert(Author { number, credential, signed, head, quarantine: None, key });
        }
        self.authors
            .get(replica)
            .ok_or(IntakeFault::Storage(StorageError::Implausible("an author that was just added")))
    }

    /// Sets an author aside: nothing more of it is folded until a person decides.
    pub(crate) fn set_aside(&mut self, replica: ReplicaId, alarm: Alarm) -> Result<(), StorageError> {
        if let Some(author) = self.authors.get_mut(replica) {
            let reason = alarm.to_string();
            self.database.set_quarantine(author.number, &reason)?;
            author.quarantine = Some(reason);
        }
        self.noted.alarms.push(alarm);
        Ok(())
    }

    pub(crate) fn keep_aside(
        &self,
        author: &Author,
        seq: u64,
        bytes: &[u8],
        reason: &str,
    ) -> Result<(), StorageError> {
        let hash: Digest = Entry::hash(bytes);
        self.database.set_aside(author.number, seq, hash, bytes, reason)
    }

    /// Notes how far a journal has come, and its seal if that is where the journal ends.
    fn note_head(&mut self, replica: ReplicaId, seal: Seal) -> Result<u64, StorageError> {
        let Some(author) = self.authors.get(replica) else { return Ok(0) };
        self.database.set_head(author.number, author.head)?;
        if seal.seq == author.head.seq {
            self.database.add_seal(author.number, seal)?;
        }
        Ok(author.head.seq)
    }
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
