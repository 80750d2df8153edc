use reqwest::Method;
use serde_json::{Value, json};

use crate::city::{Answer, Shop, text};

/// One bad request and what it has to be answered with; `field` where one is to be named.
struct Case {
    path: &'static str,
    body: Value,
    status: u16,
    code: &'static str,
    field: Option<&'static str>,
}

fn case(path: &'static str, body: Value, status: u16, code: &'static str, field: &'static str) -> Case {
    Case { path, body, status, code, field: Some(field).filter(|field| !field.is_empty()) }
}

/// A sale with some fields changed; `null` takes a field out.
fn sale(changes: &Value) -> Value {
    let mut sale = json!({"member": "MEMBER", "till": "1", "check": "bad", "gross": "300.00"});
    for (field, value) in changes.as_object().unwrap() {
        sale[field] = value.clone();
    }
    sale.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    sale
}

fn amounts() -> Vec<Case> {
    let wrong = [
        json!("-1.00"),
        json!("-0"),
        json!(".5"),
        json!("5."),
        json!("1.001"),
        json!("92233720368547758.08"),
        json!("1e3"),
        json!(12.5),
        json!(12),
        json!("١٢"),
        json!(""),
        json!(true),
    ];
    let wrong = wrong
        .into_iter()
        .map(|gross| case("/checkouts", sale(&json!({ "gross": gross })), 422, "invalid_field", "gross"));
    let huge = sale(&json!({"gross": "10000000000.01"}));
    wrong.chain([case("/checkouts", huge, 422, "out_of_range", "gross")]).collect()
}

fn checkouts() -> Vec<Case> {
    let to = "/checkouts";
    let invalid = |changes: Value, field| case(to, sale(&changes), 422, "invalid_field", field);
    vec![
        invalid(json!({"member": null}), "member"),
        invalid(json!({"card": "CARD"}), "card"),
        invalid(json!({"member": "mbr_nonsense"}), "member"),
        invalid(json!({"member": null, "card": "66880012000000010"}), "card"),
        invalid(
            json!({"gross": null, "lines": [{"unit_price": "0.00", "quantity": 1_000_001}]}),
            "lines[0].quantity",
        ),
        invalid(json!({"till": null}), "till"),
        invalid(json!({"gros": "1.00"}), "gros"),
        invalid(json!({"redeem_points": -100}), "redeem_points"),
        invalid(json!({"redeem_points": 1.5}), "redeem_points"),
        invalid(json!({"redeem_points": "100"}), "redeem_points"),
        invalid(json!({"redeem_points": 9_223_372_036_854_775_808_u64}), "redeem_points"),
        invalid(json!({"redeem_points": 100, "hold": "HOLD"}), "hold"),
        invalid(json!({"hold": "hold_0000000000000"}), "hold"),
        invalid(json!({"lines": [1]}), "lines[0]"),
        invalid(json!({"lines": {}}), "lines"),
        case(to, sale(&json!({"till": ""})), 422, "out_of_range", "till"),
        case(to, sale(&json!({"check": "x".repeat(49)})), 422, "out_of_range", "check"),
        case(to, sale(&json!({"redeem_points": 150})), 422, "redemption_not_in_steps", ""),
        case(to, sale(&json!({"redeem_points": 100, "gross": "0.50"})), 422, "redemption_exceeds_goods", ""),
        case(to, sale(&json!({"redeem_points": 10_000})), 409, "insufficient_balance", ""),
        case(to, sale(&json!({"member": "STRANGER"})), 404, "unknown_member", ""),
        case(to, sale(&json!({"member": null, "card": "66880012013456786"})), 404, "unknown_card", ""),
        case(to, sale(&json!({"hold": "NO_HOLD"})), 404, "unknown_hold", ""),
        case(to, sale(&json!({"hold": "HOLD", "member": "OTHER"})), 409, "hold_of_another_member", ""),
        case(to, sale(&json!({"hold": "ENDED"})), 409, "hold_settled", ""),
        case(to, sale(&json!({"check": "first"})), 409, "check_number_reused", ""),
        case(to, json!(["MEMBER", null, "1", "bad", "1.00"]), 422, "invalid_field", "body"),
        case(to, json!("sale"), 422, "invalid_field", "body"),
    ]
}

