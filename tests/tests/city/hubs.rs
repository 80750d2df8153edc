//! A city with a second hub, a hub that is lost for good and rebuilt, and what a fenced store wrote
//! too late.

use std::{fs, path::Path};

use purser_demo::Process;
use serde_json::{Value, json};

use super::{
    command::{Ended, run},
    till::Till,
    town::{Town, await_off_line, await_on_line, eventually, points, register, status},
};

const ANYWHERE: [&str; 4] = ["--listen", "127.0.0.1:0", "--http", "127.0.0.1:0"];

fn replica_of(process: &Process) -> String {
    status(process)["replica"].as_str().unwrap().to_owned()
}

/// A command of `purser-hub` at a running hub.
fn at_hub(hub: &Process, words: &[&str], options: &[&str]) -> Ended {
    let (dir, http) = (hub.dir().to_str().unwrap(), hub.api().unwrap().address().to_string());
    run([&["hub"], words, &["--dir", dir, "--http", &http], options].concat())
}

fn fence(hub: &Process, replica: &str) {
    at_hub(hub, &["fence"], &["--replica", replica, "--reason", "burnt down"]).well();
}

/// Waits until these know the same.
fn agree(processes: &[&Process]) {
    eventually("all agree", || {
        let digests: Vec<String> = processes.iter().map(|process| process.digest().unwrap()).collect();
        digests.windows(2).all(|pair| pair[0] == pair[1])
    });
}

fn is_linked_to(process: &Process, peer: &str) -> bool {
    status(process)["links"].as_array().unwrap().iter().any(|link| link["peer"] == peer)
}

/// A second hub of a town, joined as an operator would have it join, and running.
fn second_hub(town: &Town) -> Process {
    let mut second = town.prepare_hub("Second hub", "hub-2");
    let at = town.hub.link().unwrap().to_string();
    let code = town.hub.command("invite", &["--hub", "--name", "Second hub", "--at", &at]).unwrap();
    let store = run(["node", "init", "--dir", town.root().join("wrong").to_str().unwrap()]);
    store.well();
    run(["node", "join", "--dir", town.root().join("wrong").to_str().unwrap(), &code])
        .badly(2, "join_code_for_hub");
    let joined = second.command("join", &[&ANYWHERE[..], &[&code]].concat()).unwrap();
    assert!(joined.contains("as store 0, Second hub"), "{joined}");
    second.start().unwrap();
    second
}

