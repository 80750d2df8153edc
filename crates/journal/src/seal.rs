use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use minicbor::{Decode, Encode};
use purser_types::{Coded, Digest, ReplicaId, Scope};

use crate::Head;

/// The author's signature of the head of its journal (Ed25519, RFC 8032). Because entries
/// are chained, it vouches for every entry up to that head.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct Seal {
    /// The head's place in the journal.
    #[n(0)]
    pub seq: u64,
    /// The signature.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub signature: [u8; 64],
}

/// A seal that is not the author's of this head.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the seal of entry {seq} is not by {author:?}")]
pub struct SealFault {
    /// Who should have sealed.
    pub author: ReplicaId,
    /// What should have been sealed.
    pub seq: u64,
}

impl Coded for SealFault {
    fn code(&self) -> &'static str {
        "seal_forged"
    }
}

impl Seal {
    /// Seals `head` of the journal of `author`.
    pub fn sign(key: &SigningKey, scope: &Scope, author: ReplicaId, head: Head) -> Self {
        let Digest(message) = message(scope, author, head);
        Self { seq: head.seq, signature: key.sign(&message).to_bytes() }
    }

    /// Checks that the owner of `key` sealed `head`.
    ///
    /// # Errors
    /// If the signature is of anything else.
    pub fn verify(
        &self,
        key: &VerifyingKey,
        scope: &Scope,
        author: ReplicaId,
        head: Head,
    ) -> Result<(), SealFault> {
        let Digest(message) = message(scope, author, head);
        let signature = Signature::from_bytes(&self.signature);
        let genuine = self.seq == head.seq && key.verify_strict(&message, &signature).is_ok();
        if genuine { Ok(()) } else { Err(SealFault { author, seq: head.seq }) }
    }
}

fn message(scope: &Scope, author: ReplicaId, head: Head) -> Digest {
    let Head { seq, hash } = head;
    let parts: [&[u8]; 5] =
        [scope.chain.as_bytes(), scope.city.as_bytes(), &author.0, &seq.to_le_bytes(), &hash.0];
    Digest::in_context("purser 2026 seal", &parts)
}
