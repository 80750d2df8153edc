//! Whether answers are what the contract says: every operation once, and a problem of each shape.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    city::{Answer, Shop, authority, text},
    contract::document,
};

/// The contract, and which of its operations were seen.
struct Contract {
    document: Value,
    seen: Vec<String>,
}

impl Contract {
    fn check(&mut self, method: &str, path: &str, answer: &Answer) {
        self.seen.push(format!("{method} {path}"));
        let operation = &self.document["paths"][format!("/v1{path}")][method.to_lowercase()];
        let response = &operation["responses"][answer.status.to_string()];
        let media_type = if answer.status < 300 { "application/json" } else { "application/problem+json" };
        let schema = &response["content"][media_type]["schema"];
        assert!(schema.is_object(), "{method} {path}: {} is not in the contract", answer.status);
        let fault = self.fault(schema, &answer.body);
        assert_eq!(fault, None, "{method} {path}: {}", answer.body);
    }

    /// What of `value` is not as `schema` says: as much of JSON Schema as the document uses.
    fn fault(&self, schema: &Value, value: &Value) -> Option<String> {
        let schema = self.resolved(schema);
        if ["type", "allOf", "oneOf"].iter().all(|key| schema.get(key).is_none()) {
            return None;
        }
        if let Some(any) = schema["oneOf"].as_array() {
            let faults: Vec<_> = any.iter().map(|schema| self.fault(schema, value)).collect();
            return faults.iter().all(Option::is_some).then(|| format!("none of {faults:?}"));
        }
        if !has_type(schema, value) {
            return Some(format!("{value} is not a {}", schema["type"]));
        }
        let allowed = schema["enum"].as_array();
        if allowed.is_some_and(|allowed| !allowed.contains(value)) {
            return Some(format!("{value} is not listed"));
        }
        match value {
            Value::Array(items) => items.iter().find_map(|item| self.fault(&schema["items"], item)),
            Value::Object(members) => {
                let parts = self.parts(schema);
                let missing = parts.iter().flat_map(|part| part["required"].as_array().into_iter().flatten());
                let missing =
                    missing.map(|name| name.as_str().unwrap()).find(|name| !members.contains_key(*name));
                missing.map(|name| format!("{name} is missing")).or_else(|| {
                    members.iter().find_map(|(name, value)| self.fault_of_member(&parts, name, value))
                })
            }
            _ => None,
        }
    }

    fn fault_of_member(&self, parts: &[&Value], name: &str, value: &Value) -> Option<String> {
        let schema = parts.iter().find_map(|part| part["properties"].get(name));
        let free = parts.iter().find_map(|part| part.get("additionalProperties"));
        match schema.or(free.filter(|free| free.is_object())) {
            Some(schema) => self.fault(schema, value).map(|fault| format!("{name}: {fault}")),
            None => Some(format!("{name} is not in the contract")),
        }
    }

    /// The objects that a schema is made of.
    fn parts<'a>(&'a self, schema: &'a Value) -> Vec<&'a Value> {
        let schema = self.resolved(schema);
        match schema["allOf"].as_array() {
            Some(all) => all.iter().flat_map(|schema| self.parts(schema)).collect(),
            None => vec![schema],
        }
    }

    fn resolved<'a>(&'a self, schema: &'a Value) -> &'a Value {
        match schema["$ref"].as_str() {
            Some(reference) => self.document.pointer(reference.trim_start_matches('#')).unwrap(),
            None => schema,
        }
    }
}

fn has_type(schema: &Value, value: &Value) -> bool {
    let name = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    match &schema["type"] {
        Value::String(wanted) => wanted == name,
        Value::Array(wanted) => wanted.contains(&json!(name)),
        // Told by its parts, which are objects.
        _ => value.is_object(),
    }
}

