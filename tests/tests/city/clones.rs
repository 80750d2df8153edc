//! A store's folder is copied and run a second time.

use std::{fs, path::Path};

use purser_demo::Process;
use serde_json::json;

use super::{
    command::run,
    till::Till,
    town::{Town, alarms, await_off_line, await_on_line, eventually, points, register, status},
};

/// Stops a store, copies its folder, and starts it again.
fn copy_of_first_store(town: &mut Town) -> std::path::PathBuf {
    let copy = town.root().join("copy");
    town.stores[0].stop().unwrap();
    copy_folder(town.stores[0].dir(), &copy);
    town.stores[0].start().unwrap();
    await_on_line(&town.stores[0]);
    copy
}

/// Somebody else's machine that runs whatever folder it is given.
fn machine_with(folder: &Path) -> Town {
    let mut machine = Town::found(1);
    machine.stores[0].stop().unwrap();
    fs::remove_dir_all(machine.stores[0].dir()).unwrap();
    copy_folder(folder, machine.stores[0].dir());
    machine
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

/// Whoever looks after the store is told that it may not write any more, and why.
fn assert_doctor_fails(store: &Process) {
    let http = store.api().unwrap().address().to_string();
    let told = run(["node", "doctor", "--dir", store.dir().to_str().unwrap(), "--http", &http]);
    assert_eq!(told.code, 1, "{told:?}");
    let line = |start: &str, word: &str| {
        told.stdout.lines().any(|line| line.starts_with(start) && line.contains(word))
    };
    assert!(line("FAIL", "found to be an old copy"), "{told:?}");
    assert!(line("warn", "alarm_own_journal_ahead"), "{told:?}");
}

fn replica_of(town: &Town) -> String {
    status(&town.stores[0])["replica"].as_str().unwrap().to_owned()
}

#[test]
fn an_old_copy_of_a_store_finds_out_and_stops() {
    let mut town = Town::found(2);
    let member = register(&town.stores[0], "李伟");
    town.settle();
    let copy = copy_of_first_store(&mut town);
    Till::at(&town.stores[0], "1").sell(&member, 100);
    town.settle();

    // It starts while nobody can tell it anything.
    let mut machine = machine_with(&copy);
    town.lines[0].cut();
    machine.stores[0].start().unwrap();
    assert!(status(&machine.stores[0])["stopped"].is_null());
    town.lines[0].heal();
    eventually("the copy stops", || !status(&machine.stores[0])["stopped"].is_null());
    assert!(alarms(&machine.stores[0]).contains(&"alarm_own_journal_ahead".to_owned()));
    let refused = Till::at(&machine.stores[0], "2").redeem(&member, 1, 0);
    assert_eq!((refused.status, refused.code()), (503, Some("replica_stopped")), "{}", refused.body);
    assert_doctor_fails(&machine.stores[0]);

    // Nobody else is any the worse.
    Till::at(&town.stores[0], "1b").sell(&member, 10);
    Till::at(&town.stores[1], "1").sell(&member, 1);
    town.settle();
    town.assert_balance(&member, 111);
    town.audit();
}

#[test]
fn a_copy_that_sells_by_itself_has_the_store_set_aside_and_nobody_else() {
    let mut town = Town::found(2);
    let member = register(&town.stores[0], "李伟");
    Till::at(&town.stores[0], "1").sell(&member, 500);
    town.settle();
    let (copy, replica) = (copy_of_first_store(&mut town), replica_of(&town));
    town.settle();

    // Without a line neither can know of the other: each spends the same rights.
    town.lines[0].cut();
    await_off_line(&town.stores[0]);
    let mut machine = machine_with(&copy);
    machine.stores[0].start().unwrap();
    assert_eq!(replica_of(&machine), replica, "it is the same replica");
    for (store, till) in [(&town.stores[0], "1b"), (&machine.stores[0], "2")] {
        let answer = Till::at(store, till).redeem(&member, 5, 500);
        assert_eq!(answer.status, 201, "{}", answer.body);
    }
    town.lines[0].heal();
    eventually("the hub raises the alarm", || alarms(&town.hub).contains(&"alarm_forked".to_owned()));
    let fleet = town.hub.api().unwrap().get("/v1/fleet").unwrap().body;
    let row = fleet["replicas"].as_array().unwrap().iter().find(|row| row["replica"] == replica.as_str());
    assert!(row.unwrap()["set_aside"].is_string(), "{fleet}");

    // The proof goes round: a store that has heard one story only sets its author aside, too.
    let is_aside = |process: &Process| {
        let rows = status(process)["set_aside"].clone();
        rows.as_array().unwrap().iter().any(|row| row["replica"] == replica.as_str())
    };
    eventually("the other store gets the proof", || is_aside(&town.stores[1]));

    // The rest of the city works on.
    let at_other = register(&town.stores[1], "Kate Miller");
    Till::at(&town.stores[1], "1").sell(&at_other, 70);
    eventually("the hub hears of the other store", || {
        let found = town.hub.api().unwrap().get(&format!("/v1/members/{at_other}")).unwrap();
        found.is_success() && points(&town.hub, &at_other).balance == 70
    });
    // Once it is put out, one story counts everywhere.
    let fence = json!({ "replica": replica, "reason": "two machines" });
    let answer = town.hub.api().unwrap().post("/v1/fence", "fence", &fence).unwrap();
    assert_eq!(answer.status, 200, "{}", answer.body);
    eventually("nobody has it set aside any more, and all agree", || {
        let digests = [&town.stores[1], &town.hub].map(|process| process.digest().unwrap());
        digests[0] == digests[1] && !is_aside(&town.stores[1]) && !is_aside(&town.hub)
    });
    for process in [&town.stores[1], &town.hub] {
        let said = process.command("verify", &[]).unwrap();
        assert!(said.starts_with("ok: "), "{said}");
    }
}