#[test]
fn a_second_hub_joins_like_a_store_and_serves_when_the_first_is_lost() {
    let mut town = Town::found(2);
    let member = register(&town.stores[0], "李伟");
    Till::at(&town.stores[0], "1").sell(&member, 300);
    let mut second = second_hub(&town);
    agree(&[&town.hub, &second, &town.stores[0], &town.stores[1]]);
    let (first_id, second_id) = (replica_of(&town.hub), replica_of(&second));
    // No store was told of it but by the journals.
    eventually("the stores are linked to the second hub", || {
        town.stores.iter().all(|store| is_linked_to(store, &second_id))
    });

    town.hub.kill().unwrap();
    eventually("nobody is linked to the first hub", || {
        town.stores.iter().all(|store| !is_linked_to(store, &first_id))
    });
    for store in &town.stores {
        assert_eq!(status(store)["on_line"], true);
    }
    // It relays and finds rights.
    let mut till = Till::at(&town.stores[1], "1");
    eventually("rights come by the second hub", || till.redeem(&member, 3, 300).is_success());
    agree(&[&second, &town.stores[0], &town.stores[1]]);

    // It puts out, and lets nobody in: that takes the authority's key.
    let invite = ["--store", "9", "--name", "x", "--at", "127.0.0.1:1"];
    let dir = second.dir().to_str().unwrap().to_owned();
    run([&["hub", "invite", "--dir", &dir], &invite[..]].concat()).badly(1, "file_missing");
    fence(&second, &first_id);
    agree(&[&second, &town.stores[0], &town.stores[1]]);
    assert!(status(&second)["lease_until"].is_null(), "it is the only hub now");
    second.stop().unwrap();
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

#[test]
fn a_hub_that_is_lost_is_rebuilt_from_the_stores() {
    let mut town = Town::found(2);
    let member = register(&town.stores[0], "李伟");
    let mut till = Till::at(&town.stores[0], "1");
    till.sell(&member, 300);
    let at_hub_itself = register(&town.hub, "Registered at the hub");
    town.settle();
    let lost = replica_of(&town.hub);
    let (safe, tape) = (town.root().join("safe.key"), town.root().join("tape"));
    fs::copy(town.hub.dir().join("authority.key"), &safe).unwrap();

    town.hub.kill().unwrap();
    copy_folder(town.hub.dir(), &tape);
    fs::remove_dir_all(town.hub.dir()).unwrap();
    till.sell(&member, 20);

    // From the key in the safe, and from whatever store can be reached.
    let mut rebuilt = town.prepare_hub("Hub", "hub-2");
    let store = format!("{}@{}", replica_of(&town.stores[0]), town.stores[0].link().unwrap());
    let wrong = ["--authority", safe.to_str().unwrap(), "--through", "10.0.0.1:7"];
    let dir = town.root().join("nowhere");
    run([&["hub", "init", "--dir", dir.to_str().unwrap()], &wrong[..], &ANYWHERE].concat())
        .badly(2, "config_malformed");
    let init = ["--authority", safe.to_str().unwrap(), "--through", &store];
    let made = rebuilt.command("init", &[&init[..], &ANYWHERE].concat()).unwrap();
    assert!(made.starts_with("made a new hub of "), "{made}");
    rebuilt.start().unwrap();
    assert_ne!(replica_of(&rebuilt), lost);
    agree(&[&rebuilt, &town.stores[0], &town.stores[1]]);
    assert_eq!(points(&rebuilt, &member).balance, 320);
    assert_eq!(points(&rebuilt, &at_hub_itself).balance, 0);
    for store in &town.stores {
        await_on_line(store);
    }
    fence(&rebuilt, &lost);
    let reclaim = at_hub(&rebuilt, &["reclaim"], &["--replica", &lost]);
    reclaim.badly(1, "lease_runs");

    // It lets stores in, as the one before did.
    let mut old = std::mem::replace(&mut town.hub, rebuilt);
    let third = town.add_store(3, "Store 3").unwrap();
    town.settle();
    Till::at(&town.stores[third], "1").sell(&member, 5);
    town.settle();
    town.assert_balance(&member, 325);
    town.audit();

    // What was lost turns up again, and learns what has become of it.
    copy_folder(&tape, old.dir());
    old.start().unwrap();
    eventually("the old hub stops", || !status(&old)["stopped"].is_null());
    assert_eq!(status(&old)["stopped"], "fenced by the hub");
    let refused = Till::at(&old, "9").sell_or_not(&member, 1);
    assert_eq!(refused.code(), Some("replica_stopped"), "{}", refused.body);
    Till::at(&town.stores[1], "1").sell(&member, 1);
    town.settle();
    town.assert_balance(&member, 326);
}

fn late(hub: &Process) -> Value {
    let said = at_hub(hub, &["late"], &["--json"]).well();
    serde_json::from_str(&said).unwrap()
}

#[test]
fn what_a_fenced_store_sold_too_late_is_listed_and_settled_by_hand() {
    let town = Town::found(2);
    let member = register(&town.stores[0], "李伟");
    let mut till = Till::at(&town.stores[0], "1");
    till.sell(&member, 300);
    town.settle();
    let lost = replica_of(&town.stores[0]);
    town.lines[0].cut();
    await_off_line(&town.stores[0]);
    assert!(till.redeem(&member, 50, 100).is_success());
    till.sell(&member, 7);
    let newcomer = register(&town.stores[0], "王小明");
    fence(&town.hub, &lost);
    town.lines[0].heal();

    eventually("all of it is kept at the hub", || late(&town.hub)["waiting"] == 3);
    assert_eq!(status(&town.hub)["late_waiting"], 3);
    let listed = late(&town.hub);
    let kinds: Vec<&str> =
        listed["entries"].as_array().unwrap().iter().map(|entry| entry["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["sale", "sale", "profile"]);
    let first = &listed["entries"][0];
    assert_eq!((&first["points_earned"], &first["points_redeemed"]), (&json!(50), &json!(100)));
    assert_eq!((&first["store"], &first["member"]), (&json!(1), &json!(member)));
    let seqs: Vec<String> =
        listed["entries"].as_array().unwrap().iter().map(|entry| entry["seq"].to_string()).collect();
    let words = ["--replica", &lost, "--reason", "the till roll was found", "--by", "Zhao Min"];
    let accept = |seq: &str| at_hub(&town.hub, &["late", "accept"], &[&words[..], &["--seq", seq]].concat());
    let said = accept(&seqs[0]).well();
    assert!(said.contains("counts: 50 points earned, 100 spent"), "{said}");
    accept(&seqs[2]).well();
    at_hub(&town.hub, &["late", "write-off"], &[&words[..], &["--seq", &seqs[1]]].concat()).well();
    accept(&seqs[1]).badly(1, "late_settled");
    let said = at_hub(&town.hub, &["late"], &["--store", "1"]).well();
    assert!(said.contains("0 shown, 0 wait"), "{said}");

    for process in [&town.hub, &town.stores[1]] {
        eventually("what was accepted counts everywhere", || points(process, &member).balance == 250);
        let found = process.api().unwrap().get(&format!("/v1/members/{newcomer}")).unwrap();
        assert_eq!(found.status, 200, "{}", found.body);
    }
    agree(&[&town.hub, &town.stores[1]]);
    let history = town.stores[1].api().unwrap().get(&format!("/v1/members/{member}/history")).unwrap();
    assert_eq!(history.body["entries"][0]["kind"], "late", "{}", history.body);
    assert_eq!(history.body["points"]["total"], 250, "{}", history.body);
    for process in [&town.hub, &town.stores[1]] {
        let said = process.command("verify", &[]).unwrap();
        assert!(said.starts_with("ok: "), "{said}");
    }
}
