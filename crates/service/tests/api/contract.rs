use std::collections::BTreeSet;

use purser_service::openapi_json;
use purser_types::{CardNumber, HoldId, MemberId, ReplicaId, SaleId};
use reqwest::Method;
use serde_json::Value;

use crate::city::{Answer, Shop};

const OPERATIONS: [(&str, &str); 47] = [
    ("GET", "/v1/members"),
    ("POST", "/v1/members"),
    ("GET", "/v1/members/{id}"),
    ("PATCH", "/v1/members/{id}"),
    ("POST", "/v1/members/{id}/cards"),
    ("POST", "/v1/members/{id}/merge"),
    ("GET", "/v1/members/{id}/balances"),
    ("GET", "/v1/members/{id}/history"),
    ("GET", "/v1/cards/{number}"),
    ("PATCH", "/v1/cards/{number}"),
    ("GET", "/v1/checkouts"),
    ("POST", "/v1/checkouts"),
    ("GET", "/v1/checkouts/{id}"),
    ("POST", "/v1/quote"),
    ("POST", "/v1/returns"),
    ("POST", "/v1/claims"),
    ("POST", "/v1/top-ups"),
    ("POST", "/v1/top-ups/returns"),
    ("GET", "/v1/commission"),
    ("POST", "/v1/passes"),
    ("POST", "/v1/passes/returns"),
    ("POST", "/v1/coupon-codes"),
    ("POST", "/v1/coupon-codes/claims"),
    ("POST", "/v1/rewards"),
    ("POST", "/v1/stock"),
    ("POST", "/v1/grants"),
    ("GET", "/v1/receipts"),
    ("GET", "/v1/programmes"),
    ("POST", "/v1/programmes"),
    ("POST", "/v1/holds"),
    ("GET", "/v1/holds/{id}"),
    ("POST", "/v1/holds/{id}/capture"),
    ("POST", "/v1/holds/{id}/release"),
    ("GET", "/v1/health"),
    ("GET", "/v1/staff"),
    ("POST", "/v1/staff"),
    ("GET", "/v1/status"),
    ("GET", "/v1/metrics"),
    ("GET", "/v1/openapi.json"),
    ("GET", "/v1/fleet"),
    ("POST", "/v1/fence"),
    ("POST", "/v1/reclaim"),
    ("GET", "/v1/late"),
    ("POST", "/v1/late/{replica}/{seq}"),
    ("POST", "/v1/allowance"),
    ("POST", "/v1/vouchers"),
    ("GET", "/v1/members/{id}/page"),
];

pub fn document() -> Value {
    serde_json::from_str(&openapi_json()).unwrap()
}

fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().unwrap().iter();
    let of_path = |(path, item): (&String, &Value)| {
        let operations = item.as_object().unwrap().clone().into_iter();
        let path = path.clone();
        operations.map(move |(method, operation)| (method.to_uppercase(), path.clone(), operation))
    };
    paths.flat_map(of_path).collect()
}

/// The copy for those who have no node at hand, and for reviews: a change of the contract shows there.
#[test]
fn the_checked_in_document_is_the_one_that_is_served() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");
    let served = openapi_json() + "\n";
    if std::env::var_os("PURSER_RENEW").is_some() {
        std::fs::write(path, &served).unwrap();
    }
    let checked_in = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        checked_in == served,
        "docs/openapi.json is not what nodes serve; if it should be what they serve now: \
         PURSER_RENEW=1 cargo test -p purser-service --test api checked_in"
    );
}

