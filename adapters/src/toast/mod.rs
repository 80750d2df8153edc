//! One endpoint for all transactions, told apart by a header, as Toast's loyalty integration has it.
//!
//! What is asked again: a transaction without an answer comes again with its id; a reversal that failed comes again with
//! its id; an accrual that failed comes again with *another* id, so a check is closed once by its own number; a
//! redemption that failed does not come again.

mod accruing;
mod finding;
mod redeeming;
mod reply;
mod request;
mod reversing;
mod token;

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::post,
};

use crate::{
    notes::Notes,
    purser::Purser,
    serving::{DEADLINE, guarded},
};

use reply::{Refusal, Reply, Status};
use request::Transaction;

pub use token::ToastToken;

/// An endpoint shaped like Toast's loyalty integration.
pub struct Toast {
    purser: Purser,
    notes: Notes,
    settings: ToastSettings,
}

/// How an endpoint is set up.
pub struct ToastSettings {
    /// The restaurant that it is for.
    pub restaurant: String,
    /// Who may call.
    pub token: ToastToken,
    /// The till's name in Purser: 1 to 16 printable ASCII characters.
    pub till: String,
    /// How many points each offer takes, the smallest first.
    pub offers: Vec<i64>,
}

impl Toast {
    /// An endpoint in front of `purser`, which keeps `notes`.
    pub fn new(purser: Purser, notes: Notes, settings: ToastSettings) -> Self {
        Self { purser, notes, settings }
    }

    /// The endpoint, at `/loyalty`.
    pub fn router(self) -> Router {
        guarded(Router::new().route("/loyalty", post(receive)).with_state(Arc::new(self)))
    }

    async fn carry_out(&self, headers: &HeaderMap, body: &[u8]) -> Result<Reply, Refusal> {
        let header = |name: &str| headers.get(name).and_then(|it| it.to_str().ok()).unwrap_or_default();
        if !self.settings.token.admits(header("authorization")) {
            return Err(Refusal::because(Status::ErrorInvalidToken, "the token is not good"));
        }
        if header("toast-restaurant-external-id") != self.settings.restaurant {
            return Err(Refusal::because(
                Status::ErrorInvalidRestaurant,
                "this is another restaurant's endpoint",
            ));
        }
        let id = request::transaction_id(header("toast-transaction-guid"))?;
        match Transaction::read(header("toast-transaction-type"), body)? {
            Transaction::Search(criteria) => self.search(&criteria).await,
            Transaction::Inquire(check) => self.inquire(&check).await,
            Transaction::Redeem(check) => self.redeem(id, &check).await,
            Transaction::Accrue(check) => self.accrue(id, &check).await,
            Transaction::Reverse(reversal) => self.reverse(&reversal).await,
        }
    }
}

async fn receive(State(toast): State<Arc<Toast>>, headers: HeaderMap, body: Bytes) -> Response {
    // On a task of its own: what was begun is finished, also when the till has hung up or the deadline is over.
    let work = tokio::spawn(async move { toast.carry_out(&headers, &body).await });
    let reply = match tokio::time::timeout(DEADLINE, work).await {
        Ok(Ok(reply)) => reply,
        Ok(Err(_)) | Err(_) => Err(Refusal::unanswered("no answer in time")),
    };
    match reply {
        Ok(reply) => (StatusCode::OK, axum::Json(reply)).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}
