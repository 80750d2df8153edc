//! What an operator is told who has mixed something up.

use std::{
    fs::{self, File},
    process::{Command, Stdio},
};

use rusqlite::Connection;

use super::{
    command::run,
    town::{EXECUTABLE, Town, status},
};

#[test]
fn a_token_that_was_removed_is_made_anew() {
    let mut town = Town::found(1);
    let file = town.stores[0].dir().join("api-token");
    let old = fs::read_to_string(&file).unwrap();
    town.stores[0].stop().unwrap();
    fs::remove_file(&file).unwrap();
    let dir = town.stores[0].dir().to_str().unwrap().to_owned();
    let hint = run(["node", "doctor", "--dir", &dir]);
    assert!(hint.stdout.contains("`run` makes a new one"), "{hint:?}");

    town.stores[0].start().unwrap();
    assert_eq!(status(&town.stores[0])["store"], 1, "the new token is the one that holds");
    assert_ne!(fs::read_to_string(&file).unwrap(), old);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn a_hub_is_not_taken_for_a_store_nor_put_out_by_itself() {
    let town = Town::found(1);
    let [store, hub] = [&town.stores[0], &town.hub].map(|process| process.dir().to_str().unwrap());
    let refused = run(["hub", "status", "--dir", store]).badly(2, "not_a_hub");
    assert!(refused.contains(town.stores[0].name()), "{refused}");
    let replica = status(&town.hub)["replica"].as_str().unwrap().to_owned();
    run(["hub", "fence", "--dir", store, "--replica", &replica, "--reason", "x"]).badly(2, "not_a_hub");
    let http = town.hub.api().unwrap().address().to_string();
    let fence = ["hub", "fence", "--dir", hub, "--http", &http, "--replica", &replica, "--reason", "x"];
    let refused = run(fence).badly(1, "fence_of_self");
    assert!(refused.contains("cannot fence itself"), "{refused}");
}

#[test]
fn a_database_that_has_lost_its_owner_is_refused_in_plain_words() {
    let mut town = Town::found(1);
    town.stores[0].stop().unwrap();
    let database = Connection::open(town.stores[0].database()).unwrap();
    database.execute("DELETE FROM meta", []).unwrap();
    drop(database);
    let dir = town.stores[0].dir().to_str().unwrap();
    let refused = run(["node", "run", "--dir", dir]).badly(1, "replica_unusable");
    assert!(refused.contains("no longer says whose it is"), "{refused}");
}

#[test]
fn a_history_that_is_not_there_is_told_with_its_code() {
    let refused = run(["hub", "replay", "--baskets", "nowhere.csv"]).badly(2, "file_unreadable");
    assert!(refused.contains("nowhere.csv"), "{refused}");
}

/// A device that is always full.
#[cfg(target_os = "linux")]
#[test]
fn output_that_nobody_gets_to_read_is_no_success() {
    let ended = |stdout: Stdio| {
        let output = Command::new(EXECUTABLE).args(["node", "--version"]).stdout(stdout).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, said) = ended(File::options().write(true).open("/dev/full").unwrap().into());
    assert_eq!(code, Some(1), "{said}");
    assert!(said.trim_end().ends_with("[output_lost]"), "{said}");
    // A reader that has gone away is another matter.
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    assert_eq!(ended(writer.into()), (Some(0), String::new()));
}