#[tokio::test]
async fn every_answer_is_what_the_contract_says() {
    let hub = Shop::start(&authority(), purser_journal::Role::Hub, 0, Vec::new()).await;
    let mut contract = Contract { document: document(), seen: Vec::new() };
    let registration = json!({
        "profile": {"name": "Wang", "phone": "13800138000"}, "consents": {"sms": "granted"},
        "tags": ["tea"], "vehicles": [{"plate": "A1", "model": "x"}], "card": true,
    });
    let registered = hub.post("/members", registration).await;
    contract.check("POST", "/members", &registered);
    let (member, card) = (text(&registered.body["member"]), text(&registered.body["card"]));
    let sale = json!({"member": member, "till": "1", "check": "1", "gross": "500.00"});
    let sold = hub.post("/checkouts", sale).await;
    contract.check("POST", "/checkouts", &sold);
    let sale = text(&sold.body["sale"]);
    let mut holds = Vec::new();
    for _ in 0..2 {
        let held = hub.post("/holds", json!({"member": member, "points": 50})).await;
        contract.check("POST", "/holds", &held);
        holds.push(text(&held.body["hold"]));
    }
    let back = json!({"sale": sale, "till": "1", "check": "2", "gross": "100.00"});
    let too_much = json!({"sale": sale, "till": "1", "check": "3", "gross": "900.00"});
    let too_many = json!({"member": member, "points": 9_000});
    let decision = json!({"decision": "write_off", "reason": "a test", "by": "Zhao"});
    let stranger = json!({"replica": "00000000000000000000000000000009", "reason": "lost"});
    for (method, pattern, path, body) in [
        (Method::PATCH, "/members/{id}", format!("/members/{member}"), json!({"add_tags": ["x"]})),
        (Method::POST, "/members/{id}/cards", format!("/members/{member}/cards"), json!({})),
        (Method::PATCH, "/cards/{number}", format!("/cards/{card}"), json!({"state": "lost"})),
        (Method::POST, "/holds/{id}/capture", format!("/holds/{}/capture", holds[0]), json!({"points": 20})),
        (Method::POST, "/holds/{id}/release", format!("/holds/{}/release", holds[1]), json!({})),
        (Method::POST, "/holds/{id}/release", format!("/holds/{}/release", holds[1]), json!({})),
        (Method::POST, "/returns", "/returns".to_owned(), back),
        (Method::POST, "/returns", "/returns".to_owned(), too_much),
        (Method::POST, "/holds", "/holds".to_owned(), too_many),
        (Method::POST, "/holds", "/holds".to_owned(), json!({"card": card, "points": 1})),
        (Method::POST, "/checkouts", "/checkouts".to_owned(), json!({"gross": 1})),
        (Method::POST, "/fence", "/fence".to_owned(), stranger),
        (
            Method::POST,
            "/late/{replica}/{seq}",
            "/late/00000000000000000000000000000009/1".to_owned(),
            decision,
        ),
        (Method::POST, "/vouchers", "/vouchers".to_owned(), json!({"voucher": "6901234567892"})),
        (Method::POST, "/allowance", "/allowance".to_owned(), json!({"store": 12, "points": 100})),
    ] {
        let answer = hub.change(method.clone(), &path, &hub.fresh_key(), body).await;
        contract.check(method.as_str(), pattern, &answer);
    }
    for (path, body) in by_the_programme(&member, &sale) {
        let answer = hub.post(path, body).await;
        contract.check("POST", path, &answer);
    }
    for (pattern, path) in [
        ("/members", "/members?limit=1".to_owned()),
        ("/members", "/members?limit=none".to_owned()),
        ("/members/{id}", format!("/members/{member}")),
        ("/members/{id}/balances", format!("/members/{member}/balances")),
        ("/members/{id}/history", format!("/members/{member}/history?limit=3")),
        ("/cards/{number}", format!("/cards/{card}")),
        ("/members/{id}/page", format!("/members/{member}/page")),
        ("/checkouts", "/checkouts?till=1&check=1".to_owned()),
        ("/checkouts/{id}", format!("/checkouts/{sale}")),
        ("/holds/{id}", format!("/holds/{}", holds[0])),
        ("/health", "/health".to_owned()),
        ("/status", "/status".to_owned()),
        ("/openapi.json", "/openapi.json".to_owned()),
        ("/fleet", "/fleet".to_owned()),
        ("/late", "/late?store=12".to_owned()),
        ("/programmes", "/programmes".to_owned()),
        ("/commission", "/commission?from=2026-08-01&until=2026-08-31&roles=Li:manager".to_owned()),
        ("/commission", "/commission?from=2026-08-01&until=2026-08-31&roles=Li".to_owned()),
        ("/receipts", "/receipts?till=1&check=1&paper=80&language=en".to_owned()),
        ("/receipts", "/receipts?till=1&check=2".to_owned()),
        ("/receipts", "/receipts?till=1&check=1&paper=60".to_owned()),
        ("/receipts", "/receipts?till=1&check=nothing".to_owned()),
    ] {
        contract.check("GET", pattern, &hub.get(&path).await);
    }
    contract.seen.sort();
    contract.seen.dedup();
    // All but the metrics, which are no JSON.
    assert_eq!(contract.seen.len(), 39);
}

/// What is done by the programme, under one that has next to nothing of it.
fn by_the_programme(member: &str, sale: &str) -> Vec<(&'static str, Value)> {
    let receipt = |more: Value| {
        let mut body = json!({"member": member, "till": "1", "check": "9"});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    vec![
        ("/quote", json!({"member": member, "gross": "36.00"})),
        ("/quote", json!({"gross": "36.00", "redeem_points": 100})),
        ("/claims", receipt(json!({"date": "2026-08-01", "gross": "36.00"}))),
        ("/top-ups", receipt(json!({"amount": "5000.00"}))),
        ("/top-ups/returns", json!({"top_up": sale, "till": "1", "check": "10", "amount": "5.00"})),
        ("/passes", receipt(json!({"pass": "wash-10"}))),
        ("/rewards", receipt(json!({"reward": "gift-3", "pieces": 1}))),
        ("/stock", json!({"reward": "gift-3", "pieces": 1})),
        ("/grants", json!({"member": member, "tier": "member", "reason": "a test", "by": "Zhao"})),
        ("/programmes", json!({"signed": "gIA="})),
    ]
}
