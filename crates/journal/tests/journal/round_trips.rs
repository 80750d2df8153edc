//! Whatever can be written reads as the same, and is written the same again.

use proptest::prelude::*;
use purser_journal::{Entry, Fact, Seal, VersionVector, from_cbor, to_cbor};

use crate::{
    arbitrary::{entry, fact, seal, vector},
    golden_file::GoldenFile,
};

proptest! {
    #[test]
    fn entries(entry in entry()) {
        let bytes = entry.to_bytes();
        prop_assert_eq!(Entry::from_bytes(&bytes), Ok(entry));
    }

    #[test]
    fn facts(fact in fact()) {
        let bytes = to_cbor(&fact);
        let read: Fact = from_cbor("fact", &bytes).unwrap();
        prop_assert_eq!(&read, &fact);
        prop_assert_eq!(to_cbor(&read), bytes);
    }

    #[test]
    fn seals(seal in seal()) {
        prop_assert_eq!(from_cbor::<Seal>("seal", &to_cbor(&seal)), Ok(seal));
    }

    #[test]
    fn version_vectors(vector in vector()) {
        prop_assert_eq!(from_cbor::<VersionVector>("vector", &to_cbor(&vector)), Ok(vector));
    }

    /// A version that knows no fact at all keeps every one of them, byte for byte.
    #[test]
    fn facts_are_kept_by_those_who_do_not_know_them(fact in fact(), number in 9..=u32::MAX) {
        let body = body_of(&to_cbor(&fact));
        let bytes = to_cbor(&Fact::Unknown { number, body: body.clone() });
        let read: Fact = from_cbor("fact", &bytes).unwrap();
        prop_assert_eq!(&read, &Fact::Unknown { number, body });
        prop_assert_eq!(to_cbor(&read), bytes);
    }

    #[test]
    fn bytes_after_the_end_are_refused(entry in entry(), more in any::<[u8; 1]>()) {
        let mut bytes = entry.to_bytes();
        bytes.extend(more);
        prop_assert!(Entry::from_bytes(&bytes).is_err());
    }

    #[test]
    fn what_is_cut_short_is_refused(entry in entry(), keep in any::<prop::sample::Index>()) {
        let bytes = entry.to_bytes();
        prop_assert!(Entry::from_bytes(&bytes[..keep.index(bytes.len())]).is_err());
    }
}

/// The body of a fact's bytes: what follows the array's head and the number.
fn body_of(fact: &[u8]) -> Vec<u8> {
    let mut decoder = minicbor::Decoder::new(fact);
    assert_eq!(decoder.array().unwrap(), Some(2));
    decoder.u32().unwrap();
    fact[decoder.position()..].to_vec()
}

#[test]
fn equal_entries_in_other_words_read_alike() {
    let bytes = GoldenFile::read("store.hex").section("entry 3").to_vec();
    let entry = Entry::from_bytes(&bytes).unwrap();
    // The same with the outer array of indefinite length, and with the place in four bytes.
    let mut indefinite = vec![0x9f];
    indefinite.extend(&bytes[1..]);
    indefinite.push(0xff);
    let mut wide = bytes[..18].to_vec();
    wide.extend([0x1a, 0, 0, 0, 3]);
    wide.extend(&bytes[19..]);
    for other in [indefinite, wide] {
        assert_eq!(Entry::from_bytes(&other), Ok(entry.clone()));
        assert_ne!(Entry::hash(&other), Entry::hash(&bytes), "the hash is of bytes, not of values");
    }
}
