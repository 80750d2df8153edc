use ed25519_dalek::VerifyingKey;
use purser_types::{Coded, Digest, ReplicaId, Scope};

use crate::{DecodeFault, Entry, Seal, SealFault};

/// How far a journal goes: the last entry and its hash, which vouches for all before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The place of the last entry; 0 for an empty journal.
    pub seq: u64,
    /// Its hash.
    pub hash: Digest,
}

impl Head {
    /// The head of an empty journal: a hash of chain, city and author, so that no entry of
    /// another chain's journal, or of another author's, fits after it.
    pub fn genesis(scope: &Scope, author: ReplicaId) -> Self {
        let parts: [&[u8]; 3] = [scope.chain.as_bytes(), scope.city.as_bytes(), &author.0];
        Self { seq: 0, hash: Digest::in_context("purser 2026 genesis", &parts) }
    }
}

/// Entries whose chain and seal were checked.
#[derive(Debug, Clone)]
pub struct VerifiedRun {
    /// The entries with their bytes, in order.
    pub entries: Vec<(Entry, Vec<u8>)>,
    /// The head after them.
    pub head: Head,
    /// The seal of that head.
    pub seal: Seal,
}

/// Why a run of entries is not the continuation of its author's journal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChainFault {
    /// Bytes that are no entry.
    #[error(transparent)]
    Malformed(#[from] DecodeFault),
    /// An entry by another author, or out of its place.
    #[error("an entry of {author:?} at {seq} where {expected} was due")]
    OutOfPlace {
        /// Whom the entry names as its author.
        author: ReplicaId,
        /// The place it names.
        seq: u64,
        /// The place that was due.
        expected: u64,
    },
    /// An entry that follows another history than the one known here.
    #[error("entry {seq} of {author:?} follows another history than the one known here")]
    Forked {
        /// The author.
        author: ReplicaId,
        /// The entry.
        seq: u64,
    },
    /// The run does not end with its author's seal.
    #[error(transparent)]
    Unsealed(#[from] SealFault),
}

impl Coded for ChainFault {
    fn code(&self) -> &'static str {
        match self {
            ChainFault::Malformed(fault) => fault.code(),
            ChainFault::OutOfPlace { .. } => "entry_out_of_place",
            ChainFault::Forked { .. } => "journal_forked",
            ChainFault::Unsealed(fault) => fault.code(),
        }
    }
}

/// Checks that `entries` continue the journal of `author` after `after` and end at `seal`:
/// one signature for the whole run.
///
/// # Errors
/// The first thing wrong; nothing of the run is to be believed then.
pub fn verify_run(
    scope: &Scope,
    author: ReplicaId,
    key: &VerifyingKey,
    after: Head,
    entries: Vec<Vec<u8>>,
    seal: Seal,
) -> Result<VerifiedRun, ChainFault> {
    let mut head = after;
    let mut checked = Vec::with_capacity(entries.len());
    for bytes in entries {
        let entry = Entry::from_bytes(&bytes)?;
        let expected = head.seq + 1;
        if entry.replica != author || entry.seq != expected {
            return Err(ChainFault::OutOfPlace { author: entry.replica, seq: entry.seq, expected });
        }
        if entry.previous != head.hash {
            return Err(ChainFault::Forked { author, seq: entry.seq });
        }
        head = Head { seq: entry.seq, hash: Entry::hash(&bytes) };
        checked.push((entry, bytes));
    }
    seal.verify(key, scope, author, head)?;
    Ok(VerifiedRun { entries: checked, head, seal })
}
