use std::time::Duration;

use axum::{
    extract::State,
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Response},
};
use prometheus_client::{
    encoding::text::encode,
    metrics::{counter::ConstCounter, family::Family, gauge::ConstGauge, histogram::Histogram},
    registry::{Registry, Unit},
};
use purser_transport::Counters;

use crate::{
    api::Api,
    problem::Problem,
    status::{Outcasts, Standing},
    token_scope::TokenScope,
};

/// How long requests took, by what they were.
#[derive(Clone)]
pub(crate) struct Metrics {
    requests: Family<Labels, Histogram, fn() -> Histogram>,
}

type Labels = [(&'static str, String); 3];

/// From what a quiet disk manages to the time limit of a request.
const BUCKETS_S: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

impl Metrics {
    /// Counts an answer.
    pub(crate) fn answered(&self, method: &'static str, route: String, status: u16, took: Duration) {
        let labels = [("method", method.to_owned()), ("route", route), ("status", status.to_string())];
        self.requests.get_or_create(&labels).observe(took.as_secs_f64());
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self { requests: Family::new_with_constructor(|| Histogram::new(BUCKETS_S)) }
    }
}

/// What the node has done and how it stands, for Prometheus (OpenMetrics text). Counts begin
/// with the process. The token is needed here too, from wherever one asks: a reverse proxy on
/// the same machine would make everybody a caller from loopback.
#[utoipa::path(
    get, path = "/metrics", operation_id = "metrics", tag = "operation",
    security(("token" = [TokenScope::Operation])),
    responses((status = 200, description = "The metrics.", content_type = OPEN_METRICS, body = String)),
)]
pub(crate) async fn show(State(api): State<Api>) -> Result<Response, Problem> {
    let standing = Standing::of(&api).await?;
    let mut registry = Registry::with_prefix("purser");
    registry.register_with_unit(
        "http_request_duration",
        "Time from the request's headers to the answer",
        Unit::Seconds,
        api.observer.metrics.requests.clone(),
    );
    register_counters(&mut registry, api.handle.counters());
    register_standing(&mut registry, &standing);
    let late = Outcasts::of(&api).await?.late_waiting;
    let help = "Entries of fenced replicas that wait for a decision";
    registry.register("late_entries_waiting", help, ConstGauge::new(gauge(late)));
    let mut text = String::new();
    encode(&mut text, &registry).map_err(|_| Problem::internal())?;
    Ok(([(CONTENT_TYPE, OPEN_METRICS)], text).into_response())
}

fn register_counters(registry: &mut Registry, counters: Counters) {
    let Counters {
        orders,
        refusals,
        turns,
        frames_in,
        frames_out,
        bytes_in,
        bytes_out,
        alarms,
        links_opened,
    } = counters;
    let rows = [
        ("orders", "Orders answered", orders),
        ("order_refusals", "Orders refused", refusals),
        ("engine_turns", "Turns of the engine, at most one commit each", turns),
        ("link_frames_received", "Frames received from other replicas", frames_in),
        ("link_frames_sent", "Frames sent to other replicas", frames_out),
        ("link_received_bytes", "Bytes of frames received", bytes_in),
        ("link_sent_bytes", "Bytes of frames sent", bytes_out),
        ("alarms", "Alarms raised", alarms),
        ("links_opened", "Links opened", links_opened),
    ];
    for (name, help, value) in rows {
        registry.register(name, help, ConstCounter::new(value));
    }
}

fn register_standing(registry: &mut Registry, standing: &Standing) {
    let rows = [
        ("links", "Open links", gauge(standing.status.links.len())),
        ("on_line", "Whether a hub is linked", i64::from(standing.on_line())),
        ("link_behind_entries", "Entries that linked replicas lack", gauge(standing.behind())),
        ("hunts", "Orders that wait for rights", gauge(standing.status.hunts)),
        (
            "stopped",
            "Whether this replica may not write any more",
            i64::from(standing.status.stopped.is_some()),
        ),
        (
            "lease_until_milliseconds",
            "Until when rights may be spent without meeting a hub, since 1970; 0 at an only hub",
            gauge(standing.lease.map_or(0, purser_replica::Lease::ends_ms)),
        ),
        (
            "allowance_available_points",
            "Points that may be spent here in advance of rights",
            standing.allowance.available,
        ),
        (
            "allowance_used_points",
            "Points spent here in advance of rights and not settled",
            standing.allowance.used,
        ),
        (
            "unbacked_points",
            "Points spent in advance anywhere that nobody holds rights for any more",
            standing.allowance.unbacked,
        ),
        ("journals", "Journals known", gauge(standing.journals)),
        ("journal_entries", "Entries known, of all journals", gauge(standing.entries)),
        (
            "clock_skew_milliseconds",
            "The greatest distance to a linked clock",
            gauge(standing.clock_skew_ms()),
        ),
    ];
    for (name, help, value) in rows {
        registry.register(name, help, ConstGauge::new(value));
    }
}

fn gauge(value: impl TryInto<i64>) -> i64 {
    value.try_into().unwrap_or(i64::MAX)
}
