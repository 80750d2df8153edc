//! What happens to every request, whatever it asks for: it gets an id, a span, a time limit
//! and a place among those under way; its answer gets headers and is counted.

use std::{
    any::Any,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Router,
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, header},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use tokio::sync::Semaphore;
use tower_http::catch_panic::CatchPanicLayer;
use tracing::Instrument;

use crate::{metrics::Metrics, problem::Problem};

/// Watches over requests. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Observer {
    pub(crate) metrics: Metrics,
    /// Places for requests under way: one more is turned away.
    under_way: Arc<Semaphore>,
    time_limit: Duration,
}

/// The header that carries the id of a request.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const REQUESTS_UNDER_WAY: usize = 1_024;
/// A till waits 5 s at most; what takes longer than this has been given up.
const TIME_LIMIT: Duration = Duration::from_secs(10);

impl Observer {
    /// An observer with the limits of production.
    pub(crate) fn new() -> Self {
        Self::with_limits(REQUESTS_UNDER_WAY, TIME_LIMIT)
    }

    fn with_limits(under_way: usize, time_limit: Duration) -> Self {
        Self { metrics: Metrics::default(), under_way: Arc::new(Semaphore::new(under_way)), time_limit }
    }

    /// Puts all of a router's requests under observation, and its panics into answers.
    pub(crate) fn watch<S: Clone + Send + Sync + 'static>(self, router: Router<S>) -> Router<S> {
        router.layer(CatchPanicLayer::custom(caught)).layer(from_fn_with_state(self, observe))
    }

    async fn run(&self, request: Request, next: Next) -> Response {
        let Ok(_place) = self.under_way.try_acquire() else {
            let detail = "this node is busy, nothing was done: try again in a moment";
            return Problem::new("overloaded", detail).into_response();
        };
        let answer = tokio::time::timeout(self.time_limit, next.run(request)).await;
        answer.unwrap_or_else(|_| {
            let detail =
                "what was asked for may still be carried out: repeat it with the same Idempotency-Key";
            Problem::new("timed_out", detail).into_response()
        })
    }
}

/// The span has the route's pattern, never the path or the query: those name members.
async fn observe(State(observer): State<Observer>, request: Request, next: Next) -> Response {
    let id = fresh_id();
    let method = name_of(request.method());
    let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let route = route.unwrap_or("unmatched").to_owned();
    let span = tracing::info_span!("request", id, method, route);

    let started = Instant::now();
    let mut response = observer.run(request, next).instrument(span.clone()).await;
    let took = started.elapsed();

    let status = response.status().as_u16();
    let latency_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    span.in_scope(|| tracing::info!(status, latency_ms, "answered"));
    observer.metrics.answered(method, route, status, took);
    add_headers(response.headers_mut(), &id);
    response
}

/// Turns a panic into an answer. What it said goes to the log, by the panic hook.
fn caught(_: Box<dyn Any + Send>) -> Response {
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

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use serde_json::Value;
    use tokio::net::TcpListener;

    use super::*;

    async fn answer(observer: Observer, path: &str) -> (u16, Value, HeaderMap) {
        let routes =
            Router::new().route("/slow", get(std::future::pending::<()>)).route("/panics", get(panicking));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}{path}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, observer.watch(routes)).await });
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let response = client.get(url).send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        (status, response.json().await.unwrap(), headers)
    }

    async fn panicking() {
        panic!("in a handler");
    }

    #[tokio::test]
    async fn what_hangs_panics_or_is_too_much_gets_an_answer() {
        let quick = Duration::from_millis(50);
        for (places, path, status, code) in [
            (1, "/slow", 504, "timed_out"),
            (1, "/panics", 500, "internal_error"),
            (0, "/slow", 503, "overloaded"),
        ] {
            let (said, body, headers) = answer(Observer::with_limits(places, quick), path).await;
            assert_eq!((said, &body["code"]), (status, &Value::from(code)));
            assert!(!body.to_string().contains("in a handler"));
            assert!(headers.contains_key(REQUEST_ID));
            assert_eq!(headers.contains_key(header::RETRY_AFTER), code == "overloaded");
        }
    }
}
