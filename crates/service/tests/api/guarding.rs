use std::{cell::RefCell, io};

use reqwest::Method;
use serde_json::json;

use crate::city::{Answer, Shop};

#[tokio::test]
async fn without_the_token_nothing_but_health_and_contract() {
    let shop = Shop::alone().await;
    for path in ["/members", "/status", "/metrics", "/cards/66880012013456786"] {
        let answer = Answer::to(shop.bare(Method::GET, path)).await;
        assert_eq!(answer.headers["www-authenticate"], "Bearer realm=\"purser\"");
        answer.problem(401, "unauthorised");
    }
    let other = if shop.token.starts_with('a') { "b" } else { "a" };
    let wrong = format!("{other}{}", &shop.token[1..]);
    for authorization in [
        format!("Bearer {wrong}"),
        format!("Bearer {}x", shop.token),
        format!("Bearer {}", &shop.token[1..]),
        format!("Basic {}", shop.token),
        shop.token.clone(),
        "Bearer ".to_owned(),
    ] {
        let request = shop.bare(Method::POST, "/members").header("Authorization", authorization);
        // Turned away before the body is looked at.
        Answer::to(request.body("{")).await.problem(401, "unauthorised");
    }
    let twice = shop.bare(Method::GET, "/members").bearer_auth(&shop.token).bearer_auth(&shop.token);
    Answer::to(twice).await.problem(401, "unauthorised");
    let lower_case = format!("bearer {}", shop.token);
    Answer::to(shop.bare(Method::GET, "/members").header("Authorization", lower_case)).await.expect(200);

    Answer::to(shop.bare(Method::GET, "/openapi.json")).await.expect(200);
    let health = Answer::to(shop.bare(Method::GET, "/health")).await.expect(200);
    assert_eq!(health, json!({"live": true, "ready": true}));
}

#[tokio::test]
async fn unknown_routes_and_methods_are_problems_too() {
    let shop = Shop::alone().await;
    for path in ["/nothing", "/members/x/y/z", "/fleet", "//members", ""] {
        shop.get(path).await.problem(404, "unknown_route");
    }
    Answer::to(shop.request(Method::POST, "/fence")).await.problem(404, "unknown_route");
    for (method, path) in [(Method::DELETE, "/members"), (Method::PUT, "/status"), (Method::GET, "/returns")]
    {
        let answer = Answer::to(shop.request(method, path)).await;
        assert!(answer.headers.contains_key("allow"), "{path}");
        answer.problem(405, "method_not_allowed");
    }
}

#[tokio::test]
async fn status_and_metrics_tell_how_it_stands() {
    let shop = Shop::alone().await;
    let (member, _) = shop.member("Wang").await;
    shop.get(&format!("/members/{member}")).await.expect(200);
    let status = shop.get("/status").await.expect(200);
    assert_eq!((&status["store"], &status["role"]), (&json!(12), &json!("store")));
    assert_eq!((&status["city"], &status["on_line"]), (&json!("Laiwu Books/Jinan"), &json!(false)));
    assert_eq!((&status["stopped"], &status["links"]), (&json!(null), &json!([])));
    assert_eq!(status["now"], "2026-08-01T01:20:00.000Z");

    let response = shop.request(Method::GET, "/metrics").send().await.unwrap();
    let text = response.text().await.unwrap();
    for line in [
        "purser_orders_total 2",
        "purser_on_line 0",
        "purser_stopped 0",
        "route=\"/v1/members/{id}\",status=\"200\"",
        "# EOF",
    ] {
        assert!(text.contains(line), "{line} in\n{text}");
    }
    assert!(!text.contains(&member) && !text.contains("Wang"));
}

#[tokio::test]
async fn a_stopped_node_says_so() {
    let shop = Shop::alone().await;
    let Shop { ref base, ref token, .. } = shop;
    let (base, token) = (base.clone(), token.clone());
    let database = shop.database();
    assert!(database.exists());
    shop.node.stop().await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let health = Answer::to(client.get(format!("{base}/v1/health"))).await;
    health.problem(503, "not_ready");
    let request = client.post(format!("{base}/v1/members")).bearer_auth(token);
    let request = request.header("Idempotency-Key", "k").json(&json!({"card": true}));
    Answer::to(request).await.problem(503, "shutting_down");
}

thread_local! {
    static LOG: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// What this thread has logged: a test is served on its own thread.
struct Log;

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOG.with_borrow_mut(|log| log.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn the_log_tells_of_requests_and_of_nobody() {
    tracing_subscriber::fmt().with_ansi(false).with_writer(|| Log).init();
    let shop = Shop::alone().await;
    let body = json!({"profile": {"name": "Wang Xiaoming", "phone": "13800138000"}, "card": true});
    let registered = shop.change(Method::POST, "/members", "key-of-the-till", body).await.expect(201);
    let (member, card) = (registered["member"].as_str().unwrap(), registered["card"].as_str().unwrap());
    shop.get("/members?phone=13800138000").await.expect(200);
    shop.get("/members?phone=13800138000&name=Wang").await.problem(400, "malformed_query");
    let answer = shop.get(&format!("/members/{member}/balances")).await;
    shop.get(&format!("/cards/{card}")).await.expect(200);
    shop.post("/checkouts", json!({"card": card, "gross": "13800138000"}))
        .await
        .problem(422, "invalid_field");

    let text = String::from_utf8(LOG.take()).unwrap();
    let id = answer.headers["x-request-id"].to_str().unwrap();
    let line = text.lines().find(|line| line.contains(id)).unwrap();
    for part in ["/v1/members/{id}/balances", "GET", "status=200", "latency_ms="] {
        assert!(line.contains(part), "{line}");
    }
    assert_eq!(text.matches("answered").count(), 6);
    for secret in ["Wang", "1380013", member, card, "key-of-the-till", &shop.token] {
        assert!(!text.contains(secret), "{secret} in\n{text}");
    }
}
