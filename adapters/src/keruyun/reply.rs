use axum::{
    Json,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use crate::purser::PurserError;

/// Why there is no result.
pub(super) struct Refusal {
    code: u32,
    message: String,
}

const OK: u32 = 0;
/// It was not done.
const FAILED: u32 = 3000;
/// Nobody knows whether it was done: ask for the result.
const TIMED_OUT: u32 = 3001;

impl Refusal {
    pub(super) fn because(message: &str) -> Self {
        Self { code: FAILED, message: message.to_owned() }
    }

    pub(super) fn timed_out(message: &str) -> Self {
        Self { code: TIMED_OUT, message: message.to_owned() }
    }
}

impl From<PurserError> for Refusal {
    fn from(error: PurserError) -> Self {
        let code = if matches!(error, PurserError::Refused(_)) { FAILED } else { TIMED_OUT };
        Self { code, message: error.to_string() }
    }
}

/// The envelope that all answers have, with the HTTP status 200.
pub(super) fn reply(outcome: Result<Value, Refusal>) -> Response {
    let body = match outcome {
        Ok(data) => json!({"code": OK, "message": "OK", "messageUuid": null, "result": {"data": data}}),
        Err(Refusal { code, message }) => {
            tracing::info!(code, message, "refused");
            json!({"code": code, "message": message, "messageUuid": null, "result": null})
        }
    };
    Json(body).into_response()
}
