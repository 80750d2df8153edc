//! What `golden/later_version.hex` says: entries as a later version may write them, with an
//! unknown fact and with fields that this version does not know. Written by hand, since this
//! version cannot write them.

use minicbor::{Encoder, data::Tag};
use purser_journal::{Entry, Fact, Head, to_cbor};
use purser_ledger::{Asset, Lot, Posting};
use purser_types::{Hlc, MemberId};

use crate::city::{Site, later_store};

/// The body of fact 4,000,000,000: every shape that CBOR has.
pub fn unknown_body() -> Vec<u8> {
    let mut e = Encoder::new(Vec::new());
    let written = e
        .map(3)
        .and_then(|e| e.str("float")?.f64(1.5)?.str("time")?.tag(Tag::new(1))?.u32(1_790_000_000)?.u8(0))
        .and_then(|e| {
            e.begin_array()?.bool(true)?.undefined()?.i64(i64::MIN)?.begin_bytes()?.bytes(&[1])?.end()
        })
        .and_then(|e| e.begin_map()?.bytes(&[0xff])?.null()?.end()?.end());
    written.unwrap();
    e.into_writer()
}

/// The journal as its author wrote it.
pub fn written() -> Vec<Vec<u8>> {
    let Site { replica, .. } = later_store();
    let previous = later_store().genesis().hash;
    let first = with_unknown_fact(&Entry {
        replica,
        seq: 1,
        previous,
        hlc: Hlc { wall_ms: 1_790_000_200_000, counter: 0 },
        programme_version: 2,
        request: None,
        facts: vec![Fact::Address("192.0.2.13:7100".to_owned())],
    });
    let head = Head { seq: 1, hash: Entry::hash(&first) };
    let second = with_later_fields(replica.0, head);
    vec![first, second]
}

/// The journal as this version reads it: what it does not know in a field is not there.
pub fn as_read() -> Vec<Entry> {
    let Site { replica, .. } = later_store();
    let [first, second] = [1, 2].map(|seq| Entry {
        replica,
        seq,
        previous: later_store().genesis().hash,
        hlc: Hlc { wall_ms: 1_790_000_200_000, counter: u32::try_from(seq - 1).unwrap() },
        programme_version: 2,
        request: None,
        facts: Vec::new(),
    });
    let facts = vec![
        Fact::Address("192.0.2.13:7100".to_owned()),
        Fact::Unknown { number: 4_000_000_000, body: unknown_body() },
    ];
    let first = Entry { facts, ..first };
    let previous = Entry::hash(&written()[0]);
    let credit = Posting::Credit { lot: lot(), amount: 5 };
    let second = Entry { previous, facts: vec![Fact::Postings(vec![credit])], ..second };
    vec![first, second]
}

fn lot() -> Lot {
    Lot { member: MemberId::from_i64(7).unwrap(), asset: Asset::Points, expires_on: None }
}

/// The entry with one more fact, of an unknown number.
fn with_unknown_fact(entry: &Entry) -> Vec<u8> {
    let known = to_cbor(&entry.facts[0]);
    let mut bytes = to_cbor(entry);
    bytes.truncate(bytes.len() - known.len());
    assert_eq!(bytes.pop(), Some(0x81), "an array of one fact");
    bytes.push(0x82);
    bytes.extend(known);
    bytes.extend([0x82, 0x1a]);
    bytes.extend(4_000_000_000_u32.to_be_bytes());
    bytes.extend(unknown_body());
    bytes
}

/// An entry with an eighth field, whose posting, lot and clock have one more, too.
fn with_later_fields(replica: [u8; 16], previous: Head) -> Vec<u8> {
    let mut e = Encoder::new(Vec::new());
    let written = e
        .array(8)
        .and_then(|e| e.bytes(&replica)?.u8(2)?.bytes(&previous.hash.0))
        .and_then(|e| e.array(3)?.u64(1_790_000_200_000)?.u8(1)?.str("quartz"))
        .and_then(|e| e.u8(2)?.null())
        .and_then(|e| e.array(1)?.array(2)?.u8(1)?.array(1)) // one fact: postings, of one
        .and_then(|e| e.array(2)?.u8(0)?.array(3)) // a credit
        .and_then(|e| e.array(4)?.u8(7)?.array(2)?.u8(0)?.array(0)?.null()?.str("more")) // its lot
        .and_then(|e| e.u8(5)?.bool(true)) // its amount, and one more
        .and_then(|e| e.map(1)?.str("trace")?.bytes(&[1, 2, 3]));
    written.unwrap();
    e.into_writer()
}
