//! What happens to every request, whatever it asks for: it gets an id, a span, a time limit
//! and a place among those under way; its answer gets headers and is counted.

use std::time::{Duration, Instant};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use tracing::Instrument;

use crate::{api::Api, problem::Problem};

/// The header that carries the id of a request.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// A till waits 5 s at most; what takes longer than this has been given up.
const TIME_LIMIT: Duration = Duration::from_secs(10);

/// Runs a request.
///
/// The span has the route's pattern, never the path or the query: those name members.
pub(crate) async fn observe(State(api): State<Api>, request: Request, next: Next) -> Response {
    let id = fresh_id();
    let method = name_of(request.method());
    let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let route = route.unwrap_or("unmatched").to_owned();
    let span = tracing::info_span!("request", id, method, route);

    let started = Instant::now();
    let mut response = run(&api, request, next).instrument(span.clone()).await;
    let took = started.elapsed();

    let status = response.status().as_u16();
    let latency_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    span.in_scope(|| tracing::info!(status, latency_ms, "answered"));
    api.metrics.answered(method, route, status, took);
    add_headers(response.headers_mut(), &id);
    response
}

async fn run(api: &Api, request: Request, next: Next) -> Response {
    let Ok(_place) = api.under_way.try_acquire() else {
        let detail = "this node is busy, nothing was done: try again in a moment";
        return Problem::new("overloaded", detail).into_response();
    };
    let answer = tokio::time::timeout(TIME_LIMIT, next.run(request)).await;
    answer.unwrap_or_else(|_| {
        let detail = "what was asked for may still be carried out: repeat it with the same Idempotency-Key";
        Problem::new("timed_out", detail).into_response()
    })
}

/// Turns a panic into an answer. What it said goes to the log, by the panic hook.
pub(crate) fn caught(_: Box<dyn std::any::Any + Send>) -> Response {
    Problem::internal().into_response()
}

/// Answers hold personal data: nobody keeps them, and no browser takes them for a page.
fn add_headers(headers: &mut HeaderMap, id: &str) {
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, id);
    }
}

fn fresh_id() -> String {
    let mut bytes = [0; 10];
    // Without random bytes ids repeat, and nothing worse.
    let _ = getrandom::fill(&mut bytes);
    data_encoding::BASE32_DNSSEC.encode(&bytes)
}

/// The method, if it is a usual one: callers do not get to make up labels.
fn name_of(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PATCH => "PATCH",
        _ => "other",
    }
}
