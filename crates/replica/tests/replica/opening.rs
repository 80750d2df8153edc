//! Which files a replica takes into use, and with which code it refuses the others.

use purser_journal::{Charter, SigningKey};
use purser_replica::{Founding, Replica, ReplicaError, Settings, View};
use purser_types::{Coded, Scope};
use rusqlite::Connection;

use crate::city::{City, key_of};

fn code(city: &City, number: u32, founding: Founding) -> &'static str {
    let opened: Result<Replica, ReplicaError> =
        Replica::open(&city.database(number), founding, Settings::default());
    match opened {
        Ok(_) => "opened",
        Err(error) => error.code(),
    }
}

fn with_key(city: &City, number: u32, key: SigningKey) -> Founding {
    Founding { key, ..city.founding(number) }
}

#[test]
fn another_replicas_file() {
    let (city, [store]) = City::of();
    drop(store);
    assert_eq!(code(&city, 0, city.founding(1)), "replica_unusable");
    assert_eq!(code(&city, 0, with_key(&city, 0, key_of(1))), "replica_unusable");
    assert_eq!(code(&city, 0, city.founding(0)), "opened");
}

#[test]
fn papers_of_another_city() {
    let city = City::found();
    let scope = Scope { city: "Ningbo".into(), ..city.charter.scope.clone() };
    let charter = Charter { scope, ..city.charter.clone() };
    assert_eq!(code(&city, 0, Founding { charter, ..city.founding(0) }), "replica_unusable");
    let charter = Charter { time_zone: "Asia/Atlantis".into(), ..city.charter.clone() };
    assert_eq!(code(&city, 1, Founding { charter, ..city.founding(1) }), "replica_unusable");
}

#[test]
fn a_file_that_somebody_has_open() {
    let (city, [store]) = City::of();
    assert_eq!(code(&city, 0, city.founding(0)), "storage_in_use");
    drop(store);
    assert_eq!(code(&city, 0, city.founding(0)), "opened");
}

#[test]
fn a_file_of_a_later_version() {
    let (city, [store]) = City::of();
    drop(store);
    let connection = Connection::open(city.database(0)).unwrap();
    connection.pragma_update(None, "user_version", 999).unwrap();
    drop(connection);
    assert_eq!(code(&city, 0, city.founding(0)), "storage_newer_schema");
}

#[test]
fn no_database_at_all() {
    let city = City::found();
    std::fs::write(city.database(0), vec![b'x'; 8_192]).unwrap();
    assert_eq!(code(&city, 0, city.founding(0)), "storage_corrupt");
    std::fs::create_dir(city.database(1)).unwrap();
    assert!(code(&city, 1, city.founding(1)).starts_with("storage_"));
    assert!(View::open(&city.database(2)).is_err());
    assert!(!city.database(2).exists(), "a reader founds nothing");
}

/// The disk is as full as a limit on the file can make it: the writer's own connection has no
/// such limit from outside, so this looks at what SQLite's answer becomes, not at a replica.
#[test]
fn a_full_disk_is_called_so_and_is_not_fatal() {
    let city = City::found();
    let connection = Connection::open(city.database(0)).unwrap();
    connection.execute_batch("CREATE TABLE t (x BLOB); PRAGMA max_page_count = 10;").unwrap();
    let full = connection.execute("INSERT INTO t VALUES (zeroblob(100000))", []).unwrap_err();
    let error = purser_storage::StorageError::from(full);
    assert_eq!((error.code(), error.is_fatal()), ("storage_full", false));
}
