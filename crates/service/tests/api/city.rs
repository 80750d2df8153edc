use std::{
    net::{Ipv4Addr, SocketAddr},
    num::NonZeroU8,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use purser_journal::{Credential, Role};
use purser_replica::{Policy, Settings};
use purser_service::{ApiToken, Callers, MemberPages, TokenFolder, hub_router, node_router, serve};
use purser_sync::EngineSettings;
use purser_transport::{Applicant, Authority, Clock, Identity, Node, NodeSettings};
use purser_types::{Scope, StoreNumber};
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;

/// 2026-08-01T01:20:00Z, in milliseconds since 1970.
pub const NOW_MS: u64 = 1_785_547_200_000;

/// A store or hub that runs in this process, and a client with its token.
pub struct Shop {
    pub node: Node,
    pub base: String,
    pub token: String,
    wall_ms: Arc<AtomicU64>,
    client: Client,
    keys: AtomicU64,
    dir: TempDir,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
    pub replayed: bool,
    pub headers: reqwest::header::HeaderMap,
}

impl Shop {
    /// A store without a hub.
    pub async fn alone() -> Self {
        let authority = authority();
        Self::start(&authority, Role::Store, 12, Vec::new()).await
    }

    /// A node of a city: `store` 0 for the hub.
    pub async fn start(authority: &Authority, role: Role, store: u32, hubs: Vec<String>) -> Self {
        Self::start_at(authority, role, store, hubs, Arc::new(AtomicU64::new(NOW_MS))).await
    }

    /// The same with a clock that others may set.
    pub async fn start_at(
        authority: &Authority,
        role: Role,
        store: u32,
        hubs: Vec<String>,
        wall_ms: Arc<AtomicU64>,
    ) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let settings = NodeSettings {
            database: dir.path().join("purser.db"),
            identity: identity(authority, role, store, wall_ms.load(Ordering::Relaxed)),
            listen: loopback(),
            advertise: None,
            hubs,
            stores: Vec::new(),
            authority: None,
            replica: Settings { policy: Policy::Hub, ..Settings::default() },
            engine: EngineSettings::default(),
            clock: Clock::set_by(Arc::clone(&wall_ms)),
        };
        let node = Node::start(settings).await.unwrap();
        let callers = Callers::new(ApiToken::create(dir.path()).unwrap(), TokenFolder::of(dir.path()));
        let router = match role {
            Role::Store => node_router(node.handle(), callers),
            Role::Hub => {
                let pages = MemberPages::of(dir.path(), NonZeroU8::new(24).unwrap()).unwrap();
                hub_router(node.handle(), callers, pages)
            }
        };
        let token = std::fs::read_to_string(dir.path().join("api-token")).unwrap().trim().to_owned();
        let listener = TcpListener::bind(loopback()).await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(serve(listener, router, std::future::pending()));
        let client = Client::builder().no_proxy().build().unwrap();
        Self { node, base, token, wall_ms, client, keys: AtomicU64::new(0), dir }
    }

    /// The shop's folder.
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    pub fn database(&self) -> PathBuf {
        self.dir.path().join("purser.db")
    }

    /// Lets time pass.
    pub fn pass_ms(&self, ms: u64) {
        self.wall_ms.fetch_add(ms, Ordering::Relaxed);
    }

    /// A request with the token.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.bare(method, path).bearer_auth(&self.token)
    }

    /// A request without it.
    pub fn bare(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}/v1{path}", self.base))
    }

    pub async fn get(&self, path: &str) -> Answer {
        Answer::to(self.request(Method::GET, path)).await
    }

    /// A change under a key of its own.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.change(Method::POST, path, &self.fresh_key(), body).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.change(Method::PATCH, path, &self.fresh_key(), body).await
    }

    pub async fn change(&self, method: Method, path: &str, key: &str, body: Value) -> Answer {
        Answer::to(self.request(method, path).header("Idempotency-Key", key).json(&body)).await
    }

    /// Registers a member with a card: (member, card).
    pub async fn member(&self, name: &str) -> (String, String) {
        let body = serde_json::json!({"profile": {"name": name}, "card": true});
        let answer = self.post("/members", body).await.expect(201);
        (text(&answer["member"]), text(&answer["card"]))
    }

    pub fn fresh_key(&self) -> String {
        format!("test key {}", self.keys.fetch_add(1, Ordering::Relaxed))
    }
}

impl Answer {
    pub async fn to(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.bytes().await.unwrap();
        assert!(headers.contains_key("x-request-id") && headers["cache-control"] == "no-store");
        let is_problem = headers.get("content-type").is_some_and(|it| it == "application/problem+json");
        assert_eq!(is_problem, status.is_client_error() || status.is_server_error(), "{body:?}");
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        if is_problem {
            check_problem(status, &body);
        }
        let replayed = headers.get("idempotency-replayed").is_some_and(|it| it == "true");
        Self { status: status.as_u16(), body, replayed, headers }
    }

    /// The body, if the status is the one expected.
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.body
    }

    /// The body, if it is the problem expected.
    pub fn problem(self, status: u16, code: &str) -> Value {
        assert_eq!((self.status, self.body["code"].as_str()), (status, Some(code)), "{}", self.body);
        self.body
    }
}

/// What RFC 9457 and the contract want of every problem.
fn check_problem(status: StatusCode, body: &Value) {
    assert_eq!(body["status"], status.as_u16(), "{body}");
    assert_eq!(body["type"], format!("urn:purser:problem:{}", body["code"].as_str().unwrap()));
    assert!(!body["title"].as_str().unwrap().is_empty() && !body["detail"].as_str().unwrap().is_empty());
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

pub fn authority() -> Authority {
    let scope = Scope { chain: "Laiwu Books".into(), city: "Jinan".into() };
    Authority::found(scope, "Asia/Shanghai".parse().unwrap(), 6688, &[7; 32]).unwrap()
}

fn identity(authority: &Authority, role: Role, store: u32, issued_ms: u64) -> Identity {
    let applicant = Applicant::new(&[u8::try_from(store).unwrap() + 1; 48]);
    let credential = Credential {
        scope: authority.charter().scope.clone(),
        replica: applicant.replica,
        role,
        store: StoreNumber(store),
        life: 0,
        name: format!("Shop {store}"),
        public_key: applicant.public_key(),
        issued_ms,
    };
    let papers = authority.issue(&credential).unwrap();
    Identity::new(applicant, papers, &authority.public_key()).unwrap()
}

fn loopback() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 0))
}
