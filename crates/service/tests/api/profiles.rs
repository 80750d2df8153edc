use serde_json::json;

use crate::city::{Shop, text};

#[tokio::test]
async fn a_profile_is_written_changed_and_read() {
    let shop = Shop::alone().await;
    let body = json!({
        "profile": {"name": "王小明", "phone": "138 0013 8000", "birth_date": "1988-05-04", "address": "3 Spring Road"},
        "consents": {"sms": "granted", "phone": "withdrawn"},
        "tags": ["tea"],
        "vehicles": [{"plate": "鲁A12345", "model": "Emgrand"}],
    });
    let registered = shop.post("/members", body).await.expect(201);
    assert_eq!(registered["card"], json!(null));
    let member = text(&registered["member"]);
    let card = text(&shop.post(&format!("/members/{member}/cards"), json!({})).await.expect(201)["card"]);

    let change = json!({
        "profile": {"address": null, "preferences": "green tea"},
        "consents": {"sms": "withdrawn"},
        "add_tags": ["regular"], "remove_tags": ["tea"],
        "remove_vehicles": ["鲁A12345"],
    });
    let changed = shop.patch(&format!("/members/{member}"), change).await.expect(200);
    assert_eq!(changed, json!({"member": member}));

    let shown = shop.get(&format!("/members/{member}")).await.expect(200);
    assert_eq!(shown["profile"]["name"], "王小明");
    assert_eq!(shown["profile"]["phone"], "13800138000");
    assert_eq!(
        (&shown["profile"]["address"], &shown["profile"]["preferences"]),
        (&json!(null), &json!("green tea"))
    );
    assert_eq!(shown["consents"], json!({"sms": "withdrawn", "phone": "withdrawn"}));
    assert_eq!((&shown["tags"], &shown["vehicles"]), (&json!(["regular"]), &json!([])));
    assert_eq!(shown["cards"], json!([{"card": card, "state": "active"}]));
    assert_eq!(shown["conflicts"], json!({}));
}

#[tokio::test]
async fn who_was_registered_twice_is_one_person_until_somebody_says_otherwise() {
    let shop = Shop::alone().await;
    let registered = async |name: &str| {
        let body = json!({"profile": {"name": name, "phone": "13800138000"}, "card": true});
        text(&shop.post("/members", body).await.expect(201)["member"])
    };
    let (first, second) = (registered("王小明").await, registered("王晓明").await);
    for (member, check) in [(&first, "m1"), (&second, "m2")] {
        let sale = json!({"member": member, "till": "1", "check": check, "gross": "100.00"});
        shop.post("/checkouts", sale).await.expect(201);
    }
    let points = async |member: &str| {
        let balances = shop.get(&format!("/members/{member}/balances")).await.expect(200);
        balances["points"]["balance"].as_i64().unwrap()
    };
    let merge = json!({"into": first, "reason": "the same phone", "by": "Wu Min"});
    let merged = shop.post(&format!("/members/{second}/merge"), merge).await.expect(200);
    assert_eq!(merged, json!({"member": second, "into": first}));
    for member in [&first, &second] {
        assert_eq!(points(member).await, 200);
        assert_eq!(shop.get(&format!("/members/{member}")).await.expect(200)["person"], json!(first));
    }
    let again = json!({"into": second, "reason": "x", "by": "x"});
    shop.post(&format!("/members/{first}/merge"), again).await.problem(422, "out_of_range");
    let split = json!({"into": null, "reason": "father and son", "by": "Wu Min"});
    shop.post(&format!("/members/{second}/merge"), split).await.expect(200);
    assert_eq!(points(&second).await, 100);
}
