use minicbor::{Decode, Encode};
use purser_types::{Digest, ReplicaId};

use crate::SignedCredential;

/// What a person at a hub has decided on an entry that a replica wrote after its fence: whether
/// it counts after all. Once for each such entry.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct LateSettledFact {
    /// The replica that was put out.
    #[n(0)]
    pub replica: ReplicaId,
    /// The place of the entry in its journal.
    #[n(1)]
    pub seq: u64,
    /// The hash of the entry: nobody else's version of it is meant.
    #[n(2)]
    pub hash: Digest,
    /// Why, as the person gave it.
    #[n(3)]
    pub reason: String,
    /// Who decided, as the person gave it.
    #[n(4)]
    pub by: String,
    /// The entry, if it counts after all; left out if it is written off.
    #[n(5)]
    pub accepted: Option<AcceptedLate>,
}

/// An entry that counts although its author was fenced. What it does to shares, the hub posts as
/// its own.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct AcceptedLate {
    /// The entry, byte for byte as its author wrote it.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub entry: Vec<u8>,
    /// Who its author is, for those who have not heard of it.
    #[n(1)]
    pub credential: SignedCredential,
}
