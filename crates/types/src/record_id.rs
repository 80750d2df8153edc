//! Ids of the records that entries create.
//!
//! A record is named after the entry that created it: 31 bits of the author's
//! [`ReplicaTag`] above 32 bits of the entry's sequence number, in a positive `i64`.
//! So ids need no coordination and no randomness, the ids of one author sort in the
//! order of creation (inserts go to few places of an index), and SQLite can use them
//! as row ids. An entry creates at most one record of each kind.

use std::{fmt, str::FromStr};

use minicbor::{Decode, Decoder, Encode, decode};

use crate::{EntryId, ParseError, ReplicaTag};

macro_rules! record_id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode)]
        #[cbor(transparent)]
        pub struct $name(#[n(0)] i64);

        impl<'b, C> Decode<'b, C> for $name {
            /// Refuses numbers below zero: no entry creates such a record, and no table holds one.
            fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
                let raw = d.i64()?;
                Self::from_i64(raw).ok_or_else(|| decode::Error::message("a record id below zero"))
            }
        }

        impl $name {
            /// The record of this kind that `entry` creates.
            ///
            /// # Panics
            /// If the journal has outgrown 2^32 entries (four centuries at 250,000 a day and store).
            pub fn created_by(entry: EntryId) -> Self {
                let seq = u32::try_from(entry.seq).expect("a journal has less than 2^32 entries");
                Self(i64::from(entry.replica.tag().bits()) << 32 | i64::from(seq))
            }

            /// The id as SQLite stores it.
            pub fn as_i64(self) -> i64 {
                self.0
            }

            /// The id that SQLite stored, or `None` if it is below zero.
            pub fn from_i64(raw: i64) -> Option<Self> {
                (raw >= 0).then_some(Self(raw))
            }

            /// The tag of the replica that created the record.
            pub fn tag(self) -> Option<ReplicaTag> {
                u32::try_from(self.0 >> 32).ok().and_then(ReplicaTag::from_bits)
            }

            /// The place of the creating entry in its author's journal.
            pub fn seq(self) -> u64 {
                self.0.cast_unsigned() & 0xffff_ffff
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let text = ENCODING.encode(&self.0.to_be_bytes());
                write!(f, "{}_{}", $prefix, text)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = ParseError;

            fn from_str(text: &str) -> Result<Self, ParseError> {
                let expected = concat!($prefix, "_ and 13 letters and digits, as they were given out");
                parse($prefix, text)
                    .filter(|raw| *raw > 0)
                    .and_then(Self::from_i64)
                    .ok_or_else(|| ParseError::new($what, text, expected))
            }
        }
    };
}

record_id!(
    /// A member of the scheme. A pseudonym: it says nothing of the person.
    MemberId, "mbr", "member id"
);
record_id!(
    /// A sale that was checked out.
    SaleId, "sale", "sale id"
);
record_id!(
    /// A hold: an amount set aside until it is captured, released or out of time.
    HoldId, "hold", "hold id"
);
record_id!(
    /// An offer of rights from one replica to another.
    OfferId, "offer", "offer id"
);

impl MemberId {
    /// The chain itself, owner of what belongs to no member (allowances). No entry creates it.
    pub const CHAIN: MemberId = MemberId(0);
}

const ENCODING: data_encoding::Encoding = data_encoding::BASE32_DNSSEC;

fn parse(prefix: &str, text: &str) -> Option<i64> {
    let code = text.strip_prefix(prefix)?.strip_prefix('_')?;
    let bytes = ENCODING.decode(code.to_ascii_lowercase().as_bytes()).ok()?;
    Some(i64::from_be_bytes(bytes.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ReplicaId;

    #[test]
    fn ids_of_one_author_sort_by_creation_and_survive_text() {
        let replica = ReplicaId([0xff; 16]);
        let first = MemberId::created_by(EntryId { replica, seq: 1 });
        let later = MemberId::created_by(EntryId { replica, seq: 4_000_000_000 });
        assert!(0 < first.as_i64() && first < later);
        assert_eq!(later.to_string().parse(), Ok(later));
        assert_eq!((later.tag(), later.seq()), (Some(replica.tag()), 4_000_000_000));
    }

    #[test]
    fn numbers_below_zero_are_no_ids_on_the_wire() {
        let bytes = minicbor::to_vec(-1_i64).unwrap();
        assert!(decode::<MemberId>(&bytes).is_err());
        assert!(decode::<OfferId>(&bytes).is_err());
    }

    #[test]
    fn what_is_wrong_with_an_id_is_not_said_of_its_length() {
        let error = "sale_1u3cd5f00000d".parse::<SaleId>().unwrap_err();
        assert!(error.to_string().ends_with("sale_ and 13 letters and digits, as they were given out"));
    }

    #[test]
    fn foreign_text_is_refused() {
        for text in ["", "mbr_", "sale_0000000000000", "mbr_é", "mbr_zzzzzzzzzzzzz", "mbr_0000000000000"] {
            assert!(text.parse::<MemberId>().is_err(), "{text}");
        }
    }
}
