//! Changes written by hand, a few bytes long and huge when unpacked.

use automerge::{Automerge, ROOT, transaction::Transactable};
use purser_documents::{ChangeFault, Field, MemberDocument, Outcome};

use crate::{forgery::with_right_checksum, stores::store};

/// What stands in a change by hand: one put of `field/name`, many times over.
#[derive(Clone, Copy)]
struct Claim {
    /// A length of a run as the format has it: −1 is one, literally.
    operations: i64,
    replaced: u64,
    dependencies: u64,
    other_actors: u8,
    key_len: u64,
}

const HONEST: Claim = Claim { operations: -1, replaced: 0, dependencies: 0, other_actors: 0, key_len: 10 };

fn unsigned(mut value: u64, out: &mut Vec<u8>) {
    while value > 0x7f {
        out.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    out.push(value.to_le_bytes()[0]);
}

fn signed(mut value: i64, out: &mut Vec<u8>) {
    while !(-0x40..0x40).contains(&value) {
        out.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    out.push(value.to_le_bytes()[0] & 0x7f);
}

/// A column of one item, repeated.
fn run(times: i64, item: &[u8]) -> Vec<u8> {
    let mut column = Vec::new();
    signed(times, &mut column);
    column.extend_from_slice(item);
    column
}

fn number(value: u64) -> Vec<u8> {
    let mut item = Vec::new();
    unsigned(value, &mut item);
    item
}

fn by_hand(claim: Claim) -> Vec<u8> {
    let mut body = number(claim.dependencies);
    body.push(16);
    body.extend_from_slice(&store(0).0);
    body.extend_from_slice(&[1, 1, 0, 0]); // sequence, first operation, time, message
    body.push(claim.other_actors);
    for actor in 0..claim.other_actors {
        body.push(16);
        body.extend_from_slice(&store(actor + 1).0);
    }
    let key = [number(claim.key_len), b"field/name".to_vec()].concat();
    let value = [0, b'A'];
    let kind = number(2 << 4 | 7); // two bytes
    let columns = [
        (0x15, run(claim.operations, &key)),
        (0x34, number(claim.operations.unsigned_abs())),
        (0x42, run(claim.operations, &[1])),
        (0x56, run(claim.operations, &kind)),
        (0x57, value.to_vec()),
        (0x70, run(claim.operations, &number(claim.replaced))),
    ];
    unsigned(columns.len() as u64, &mut body);
    for (kind, column) in &columns {
        unsigned(*kind, &mut body);
        unsigned(column.len() as u64, &mut body);
    }
    body.extend(columns.into_iter().flat_map(|(_, column)| column));
    let mut chunk = vec![0x85, 0x6f, 0x4a, 0x83, 0, 0, 0, 0, 1];
    unsigned(body.len() as u64, &mut chunk);
    chunk.extend(body);
    with_right_checksum(chunk)
}

fn apply(chunk: &[u8]) -> Outcome {
    MemberDocument::empty().apply(store(0), chunk)
}

#[test]
fn the_hand_writes_a_good_change() {
    let mut document = MemberDocument::empty();
    assert_eq!(document.apply(store(0), &by_hand(HONEST)), Outcome::Applied);
    assert_eq!(document.profile().text(Field::Name), Some("A"));
}

#[test]
fn one_change_cannot_be_spelled_in_two_ways() {
    let run_of_one = by_hand(Claim { operations: 1, ..HONEST });
    assert_eq!(apply(&run_of_one), Outcome::SetAside(ChangeFault::UnknownForm));
}

#[test]
fn nobody_is_named_in_vain() {
    let unknown_form = Outcome::SetAside(ChangeFault::UnknownForm);
    assert_eq!(apply(&by_hand(Claim { other_actors: 1, ..HONEST })), unknown_form);
}

#[test]
fn bombs_are_found_before_they_unpack() {
    let too_many = Outcome::SetAside(ChangeFault::TooManyParts);
    for huge in [257, 1 << 40, i64::MAX] {
        assert_eq!(apply(&by_hand(Claim { operations: huge, ..HONEST })), too_many);
    }
    for huge in [4_097, 1 << 40, u64::MAX] {
        assert_eq!(apply(&by_hand(Claim { replaced: huge, ..HONEST })), too_many);
        assert_eq!(apply(&by_hand(Claim { dependencies: huge, ..HONEST })), too_many);
    }
    let unreadable = Outcome::SetAside(ChangeFault::Unreadable);
    for huge in [11, 999_999_999, u64::MAX] {
        assert_eq!(apply(&by_hand(Claim { key_len: huge, ..HONEST })), unreadable);
    }
}

#[test]
fn what_is_compressed_is_refused() {
    let mut document = Automerge::new().with_actor(store(0).0.as_slice().into());
    let mut transaction = document.transaction();
    transaction.put(ROOT, "field/name", vec![0; 100_000]).unwrap();
    transaction.commit();
    let mut change = document.get_changes(&[]).remove(0);
    let compressed = change.bytes().to_vec();
    assert!(compressed.len() < 1_000);
    assert_eq!(apply(&compressed), Outcome::SetAside(ChangeFault::Compressed));
    assert_eq!(apply(change.raw_bytes()), Outcome::SetAside(ChangeFault::TooLarge));
    let whole_document = document.save();
    assert_eq!(apply(&whole_document), Outcome::SetAside(ChangeFault::Unreadable));
}