#[test]
fn the_document_lists_every_route_and_each_says_what_may_go_wrong() {
    let document = document();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let operations = operations(&document);
    let listed: BTreeSet<_> =
        operations.iter().map(|(method, path, _)| (method.as_str(), path.as_str())).collect();
    assert_eq!(listed, BTreeSet::from(OPERATIONS));

    let mut ids = BTreeSet::new();
    for (method, path, operation) in &operations {
        let has_body = method != "GET";
        let changing = has_body && path != "/v1/quote";
        assert!(ids.insert(operation["operationId"].as_str().unwrap().to_owned()), "{path}");
        assert!(!operation["summary"].as_str().unwrap().is_empty(), "{path}");
        let parameters: Vec<&str> = operation["parameters"].as_array().map_or_else(Vec::new, |parameters| {
            parameters.iter().map(|parameter| parameter["name"].as_str().unwrap()).collect()
        });
        assert_eq!(parameters.contains(&"Idempotency-Key"), changing, "{path}");
        assert_eq!(operation["requestBody"].is_object(), has_body, "{path}");
        let may_be_empty = ["issue_card", "capture_hold", "release_hold"];
        let optional = may_be_empty.contains(&operation["operationId"].as_str().unwrap());
        assert_eq!(operation["requestBody"]["required"] == true, has_body && !optional, "{path}");
        let name = path.split(['{', '}']).nth(1);
        assert!(name.is_none_or(|name| parameters.contains(&name)), "{path}");
        let open = ["/v1/health", "/v1/openapi.json"].contains(&path.as_str());
        let responses = operation["responses"].as_object().unwrap();
        assert_eq!(responses.contains_key("401"), !open, "{path}");
        assert_eq!(responses.contains_key("415"), has_body, "{path}");
        for (status, response) in responses {
            let content = response["content"].as_object().unwrap();
            let problem = content.contains_key("application/problem+json");
            assert_eq!(problem, !status.starts_with('2'), "{method} {path} {status}");
        }
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_property_is_described() {
    let document = document();
    let mut references = Vec::new();
    collect(&document, &mut |key, value| {
        if key == "$ref" {
            references.push(value.as_str().unwrap().to_owned());
        }
    });
    assert!(references.len() > 30);
    for reference in references {
        assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
    }
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        let properties = schema["properties"].as_object().cloned().unwrap_or_default();
        for (property, schema) in properties {
            let mut described = false;
            collect(&schema, &mut |key, _| described |= key == "description" || key == "$ref");
            assert!(described, "{name}.{property}: {schema}");
        }
    }
}

#[test]
fn every_example_of_an_id_or_card_is_one() {
    let mut examples = Vec::new();
    collect(&document(), &mut |key, value| match (key, value) {
        ("example", Value::String(text)) => examples.push(text.clone()),
        ("examples", Value::Array(texts)) => {
            examples.extend(texts.iter().filter_map(Value::as_str).map(str::to_owned));
        }
        _ => {}
    });
    let mut kinds = BTreeSet::new();
    for example in &examples {
        let (kind, is_one) = match example.split_once('_').map_or("", |(prefix, _)| prefix) {
            "mbr" => ("member", example.parse::<MemberId>().is_ok()),
            "sale" => ("sale", example.parse::<SaleId>().is_ok()),
            "hold" => ("hold", example.parse::<HoldId>().is_ok()),
            _ if example.len() == 32 => ("replica", example.parse::<ReplicaId>().is_ok()),
            _ if example.starts_with("6688") => ("card", example.parse::<CardNumber>().is_ok()),
            _ => continue,
        };
        assert!(is_one, "{example} is no {kind}");
        kinds.insert(kind);
    }
    assert_eq!(kinds.len(), 5, "{kinds:?} of {examples:?}");
}

/// What docs/pos-integration.md tells vendors to show: every code that a till can meet, and none that there is not.
#[test]
fn the_guide_for_vendors_has_words_for_every_code_that_a_till_meets() {
    const OF_TILLS: [&str; 15] = [
        "register_member",
        "find_members",
        "show_balances",
        "issue_card",
        "show_card",
        "quote",
        "check_out",
        "find_checkout",
        "show_checkout",
        "take_back",
        "place_hold",
        "capture_hold",
        "release_hold",
        "take_up_voucher",
        "print_receipt",
    ];
    let guide = include_str!("../../../../docs/pos-integration.md");
    let rows = guide.lines().filter_map(|line| line.strip_prefix("| `")?.split(" | ").next());
    let told: BTreeSet<&str> =
        rows.flat_map(|row| row.split([',', ' ', '`'])).filter(|it| !it.is_empty()).collect();
    let mut met = BTreeSet::new();
    for (_, _, operation) in operations(&document()) {
        if !OF_TILLS.contains(&operation["operationId"].as_str().unwrap()) {
            continue;
        }
        for (status, response) in operation["responses"].as_object().unwrap() {
            // Those are told by their status.
            if !status.starts_with('2') && !["400", "413", "415"].contains(&status.as_str()) {
                let codes = response["description"].as_str().unwrap().split('`').skip(1).step_by(2);
                met.extend(codes.map(str::to_owned));
            }
        }
    }
    assert_eq!(told, met.iter().map(String::as_str).collect());
}

fn collect(value: &Value, note: &mut impl FnMut(&str, &Value)) {
    match value {
        Value::Object(members) => members.iter().for_each(|(key, value)| {
            note(key, value);
            collect(value, note);
        }),
        Value::Array(items) => items.iter().for_each(|item| collect(item, note)),
        _ => {}
    }
}

#[test]
fn every_code_is_in_the_document_with_the_operations_that_raise_it() {
    let document = document();
    let codes = document["components"]["schemas"]["Problem"].to_string();
    for code in ["insufficient_rights_here", "unknown_route", "storage_full", "card_not_active"] {
        assert!(codes.contains(&format!("\"{code}\"")), "{code}");
    }
    let raised: String =
        operations(&document).iter().map(|(_, _, operation)| operation.to_string()).collect();
    let mut listed = Vec::new();
    collect(&document["components"]["schemas"]["Problem"], &mut |key, value| {
        if key == "enum" {
            listed.extend(value.as_array().unwrap().iter().map(|code| code.as_str().unwrap().to_owned()));
        }
    });
    assert!(listed.len() > 40);
    for code in listed {
        let of_the_router = ["unknown_route", "method_not_allowed"].contains(&code.as_str());
        assert_eq!(raised.contains(&format!("`{code}`")), !of_the_router, "{code}");
    }
}

#[tokio::test]
async fn a_store_serves_its_part_of_the_document() {
    let shop = Shop::alone().await;
    let served = Answer::to(shop.bare(Method::GET, "/openapi.json")).await.expect(200);
    let hubs = document();
    let (served, hubs) = (operations(&served), operations(&hubs));
    assert_eq!(served.len() + 8, hubs.len());
    assert!(served.iter().all(|operation| hubs.contains(operation)));
}
