//! Bytes made to exhaust memory, stack or time. A decoder that believed a length would ask for
//! more memory than there is, and end the process: that these tests end is what they show.

use minicbor::Encoder;
use purser_journal::{ENTRY_BYTES_MAX, Entry, Fact, SignedCredential, VersionVector, from_cbor};

use crate::golden_file::GoldenFile;

/// The head of an item of a CBOR major type with the longest length that can be claimed.
fn endless(major: u8) -> Vec<u8> {
    let mut bytes = vec![major << 5 | 0x1b];
    bytes.extend(u64::MAX.to_be_bytes());
    bytes
}

/// The bytes of an entry up to its facts, which are missing.
fn without_facts() -> Vec<u8> {
    let mut e = Encoder::new(Vec::new());
    let written = e
        .array(7)
        .and_then(|e| e.bytes(&[1; 16])?.u8(1)?.bytes(&[2; 32])?.array(2)?.u8(0)?.u8(0)?.u8(1)?.null());
    written.unwrap();
    e.into_writer()
}

/// An entry whose facts are these bytes.
fn entry(facts: &[u8]) -> Vec<u8> {
    [without_facts().as_slice(), facts].concat()
}

/// An entry of the greatest length with one fact of an unknown number, whose body is `unit`
/// over and over, then `end`.
fn with_body(unit: &[u8], end: &[u8]) -> Vec<u8> {
    let mut bytes = entry(&[0x81, 0x82, 9]);
    let units = (ENTRY_BYTES_MAX - bytes.len() - end.len()) / unit.len();
    bytes.extend(unit.repeat(units));
    bytes.extend(end);
    bytes
}

#[test]
fn lengths_that_lie() {
    for length in [u64::MAX, u64::MAX / 2, 1 << 40, u64::from(u32::MAX), 1_000_000] {
        let [bytes, text, array, map] = [2, 3, 4, 5].map(|major: u8| {
            let mut head = vec![major << 5 | 0x1b];
            head.extend(length.to_be_bytes());
            head
        });
        let some = [0x82, 0x18, 0x63, 0x80].repeat(3); // three facts of number 99
        for facts in [
            array.clone(),
            [array.as_slice(), &some].concat(),
            [&[0x81, 0x82, 1], array.as_slice()].concat(), // postings
            [&[0x81, 0x82, 1], bytes.as_slice()].concat(),
            [&[0x81, 0x82, 2], array.as_slice()].concat(), // a sale of so many fields
            [&[0x81, 0x82, 4, 0x82, 1], bytes.as_slice()].concat(), // a profile change
            [&[0x81, 0x82, 7], text.as_slice()].concat(),  // an address
            [&[0x81, 0x82, 9], array.as_slice()].concat(), // something unknown
            [&[0x81, 0x82, 9], map.as_slice()].concat(),
            [&[0x81, 0x82, 9], bytes.as_slice()].concat(),
            [&[0x81, 0x82, 9], text.as_slice()].concat(),
        ] {
            assert!(Entry::from_bytes(&entry(&facts)).is_err(), "{length} {facts:02x?}");
        }
        assert!(Entry::from_bytes(&array).is_err());
        assert!(from_cbor::<VersionVector>("vector", &map).is_err());
        assert!(from_cbor::<SignedCredential>("credential", &array).is_err());
    }
}

#[test]
fn deep_nesting() {
    let deep: [(&[u8], &[u8]); 7] = [
        (&[0x81], &[0]),             // arrays of one array
        (&[0xa1, 0], &[0]),          // maps
        (&[0xc1], &[0]),             // tags
        (&[0x9f], &[]),              // arrays without end
        (&[0xbf, 0], &[]),           // maps without end
        (&[0x82, 0x9f], &[]),        // both kinds in turn
        (&[0x81, 0xc1, 0xbf], &[0]), // all in turn
    ];
    for (unit, end) in deep {
        let bytes = with_body(unit, end);
        let read = Entry::from_bytes(&bytes);
        assert_eq!(read.is_ok(), matches!(unit[0], 0x81 | 0xa1 | 0xc1) && unit.len() < 3, "{unit:02x?}");
    }
    // Arrays without end that do end.
    let levels = 100_000;
    let body = [vec![0x9f; levels], vec![0xff; levels]].concat();
    let bytes = entry(&[&[0x81, 0x82, 9], body.as_slice()].concat());
    assert_eq!(Entry::from_bytes(&bytes).unwrap().facts, [Fact::Unknown { number: 9, body }]);
}

#[test]
fn deep_nesting_where_fields_of_a_later_version_stand() {
    let mut bytes = GoldenFile::read("store.hex").section("entry 3").to_vec();
    let as_it_was = Entry::from_bytes(&bytes).unwrap();
    bytes[0] = 0x88;
    bytes.extend([0x81].repeat(200_000));
    bytes.push(0);
    assert_eq!(Entry::from_bytes(&bytes), Ok(as_it_was));
}

#[test]
fn an_entry_has_a_greatest_length() {
    let fitting = with_body(&[0x81], &[0]);
    assert_eq!(fitting.len(), ENTRY_BYTES_MAX);
    assert!(Entry::from_bytes(&fitting).is_ok());
    let long = entry(&[&[0x81, 0x82, 9], [0x81].repeat(ENTRY_BYTES_MAX).as_slice()].concat());
    let fault = Entry::from_bytes(&long).unwrap_err();
    assert!(fault.reason.contains("at most 262144"), "{fault}");
}

/// The shortest facts are three bytes; in memory each takes so many. An entry of nothing else
/// is what takes most memory for its length.
#[test]
fn the_most_memory_that_an_entry_can_take() {
    let count = (ENTRY_BYTES_MAX - without_facts().len() - 5) / 3;
    let mut facts = vec![0x9a];
    facts.extend(u32::try_from(count).unwrap().to_be_bytes());
    facts.extend([0x82, 1, 0x80].repeat(count));
    let read = Entry::from_bytes(&entry(&facts)).unwrap();
    assert_eq!(read.facts.len(), count);
    let bytes = count * size_of::<Fact>();
    assert!(bytes <= 80 * ENTRY_BYTES_MAX, "{bytes} bytes, {} each", size_of::<Fact>());
}

#[test]
fn texts_that_are_none_and_items_of_the_wrong_kind() {
    let not_utf8 = [0x81, 0x82, 7, 0x61, 0xff];
    let short_digest = [0x81, 0x82, 6, 0x83, 0x41, 0, 0, 0x60];
    let amount_too_large =
        [&[0x81, 0x82, 1, 0x81, 0x82, 0, 0x82, 0x82, 1, 0x82, 0, 0x80], &*endless(0)].concat();
    let three_parts = [0x81, 0x83, 9, 0, 0];
    let posting_of_a_later_version = [0x81, 0x82, 1, 0x81, 0x82, 8, 0x80];
    let asset_of_a_later_version = [0x81, 0x82, 1, 0x81, 0x82, 0, 0x82, 0x82, 1, 0x82, 8, 0x80, 5];
    let reserved = [0x81, 0x82, 9, 0x1c];
    let facts: [&[u8]; 7] = [
        &not_utf8,
        &short_digest,
        &amount_too_large,
        &three_parts,
        &posting_of_a_later_version,
        &asset_of_a_later_version,
        &reserved,
    ];
    for facts in facts {
        let fault = Entry::from_bytes(&entry(facts)).unwrap_err();
        assert_eq!(purser_types::Coded::code(&fault), "malformed_bytes", "{facts:02x?}");
    }
}
