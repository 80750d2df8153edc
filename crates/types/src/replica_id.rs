use std::{fmt, str::FromStr};

use minicbor::{Decode, Encode};

use crate::ParseError;

/// One life of one database: 16 random bytes, fresh at every enrolment and after
/// every restore or clone, never reused. Shown as 32 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct ReplicaId(#[cbor(with = "minicbor::bytes")] pub [u8; 16]);

/// The first 31 bits of a [`ReplicaId`]: the high half of every record id that the
/// replica creates. A hub enrols no two replicas with the same tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReplicaTag(u32);

impl ReplicaId {
    /// The tag that the records of this replica carry.
    pub fn tag(&self) -> ReplicaTag {
        let [a, b, c, d, ..] = self.0;
        ReplicaTag(u32::from_be_bytes([a, b, c, d]) >> 1)
    }

    /// The first eight hexadecimal digits, for people.
    pub fn short(&self) -> String {
        data_encoding::HEXLOWER.encode(&self.0[..4])
    }
}

impl ReplicaTag {
    /// A tag of 31 bits, or `None` if `bits` has more.
    pub(crate) fn from_bits(bits: u32) -> Option<Self> {
        (bits >> 31 == 0).then_some(Self(bits))
    }

    /// The 31 bits as a number.
    pub fn bits(self) -> u32 {
        self.0
    }
}

impl fmt::Display for ReplicaId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&data_encoding::HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for ReplicaId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReplicaId({})", self.short())
    }
}

impl FromStr for ReplicaId {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok();
        bytes
            .and_then(|bytes| bytes.try_into().ok())
            .map(Self)
            .ok_or_else(|| ParseError::new("replica id", text, "32 hexadecimal digits"))
    }
}
