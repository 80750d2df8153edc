//! Stores join, with codes that are used twice, late, or mistyped.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use purser_transport::{Authority, Identity, Invitation};
use purser_types::StoreNumber;

use super::{
    command::{Ended, run},
    town::{Town, eventually},
};

/// A folder of a new store, made by `init`.
fn laid_out(town: &Town, name: &str) -> PathBuf {
    let dir = town.root().join(name);
    let addresses = ["--listen", "127.0.0.1:0", "--http", "127.0.0.1:0"];
    run(["node", "init", "--dir", dir.to_str().unwrap()].into_iter().chain(addresses)).well();
    dir
}

fn join(dir: &Path, code: &str) -> Ended {
    run(["node", "join", "--dir", dir.to_str().unwrap(), code])
}

/// A join code as the hub's command line makes it, for a store at the end of the first line.
fn code_for(town: &Town, number: u32) -> String {
    town.invite(0, number).unwrap()
}

#[test]
fn a_join_code_lets_one_store_in() {
    let town = Town::found(1);
    let code = code_for(&town, 2);
    let (first, second) = (laid_out(&town, "first"), laid_out(&town, "second"));
    let joined = join(&first, &code).well();
    assert!(joined.contains(&format!("as store 2, {}", town.stores[0].name())), "{joined}");
    let refused = join(&second, &code).badly(1, "invitation_used");
    assert_eq!(refused.matches("invitation_used").count(), 1, "{refused}");
    assert!(refused.contains("ask for a new one"), "{refused}");
    assert!(!second.join("identity.key").exists(), "it has papers all the same");
    // With a code of its own it may come in.
    join(&second, &code_for(&town, 3)).well();
    join(&first, &code_for(&town, 4)).badly(2, "already_joined");

    // Who got an answer says so: the hub does not wait for any of the four in vain.
    let log = || fs::read_to_string(town.hub.log()).unwrap();
    let ended = |log: &str| log.matches("answered an applicant").count() + log.matches("timed_out").count();
    eventually("the hub is done with all", || ended(&log()) == 4);
    assert!(!log().contains("applicant_timed_out"), "{}", log());
}

#[test]
fn a_store_that_did_not_hear_the_answer_joins_again_as_the_same() {
    let town = Town::found(1);
    let code = code_for(&town, 2);
    let dir = laid_out(&town, "forgetful");
    town.lines[0].cut();
    join(&dir, &code).badly(1, "hub_unreachable");
    // What it has made itself is kept for the next attempt.
    let applicant = fs::read(dir.join("applicant.key")).unwrap();
    town.lines[0].heal();
    join(&dir, &code).well();
    let first = Identity::load(&dir).unwrap();

    // The hub has let it in, and the machine died before it could write that down.
    fs::remove_file(dir.join("identity.key")).unwrap();
    fs::write(dir.join("applicant.key"), applicant).unwrap();
    join(&dir, &code).well();
    let second = Identity::load(&dir).unwrap();
    assert_eq!((first.replica, &first.papers), (second.replica, &second.papers));
    let fleet = town.hub.api().unwrap().get("/v1/fleet").unwrap();
    let lives = fleet.body["replicas"].as_array().unwrap().iter().filter(|replica| replica["store"] == 2);
    assert_eq!(lives.count(), 1, "{}", fleet.body);
}

#[test]
fn codes_that_are_too_old_mistyped_or_made_up_let_nobody_in() {
    let town = Town::found(1);
    let dir = laid_out(&town, "hopeful");
    let hubs = vec![town.hub.link().unwrap().to_string()];
    // Codes hold 14 h longer than they say, for clocks that show local time.
    let ended = (SystemTime::now() - Duration::from_hours(15)).duration_since(UNIX_EPOCH).unwrap();
    let invitation = |byte| Invitation {
        id: [byte; 16],
        store: StoreNumber(2),
        name: "Late".to_owned(),
        expires_ms: u64::try_from(ended.as_millis()).unwrap() + u64::from(byte) * 100 * 3_600_000,
    };
    let ours = Authority::load(town.hub.dir()).unwrap();
    let expired = ours.invite(hubs.clone(), &invitation(0)).unwrap().to_string();
    join(&dir, &expired).badly(1, "invitation_expired");

    let code = ours.invite(hubs.clone(), &invitation(1)).unwrap().to_string();
    let middle = code.len() / 2;
    let other = if code.as_bytes()[middle] == b'A' { "B" } else { "A" };
    let mistyped = format!("{}{other}{}", &code[..middle], &code[middle + 1..]);
    join(&dir, &mistyped).badly(2, "join_code_mistyped");
    join(&dir, "let-me-in").badly(2, "not_a_join_code");

    // An authority of somebody else's, with our hub's address.
    let scope = ours.charter().scope.clone();
    let theirs = Authority::found(scope, "Asia/Shanghai".parse().unwrap(), 6688, &[7; 32]).unwrap();
    let made_up = theirs.invite(hubs, &invitation(2)).unwrap().to_string();
    join(&dir, &made_up).badly(1, "hub_unreachable");

    assert!(!dir.join("identity.key").exists());
    let fleet = town.hub.api().unwrap().get("/v1/fleet").unwrap();
    assert_eq!(fleet.body["replicas"].as_array().unwrap().len(), 2, "{}", fleet.body);
    join(&dir, &code).well();
}
