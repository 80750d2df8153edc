//! Automerge, kept at arm's length: whatever it does with bytes from outside happens on a copy,
//! with its panics caught.

use std::panic::{AssertUnwindSafe, catch_unwind};

use automerge::{Automerge, Change};
use purser_types::ReplicaId;

use crate::ChangeFault;

/// A change is at most so long. A whole profile with long notes has a fifth of it.
pub(crate) const CHANGE_BYTES_MAX: usize = 64 * 1024;
const OPERATIONS_MAX: usize = 1_000;
const DEPENDENCIES_MAX: usize = 64;

/// The kind of chunk that holds one plain change, at byte 8, after magic and checksum
/// (Automerge binary format, section "Chunk container").
const CHUNK_KIND_AT: usize = 8;
const PLAIN_CHANGE: u8 = 1;

/// Reads a change that `author` is to have made.
pub(crate) fn decode(author: ReplicaId, bytes: &[u8]) -> Result<Change, ChangeFault> {
    if bytes.len() > CHANGE_BYTES_MAX {
        return Err(ChangeFault::TooLong(bytes.len()));
    }
    if bytes.get(CHUNK_KIND_AT) != Some(&PLAIN_CHANGE) {
        return Err(ChangeFault::NotPlain);
    }
    let decoded = catch_unwind(AssertUnwindSafe(|| Change::from_bytes(bytes.to_vec())));
    let change = match decoded {
        Ok(Ok(change)) => change,
        Ok(Err(error)) => return Err(ChangeFault::Malformed(error.to_string())),
        Err(_) => return Err(ChangeFault::Malformed("the decoder gave up".to_owned())),
    };
    if change.actor_id().to_bytes() != author.0 {
        return Err(ChangeFault::Impersonation(author));
    }
    if change.len() > OPERATIONS_MAX || change.deps().len() > DEPENDENCIES_MAX {
        return Err(ChangeFault::TooLarge);
    }
    Ok(change)
}

/// A copy of `document` with `changes` applied, proven by saving and loading it. All their
/// dependencies must be in the document or among them.
pub(crate) fn apply(document: &Automerge, changes: &[Change]) -> Result<Automerge, ChangeFault> {
    let applied = catch_unwind(AssertUnwindSafe(|| {
        let mut copy = document.clone();
        copy.apply_changes(changes.to_vec())?;
        let proven = Automerge::load(&copy.save_nocompress())?;
        Ok::<_, automerge::AutomergeError>((copy, proven))
    }));
    let (copy, proven) = match applied {
        Ok(Ok(pair)) => pair,
        Ok(Err(error)) => return Err(ChangeFault::Inapplicable(error.to_string())),
        Err(_) => return Err(ChangeFault::Inapplicable("Automerge gave up".to_owned())),
    };
    let missing = changes.iter().any(|change| !contains(&copy, change));
    if missing || proven.get_heads() != copy.get_heads() {
        return Err(ChangeFault::Inapplicable("it is not in the document afterwards".to_owned()));
    }
    Ok(copy)
}

/// Whether a change is part of a document.
pub(crate) fn contains(document: &Automerge, change: &Change) -> bool {
    document.get_change_meta_by_hash(&change.hash()).is_some()
}

/// Whether all that a change builds on is part of a document.
pub(crate) fn is_ready(document: &Automerge, change: &Change) -> bool {
    change.deps().iter().all(|hash| document.get_change_meta_by_hash(hash).is_some())
}