fn the_rest() -> Vec<Case> {
    let back = |changes: Value| {
        let mut back = json!({"sale": "SALE", "till": "1", "check": "back", "gross": "1.00"});
        changes.as_object().unwrap().iter().for_each(|(field, value)| back[field] = value.clone());
        back
    };
    vec![
        case("/returns", back(json!({"gross": "2500.00"})), 409, "return_too_large", ""),
        case("/returns", back(json!({"gross": "0.00"})), 422, "out_of_range", "gross"),
        case("/returns", back(json!({"gross": "-1.00"})), 422, "invalid_field", "gross"),
        case("/returns", back(json!({"sale": "NO_SALE"})), 404, "unknown_sale", ""),
        case("/returns", back(json!({"sale": "MEMBER"})), 422, "invalid_field", "sale"),
        case("/returns", back(json!({"check": "first"})), 409, "check_number_reused", ""),
        case("/holds", json!({"member": "MEMBER", "points": 0}), 422, "out_of_range", "points"),
        case("/holds", json!({"member": "MEMBER"}), 422, "invalid_field", "points"),
        case("/holds", json!({"member": "MEMBER", "points": 9_999}), 409, "insufficient_balance", ""),
        case(
            "/holds",
            json!({"member": "MEMBER", "points": 1, "lasts_seconds": 0}),
            422,
            "invalid_field",
            "lasts_seconds",
        ),
        case(
            "/holds",
            json!({"member": "MEMBER", "points": 1, "lasts_seconds": 86_401}),
            422,
            "invalid_field",
            "lasts_seconds",
        ),
        case("/holds/HOLD/capture", json!({"points": 51}), 422, "out_of_range", "points"),
        case("/holds/HOLD/capture", json!({"point": 5}), 422, "invalid_field", "point"),
        case("/holds/ENDED/release", json!({}), 409, "hold_settled", ""),
        case("/holds/NO_HOLD/release", json!({}), 404, "unknown_hold", ""),
        case("/holds/hold_no/release", json!({}), 400, "malformed_path", ""),
        case("/members", json!({}), 422, "profile_no_edits", ""),
        case("/members", json!({"name": "Li"}), 422, "invalid_field", "name"),
        case("/members", json!({"profile": {"nam": "Li"}}), 422, "invalid_field", "profile.nam"),
        case("/members", json!({"profile": {"name": 5}}), 422, "invalid_field", "profile.name"),
        case("/members", json!({"profile": ["Li"]}), 422, "invalid_field", "profile"),
        case("/members", json!({"vehicles": [["A1", "x"]]}), 422, "invalid_field", "vehicles[0]"),
        case("/members", json!({"consents": {"sms": "maybe"}}), 422, "invalid_field", "consents.sms"),
        case("/members", json!({"consents": {"sms": true}}), 422, "invalid_field", "consents.sms"),
        case("/members", json!({"vehicles": [{"plate": "A1"}]}), 422, "invalid_field", "vehicles[0].model"),
        case("/members", json!({"profile": {"phone": "12"}}), 422, "profile_invalid_text", "profile.phone"),
        case("/members", json!({"profile": {"sex": "none"}}), 422, "profile_invalid_text", "profile.sex"),
        case("/members", json!({"tags": ["two\nlines"]}), 422, "profile_invalid_text", "tag"),
        case("/members/STRANGER/cards", json!({}), 404, "unknown_member", ""),
        case("/members/mbr_%FF/cards", json!({}), 400, "malformed_path", ""),
    ]
}

#[tokio::test]
async fn every_bad_body_is_refused_with_its_code_and_field() {
    let shop = Shop::alone().await;
    let names = furnish(&shop).await;
    for Case { path, body, status, code, field } in amounts().into_iter().chain(checkouts()).chain(the_rest())
    {
        let put_names = |text: String| names.iter().fold(text, |text, (name, id)| text.replace(name, id));
        let body: Value = serde_json::from_str(&put_names(body.to_string())).unwrap();
        let said = shop.post(&put_names(path.to_owned()), body.clone()).await;
        let told = (said.status, said.body["code"].as_str(), said.body["field"].as_str());
        assert_eq!(told, (status, Some(code), field), "{path} {body}: {}", said.body);
    }
    let history = shop.get(&format!("/members/{}/history", names[2].1)).await.expect(200);
    assert_eq!(history["entries"].as_array().unwrap().len(), 5, "nothing of all that has left a trace");
}

/// What the cases speak of, by name. A name that contains another comes first.
async fn furnish(shop: &Shop) -> Vec<(&'static str, String)> {
    let ((member, card), (other, _)) = (shop.member("Wang").await, shop.member("Other").await);
    let sale = json!({"member": member, "till": "1", "check": "first", "gross": "2000.00"});
    let sale = text(&shop.post("/checkouts", sale).await.expect(201)["sale"]);
    let mut holds = Vec::new();
    for _ in 0..2 {
        let held = shop.post("/holds", json!({"member": member, "points": 50})).await.expect(201);
        holds.push(text(&held["hold"]));
    }
    let [hold, ended] = holds.try_into().unwrap();
    shop.post(&format!("/holds/{ended}/release"), json!({})).await.expect(200);
    let stranger = |id: &str| format!("{}zz", &id[..id.len() - 2]).replace("zz", "00");
    vec![
        ("NO_HOLD", stranger(&hold)),
        ("NO_SALE", stranger(&sale)),
        ("MEMBER", member.clone()),
        ("STRANGER", stranger(&member)),
        ("OTHER", other),
        ("HOLD", hold),
        ("ENDED", ended),
        ("SALE", sale),
        ("CARD", card),
    ]
}

