use std::{fmt, time::Duration};

use reqwest::{Client, Method, RequestBuilder};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

/// Purser's API, as much of it as adapters use. Every change takes a key: the same key is the same change.
#[derive(Clone)]
pub struct Purser {
    http: Client,
    base: String,
    token: String,
}

/// Why there is nothing to answer with.
#[derive(Debug, thiserror::Error)]
pub enum PurserError {
    /// Purser has refused: nothing was changed.
    #[error("{0}")]
    Refused(Problem),
    /// Nobody knows whether anything was changed: ask again under the same key.
    #[error("Purser does not answer: {0}")]
    Unanswered(String),
}

/// What Purser says when it refuses (RFC 9457).
#[derive(Debug, Deserialize)]
pub struct Problem {
    /// The stable code.
    pub code: String,
    /// For people.
    #[serde(default)]
    pub detail: String,
}

/// How long one answer may take: Purser itself looks for rights for two seconds at most.
const PATIENCE: Duration = Duration::from_secs(3);

impl Purser {
    /// The API at `base`, such as `http://127.0.0.1:8650`.
    ///
    /// # Errors
    /// If no HTTP client can be made.
    pub fn at(base: &str, token: &str) -> Result<Self, PurserError> {
        let http = Client::builder().timeout(PATIENCE).no_proxy().build();
        let http = http.map_err(|error| PurserError::Unanswered(error.to_string()))?;
        let base = base.trim_end_matches('/').to_owned();
        Ok(Self { http, base, token: token.to_owned() })
    }

    pub(crate) async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<T, PurserError> {
        receive(self.request(Method::GET, path).query(query)).await
    }

    /// Asks something that changes nothing, with a body.
    pub(crate) async fn ask<T: DeserializeOwned>(&self, path: &str, body: &Value) -> Result<T, PurserError> {
        receive(self.request(Method::POST, path).json(body)).await
    }

    pub(crate) async fn change<T: DeserializeOwned>(
        &self,
        path: &str,
        key: &str,
        body: &Value,
    ) -> Result<T, PurserError> {
        receive(self.request(Method::POST, path).header("Idempotency-Key", key).json(body)).await
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}/v1{path}", self.base)).bearer_auth(&self.token)
    }
}

async fn receive<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, PurserError> {
    let unanswered = |error: reqwest::Error| PurserError::Unanswered(error.without_url().to_string());
    let response = request.send().await.map_err(unanswered)?;
    let status = response.status();
    if status.is_success() {
        return response.json().await.map_err(unanswered);
    }
    match response.json::<Problem>().await {
        Ok(problem) if status.is_client_error() => Err(PurserError::Refused(problem)),
        Ok(problem) => Err(PurserError::Unanswered(problem.to_string())),
        Err(_) => Err(PurserError::Unanswered(format!("{status}, and no problem that can be read"))),
    }
}

impl PurserError {
    /// The code of a refusal.
    pub(crate) fn code(&self) -> &str {
        match self {
            PurserError::Refused(problem) => &problem.code,
            PurserError::Unanswered(_) => "unanswered",
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} [{}]", self.detail, self.code)
    }
}

/// A page of members.
#[derive(Debug, Deserialize)]
pub(crate) struct Members {
    pub(crate) members: Vec<MemberSummary>,
}

/// What members are told apart by.
#[derive(Debug, Deserialize)]
pub(crate) struct MemberSummary {
    pub(crate) member: String,
    pub(crate) name: String,
    pub(crate) phone: String,
}

/// A member's profile.
#[derive(Debug, Deserialize)]
pub(crate) struct Member {
    pub(crate) member: String,
    #[serde(default)]
    pub(crate) profile: Profile,
}

/// What of a profile tills show.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Profile {
    #[serde(default)]
    pub(crate) name: Option<String>,
    #[serde(default)]
    pub(crate) phone: Option<String>,
}

/// A card.
#[derive(Debug, Deserialize)]
pub(crate) struct Card {
    pub(crate) member: String,
}

/// What a member has.
#[derive(Debug, Deserialize)]
pub(crate) struct Balances {
    pub(crate) points: Points,
    pub(crate) stored_value: Option<StoredValue>,
}

/// Points.
#[derive(Debug, Deserialize)]
pub(crate) struct Points {
    pub(crate) balance: i64,
    pub(crate) spendable_here: i64,
}

/// Stored value.
#[derive(Debug, Deserialize)]
pub(crate) struct StoredValue {
    pub(crate) principal: String,
    pub(crate) bonus: String,
    pub(crate) spendable_here: String,
}

/// What a basket costs.
#[derive(Debug, Deserialize)]
pub(crate) struct Quote {
    pub(crate) total: String,
    pub(crate) discount: String,
    pub(crate) paid: String,
    pub(crate) points_earned: i64,
}

/// A sale.
#[derive(Debug, Deserialize)]
pub(crate) struct Sale {
    #[serde(rename = "sale")]
    pub(crate) id: String,
    pub(crate) member: String,
    pub(crate) gross: String,
    pub(crate) points_earned: i64,
    pub(crate) points_redeemed: i64,
    pub(crate) points_after: i64,
    #[serde(default)]
    pub(crate) awards: Vec<String>,
    /// Told where a sale is looked up.
    pub(crate) returnable: Option<Returnable>,
}

/// What of a sale may come back.
#[derive(Debug, Deserialize)]
pub(crate) struct Returnable {
    pub(crate) in_all: String,
}

/// Points that are set aside.
#[derive(Debug, Deserialize)]
pub(crate) struct Hold {
    pub(crate) hold: String,
}

/// What nobody has to look at.
#[derive(Debug, Deserialize)]
pub(crate) struct Done {}
