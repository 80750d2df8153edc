use minicbor::{Decode, Encode};

use crate::ReplicaId;

/// The name of one journal entry: its author and its place in the author's
/// journal, counted from 1 without gaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub struct EntryId {
    /// The author.
    #[n(0)]
    pub replica: ReplicaId,
    /// The place in the author's journal, from 1.
    #[n(1)]
    pub seq: u64,
}
