use std::{error::Error, sync::Arc, time::Duration};

use http_body_util::Full;
use hyper::{Request, StatusCode, body::Bytes, header::CONTENT_TYPE};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use rustls::{ClientConfig, RootCertStore, crypto::ring};

use crate::{endpoint::Endpoint, feed::Message};

/// Posts messages. Follows no redirects: a message goes where its owner said, or nowhere. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Poster {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
}

/// Why a message was not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Rejected {
    /// The endpoint is to be told nothing any more.
    #[error("the endpoint answers 410: it wants no more messages")]
    Gone,
    /// Another answer than 2xx.
    #[error("the endpoint answers {0}")]
    Status(StatusCode),
    /// No answer in time.
    #[error("the endpoint does not answer within {} s", .0.as_secs())]
    TimedOut(Duration),
    /// No connection, or one that broke.
    #[error("the endpoint cannot be reached: {0}")]
    Unreachable(String),
}

const USER_AGENT: &str = concat!("purser/", env!("CARGO_PKG_VERSION"));
/// An error's chain may quote whatever came over the line.
const REASON_CHARS_MAX: usize = 200;

impl Poster {
    /// A poster that believes whom this machine believes.
    pub(crate) fn new() -> Self {
        let provider = Arc::new(ring::default_provider());
        let native = HttpsConnectorBuilder::new().with_provider_and_native_roots(Arc::clone(&provider));
        let builder = match native {
            Ok(builder) => builder,
            Err(error) => {
                tracing::warn!(%error, "this machine knows no certificate authorities: no https endpoint is believed");
                HttpsConnectorBuilder::new().with_tls_config(without_authorities(provider))
            }
        };
        let connector = builder.https_or_http().enable_http1().build();
        let client = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(1).build(connector);
        Self { client }
    }

    /// Sends a message, signed as of `now_ms`; gives up after `patience`.
    pub(crate) async fn post(
        &self,
        endpoint: &Endpoint,
        message: &Message,
        now_ms: u64,
        patience: Duration,
    ) -> Result<(), Rejected> {
        let timestamp_s = now_ms / 1_000;
        let signature = endpoint.secret.signature(&message.id, timestamp_s, message.body.as_bytes());
        let request = Request::post(endpoint.target.uri())
            .header(CONTENT_TYPE, "application/json")
            .header("user-agent", USER_AGENT)
            .header("webhook-id", &message.id)
            .header("webhook-timestamp", timestamp_s)
            .header("webhook-signature", signature)
            .body(Full::new(Bytes::from(message.body.clone())))
            .map_err(|error| Rejected::Unreachable(error.to_string()))?;
        let answer = tokio::time::timeout(patience, self.client.request(request)).await;
        let answer = answer.map_err(|_| Rejected::TimedOut(patience))?;
        // What the answer says beyond its status is not read.
        match answer.map_err(|error| Rejected::Unreachable(reason(&error)))?.status() {
            status if status.is_success() => Ok(()),
            StatusCode::GONE => Err(Rejected::Gone),
            status => Err(Rejected::Status(status)),
        }
    }
}

fn without_authorities(provider: Arc<rustls::crypto::CryptoProvider>) -> ClientConfig {
    // Ring supports the versions that rustls holds safe.
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    match builder {
        Ok(builder) => builder.with_root_certificates(RootCertStore::empty()).with_no_client_auth(),
        Err(error) => unreachable!("{error}"),
    }
}

/// An error with what caused it.
fn reason(error: &dyn Error) -> String {
    let mut reason = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        reason += ": ";
        reason += &error.to_string();
        cause = error.source();
    }
    reason.chars().filter(|c| !c.is_control()).take(REASON_CHARS_MAX).collect()
}
