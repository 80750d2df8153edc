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
