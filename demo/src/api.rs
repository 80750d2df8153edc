use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use reqwest::blocking::{Client, RequestBuilder};
use serde_json::Value;

use crate::{CityError, interruption};

/// The HTTP API of a running process, with its token. Cheap to clone; blocks.
#[derive(Clone)]
pub struct Api {
    client: Client,
    name: Arc<str>,
    address: SocketAddr,
    base_url: Arc<str>,
    token: Arc<str>,
}

/// What came back, refusals included.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body; `null` if it is not JSON.
    pub body: Value,
    /// Whether it repeats the answer to an earlier request.
    pub repeated: bool,
    /// How long it took.
    pub took: Duration,
}

/// Longer than any answer takes: a till's patience with the others is 2 s.
const PATIENCE: Duration = Duration::from_secs(15);

impl Api {
    pub(crate) fn new(name: &str, http: SocketAddr, token: &str) -> Result<Self, reqwest::Error> {
        let client = Client::builder().timeout(PATIENCE).no_proxy().build()?;
        Ok(Self {
            client,
            name: name.into(),
            address: http,
            base_url: format!("http://{http}").into(),
            token: token.into(),
        })
    }

    /// `http://host:port`, without a slash at the end.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Where it listens, for `--http`.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The token that callers show.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Gets what is at `path`, which begins with a slash.
    ///
    /// # Errors
    /// [`CityError::NoAnswer`]; a refusal is an answer.
    pub fn get(&self, path: &str) -> Result<Answer, CityError> {
        self.send(path, self.client.get(self.url(path)))
    }

    /// Posts `body` to `path`, under an idempotency key.
    ///
    /// # Errors
    /// [`CityError::NoAnswer`]; a refusal is an answer.
    pub fn post(&self, path: &str, key: &str, body: &Value) -> Result<Answer, CityError> {
        self.send(path, self.client.post(self.url(path)).header("Idempotency-Key", key).json(body))
    }

    /// Patches what is at `path`, under an idempotency key.
    ///
    /// # Errors
    /// [`CityError::NoAnswer`]; a refusal is an answer.
    pub fn patch(&self, path: &str, key: &str, body: &Value) -> Result<Answer, CityError> {
        self.send(path, self.client.patch(self.url(path)).header("Idempotency-Key", key).json(body))
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base_url)
    }

    fn send(&self, path: &str, request: RequestBuilder) -> Result<Answer, CityError> {
        let unanswered =
            |source| CityError::NoAnswer { name: self.name.to_string(), path: path.to_owned(), source };
        interruption::check()?;
        let began = Instant::now();
        let response = request.bearer_auth(&self.token).send().map_err(unanswered)?;
        let status = response.status().as_u16();
        let repeated = response.headers().contains_key("idempotency-replayed");
        let body = response.bytes().map_err(unanswered)?;
        let took = began.elapsed();
        Ok(Answer { status, body: serde_json::from_slice(&body).unwrap_or_default(), repeated, took })
    }
}

impl Answer {
    /// Whether it is not a refusal.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The code of a refusal.
    pub fn code(&self) -> Option<&str> {
        self.body["code"].as_str()
    }
}
