//! A store is lost or stolen, and a hub puts it out.

use rusqlite::Connection;
use serde_json::json;

use super::{
    till::Till,
    town::{Town, alarms, await_off_line, eventually, points, register, status},
};

fn replica_of(town: &Town, store: usize) -> String {
    status(&town.stores[store])["replica"].as_str().unwrap().to_owned()
}

fn fence(town: &Town, store: usize) {
    let replica = replica_of(town, store);
    let body = json!({ "replica": replica, "reason": "stolen" });
    let answer = town.hub.api().unwrap().post("/v1/fence", "fence", &body).unwrap();
    assert_eq!(answer.status, 200, "{}", answer.body);
}

fn await_stopped(town: &Town, store: usize, member: &str) {
    eventually("the fenced store stops", || !status(&town.stores[store])["stopped"].is_null());
    assert!(alarms(&town.stores[store]).contains(&"alarm_fenced".to_owned()));
    let refused = Till::at(&town.stores[store], "after").sell_or_not(member, 1);
    assert_eq!((refused.status, refused.code()), (503, Some("replica_stopped")), "{}", refused.body);
}

#[test]
fn a_store_that_is_fenced_while_cut_off_learns_it_and_its_late_sales_are_kept_aside() {
    let town = Town::found(2);
    let member = register(&town.stores[0], "李伟");
    let mut till = Till::at(&town.stores[0], "1");
    till.sell(&member, 100);
    town.settle();
    town.lines[0].cut();
    await_off_line(&town.stores[0]);
    till.sell(&member, 50);
    fence(&town, 0);
    town.lines[0].heal();
    await_stopped(&town, 0, &member);

    let aside = || -> i64 {
        let database = Connection::open(town.hub.database()).unwrap();
        database.query_row("SELECT count(*) FROM set_aside", [], |row| row.get(0)).unwrap()
    };
    eventually("the late sale is kept aside at the hub", || aside() == 1);
    Till::at(&town.stores[1], "1").sell(&member, 7);
    for process in [&town.hub, &town.stores[1]] {
        eventually("what came before the fence stays, and nothing after", || {
            points(process, &member).balance == 107
        });
        let said = process.command("verify", &[]).unwrap();
        assert!(said.starts_with("ok: "), "{said}");
    }
}

#[test]
fn a_store_that_is_linked_when_it_is_fenced_stops_and_learns_nothing_new() {
    let town = Town::found(2);
    let member = register(&town.stores[0], "李伟");
    Till::at(&town.stores[0], "1").sell(&member, 100);
    town.settle();
    fence(&town, 0);
    await_stopped(&town, 0, &member);
    let newcomer = register(&town.stores[1], "Registered later");
    let path = format!("/v1/members/{newcomer}");
    let knows = |process: &purser_demo::Process| process.api().unwrap().get(&path).unwrap().status == 200;
    eventually("the hub knows the newcomer", || knows(&town.hub));
    // What the hub writes still reaches it, after whatever else it would have been sent.
    let entries = || status(&town.stores[0])["entries"].as_u64().unwrap();
    let before = entries();
    register(&town.hub, "Registered at the hub");
    eventually("the fenced store hears of the hub", || entries() > before);
    assert!(!knows(&town.stores[0]), "a fenced store learns of members");
}
