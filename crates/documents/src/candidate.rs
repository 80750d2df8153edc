use std::collections::BTreeSet;

use automerge::{
    ActorId, Change, ChangeHash, ExpandedChange, ScalarValue,
    legacy::{Key, ObjectId, Op, OpType},
};
use purser_types::{Digest, ReplicaId};

use crate::{ChangeFault, chunk::check_bounds, isolation::isolated};

/// The longest key of a document's root map, in bytes.
const KEY_BYTES_MAX: usize = 64;
/// The latest time that a change may carry: the year 10889.
pub(crate) const WALL_MS_MAX: u64 = (1 << 48) - 1;

/// A change that is sound by itself. Whether it fits its past is for
/// [`History`](crate::history::History) to say.
#[derive(Clone)]
pub(crate) struct Candidate {
    pub(crate) author: ReplicaId,
    /// Of the bytes: what it is set aside under.
    pub(crate) digest: Digest,
    pub(crate) change: Change,
    pub(crate) operations: Vec<Operation>,
}

/// One key written or deleted.
#[derive(Clone)]
pub(crate) struct Operation {
    pub(crate) key: String,
    /// Whether it leaves a value behind.
    pub(crate) puts: bool,
    /// The values that it takes away.
    pub(crate) replaces: Vec<ValueId>,
}

/// A value ever written: the number of the operation that wrote it, and by whom.
pub(crate) type ValueId = (u64, ReplicaId);

impl Candidate {
    /// Reads a change that stands in the journal of `author`.
    pub(crate) fn read(author: ReplicaId, bytes: &[u8]) -> Result<Self, ChangeFault> {
        check_bounds(bytes)?;
        let read = isolated(|| {
            let change = Change::from_bytes(bytes.to_vec()).ok()?;
            let expanded = change.decode();
            Some((change, expanded))
        });
        let (change, expanded) = read.ok_or(ChangeFault::Unreadable)?;
        let checksum = &bytes[4..8];
        if &change.hash().0[..4] != checksum {
            return Err(ChangeFault::Unreadable);
        }
        if replica(change.actor_id()) != Some(author) {
            return Err(ChangeFault::Impersonated);
        }
        let operations = operations(&change, &expanded).ok_or(ChangeFault::UnknownForm)?;
        // Automerge writes changes out anew, from what it has made of them: one that was not
        // written the way Automerge writes would come out with another hash. And one that names
        // actors in vain makes Automerge panic, but only where it has not met them.
        let rewritten = isolated(|| Some(Change::from(expanded).hash()));
        if rewritten != Some(change.hash()) {
            return Err(ChangeFault::UnknownForm);
        }
        Ok(Self { author, digest: Digest::of(bytes), change, operations })
    }

    pub(crate) fn hash(&self) -> ChangeHash {
        self.change.hash()
    }

    /// Sorts every change behind those that it depends on.
    pub(crate) fn place(&self) -> (u64, ChangeHash) {
        (self.change.start_op().get(), self.hash())
    }
}

/// The change's operations, if change and operations have the form of a profile's.
fn operations(change: &Change, expanded: &ExpandedChange) -> Option<Vec<Operation>> {
    let in_time = u64::try_from(change.timestamp()).is_ok_and(|ms| ms <= WALL_MS_MAX);
    let plain = change.message().is_none() && change.extra_bytes().is_empty();
    let past_in_order = change.deps().is_sorted_by(|a, b| a < b);
    if !in_time || !plain || !past_in_order || expanded.operations.is_empty() {
        return None;
    }
    let operations: Option<Vec<_>> = expanded.operations.iter().map(operation).collect();
    let operations = operations?;
    let keys: BTreeSet<&str> = operations.iter().map(|operation| operation.key.as_str()).collect();
    let one_each = keys.len() == operations.len();
    one_each.then_some(operations)
}

fn operation(operation: &Op) -> Option<Operation> {
    let (ObjectId::Root, Key::Map(key), false) = (&operation.obj, &operation.key, operation.insert) else {
        return None;
    };
    let puts = match &operation.action {
        OpType::Put(ScalarValue::Bytes(_) | ScalarValue::Str(_)) => true,
        OpType::Delete => false,
        _ => return None,
    };
    if key.is_empty() || key.len() > KEY_BYTES_MAX {
        return None;
    }
    let replaces = operation.pred.iter().map(|id| Some((id.counter(), replica(id.actor())?)));
    Some(Operation { key: key.to_string(), puts, replaces: replaces.collect::<Option<_>>()? })
}

fn replica(actor: &ActorId) -> Option<ReplicaId> {
    actor.to_bytes().try_into().ok().map(ReplicaId)
}
