//! A store's database is put back, lost or edited while its process is down.

use std::fs;

use purser_demo::Process;
use rusqlite::Connection;

use super::{
    till::Till,
    town::{Town, register},
};

/// Why the store does not start.
fn refusal(store: &mut Process) -> String {
    store.start().unwrap_err().to_string()
}

#[test]
fn a_store_does_not_start_on_a_database_that_is_older_than_itself_or_gone() {
    let mut town = Town::found(1);
    let member = register(&town.stores[0], "李伟");
    Till::at(&town.stores[0], "1").sell(&member, 100);
    town.settle();
    let database = town.stores[0].database();
    let [old, newest] = ["old.db", "newest.db"].map(|name| town.root().join(name));
    town.stores[0].stop().unwrap();
    fs::copy(&database, &old).unwrap();
    town.stores[0].start().unwrap();
    Till::at(&town.stores[0], "2").sell(&member, 20);
    town.settle();
    town.stores[0].stop().unwrap();
    fs::copy(&database, &newest).unwrap();

    fs::copy(&old, &database).unwrap();
    let said = refusal(&mut town.stores[0]);
    assert!(said.contains("database_rolled_back"), "{said}");
    fs::remove_file(&database).unwrap();
    let said = refusal(&mut town.stores[0]);
    assert!(said.contains("database_gone"), "{said}");
    fs::write(&database, "").unwrap();
    let said = refusal(&mut town.stores[0]);
    assert!(said.contains("database_gone"), "{said}");

    fs::copy(&newest, &database).unwrap();
    town.stores[0].start().unwrap();
    Till::at(&town.stores[0], "3").sell(&member, 3);
    town.settle();
    town.assert_balance(&member, 123);
}

#[test]
fn a_store_does_not_start_on_a_database_that_somebody_has_edited() {
    const EDITS: [&str; 3] = [
        "UPDATE shares SET available = available + 1000 WHERE asset = 0",
        "UPDATE authors SET head_seq = head_seq - 1",
        "DELETE FROM seals",
    ];
    let mut town = Town::found(1);
    let member = register(&town.stores[0], "李伟");
    Till::at(&town.stores[0], "1").sell(&member, 100);
    town.settle();
    town.stores[0].stop().unwrap();
    let (database, whole) = (town.stores[0].database(), town.root().join("whole.db"));
    fs::copy(&database, &whole).unwrap();
    for edit in EDITS {
        assert_ne!(Connection::open(&database).unwrap().execute(edit, []).unwrap(), 0);
        let said = refusal(&mut town.stores[0]);
        assert!(said.contains("database_damaged"), "{edit}: {said}");
        fs::copy(&whole, &database).unwrap();
    }
    town.stores[0].start().unwrap();
}
