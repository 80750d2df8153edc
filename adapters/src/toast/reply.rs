use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Serialize;

use crate::{money::Money, notes::NotesError, purser::PurserError, receipt_text::fit};

use super::request::Redemption;

/// What a till is told.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Reply {
    transaction_status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    search_response: Option<SearchResponse>,
    #[serde(skip_serializing_if = "Option::is_none")]
    check_response: Option<CheckResponse>,
}

/// How it went.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum Status {
    #[default]
    Accept,
    Error,
    ErrorAccountInvalid,
    ErrorInvalidInputProperties,
    ErrorInvalidRestaurant,
    ErrorInvalidToastTransactionType,
    ErrorInvalidToken,
    ErrorTransactionCannotBeReversed,
    ErrorTransactionDoesNotExist,
}

/// Members found.
#[derive(Serialize)]
struct SearchResponse {
    accounts: Vec<Account>,
}

/// A member.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Account {
    pub(super) identifier: String,
    pub(super) first_name: String,
    pub(super) last_name: String,
    pub(super) phone: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) points_balance: Option<String>,
}

/// What is said of a check.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CheckResponse {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) account_info: Option<Account>,
    pub(super) offers: Vec<Offer>,
    pub(super) redemptions: Vec<Redemption>,
    pub(super) rejected_redemptions: Vec<RejectedRedemption>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) user_message: Option<String>,
}

/// What the member could redeem.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Offer {
    pub(super) identifier: String,
    pub(super) name: String,
    pub(super) applicable: bool,
    pub(super) selection_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) amount: Option<Money>,
}

/// What cannot be redeemed.
#[derive(Serialize)]
pub(super) struct RejectedRedemption {
    redemption: Redemption,
    message: String,
}

/// Receipts have room for no more.
const TEXT_CHARACTERS_MAX: usize = 255;

impl Reply {
    /// Done, and nothing to say.
    pub(super) fn accept() -> Self {
        Self::default()
    }

    /// These were found.
    pub(super) fn found(accounts: Vec<Account>) -> Self {
        Self { search_response: Some(SearchResponse { accounts }), ..Self::default() }
    }

    /// Done, and this is to be said of the check.
    pub(super) fn of_check(check: CheckResponse) -> Self {
        Self { check_response: Some(check), ..Self::default() }
    }
}

impl CheckResponse {
    /// With a text for the member, on one line that fits the receipt.
    pub(super) fn saying(self, text: &str) -> Self {
        Self { user_message: Some(fit(text, TEXT_CHARACTERS_MAX)), ..self }
    }

    /// All of these cannot be redeemed.
    pub(super) fn rejecting(redemptions: &[Redemption], why: &str) -> Self {
        let message = fit(why, TEXT_CHARACTERS_MAX);
        let reject = |redemption: &Redemption| RejectedRedemption {
            redemption: redemption.clone(),
            message: message.clone(),
        };
        Self { rejected_redemptions: redemptions.iter().map(reject).collect(), ..Self::default() }
    }
}

/// Why nothing was done, as far as anybody knows.
pub(super) struct Refusal {
    http: StatusCode,
    status: Status,
    message: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RefusalBody {
    transaction_status: Status,
    message: String,
}

impl Refusal {
    pub(super) fn because(status: Status, message: &str) -> Self {
        Self { http: StatusCode::BAD_REQUEST, status, message: fit(message, TEXT_CHARACTERS_MAX) }
    }

    /// No such account, which has a status of its own in HTTP.
    pub(super) fn no_account() -> Self {
        let refusal = Self::because(Status::ErrorAccountInvalid, "no such member");
        Self { http: StatusCode::NOT_FOUND, ..refusal }
    }

    /// Nobody knows whether anything was done; asking again is safe.
    pub(super) fn unanswered(message: &str) -> Self {
        Self { http: StatusCode::INTERNAL_SERVER_ERROR, ..Self::because(Status::Error, message) }
    }
}

impl From<PurserError> for Refusal {
    fn from(error: PurserError) -> Self {
        match error.code() {
            "unknown_member" | "unknown_card" | "malformed_path" => Self::no_account(),
            "card_not_active" => Self::because(Status::ErrorAccountInvalid, &error.to_string()),
            "unanswered" => Self::unanswered(&error.to_string()),
            _ => Self::because(Status::Error, &error.to_string()),
        }
    }
}

impl From<NotesError> for Refusal {
    fn from(error: NotesError) -> Self {
        tracing::error!(%error, "no notes can be kept");
        Self::unanswered("the adapter's disk fails")
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        tracing::info!(status = ?self.status, message = self.message, "refused");
        let body = RefusalBody { transaction_status: self.status, message: self.message };
        (self.http, Json(body)).into_response()
    }
}
