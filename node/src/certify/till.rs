use std::{
    fmt,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use reqwest::{Method, Url, blocking};
use serde_json::Value;

use crate::Failure;

/// A till: sends requests with the token, and measures how long each answer takes.
pub(super) struct Till {
    http: blocking::Client,
    base: Url,
    token: String,
    took: Mutex<Vec<Duration>>,
}

/// A request.
#[derive(Clone)]
pub(super) struct Ask {
    pub(super) method: Method,
    /// Under `/v1`, with its query.
    pub(super) path: String,
    pub(super) key: Option<String>,
    pub(super) body: Option<Body>,
    /// Which token is shown.
    pub(super) token: Shown,
}

/// The body of a request.
#[derive(Clone)]
pub(super) enum Body {
    Json(Value),
    /// As it stands, with its media type.
    Raw(&'static str, Vec<u8>),
}

/// Which token a request shows.
#[derive(Clone, Copy)]
pub(super) enum Shown {
    Own,
    Wrong,
    None,
}

/// What came back.
#[derive(Debug, Clone, Default)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) media_type: String,
    pub(super) request_id: bool,
    pub(super) replayed: bool,
    pub(super) body: Value,
}

/// An answer, or why there is none.
pub(super) type Came = Result<Reply, String>;

/// A vendor's till waits no longer; neither does this one, by far.
const PATIENCE: Duration = Duration::from_secs(15);
/// What is not the token, of the same form.
const WRONG_TOKEN: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

impl Till {
    /// A till at the API that is found at `url`, with or without the `/v1`.
    ///
    /// # Errors
    /// If that is no `http:` URL, or the token cannot be sent.
    pub(super) fn at(url: &str, token: &str) -> Result<Self, Failure> {
        let unusable = |why: &str| Failure::usage("url_unusable", format!("{url} cannot be used: {why}"));
        let mut base = Url::parse(url).map_err(|error| unusable(&error.to_string()))?;
        if base.scheme() != "http" || base.host_str().is_none() {
            return Err(unusable("only http:// is spoken; put what ends TLS in between"));
        }
        let prefix = base.path().trim_end_matches('/').trim_end_matches("/v1").to_owned();
        base.set_path(&prefix);
        base.set_query(None);
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Failure::usage("token_malformed", "the token file holds no token"));
        }
        let http = blocking::Client::builder().timeout(PATIENCE).no_proxy().build();
        let http = http.map_err(|error| Failure::new("http_client_unusable", error.to_string()))?;
        Ok(Self { http, base, token: token.to_owned(), took: Mutex::default() })
    }

    /// Sends a request and waits for the answer.
    pub(super) fn send(&self, ask: &Ask) -> Came {
        let mut request = self.http.request(ask.method.clone(), self.url(ask));
        if let Some(token) = self.token(ask) {
            request = request.bearer_auth(token);
        }
        if let Some(key) = &ask.key {
            request = request.header("Idempotency-Key", key);
        }
        if let Some((media_type, bytes)) = ask.bytes() {
            request = request.header("Content-Type", media_type).body(bytes);
        }
        let started = Instant::now();
        let response = request.send().map_err(|error| unanswered(&error))?;
        let status = response.status().as_u16();
        let header = |name| response.headers().get(name).and_then(|it| it.to_str().ok()).unwrap_or_default();
        let media_type = header("content-type").to_owned();
        let request_id = !header("x-request-id").is_empty();
        let replayed = header("idempotency-replayed") == "true";
        let text = response.text().map_err(|error| unanswered(&error))?;
        self.took.lock().unwrap_or_else(PoisonError::into_inner).push(started.elapsed());
        Ok(Reply { status, media_type, request_id, replayed, body: read(text) })
    }

    /// How long each answer took so far.
    pub(super) fn took(&self) -> Vec<Duration> {
        self.took.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Where a request goes.
    pub(super) fn url(&self, ask: &Ask) -> String {
        format!("{}/v1{}", self.base.as_str().trim_end_matches('/'), ask.path)
    }

    /// The token that a request shows.
    pub(super) fn token(&self, ask: &Ask) -> Option<&str> {
        match ask.token {
            Shown::Own => Some(&self.token),
            Shown::Wrong => Some(WRONG_TOKEN),
            Shown::None => None,
        }
    }
}

