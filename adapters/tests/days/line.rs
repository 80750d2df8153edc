use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use axum::{
    Router,
    body::{Bytes, to_bytes},
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use reqwest::Client;
use tokio::net::TcpListener;

/// The line between an adapter and its node, on which answers can get lost.
pub struct Line {
    pub base: String,
    loses: Arc<AtomicBool>,
}

#[derive(Clone)]
struct Relay {
    client: Client,
    to: String,
    loses: Arc<AtomicBool>,
}

impl Line {
    pub async fn to(node: &str) -> Self {
        let loses = Arc::new(AtomicBool::new(false));
        let client = Client::builder().no_proxy().build().unwrap();
        let relay = Relay { client, to: node.to_owned(), loses: Arc::clone(&loses) };
        Self { base: served(Router::new().fallback(pass_on).with_state(relay)).await, loses }
    }

    /// From now on, changes are carried out, and their answers are lost; or not any more.
    pub fn loses_answers(&self, loses: bool) {
        self.loses.store(loses, Ordering::SeqCst);
    }
}

async fn pass_on(State(relay): State<Relay>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let is_change = head.headers.contains_key("idempotency-key");
    let body: Bytes = to_bytes(body, 1 << 20).await.unwrap();
    let onwards =
        relay.client.request(head.method, format!("{}{}", relay.to, head.uri)).headers(head.headers);
    let answer = onwards.body(body).send().await.unwrap();
    let (status, headers) = (answer.status(), answer.headers().clone());
    let body = answer.bytes().await.unwrap();
    if is_change && relay.loses.load(Ordering::SeqCst) {
        std::future::pending::<()>().await;
    }
    let mut response = (status, body).into_response();
    if let Some(media_type) = headers.get("content-type") {
        response.headers_mut().insert("content-type", media_type.clone());
    }
    response
}

/// Serves on a port of its own; where.
pub async fn served(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}
