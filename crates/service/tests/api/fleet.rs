use std::time::Duration;

use purser_journal::Role;
use serde_json::{Value, json};

use crate::city::{Shop, authority, text};

/// A hub and a store that is linked to it.
pub async fn linked() -> (Shop, Shop) {
    let authority = authority();
    let hub = Shop::start(&authority, Role::Hub, 0, Vec::new()).await;
    let at = hub.node.address().to_string();
    let store = Shop::start(&authority, Role::Store, 12, vec![at]).await;
    // Rights go only to who is known here by an entry.
    until(&store, "/status", |status| status["on_line"] == true && status["journals"] == 2).await;
    (hub, store)
}

/// Waits until what is at `path` is as wanted.
pub async fn until(shop: &Shop, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    for _ in 0..500 {
        let body = shop.get(path).await.body;
        if wanted(&body) {
            return body;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("not so within 5 s: {}", shop.get(path).await.body);
}

#[tokio::test]
async fn cut_off_from_the_rights_a_till_is_told_what_there_is() {
    let (hub, store) = linked().await;
    let (member, _) = store.member("Wang").await;
    let sale = json!({"member": member, "till": "1", "check": "1", "gross": "300.00"});
    let sale = store.post("/checkouts", sale).await.expect(201);
    // The policy of these tests sends all rights to the hub.
    let path = format!("/members/{member}/balances");
    until(&hub, &path, |balances| balances["points"]["spendable_here"] == 300).await;
    store.node.set_line(false);
    until(&store, "/status", |status| status["on_line"] == false).await;

    let redeem = json!({"member": member, "till": "1", "check": "2", "gross": "9", "redeem_points": 100});
    let refused = store.post("/checkouts", redeem.clone()).await.problem(409, "insufficient_rights_here");
    let told = ["asset", "here", "balance", "wanted", "cause"].map(|name| refused[name].clone());
    assert_eq!(told, [json!("points"), json!(0), json!(300), json!(100), json!("off_line")]);
    let back = json!({"sale": sale["sale"], "till": "1", "check": "3", "gross": "1.00"});
    let elsewhere = hub.post("/returns", back).await;
    assert_eq!(elsewhere.problem(409, "insufficient_rights_here")["balance"], "300.00");

    store.node.set_line(true);
    until(&store, "/status", |status| status["on_line"] == true).await;
    store.post("/checkouts", redeem).await.expect(201);
}

#[tokio::test]
async fn what_two_stores_wrote_at_once_is_shown_until_somebody_settles_it() {
    let (hub, store) = linked().await;
    let (member, _) = store.member("Wang").await;
    let path = format!("/members/{member}");
    until(&hub, &path, |shown| shown["profile"]["name"] == "Wang").await;
    store.node.set_line(false);
    until(&hub, "/status", |status| status["links"] == json!([])).await;
    store.patch(&path, json!({"profile": {"name": "Wang Fang"}})).await.expect(200);
    hub.patch(&path, json!({"profile": {"name": "Wang Fan", "sex": "f"}})).await.expect(200);
    store.node.set_line(true);

    let both = |shown: &Value| shown["conflicts"] == json!({"name": ["Wang Fan", "Wang Fang"]});
    let shown = until(&store, &path, both).await;
    assert_eq!(until(&hub, &path, both).await, shown);
    assert_eq!(shown["profile"]["sex"], "f");
    assert_eq!(store.get("/members?name=Wang").await.expect(200)["members"][0]["conflicts"], 1);
    store.patch(&path, json!({"profile": {"name": "Wang Fang"}})).await.expect(200);
    let settled = until(&hub, &path, |shown| shown["conflicts"] == json!({})).await;
    assert_eq!(settled["profile"]["name"], "Wang Fang");
}

#[tokio::test]
async fn the_fleet_is_shown_and_a_lost_store_is_put_out() {
    let (hub, store) = linked().await;
    let (member, _) = store.member("Wang").await;
    let sale = json!({"member": member, "till": "1", "check": "1", "gross": "300.00"});
    store.post("/checkouts", sale).await.expect(201);
    let settled =
        |fleet: &Value| fleet["replicas"][0]["points_out"] == 300 && fleet["replicas"][1]["behind"] == 0;
    let fleet = until(&hub, "/fleet", settled).await;
    let replicas = fleet["replicas"].as_array().unwrap();
    assert_eq!(replicas.len(), 2);
    let [first, second] = [&replicas[0], &replicas[1]];
    assert_eq!((&first["role"], &first["connected"]), (&json!("hub"), &json!(true)));
    assert_eq!((&second["store"], &second["name"]), (&json!(12), &json!("Shop 12")));
    assert_eq!((&second["connected"], &second["points_out"]), (&json!(true), &json!(0)));
    assert_eq!(second["address"], store.node.address().to_string());
    assert_eq!((&second["fenced"], &second["clock_ahead_ms"]), (&json!(null), &json!(0)));

    let lease_until = store.get("/status").await.expect(200)["lease_until"].clone();
    assert_eq!(lease_until, "2026-08-31T01:20:00.000Z", "30 days from now");

    let replica = text(&second["replica"]);
    store.node.stop().await;
    let gone = until(&hub, "/fleet", |fleet| fleet["replicas"][1]["connected"] == false).await;
    assert_eq!(gone["replicas"][1]["behind"], json!(null));
    assert_eq!(gone["replicas"][1]["last_seen"], "2026-08-01T01:20:00.000Z");
    let fence = json!({"replica": replica, "reason": "stolen"});
    hub.post("/fence", fence).await.expect(200);
    let fleet = hub.get("/fleet").await.expect(200);
    assert_eq!(fleet["replicas"][1]["fenced"], "stolen");
    // It may be spending what it holds until its lease ends.
    hub.post("/reclaim", json!({"replica": replica})).await.problem(409, "lease_runs");
    let me = fleet["replicas"][0]["replica"].clone();
    hub.post("/reclaim", json!({"replica": me})).await.problem(409, "not_fenced");
    assert!(hub.get("/status").await.expect(200)["lease_until"].is_null());
    let nobody = json!({"replica": "00000000000000000000000000000009", "reason": "lost"});
    hub.post("/fence", nobody).await.problem(404, "unknown_replica");
    let me = text(&fleet["replicas"][0]["replica"]);
    hub.post("/fence", json!({"replica": me, "reason": "lost"})).await.problem(409, "fence_of_self");
    let without = json!({"replica": replica, "reason": ""});
    assert_eq!(hub.post("/fence", without).await.problem(422, "out_of_range")["field"], "reason");
    hub.get("/late?store=9999").await.expect(200);
    hub.get("/late?store=10000").await.problem(400, "malformed_query");
}