#[tokio::test]
async fn bad_queries_paths_and_patches_are_refused() {
    let shop = Shop::alone().await;
    let (member, card) = shop.member("Wang").await;
    let history = format!("/members/{member}/history");
    for (path, code) in [
        ("/members?limit=0", "malformed_query"),
        ("/members?limit=201", "malformed_query"),
        ("/members?limit=many", "malformed_query"),
        ("/members?page=2", "malformed_query"),
        ("/members?phone=1&name=Li", "malformed_query"),
        ("/members?phone_end=123", "malformed_query"),
        ("/members?name=", "malformed_query"),
        ("/members?card=123", "malformed_query"),
        ("/members?cursor=nonsense", "malformed_cursor"),
        ("/members?name=Wa&cursor=AAAAAAAAAAAAAAAAAAAA", "malformed_cursor"),
        (&format!("{history}?cursor=AAAA"), "malformed_cursor"),
        (&format!("{history}?limit=-1"), "malformed_query"),
        ("/checkouts?till=1", "malformed_query"),
        ("/receipts?till=1&check=1&paper=70", "malformed_query"),
        ("/receipts?till=1&check=1&language=fr", "malformed_query"),
        ("/receipts?till=1&check=1&language=", "malformed_query"),
        ("/commission?from=2026-08-02&until=2026-08-01", "malformed_query"),
        ("/commission?from=2026-08-01&until=2026-08-02&roles=,", "malformed_query"),
        ("/commission?from=2026-08-01&until=2026-08-02&roles=:waiter", "malformed_query"),
        ("/members/nobody", "malformed_path"),
        ("/checkouts/sale_", "malformed_path"),
        ("/cards/6688", "malformed_path"),
        (&format!("/holds/{member}"), "malformed_path"),
    ] {
        shop.get(path).await.problem(400, code);
    }
    let stranger = member.replace(&member[member.len() - 2..], "00");
    for path in ["", "/balances", "/history"] {
        shop.get(&format!("/members/{stranger}{path}")).await.problem(404, "unknown_member");
    }
    shop.get("/cards/66880012013456786").await.problem(404, "unknown_card");
    shop.patch(&format!("/members/{member}"), json!({})).await.problem(422, "profile_no_edits");
    let state = shop.patch(&format!("/cards/{card}"), json!({"state": "eaten"})).await;
    assert_eq!(state.problem(422, "invalid_field")["field"], "state");
}

#[tokio::test]
async fn what_is_no_json_or_has_no_key_is_refused() {
    let shop = Shop::alone().await;
    let send = |key: Option<&'static str>, content_type: &'static str, body: String| {
        let mut request = shop.request(Method::POST, "/members").body(body);
        request = key.into_iter().fold(request, |request, key| request.header("Idempotency-Key", key));
        Answer::to(request.header("Content-Type", content_type))
    };
    let json = "application/json";
    let deep = format!("{{\"x\":{}{}}}", "[".repeat(200), "]".repeat(200));
    let deep = format!("{{\"till\":\"1\",\"lines\":[{deep}]}}");
    for body in ["{", "card", "{\"card\":true}}", "{'card':true}", "\u{feff}{}"] {
        send(Some("k"), json, body.to_owned()).await.problem(400, "malformed_json");
    }
    let request = shop.request(Method::POST, "/checkouts").header("Idempotency-Key", "k");
    Answer::to(request.header("Content-Type", json).body(deep)).await.problem(422, "invalid_field");
    let body = || "{\"card\":true}".to_owned();
    send(Some("k"), "text/plain", body()).await.problem(415, "unsupported_media_type");
    send(Some("k"), "application/x-www-form-urlencoded", "card=true".into())
        .await
        .problem(415, "unsupported_media_type");
    send(None, json, body()).await.problem(400, "idempotency_key_missing");
    for key in ["", "schlüssel", "tab\there"] {
        send(Some(key), json, body()).await.problem(400, "idempotency_key_malformed");
    }
    let long = "k".repeat(129);
    let request = shop.request(Method::POST, "/members").header("Idempotency-Key", long);
    Answer::to(request.json(&json!({"card": true}))).await.problem(400, "idempotency_key_malformed");
    let twice = shop.request(Method::POST, "/members").header("Idempotency-Key", "a");
    let twice = twice.header("Idempotency-Key", "b").json(&json!({"card": true}));
    Answer::to(twice).await.problem(400, "idempotency_key_malformed");
    let huge = format!("{{\"card\":true,\"x\":\"{}\"}}", "x".repeat(70_000));
    send(Some("k"), json, huge).await.problem(413, "body_too_large");
    send(Some("k"), json, body()).await.expect(201);
}
