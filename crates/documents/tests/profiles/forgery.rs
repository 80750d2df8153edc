//! Changes that no honest store makes, made with Automerge's own means.

use automerge::{
    ActorId, Change, ExpandedChange, ScalarValue,
    legacy::{Key, ObjectId, Op, OpId, OpType},
};
use purser_types::ReplicaId;
use sha2::{Digest as _, Sha256};

/// A put of `value` under `key`, over nothing.
pub(crate) fn put(key: &str, value: impl Into<ScalarValue>) -> Op {
    operation(key, OpType::Put(value.into()))
}

/// Anything done to `key`.
pub(crate) fn operation(key: &str, action: OpType) -> Op {
    Op { action, obj: ObjectId::Root, key: Key::Map(key.into()), pred: Vec::new().into(), insert: false }
}

/// The same over a value: the one that the operation of that number of `author` wrote.
pub(crate) fn over(operation: Op, number: u64, author: ReplicaId) -> Op {
    Op { pred: vec![OpId(number, ActorId::from(author.0))].into(), ..operation }
}

/// A first change of `author`.
pub(crate) fn first(author: ReplicaId, operations: Vec<Op>) -> ExpandedChange {
    ExpandedChange {
        operations,
        actor_id: ActorId::from(author.0),
        author: None,
        hash: None,
        seq: 1,
        start_op: 1.try_into().unwrap(),
        time: 1_790_000_000_000,
        message: None,
        deps: Vec::new(),
        extra_bytes: Vec::new(),
    }
}

/// The bytes of a change, uncompressed.
pub(crate) fn bytes(change: ExpandedChange) -> Vec<u8> {
    Change::from(change).raw_bytes().to_vec()
}

/// Makes the checksum of damaged bytes right.
pub(crate) fn with_right_checksum(mut chunk: Vec<u8>) -> Vec<u8> {
    // Magic (4), checksum (4), and then what the checksum is of.
    let checksum = Sha256::digest(&chunk[8..]);
    chunk[4..8].copy_from_slice(&checksum[..4]);
    chunk
}
