use std::{
    fs,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use purser_service::{ApiToken, Config};
use reqwest::{Method, blocking};
use serde::Deserialize;
use serde_json::Value;

use crate::{Failure, Folder, random};

/// Talks to the running process of a folder over its HTTP API, with the folder's token.
pub struct Client {
    http: blocking::Client,
    address: SocketAddr,
    token: String,
}

/// What the API says when it refuses (RFC 9457).
#[derive(Deserialize)]
struct Problem {
    code: String,
    #[serde(default)]
    detail: String,
}

const PATIENCE: Duration = Duration::from_secs(10);

impl Client {
    /// A client of the process that runs in `folder`; `http` is where it listens, if that is
    /// not what the configuration says.
    ///
    /// # Errors
    /// If the folder has no configuration or token.
    pub fn of(folder: &Folder, http: Option<SocketAddr>) -> Result<Self, Failure> {
        let config = Config::load(folder.path()).map_err(|error| Failure::of_input(&error))?;
        // Checked first: the file itself says only that it is not text.
        ApiToken::load(folder.path())?;
        let file = folder.path().join("api-token");
        let token = fs::read_to_string(&file).map_err(|error| Failure::io("read", &file, &error))?;
        let client = blocking::Client::builder().timeout(PATIENCE).no_proxy().build();
        let client = client.map_err(|error| Failure::new("http_client_unusable", error.to_string()))?;
        let address = reachable(http.unwrap_or(config.http.listen));
        Ok(Self { http: client, address, token: token.trim().to_owned() })
    }

    /// Where the process listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Gets what is at `path`.
    ///
    /// # Errors
    /// If the process does not run, or refuses.
    pub fn get(&self, path: &str) -> Result<Value, Failure> {
        self.send(Method::GET, path, &[], None)
    }

    /// Gets what is at `path`, with a query.
    ///
    /// # Errors
    /// If the process does not run, or refuses.
    pub fn get_with(&self, path: &str, query: &[(&str, String)]) -> Result<Value, Failure> {
        self.send(Method::GET, path, query, None)
    }

    /// Posts `body` to `path`.
    ///
    /// # Errors
    /// If the process does not run, or refuses.
    pub fn post(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        self.send(Method::POST, path, &[], Some(body))
    }

    fn send(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, String)],
        body: Option<&Value>,
    ) -> Result<Value, Failure> {
        let mut request = self.http.request(method, format!("http://{}{path}", self.address));
        request = request.bearer_auth(&self.token).query(query);
        if let Some(body) = body {
            let key = u128::from_be_bytes(random()?);
            request = request.header("Idempotency-Key", format!("{key:032x}")).json(body);
        }
        let response = request.send().map_err(|error| self.unanswered(&error))?;
        let status = response.status();
        let answer: Value = response.json().map_err(|error| {
            let message = format!("{} answers {status} and no JSON ({error}): is that Purser?", self.address);
            Failure::new("foreign_answer", message)
        })?;
        if status.is_success() { Ok(answer) } else { Err(refusal(status, answer)) }
    }

    fn unanswered(&self, error: &reqwest::Error) -> Failure {
        let address = self.address;
        if error.is_timeout() {
            let seconds = PATIENCE.as_secs();
            return Failure::new(
                "no_answer",
                format!("{address} does not answer within {seconds} s: see its log"),
            );
        }
        Failure::new("not_running", format!("nothing answers at {address}: start it with `run`"))
    }
}

fn refusal(status: reqwest::StatusCode, answer: Value) -> Failure {
    match serde_json::from_value::<Problem>(answer) {
        Ok(problem) => Failure::new(problem.code, problem.detail),
        Err(_) => Failure::new("refused", format!("the process refuses with {status}")),
    }
}

/// Where a process that listens on `address` is to be found from the same machine.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}
