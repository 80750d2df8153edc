//! Where Automerge works on what others have written: on copies, with any panic caught.

use std::{
    collections::{BTreeMap, BTreeSet},
    panic::{AssertUnwindSafe, catch_unwind},
};

use automerge::{
    ActorId, Automerge, Change, ChangeHash, ROOT, ReadDoc, ScalarValue,
    transaction::{CommitOptions, Transactable},
};
use purser_types::ReplicaId;

use crate::{ChangeFault, EditError, candidate::WALL_MS_MAX};

/// What `work` gives, or `None` if it panics. `work` must only touch what is dropped then.
pub(crate) fn isolated<T>(work: impl FnOnce() -> Option<T>) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).ok().flatten()
}

/// A copy of `document` with `changes` in it, saved and loaded again, or `None` if that
/// cannot be done or does not lead to `heads`.
pub(crate) fn with_changes(
    document: &Automerge,
    changes: Vec<Change>,
    heads: &BTreeSet<ChangeHash>,
) -> Option<Automerge> {
    isolated(|| {
        let mut scratch = document.clone();
        scratch.apply_changes(changes).ok()?;
        let loaded = Automerge::load(&scratch.save_nocompress()).ok()?;
        let lead_there = |document: &Automerge| document.get_heads().iter().eq(heads);
        (lead_there(&scratch) && lead_there(&loaded)).then_some(loaded)
    })
}

/// The bytes, uncompressed, of a change by `author` that puts these values, or deletes
/// where there is none.
pub(crate) fn draft(
    document: &Automerge,
    author: ReplicaId,
    wall_ms: u64,
    writes: BTreeMap<String, Option<ScalarValue>>,
) -> Result<Vec<u8>, EditError> {
    let drafted = isolated(|| {
        let mut scratch = document.clone().with_actor(ActorId::from(author.0));
        let mut transaction = scratch.transaction();
        for (key, value) in writes {
            match value {
                Some(value) => transaction.put(ROOT, key, value).ok()?,
                None => transaction.delete(ROOT, key).ok()?,
            }
        }
        let time = wall_ms.min(WALL_MS_MAX).cast_signed();
        let (written, _) = transaction.commit_with(CommitOptions::default().with_time(time));
        Some(written.and_then(|hash| scratch.get_change_by_hash(&hash)))
    });
    let change = drafted.ok_or(ChangeFault::Poisonous)?.ok_or(EditError::NothingChanges)?;
    Ok(change.raw_bytes().to_vec())
}
