//! What a store may spend ahead of its rights, where the line leaves it alone.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    city::Shop,
    fleet::{linked, until},
};

/// A member with so many points, all at the hub.
async fn member_at_hub(hub: &Shop, store: &Shop, points: u32) -> String {
    let (member, _) = hub.member("Wang Xiaoming").await;
    let sale = json!({"member": member, "till": "1", "check": "1", "gross": format!("{points}.00")});
    hub.post("/checkouts", sale).await.expect(201);
    until(store, &format!("/members/{member}/balances"), |it| it["points"]["balance"] == points).await;
    member
}

async fn cut(store: &Shop) {
    store.node.set_line(false);
    until(store, "/status", |status| status["on_line"] == false).await;
}

fn redeem(member: &str, check: &str, points: i64) -> Value {
    json!({"member": member, "till": "1", "check": check, "gross": "10.00", "redeem_points": points})
}

#[tokio::test]
async fn an_allowance_serves_whom_the_line_leaves_alone() {
    let (hub, store) = linked().await;
    let member = member_at_hub(&hub, &store, 900).await;
    hub.post("/allowance", json!({"store": 12, "points": 1_000})).await.expect(200);
    hub.post("/allowance", json!({"store": 13, "points": 1_000})).await.problem(404, "unknown_store");
    hub.post("/allowance", json!({"store": 12, "points": 0})).await.problem(422, "out_of_range");
    let granted = |status: &Value| status["allowance"] == json!({"available": 1_000, "used": 0});
    until(&store, "/status", granted).await;
    cut(&store).await;
    let served = store.post("/checkouts", redeem(&member, "1", 800)).await.expect(201);
    assert_eq!((&served["points_advanced"], &served["points_after"]), (&json!(800), &json!(110)));
    let balances = store.get(&format!("/members/{member}/balances")).await.expect(200);
    // The sale's own ten points have settled that much.
    assert_eq!((&balances["points"]["advanced"], &balances["points"]["balance"]), (&json!(790), &json!(110)));
    assert_eq!(store.get("/status").await.expect(200)["allowance"], json!({"available": 210, "used": 790}));
    let metrics = store.request(Method::GET, "/metrics").send().await.unwrap().text().await.unwrap();
    assert!(
        metrics.contains("purser_allowance_used_points 790") && metrics.contains("purser_unbacked_points 0")
    );

    // Meanwhile the same points are spent at the hub.
    hub.post("/checkouts", redeem(&member, "7", 900)).await.expect(201);
    store.post("/checkouts", redeem(&member, "9", 200)).await.problem(409, "insufficient_balance");
    store.node.set_line(true);
    let lost = until(&hub, "/status", |status| status["points_unbacked"] == 780).await;
    assert_eq!(lost["allowance"], json!({"available": 0, "used": 0}));
    let settled = json!({"available": 220, "used": 780});
    until(&hub, "/fleet", |fleet| fleet["replicas"][1]["allowance"] == settled).await;
    let path = format!("/members/{member}/balances");
    until(&store, &path, |it| it["points"]["balance"] == -780).await;
    let sale = json!({"member": member, "till": "1", "check": "8", "gross": "800.00"});
    hub.post("/checkouts", sale).await.expect(201);
    until(&store, "/status", granted).await;
    until(&hub, "/status", |status| status["points_unbacked"] == 0).await;
    until(&hub, &path, |it| it["points"]["balance"] == 20 && it["points"]["advanced"] == 0).await;
}
