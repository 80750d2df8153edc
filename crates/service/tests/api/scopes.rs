//! What a named token opens, and what it does not.

use purser_service::{TokenFolder, TokenScope, openapi_json};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::city::{Answer, NOW_MS, Shop, authority};

/// Answers a request that shows this token.
async fn answer(shop: &Shop, token: &str, method: Method, path: &str) -> Answer {
    let request = shop.bare(method, path).bearer_auth(token);
    Answer::to(request.header("Idempotency-Key", shop.fresh_key()).json(&json!({}))).await
}

/// Every operation that needs a token: method, path with something in place of its ids, scopes.
fn guarded() -> Vec<(Method, String, Vec<String>)> {
    let document: Value = serde_json::from_str(&openapi_json()).unwrap();
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let Some(either) = operation["security"].as_array() else {
                panic!("{method} {path} does not say which scope it wants")
            };
            if either.contains(&json!({})) {
                assert!(["/v1/health", "/v1/openapi.json"].contains(&path.as_str()), "{path} is open");
                continue;
            }
            let scopes = either.iter().map(|one| match one["token"].as_array().map(Vec::as_slice) {
                Some([Value::String(scope)]) => scope.clone(),
                _ => panic!("{method} {path}: one scope for each alternative, not {one}"),
            });
            let path = path.replace("{id}", "x").replace("{number}", "x").replace("{replica}/{seq}", "x/1");
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            all.push((method, path.trim_start_matches("/v1").to_owned(), scopes.collect()));
        }
    }
    all
}

#[tokio::test]
async fn each_operation_is_open_to_the_scopes_it_names_and_to_no_other() {
    let hub = Shop::start(&authority(), purser_journal::Role::Hub, 0, Vec::new()).await;
    let folder = TokenFolder::of(hub.path());
    let tokens: Vec<_> = TokenScope::ALL
        .into_iter()
        .map(|scope| (scope, folder.create(scope.name(), &[scope], NOW_MS).unwrap()))
        .collect();
    let guarded = guarded();
    assert_eq!(guarded.len(), 45);
    for (method, path, scopes) in guarded {
        for (scope, token) in &tokens {
            let request = hub.bare(method.clone(), &path).bearer_auth(token.text()).body("{");
            let response = request.send().await.unwrap();
            let open = scopes.iter().any(|wanted| wanted == scope.name());
            assert_eq!(response.status() != StatusCode::FORBIDDEN, open, "{method} {path} with {scope}");
            if open {
                assert_ne!(response.status(), StatusCode::UNAUTHORIZED, "{method} {path} with {scope}");
            } else {
                let problem: Value = response.json().await.unwrap();
                assert_eq!((&problem["code"], &problem["scopes"]), (&json!("scope_missing"), &json!(scopes)));
                assert!(scopes.iter().all(|scope| problem["detail"].as_str().unwrap().contains(scope)));
            }
        }
    }
}

#[tokio::test]
async fn a_till_sells_and_does_not_run_the_scheme() {
    let shop = Shop::alone().await;
    let (member, _) = shop.member("Wang").await;
    let folder = TokenFolder::of(shop.path());
    let till = folder.create("till-1", &[TokenScope::Till], NOW_MS).unwrap();
    let sale = json!({"member": member, "till": "1", "check": "1", "gross": "20.00"});
    let request = shop.bare(Method::POST, "/checkouts").bearer_auth(till.text());
    Answer::to(request.header("Idempotency-Key", "a").json(&sale)).await.expect(201);
    answer(&shop, till.text(), Method::GET, &format!("/members/{member}/balances")).await.expect(200);
    for (method, path) in [(Method::GET, "/staff"), (Method::POST, "/staff"), (Method::GET, "/status")] {
        answer(&shop, till.text(), method, path).await.problem(403, "scope_missing");
    }
    // As GET: the router answers HEAD by it.
    let head = shop.bare(Method::HEAD, "/status").bearer_auth(till.text()).send().await.unwrap();
    assert_eq!(head.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_token_counts_soon_after_it_is_made_and_not_much_longer_than_it_is_there() {
    let shop = Shop::alone().await;
    let folder = TokenFolder::of(shop.path());
    let first = folder.create("first", &[TokenScope::Read], NOW_MS).unwrap();
    answer(&shop, first.text(), Method::GET, "/members").await.expect(200);
    let second = folder.create("second", &[TokenScope::Read], NOW_MS).unwrap();
    folder.revoke("first").unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    answer(&shop, second.text(), Method::GET, "/members").await.expect(200);
    answer(&shop, first.text(), Method::GET, "/members").await.problem(401, "unauthorised");
    // The owner's needs no file of these.
    std::fs::remove_dir_all(shop.path().join("tokens")).unwrap();
    shop.get("/members").await.expect(200);
}

#[tokio::test]
async fn the_journal_names_the_token_and_says_nothing_of_the_owners() {
    let shop = Shop::alone().await;
    let (member, _) = shop.member("Wang").await;
    let till = TokenFolder::of(shop.path()).create("till-1", &[TokenScope::Till], NOW_MS).unwrap();
    let sale = json!({"member": member, "till": "1", "check": "1", "gross": "20.00"});
    let send = || shop.bare(Method::POST, "/checkouts").bearer_auth(till.text());
    let first = Answer::to(send().header("Idempotency-Key", "a").json(&sale)).await.expect(201);
    let again = Answer::to(send().header("Idempotency-Key", "a").json(&sale)).await;
    assert!(again.replayed);
    assert_eq!(again.expect(201), first);

    let mut view = purser_replica::View::open(&shop.database()).unwrap();
    let acts: Vec<(String, String)> = view
        .acts(&purser_replica::ActsAsked::default(), 10)
        .unwrap()
        .into_iter()
        .map(|(act, _)| (act.by, act.act))
        .collect();
    assert_eq!(acts, [("token:till-1".to_owned(), "check_out".to_owned())]);
}
