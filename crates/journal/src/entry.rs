use minicbor::{Decode, Encode};
use purser_types::{Digest, EntryId, Hlc, ReplicaId};

use crate::{DecodeFault, Fact, codec};

/// An entry is at most so long; a longer one is malformed.
pub const ENTRY_BYTES_MAX: usize = 256 * 1024;

/// An entry is at least so long: author and hash alone take 51 bytes.
pub const ENTRY_BYTES_MIN: usize = 59;

/// One business transaction in its author's journal.
///
/// `n` numbers are the wire format (docs/format.md): fields are added at the end, never
/// renumbered; a reader passes over those that it does not know.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Entry {
    /// The author.
    #[n(0)]
    pub replica: ReplicaId,
    /// The place in the author's journal, from 1 without gaps.
    #[n(1)]
    pub seq: u64,
    /// The hash of the entry before it; of the journal's name for the first
    /// ([`Head::genesis`](crate::Head::genesis)).
    #[n(2)]
    pub previous: Digest,
    /// When the author wrote it, by the author's clock.
    #[n(3)]
    pub hlc: Hlc,
    /// The version of the programme that decided it.
    #[n(4)]
    pub programme_version: u32,
    /// The caller's request that it answers, if one asked for it.
    #[n(5)]
    pub request: Option<Request>,
    /// What it establishes.
    #[n(6)]
    pub facts: Vec<Fact>,
}

/// What makes a repeated request recognisable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct Request {
    /// The caller's idempotency key, hashed.
    #[n(0)]
    pub id: RequestId,
    /// A hash of what was asked for: the same key with another body is refused.
    #[n(1)]
    pub body: RequestId,
}

/// 16 bytes of a BLAKE3 hash: an idempotency key, or the body of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct RequestId(#[cbor(with = "minicbor::bytes")] pub [u8; 16]);

impl RequestId {
    /// The id of a key or body of any length.
    pub fn of(bytes: &[u8]) -> Self {
        let Digest(hash) = Digest::in_context("purser 2026 request", &[bytes]);
        let mut id = [0; 16];
        id.copy_from_slice(&hash[..16]);
        Self(id)
    }
}

impl Entry {
    /// The entry's name.
    pub fn id(&self) -> EntryId {
        EntryId { replica: self.replica, seq: self.seq }
    }

    /// The bytes that are hashed, kept and relayed.
    pub fn to_bytes(&self) -> Vec<u8> {
        codec::to_cbor(self)
    }

    /// Reads an entry.
    ///
    /// # Errors
    /// If the bytes are not those of one entry, or too many.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeFault> {
        if bytes.len() > ENTRY_BYTES_MAX {
            let reason = format!("{} bytes, at most {ENTRY_BYTES_MAX} are allowed", bytes.len());
            return Err(DecodeFault { what: "entry", reason });
        }
        codec::from_cbor("entry", bytes)
    }

    /// The hash of an entry's bytes: what the next entry and seals refer to.
    pub fn hash(bytes: &[u8]) -> Digest {
        Digest::of(bytes)
    }
}
