use serde_json::{Value, json};

use crate::city::{Shop, text};

#[tokio::test]
async fn a_day_at_the_till_and_the_history_explains_the_balance() {
    let shop = Shop::alone().await;
    let (member, card) = shop.member("Wang Xiaoming").await;

    let sale =
        shop.post("/checkouts", json!({"card": card, "till": "1", "check": "001", "gross": "1234.56"}));
    let sale = sale.await.expect(201);
    assert_eq!(sale["member"], member);
    assert_eq!((&sale["discount"], &sale["paid"]), (&json!("0.00"), &json!("1234.56")));
    assert_eq!((&sale["points_earned"], &sale["points_after"]), (&json!(1_234), &json!(1_234)));
    assert_eq!((&sale["store"], &sale["date"]), (&json!(12), &json!("2026-08-01")));

    let second = json!({
        "member": member, "till": "1", "check": "002", "gross": "20", "redeem_points": 200,
        "lines": [{"name": "tea", "quantity": 2, "unit_price": "10.00"}],
    });
    let second = shop.post("/checkouts", second).await.expect(201);
    assert_eq!((&second["discount"], &second["paid"]), (&json!("2.00"), &json!("18.00")));
    assert_eq!(second["points_after"], 1_234 - 200 + 20);

    let captured = hold(&shop, &member, 300).await;
    let balances = shop.get(&format!("/members/{member}/balances")).await.expect(200);
    assert_eq!(balances["points"]["balance"], 754);
    assert_eq!(
        (&balances["points"]["spendable_here"], &balances["points"]["held"]),
        (&json!(754), &json!(300))
    );
    let lot = &balances["points"]["lots"][0];
    assert_eq!((&lot["expires_on"], &lot["balance"]), (&json!("2027-12-31"), &json!(1_054)));

    let ended = shop.post(&format!("/holds/{captured}/capture"), json!({"points": 100})).await.expect(200);
    assert_eq!(ended["captured"], 100);
    assert_eq!(shop.get(&format!("/holds/{captured}")).await.expect(200)["state"], "captured");
    let released = hold(&shop, &member, 50).await;
    shop.post(&format!("/holds/{released}/release"), json!({})).await.expect(200);
    let third = json!({
        "card": card, "till": "1", "check": "003", "gross": "9.90", "hold": hold(&shop, &member, 100).await,
    });
    assert_eq!(shop.post("/checkouts", third).await.expect(201)["discount"], "1.00");

    let sale = text(&sale["sale"]);
    let back = json!({"sale": sale, "till": "1", "check": "004", "gross": "234.56"});
    let back = shop.post("/returns", back).await.expect(201);
    assert_eq!((&back["refund"], &back["points_clawed_back"]), (&json!("234.56"), &json!(234)));
    let detail = shop.get(&format!("/checkouts/{sale}")).await.expect(200);
    assert_eq!(detail["returnable"], json!({"in_all": "1000.00", "here": "1000.00"}));
    let found = shop.get("/checkouts?till=1&check=001").await.expect(200);
    assert_eq!(found, detail);

    check_history(&shop, &member).await;
}

async fn hold(shop: &Shop, member: &str, points: i64) -> String {
    let placed = shop.post("/holds", json!({"member": member, "points": points})).await.expect(201);
    assert_eq!(placed["expires_at"], "2026-08-01T01:35:00.000Z");
    text(&placed["hold"])
}

/// Walks the whole history in pages of two and adds it up.
async fn check_history(shop: &Shop, member: &str) {
    let mut entries: Vec<Value> = Vec::new();
    let mut path = format!("/members/{member}/history?limit=2");
    let points = loop {
        let page = shop.get(&path).await.expect(200);
        entries.extend(page["entries"].as_array().unwrap().iter().cloned());
        match page["next"].as_str() {
            Some(next) => path = format!("/members/{member}/history?limit=2&cursor={next}"),
            None => break page["points"].clone(),
        }
    };
    let kinds: Vec<&str> = entries.iter().map(|entry| entry["kind"].as_str().unwrap()).collect();
    let expected =
        ["return", "sale", "hold", "release", "hold", "capture", "hold", "sale", "sale", "profile"];
    assert_eq!(kinds, expected);

    let mut after = points["total"].as_i64().unwrap();
    for entry in &entries {
        assert_eq!(entry["points_after"], after, "{entry}");
        let lots: i64 =
            entry["lots"].as_array().unwrap().iter().map(|lot| lot["change"].as_i64().unwrap()).sum();
        assert_eq!(entry["change"], lots);
        after -= lots;
    }
    assert_eq!(after, 0, "the changes sum to the total");
    let balances = shop.get(&format!("/members/{member}/balances")).await.expect(200);
    let spendable = 1_234 - 200 + 20 - 100 + 9 - 100 - 234;
    assert_eq!(points, json!({"total": spendable, "held": 0, "expired": 0, "balance": spendable}));
    assert_eq!(balances["points"]["balance"], spendable);
}

#[tokio::test]
async fn expired_points_are_told_apart_and_a_hold_runs_out() {
    const DAY_MS: u64 = 86_400_000;
    let shop = Shop::alone().await;
    let (member, _) = shop.member("Li Lei").await;
    let sale = json!({"member": member, "till": "1", "check": "1", "gross": "500.00"});
    shop.post("/checkouts", sale).await.expect(201);
    let hold = hold(&shop, &member, 100).await;

    shop.pass_ms(15 * 60 * 1_000);
    let capture = shop.post(&format!("/holds/{hold}/capture"), json!({})).await;
    capture.problem(409, "hold_expired");
    assert_eq!(shop.get(&format!("/holds/{hold}")).await.expect(200)["state"], "expired");
    // Released by the store itself or by request: it has run out all the same.
    let ended = shop.post(&format!("/holds/{hold}/release"), json!({})).await;
    assert!([200, 409].contains(&ended.status), "{}", ended.body);
    let capture = shop.post(&format!("/holds/{hold}/capture"), json!({})).await;
    capture.problem(409, "hold_expired");
    let shown = shop.get(&format!("/holds/{hold}")).await.expect(200);
    assert_eq!((&shown["state"], &shown["captured"]), (&json!("expired"), &json!(0)));

    shop.pass_ms(2 * 365 * DAY_MS);
    let balances = shop.get(&format!("/members/{member}/balances")).await.expect(200);
    assert_eq!(
        (&balances["points"]["balance"], &balances["points"]["lots"][0]["expired"]),
        (&json!(0), &json!(true))
    );
    let history = shop.get(&format!("/members/{member}/history")).await.expect(200);
    assert_eq!(history["points"]["total"], 500);
    assert_eq!(history["points"]["balance"], 0);
}
