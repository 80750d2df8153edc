//! A vendor's middleware in front of a node, with one mistake.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::{
    Router,
    body::to_bytes,
    extract::{Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use reqwest::Client;
use serde_json::{Value, json};
use tokio::net::TcpListener;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    None,
    /// Takes every request for a new one: another key, another check number.
    AnswersAfresh,
    DropsKeys,
    /// Answers 200 with what was refused.
    SaysYes,
    /// Answers 502 for what was refused.
    BreaksAtRefusals,
}

#[derive(Clone)]
struct Middleware {
    client: Client,
    base: String,
    fault: Fault,
}

const BODY_BYTES_MAX: usize = 64 * 1024;
static FRESH: AtomicU64 = AtomicU64::new(0);

/// Starts it; where it listens.
pub async fn proxy(base: &str, fault: Fault) -> String {
    let client = Client::builder().no_proxy().build().unwrap();
    let middleware = Middleware { client, base: base.to_owned(), fault };
    let router = Router::new().fallback(forward).with_state(middleware);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

async fn forward(State(middleware): State<Middleware>, request: Request) -> Response {
    let Middleware { client, base, fault } = middleware;
    let (head, body) = request.into_parts();
    let Ok(mut bytes) = to_bytes(body, BODY_BYTES_MAX).await else { return too_large() };
    let changes = head.headers.contains_key("idempotency-key");
    let mut onwards = client.request(head.method, format!("{base}{}", head.uri));
    for name in ["authorization", "content-type", "idempotency-key"] {
        let value = head.headers.get(name).filter(|_| name != "idempotency-key" || fault != Fault::DropsKeys);
        let Some(value) = value else { continue };
        let afresh = fault == Fault::AnswersAfresh && name == "idempotency-key";
        onwards = if afresh { onwards.header(name, fresh()) } else { onwards.header(name, value) };
    }
    if fault == Fault::AnswersAfresh && changes {
        bytes = with_fresh_check(&bytes).into();
    }
    let answer = onwards.body(bytes).send().await.unwrap();
    let (mut status, headers) = (answer.status(), answer.headers().clone());
    match fault {
        Fault::SaysYes if status.is_client_error() => status = StatusCode::OK,
        Fault::BreaksAtRefusals if status == StatusCode::UNPROCESSABLE_ENTITY => {
            status = StatusCode::BAD_GATEWAY;
        }
        _ => {}
    }
    let mut response = (status, answer.bytes().await.unwrap()).into_response();
    for name in ["content-type", "x-request-id", "idempotency-replayed"] {
        if let Some(value) = headers.get(name) {
            response.headers_mut().insert(name, value.clone());
        }
    }
    response
}

/// What a node says of such a body; read here, for it does not fit through.
fn too_large() -> Response {
    let body = json!({"type": "urn:purser:problem:body_too_large", "code": "body_too_large", "status": 413});
    let headers = [("content-type", "application/problem+json"), ("x-request-id", "middleware")];
    (StatusCode::PAYLOAD_TOO_LARGE, headers, body.to_string()).into_response()
}

fn with_fresh_check(bytes: &[u8]) -> Vec<u8> {
    match serde_json::from_slice::<Value>(bytes) {
        Ok(mut body) if body.get("check").is_some() => {
            body["check"] = fresh().into();
            body.to_string().into_bytes()
        }
        _ => bytes.to_vec(),
    }
}

fn fresh() -> String {
    format!("afresh-{}", FRESH.fetch_add(1, Ordering::Relaxed))
}
