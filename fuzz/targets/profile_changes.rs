//! A real profile change, damaged at will and its checksum made right again: whatever is not applied
//! leaves no trace, and an honest change after it goes in.
#![no_main]

use libfuzzer_sys::fuzz_target;
use purser_documents::{Edit, Field, MemberDocument, Outcome};
use purser_types::ReplicaId;
use sha2::{Digest, Sha256};

const HONEST: ReplicaId = ReplicaId([1; 16]);
const HOSTILE: ReplicaId = ReplicaId([2; 16]);
const NOON_MS: u64 = 1_790_000_000_000;

fn set(field: Field, value: &str) -> Edit {
    Edit::SetField { field, value: Some(value.to_owned()) }
}

fn edited(document: &mut MemberDocument, author: ReplicaId, edits: &[Edit]) -> Vec<u8> {
    match document.edit(author, NOON_MS, edits) {
        Ok(change) => change.0,
        Err(error) => panic!("{error}"),
    }
}

fuzz_target!(|damage: Vec<(u16, u8)>| {
    let mut document = MemberDocument::empty();
    edited(&mut document, HONEST, &[set(Field::Name, "王小明"), Edit::AddTag("tea".into())]);
    let mut elsewhere = document.clone();
    let edits = [set(Field::Name, "王筱明"), set(Field::Sex, "f"), Edit::RemoveTag("tea".into())];
    let mut change = edited(&mut elsewhere, HOSTILE, &edits);
    for (at, byte) in damage {
        let at = usize::from(at) % change.len();
        change[at] = byte;
    }
    // Magic (4), checksum (4), and then what the checksum is of.
    let checksum = Sha256::digest(&change[8..]);
    change[4..8].copy_from_slice(&checksum[..4]);

    let before = document.clone();
    if document.apply(HOSTILE, &change) != Outcome::Applied {
        assert_eq!(document.heads(), before.heads());
        assert_eq!(document.profile(), before.profile());
    }
    edited(&mut document, HONEST, &[set(Field::Phone, "13800138000")]);
    assert_eq!(document.profile().text(Field::Phone), Some("13800138000"));
});