impl Ask {
    pub(super) fn get(path: impl Into<String>) -> Self {
        Self { method: Method::GET, path: path.into(), key: None, body: None, token: Shown::Own }
    }

    pub(super) fn post(path: impl Into<String>, key: &str, body: Value) -> Self {
        let body = Some(Body::Json(body));
        Self { method: Method::POST, path: path.into(), key: Some(key.to_owned()), body, token: Shown::Own }
    }

    /// The same request with something else in its body.
    pub(super) fn saying(&self, field: &str, value: impl Into<Value>) -> Self {
        let mut ask = self.clone();
        if let Some(Body::Json(body)) = &mut ask.body {
            body[field] = value.into();
        }
        ask
    }

    /// The same request under another key.
    pub(super) fn under(&self, key: &str) -> Self {
        Self { key: Some(key.to_owned()), ..self.clone() }
    }

    /// The media type and the bytes of the body.
    pub(super) fn bytes(&self) -> Option<(&'static str, Vec<u8>)> {
        match self.body.as_ref()? {
            Body::Json(body) => Some(("application/json", body.to_string().into_bytes())),
            Body::Raw(media_type, bytes) => Some((media_type, bytes.clone())),
        }
    }
}

/// What a person has to know to send it too; never the token.
impl fmt::Display for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} /v1{}", self.method, self.path)?;
        match self.token {
            Shown::Own => {}
            Shown::Wrong => f.write_str(" with a wrong token")?,
            Shown::None => f.write_str(" without a token")?,
        }
        if let Some(key) = &self.key {
            write!(f, " Idempotency-Key: {key}")?;
        }
        match &self.body {
            Some(Body::Raw(media_type, bytes)) => {
                write!(f, " {media_type} {}", clipped(&String::from_utf8_lossy(bytes)))
            }
            Some(Body::Json(body)) => write!(f, " {}", clipped(&body.to_string())),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let replayed = if self.replayed { " replayed" } else { "" };
        write!(f, "{}{replayed} {} {}", self.status, self.media_type, clipped(&self.body.to_string()))
    }
}

/// JSON as such, anything else as text.
pub(super) fn read(text: String) -> Value {
    serde_json::from_str(&text).unwrap_or(Value::String(text))
}

fn unanswered(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return format!("no answer within {} s", PATIENCE.as_secs());
    }
    "no answer: nobody listens, or the connection broke".to_owned()
}

/// At most so many characters of a body are shown.
const SHOWN_MAX: usize = 400;

fn clipped(text: &str) -> String {
    let mut shown: String = text.chars().filter(|it| !it.is_control()).take(SHOWN_MAX).collect();
    if text.chars().count() > SHOWN_MAX {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_api_is_found_with_and_without_its_prefix() {
        let ask = Ask::get("/health");
        for (url, found) in [
            ("http://127.0.0.1:8650", "http://127.0.0.1:8650/v1/health"),
            ("http://127.0.0.1:8650/v1/", "http://127.0.0.1:8650/v1/health"),
            ("http://pos.example/loyalty?x=1", "http://pos.example/loyalty/v1/health"),
        ] {
            assert_eq!(Till::at(url, "t").unwrap().url(&ask), found);
        }
        for (url, token) in [("https://pos.example", "t"), ("pos.example", "t"), ("http://h", "a b")] {
            assert!(Till::at(url, token).is_err(), "{url}");
        }
    }

    #[test]
    fn what_is_shown_is_short_and_has_no_token() {
        let till = Till::at("http://h", "secret").unwrap();
        let ask = Ask::post("/members", "k", Value::String("x".repeat(9_000)));
        let shown = ask.to_string();
        assert!(shown.len() < 600 && shown.contains("Idempotency-Key: k") && !shown.contains("secret"));
        assert_eq!(till.token(&ask), Some("secret"));
    }
}
