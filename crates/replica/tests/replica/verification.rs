//! `verify` finds what somebody changed in a file behind Purser's back, and finds nothing else.

use std::{path::PathBuf, sync::LazyLock};

use purser_journal::{Entry, Head, Seal};
use purser_replica::{Finding, verify};
use rusqlite::Connection;

use crate::city::{City, acquaint, id_of, key_of, settle, yuan};

/// A hub's file with three journals, after a day's work.
fn worked() -> (City, PathBuf) {
    static FILE: LazyLock<Vec<u8>> = LazyLock::new(work);
    let city = City::found();
    let path = city.database(0);
    std::fs::write(&path, &*FILE).unwrap();
    (city, path)
}

fn work() -> Vec<u8> {
    let (city, [mut hub, mut one, mut two]) = City::of();
    acquaint(&mut [&mut hub, &mut one, &mut two]);
    let (member, _) = one.register_with_card("Wang", true);
    let sale = one.earns(member, 500);
    settle(&mut [&mut hub, &mut one, &mut two]);
    one.lends(0, member, 100);
    one.lends(2, member, 100);
    one.holds(member, 50, 60_000);
    one.takes_back(sale, yuan(10)).unwrap();
    settle(&mut [&mut hub, &mut one, &mut two]);
    hub.sells(member, yuan(4), 100);
    one.earns(member, 5);
    settle(&mut [&mut hub, &mut one, &mut two]);
    drop(hub);
    std::fs::read(city.database(0)).unwrap()
}

fn findings(city: &City, path: &std::path::Path) -> Result<Vec<Finding>, &'static str> {
    let scratch = city.directory.path().join("scratch.db");
    let verified = verify(path, &scratch).map_err(|error| purser_types::Coded::code(&error));
    assert!(!scratch.exists(), "the copy is gone");
    verified.map(|verified| verified.findings)
}

/// Changes the file by SQL and verifies it.
fn after(change: &str) -> Vec<Finding> {
    let (city, path) = worked();
    let connection = Connection::open(&path).unwrap();
    assert!(connection.execute(change, []).unwrap() > 0, "{change} changes nothing");
    drop(connection);
    findings(&city, &path).unwrap()
}

#[test]
fn a_sound_file_and_what_was_looked_at() {
    let (city, path) = worked();
    let before = std::fs::read(&path).unwrap();
    let verified = verify(&path, &city.directory.path().join("scratch.db")).unwrap();
    assert_eq!(verified.findings, []);
    assert_eq!(verified.journals, 3);
    assert!(verified.entries >= 9 && verified.seals >= 5, "{verified:?}");
    assert_eq!(std::fs::read(&path).unwrap(), before, "the file itself is only read");
}

#[test]
fn a_row_of_a_derived_table_that_was_edited() {
    for (table, change) in [
        ("shares", "UPDATE shares SET available = available + 1 WHERE asset = 0"),
        ("shares", "DELETE FROM shares WHERE asset = 5"),
        ("totals", "UPDATE totals SET debited = 0 WHERE debited > 0"),
        ("figures", "UPDATE figures SET gross_fen = 0"),
        ("holds", "UPDATE holds SET captured = 0"),
        ("offers", "UPDATE offers SET accepted = NULL"),
        ("checks", "DELETE FROM checks"),
        ("movements", "UPDATE movements SET kind = 0 WHERE kind = 1"),
        ("members", "UPDATE members SET phone = '1'"),
        ("cards", "UPDATE cards SET state = 'cancelled'"),
        ("profile_changes", "DELETE FROM profile_changes"),
        ("fences", "INSERT INTO fences VALUES (x'00', 1, 1, 1, 'x', NULL, 0, 0, 1)"),
    ] {
        assert_eq!(after(change), [Finding::Derived(table)], "{change}");
    }
}

fn is_journal(findings: &[Finding]) -> bool {
    matches!(findings, [Finding::Journal { .. }, ..])
}

