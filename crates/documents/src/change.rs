use purser_types::{Coded, Digest, ReplicaId};

/// The bytes of one change, to go into a journal entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeBytes(pub(crate) Vec<u8>);

impl ChangeBytes {
    /// The bytes.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Why a change is not applied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChangeFault {
    /// Longer than a change may be.
    #[error("{0} bytes, more than a change may have")]
    TooLong(usize),
    /// Packed: what it unpacks to cannot be bounded.
    #[error("it is packed, or no change at all")]
    NotPlain,
    /// More operations or dependencies than a profile has use for.
    #[error("it has more operations or dependencies than a profile has use for")]
    TooLarge,
    /// Bytes that Automerge does not take for a change.
    #[error("it is malformed: {0}")]
    Malformed(String),
    /// Made by another than the author of the entry that it came in.
    #[error("it claims another author than {0:?}")]
    Impersonation(ReplicaId),
    /// Automerge cannot apply it.
    #[error("it cannot be applied: {0}")]
    Inapplicable(String),
}

impl Coded for ChangeFault {
    fn code(&self) -> &'static str {
        match self {
            ChangeFault::TooLong(_) => "change_too_long",
            ChangeFault::NotPlain => "change_not_plain",
            ChangeFault::TooLarge => "change_too_large",
            ChangeFault::Malformed(_) => "change_malformed",
            ChangeFault::Impersonation(_) => "change_impersonation",
            ChangeFault::Inapplicable(_) => "change_inapplicable",
        }
    }
}

/// A name for a change that may be damaged: the hash of its bytes.
pub(crate) fn name_of(bytes: &[u8]) -> Digest {
    Digest::of(bytes)
}
