use reqwest::Method;
use serde_json::{Value, json};

use crate::city::{Answer, Shop, text};

#[tokio::test]
async fn a_repeated_request_gets_the_same_answer_and_is_carried_out_once() {
    let shop = Shop::alone().await;
    let (member, card) = shop.member("Wang Xiaoming").await;
    let bodies = [
        ("/members", json!({"profile": {"name": "Li Lei"}, "card": true})),
        ("/checkouts", json!({"member": member, "till": "1", "check": "1", "gross": "800.00"})),
        ("/holds", json!({"card": card, "points": 10})),
        (&format!("/members/{member}/cards"), json!({})),
    ];
    for (path, body) in bodies {
        let key = shop.fresh_key();
        let first = shop.change(Method::POST, path, &key, body.clone()).await;
        let again = shop.change(Method::POST, path, &key, body).await;
        assert!(!first.replayed && again.replayed, "{path}");
        assert_eq!((first.status, first.body), (201, again.body), "{path}");
        assert_eq!(again.status, 201, "{path}");
    }
    let balances = shop.get(&format!("/members/{member}/balances")).await.expect(200);
    assert_eq!((&balances["points"]["balance"], &balances["points"]["held"]), (&json!(790), &json!(10)));
}

#[tokio::test]
async fn of_many_at_once_under_one_key_one_is_carried_out() {
    let shop = Shop::alone().await;
    let (member, _) = shop.member("Wang Xiaoming").await;
    let sale = json!({"member": member, "till": "1", "check": "1", "gross": "100.00"});
    let sends = || shop.change(Method::POST, "/checkouts", "k", sale.clone());
    let (a, b, c, d) = tokio::join!(sends(), sends(), sends(), sends());
    let answers = [a, b, c, d];
    assert_eq!(answers.iter().filter(|answer| !answer.replayed).count(), 1);
    assert!(answers.iter().all(|answer| answer.status == 201 && answer.body == answers[0].body));
    assert_eq!(points(&shop, &member).await, 100);
}

#[tokio::test]
async fn a_body_is_the_same_however_it_is_written_and_another_one_is_refused() {
    let shop = Shop::alone().await;
    let (member, _) = shop.member("Wang Xiaoming").await;
    let written = |body: String| {
        let request = shop.request(Method::POST, "/checkouts").header("Idempotency-Key", "k");
        Answer::to(request.header("Content-Type", "application/json; charset=utf-8").body(body))
    };
    let first = format!(
        r#"{{"member":"{member}","till":"1","check":"1","gross":"12.50","lines":[{{"article":"a","unit_price":"12.50"}}]}}"#
    );
    let other_order = format!(
        r#"{{ "lines": [ {{"unit_price":"12.5","article":"a"}} ], "gross":"12.5", "check":"1","till":"1", "member":"{member}" }}"#
    );
    let first = written(first).await.expect(201);
    let again = written(other_order).await;
    assert!(again.replayed);
    assert_eq!(again.body, first);
    let other = json!({"member": member, "till": "1", "check": "1", "gross": "12.51"});
    let refused = shop.change(Method::POST, "/checkouts", "k", other.clone()).await;
    refused.problem(422, "idempotency_key_reused");
    // The same body elsewhere is another request, too.
    let elsewhere = shop.change(Method::POST, "/members", "k", json!({"card": true})).await;
    elsewhere.problem(422, "idempotency_key_reused");
    shop.post("/checkouts", other).await.problem(409, "check_number_reused");
}

#[tokio::test]
async fn a_sale_is_closed_once_for_a_check_number_also_under_another_key() {
    let shop = Shop::alone().await;
    let (member, card) = shop.member("Wang Xiaoming").await;
    let sale = json!({"card": card, "till": "1", "check": "77", "gross": "100"});
    let first = shop.post("/checkouts", sale.clone()).await.expect(201);
    let again = shop.post("/checkouts", sale.clone()).await;
    assert!(again.replayed);
    assert_eq!(again.expect(201), first);

    let back = json!({"sale": first["sale"], "till": "1", "check": "78", "gross": "40"});
    let taken = shop.post("/returns", back.clone()).await.expect(201);
    let again = shop.post("/returns", back).await;
    assert!(again.replayed);
    assert_eq!(again.expect(201), taken);
    assert_eq!(points(&shop, &member).await, 60);
    shop.get("/checkouts?till=1&check=78").await.problem(404, "unknown_check");
    shop.get("/checkouts?till=1&check=79").await.problem(404, "unknown_check");
}

#[tokio::test]
async fn whoever_repeats_gets_the_answer_whatever_has_become_of_the_card() {
    let shop = Shop::alone().await;
    let (member, card) = shop.member("Wang Xiaoming").await;
    let sale = json!({"card": card, "till": "1", "check": "1", "gross": "100"});
    let first = shop.change(Method::POST, "/checkouts", "the lost answer", sale.clone()).await.expect(201);
    let held = json!({"card": card, "points": 5});
    let hold = shop.change(Method::POST, "/holds", "the lost hold", held.clone()).await.expect(201);

    let change = shop.patch(&format!("/cards/{card}"), json!({"state": "lost"})).await.expect(200);
    assert_eq!(change, json!({"card": card, "member": member, "state": "lost"}));
    for (path, body) in [
        ("/checkouts", json!({"card": card, "till": "1", "check": "2", "gross": "100"})),
        ("/holds", json!({"card": card, "points": 1})),
    ] {
        let refused = shop.post(path, body).await.problem(409, "card_not_active");
        assert_eq!(refused["state"], "lost");
    }
    let by_key = shop.change(Method::POST, "/checkouts", "the lost answer", sale.clone()).await;
    let by_check = shop.post("/checkouts", sale).await;
    let hold_again = shop.change(Method::POST, "/holds", "the lost hold", held).await;
    assert_eq!((by_key.expect(201), by_check.expect(201)), (first.clone(), first));
    assert_eq!(hold_again.expect(201), hold);

    shop.patch(&format!("/cards/{card}"), json!({"state": "active"})).await.expect(200);
    let sale = json!({"card": card, "till": "1", "check": "2", "gross": "100"});
    shop.post("/checkouts", sale).await.expect(201);
    assert_eq!(text(&shop.get(&format!("/cards/{card}")).await.expect(200)["state"]), "active");
}

async fn points(shop: &Shop, member: &str) -> i64 {
    let balances: Value = shop.get(&format!("/members/{member}/balances")).await.expect(200);
    balances["points"]["balance"].as_i64().unwrap()
}
