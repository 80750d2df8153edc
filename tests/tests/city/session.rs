//! A session as the README shows it: a POS vendor with an HTTP client and the node's token.

use std::fs;

use reqwest::blocking::{Client, Response};
use serde_json::{Value, json};

use super::town::Town;

fn json_of(response: Response, status: u16) -> Value {
    assert_eq!(response.status().as_u16(), status, "{response:?}");
    response.json().unwrap()
}

#[test]
fn a_vendor_registers_a_member_sells_and_redeems_over_http() {
    let town = Town::found(1);
    let base = town.stores[0].api().unwrap().base_url().to_owned();
    let token = fs::read_to_string(town.stores[0].dir().join("api-token")).unwrap();
    let token = token.trim();
    let http = Client::builder().no_proxy().build().unwrap();
    let post = |path: &str, key: &str, body: &Value| {
        let request = http.post(format!("{base}{path}")).bearer_auth(token);
        request.header("Idempotency-Key", key).json(body).send().unwrap()
    };
    let get = |path: &str| http.get(format!("{base}{path}")).bearer_auth(token).send().unwrap();

    let profile = json!({ "profile": { "name": "王秀英", "phone": "13800000005" }, "card": true });
    let registered = json_of(post("/v1/members", "r-1", &profile), 201);
    let (member, card) = (registered["member"].as_str().unwrap(), registered["card"].as_str().unwrap());
    assert!(member.starts_with("mbr_") && card.len() == 17, "{registered}");
    let found = json_of(get("/v1/members?phone_end=0005"), 200);
    assert_eq!(found["members"][0]["member"], member);

    let basket = json!({ "card": card, "till": "1", "check": "0001", "gross": "250.50" });
    let sale = json_of(post("/v1/checkouts", "c-1", &basket), 201);
    assert_eq!((&sale["points_earned"], &sale["paid"]), (&json!(250), &json!("250.50")));
    let again = post("/v1/checkouts", "c-1", &basket);
    assert_eq!(again.headers()["idempotency-replayed"], "true");
    assert_eq!(json_of(again, 201), sale);
    let other = json!({ "card": card, "till": "1", "check": "0002", "gross": "1.00" });
    assert_eq!(json_of(post("/v1/checkouts", "c-1", &other), 422)["code"], "idempotency_key_reused");

    let redemption =
        json!({ "member": member, "till": "1", "check": "0002", "gross": "20.00", "redeem_points": 200 });
    let redeemed = json_of(post("/v1/checkouts", "c-2", &redemption), 201);
    assert_eq!((&redeemed["discount"], &redeemed["paid"]), (&json!("2.00"), &json!("18.00")));
    let balances = json_of(get(&format!("/v1/members/{member}/balances")), 200);
    assert_eq!(
        (&balances["points"]["balance"], &balances["points"]["spendable_here"]),
        (&json!(70), &json!(70))
    );
    let history = json_of(get(&format!("/v1/members/{member}/history")), 200);
    let changes: i64 =
        history["entries"].as_array().unwrap().iter().map(|line| line["change"].as_i64().unwrap()).sum();
    assert_eq!(changes, 70, "the history explains the balance: {history}");
    assert_eq!(json_of(get("/v1/members/mbr_0"), 400)["code"], "malformed_path");
}

#[test]
fn whoever_lacks_the_token_learns_and_changes_nothing() {
    let town = Town::found(1);
    let base = town.stores[0].api().unwrap().base_url().to_owned();
    let hubs_token = fs::read_to_string(town.hub.dir().join("api-token")).unwrap();
    let http = Client::builder().no_proxy().build().unwrap();
    // What hub and store have to tell each other at first is through.
    town.settle();
    let before = town.stores[0].digest().unwrap();
    for token in [None, Some(""), Some("changeme"), Some(hubs_token.trim())] {
        let requests = [
            http.get(format!("{base}/v1/members")),
            http.get(format!("{base}/v1/status")),
            http.get(format!("{base}/v1/metrics")),
            http.post(format!("{base}/v1/members"))
                .header("Idempotency-Key", "x")
                .json(&json!({ "card": true })),
        ];
        for request in requests {
            let request = if let Some(token) = token { request.bearer_auth(token) } else { request };
            let response = request.send().unwrap();
            assert!(response.headers().contains_key("www-authenticate"));
            let problem = json_of(response, 401);
            assert_eq!(problem["code"], "unauthorised");
        }
    }
    assert_eq!(town.stores[0].digest().unwrap(), before);
    // What needs no token tells nothing about anybody.
    let health = json_of(http.get(format!("{base}/v1/health")).send().unwrap(), 200);
    assert_eq!(health, json!({ "live": true, "ready": true }));
}

/// What the README sends with `curl -d '…'`.
fn body_in_readme() -> Value {
    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md")).unwrap();
    let (_, body) = readme.split_once(" -d '").unwrap();
    serde_json::from_str(body.split_once('\'').unwrap().0).unwrap()
}

#[test]
fn what_the_readme_sends_is_accepted() {
    let town = Town::found(1);
    let answer = town.stores[0].api().unwrap().post("/v1/members", "reg-1", &body_in_readme()).unwrap();
    assert_eq!(answer.status, 201, "{}", answer.body);
    assert!(answer.body["card"].is_string(), "{}", answer.body);
}