#[test]
fn entries_that_were_changed_removed_or_moved() {
    for change in [
        "UPDATE entries SET bytes = zeroblob(length(bytes)) WHERE seq = 2",
        "UPDATE entries SET bytes = x'' WHERE seq = 1 AND author = 1",
        "DELETE FROM entries WHERE seq = 1",
        "DELETE FROM entries WHERE (author, seq) IN (SELECT author, max(seq) FROM entries GROUP BY author)",
        "UPDATE entries SET seq = seq + 100 WHERE seq > 2",
        "UPDATE authors SET head_seq = head_seq - 1 WHERE head_seq > 2",
        "UPDATE authors SET head_hash = zeroblob(32)",
    ] {
        let found = after(change);
        assert!(is_journal(&found), "{change}: {found:?}");
    }
}

#[test]
fn seals_that_were_forged_removed_or_left_over() {
    for change in [
        "UPDATE seals SET signature = zeroblob(64)",
        "DELETE FROM seals WHERE (author, seq) IN (SELECT author, max(seq) FROM seals GROUP BY author)",
        "INSERT INTO seals SELECT author, 1000, signature FROM seals WHERE seq = 1",
    ] {
        let found = after(change);
        assert!(is_journal(&found), "{change}: {found:?}");
    }
}

/// Whoever can write the file can chain an entry, but not seal it for another.
#[test]
fn an_entry_appended_with_all_its_chain() {
    for sealed_by in [None, Some(key_of(2))] {
        let (city, path) = worked();
        let connection = Connection::open(&path).unwrap();
        let last = "SELECT author, seq, bytes FROM entries WHERE author =
                    (SELECT author FROM authors WHERE replica = ?1) ORDER BY seq DESC LIMIT 1";
        let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        let (author, seq, bytes): (i64, i64, Vec<u8>) =
            connection.query_row(last, [id_of(1).0], read).unwrap();
        let last = Entry::from_bytes(&bytes).unwrap();
        let facts = Vec::new();
        let entry = Entry { seq: last.seq + 1, previous: Entry::hash(&bytes), facts, request: None, ..last };
        let bytes = entry.to_bytes();
        let head = Head { seq: entry.seq, hash: Entry::hash(&bytes) };
        connection.execute("INSERT INTO entries VALUES (?1, ?2, ?3)", (author, seq + 1, bytes)).unwrap();
        let moved = "UPDATE authors SET head_seq = ?2, head_hash = ?3 WHERE author = ?1";
        connection.execute(moved, (author, seq + 1, head.hash.0)).unwrap();
        if let Some(key) = sealed_by {
            let seal = Seal::sign(&key, &city.charter.scope, id_of(1), head);
            let values = (author, seq + 1, seal.signature);
            connection.execute("INSERT INTO seals VALUES (?1, ?2, ?3)", values).unwrap();
        }
        drop(connection);
        let found = findings(&city, &path).unwrap();
        assert!(is_journal(&found), "{found:?}");
    }
}

#[test]
fn a_file_that_was_cut_or_overwritten() {
    for damage in [
        |bytes: &mut Vec<u8>| bytes.truncate(bytes.len() / 2),
        |bytes: &mut Vec<u8>| {
            let middle = bytes.len() / 2;
            bytes[middle..middle + 4_096].fill(0xa5);
        },
    ] {
        let (city, path) = worked();
        let mut bytes = std::fs::read(&path).unwrap();
        assert!(bytes.len() > 32_768, "everything is in the file itself");
        damage(&mut bytes);
        std::fs::write(&path, bytes).unwrap();
        let found = findings(&city, &path);
        assert!(
            found.as_ref().map_or_else(|code| *code == "storage_corrupt", |found| !found.is_empty()),
            "{found:?}"
        );
    }
    let city = City::found();
    assert!(findings(&city, &city.database(9)).is_err());
}

/// A flipped bit anywhere in the bytes of an entry.
#[test]
fn a_flipped_bit_in_an_entry() {
    let (city, path) = worked();
    let connection = Connection::open(&path).unwrap();
    let one = "SELECT bytes FROM entries WHERE author = 1 AND seq = 1";
    let sound: Vec<u8> = connection.query_row(one, [], |row| row.get(0)).unwrap();
    for at in (0..sound.len()).step_by(7) {
        let mut bytes = sound.clone();
        bytes[at] ^= 0x10;
        let change = "UPDATE entries SET bytes = ?1 WHERE author = 1 AND seq = 1";
        connection.execute(change, [bytes]).unwrap();
        let found = findings(&city, &path).unwrap();
        assert!(is_journal(&found), "byte {at}: {found:?}");
    }
}
