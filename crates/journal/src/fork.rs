use minicbor::{Decode, Encode, bytes::ByteVec};
use purser_types::{Digest, ReplicaId};

use crate::{Charter, Head, Seal, SignedCredential, decode_entries, verify_run};

/// The proof that an author has told two stories: two different entries at one place, each under the
/// author's seal. Whoever knows the charter can check it, and nobody can make one but the author.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct ForkProof {
    /// Who the author is.
    #[n(0)]
    pub credential: SignedCredential,
    /// The place.
    #[n(1)]
    pub seq: u64,
    /// One story.
    #[n(2)]
    pub one: Story,
    /// The other.
    #[n(3)]
    pub other: Story,
}

/// The hash of an entry, and what leads from there to a seal.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Story {
    /// The hash of the entry at the place.
    #[n(0)]
    pub hash: Digest,
    /// The entries after it, up to the seal.
    #[cbor(n(1), decode_with = "decode_entries")]
    pub entries: Vec<ByteVec>,
    /// The author's seal of the last.
    #[n(2)]
    pub seal: Seal,
}

impl ForkProof {
    /// Whom it proves to have told two stories; `None` if it proves nothing.
    pub fn author(&self, charter: &Charter) -> Option<ReplicaId> {
        let author = self.credential.verify(charter).ok()?;
        let key = author.key().ok()?;
        let holds = |story: &Story| {
            let after = Head { seq: self.seq, hash: story.hash };
            let entries = story.entries.iter().map(|entry| entry.to_vec()).collect();
            verify_run(&charter.scope, author.replica, &key, after, entries, story.seal).is_ok()
        };
        let is_proof = self.one.hash != self.other.hash && holds(&self.one) && holds(&self.other);
        is_proof.then_some(author.replica)
    }

    /// The bytes of its entries.
    pub fn entry_bytes(&self) -> usize {
        [&self.one, &self.other].iter().flat_map(|story| &story.entries).map(|entry| entry.len()).sum()
    }
}
