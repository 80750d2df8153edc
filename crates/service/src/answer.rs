use axum::{
    Json,
    http::{HeaderValue, StatusCode},
    response::{IntoResponse, Response},
};
use purser_replica::{Outcome, Reply};
use serde::Serialize;

use crate::problem::Problem;

/// What a change has led to. Made from the journal's entry and the request alone, so that a
/// repeated request gets the same, but for a header that says so.
pub(crate) struct Answer<T> {
    status: StatusCode,
    repeated: bool,
    body: T,
}

/// The header of an answer that repeats an earlier one.
pub(crate) const IDEMPOTENCY_REPLAYED: &str = "idempotency-replayed";

impl<T> Answer<T> {
    /// Something was changed or ended.
    pub(crate) fn done(repeated: bool, body: T) -> Self {
        Self { status: StatusCode::OK, repeated, body }
    }

    /// Something new has come about.
    pub(crate) fn created(repeated: bool, body: T) -> Self {
        Self { status: StatusCode::CREATED, repeated, body }
    }
}

impl<T: Serialize> IntoResponse for Answer<T> {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.body)).into_response();
        if self.repeated {
            response.headers_mut().insert(IDEMPOTENCY_REPLAYED, HeaderValue::from_static("true"));
        }
        response
    }
}

/// The problem of an outcome of another kind than the order that it came of.
pub(crate) fn unexpected(reply: &Reply) -> Problem {
    let kind = match reply.outcome {
        Outcome::Sale(..) => "sale",
        Outcome::Return(_) => "return",
        Outcome::TopUp(..) => "top-up",
        Outcome::TopUpBack(_) => "top-up given back",
        Outcome::PassSold(..) => "pass",
        Outcome::PassBack(_) => "pass taken back",
        Outcome::Codes(..) => "coupon codes",
        Outcome::Reward(_) => "reward",
        Outcome::Given(_) => "grant",
        Outcome::Member(..) => "member",
        Outcome::Held { .. } => "hold",
        Outcome::Settled { .. } => "settlement",
        Outcome::Lent { .. } => "loan",
        Outcome::Reclaimed { .. } => "reclaim",
        Outcome::LateSettled { .. } => "late settlement",
        Outcome::Enrolled(_) => "enrolment",
        Outcome::Done => "nothing",
    };
    tracing::error!(entry = ?reply.entry, kind, "an outcome that does not fit its order");
    Problem::internal()
}
