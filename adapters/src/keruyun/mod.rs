//! Endpoints for the assets of members who are another system's, as Keruyun calls them: member and assets, use of an
//! asset, its reversal, and the question what has become of either once an answer did not come in time.
//!
//! Keruyun prices the check and says which asset pays how much of it. Purser spends assets in a sale, so each use is a
//! sale of just what the asset pays, under the number of the payment; what is paid in money follows with the order. So
//! everything is found again by numbers that Keruyun knows, and this adapter keeps nothing.

mod assets;
mod orders;
mod paying;
mod reply;
mod request;
mod signature;

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    extract::{Query, State},
    http::Uri,
    response::Response,
    routing::post,
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{
    purser::Purser,
    serving::{DEADLINE, guarded},
};

use reply::{Refusal, reply};
use signature::Public;

/// Endpoints shaped like those that Keruyun calls for members of others.
pub struct Keruyun {
    purser: Purser,
    settings: KeruyunSettings,
}

/// How the endpoints are set up.
pub struct KeruyunSettings {
    /// The application's key at Keruyun.
    pub app_key: String,
    /// What calls are signed with.
    pub signing_token: String,
    /// The shop's id at Keruyun.
    pub shop: String,
    /// The till's name in Purser: 1 to 16 printable ASCII characters.
    pub till: String,
    /// Keruyun's id of the asset that points are.
    pub points_mapping: String,
    /// Keruyun's id of the asset that stored value is.
    pub stored_value_mapping: String,
}

impl Keruyun {
    /// Endpoints in front of `purser`.
    pub fn new(purser: Purser, settings: KeruyunSettings) -> Self {
        Self { purser, settings }
    }

    /// The endpoints, under `/keruyun`.
    pub fn router(self) -> Router {
        let router = Router::new()
            .route("/keruyun/member", post(member))
            .route("/keruyun/verify", post(verify))
            .route("/keruyun/reverse", post(reverse))
            .route("/keruyun/result", post(result))
            .route("/keruyun/order", post(order));
        guarded(router.with_state(Arc::new(self)))
    }

    /// The body of a call that is signed as it has to be, for this shop.
    fn read<T: DeserializeOwned + request::OfShop>(&self, uri: &Uri, body: &[u8]) -> Result<T, Refusal> {
        let public = Query::<Public>::try_from_uri(uri);
        let Query(public) =
            public.map_err(|_| Refusal::because("the public parameters are not all there"))?;
        let body_text = std::str::from_utf8(body).map_err(|_| Refusal::because("the body is no text"))?;
        public.check(&self.settings.app_key, &self.settings.signing_token, body_text)?;
        let read: T =
            serde_json::from_str(body_text).map_err(|error| Refusal::because(&error.to_string()))?;
        if read.shop() == self.settings.shop {
            Ok(read)
        } else {
            Err(Refusal::because("this is another shop's endpoint"))
        }
    }
}

type Endpoints = State<Arc<Keruyun>>;

async fn member(State(keruyun): Endpoints, uri: Uri, body: Bytes) -> Response {
    answer(async move { keruyun.member(&keruyun.read(&uri, &body)?).await }).await
}

async fn verify(State(keruyun): Endpoints, uri: Uri, body: Bytes) -> Response {
    answer(async move { keruyun.verify(&keruyun.read(&uri, &body)?).await }).await
}

async fn reverse(State(keruyun): Endpoints, uri: Uri, body: Bytes) -> Response {
    answer(async move { keruyun.reverse(&keruyun.read(&uri, &body)?).await }).await
}

async fn result(State(keruyun): Endpoints, uri: Uri, body: Bytes) -> Response {
    answer(async move { keruyun.result(&keruyun.read(&uri, &body)?).await }).await
}

async fn order(State(keruyun): Endpoints, uri: Uri, body: Bytes) -> Response {
    answer(async move { keruyun.order(&keruyun.read(&uri, &body)?).await }).await
}

/// On a task of its own: what was begun is finished, also when the caller has hung up or the deadline is over.
async fn answer(work: impl Future<Output = Result<Value, Refusal>> + Send + 'static) -> Response {
    match tokio::time::timeout(DEADLINE, tokio::spawn(work)).await {
        Ok(Ok(outcome)) => reply(outcome),
        Ok(Err(_)) => reply(Err(Refusal::because("the adapter has failed: see its log"))),
        Err(_) => reply(Err(Refusal::timed_out("no answer in time"))),
    }
}
