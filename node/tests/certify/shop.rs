use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    time::SystemTime,
};

use purser_journal::{Credential, Role};
use purser_replica::{Policy, Settings};
use purser_service::{ApiToken, Callers, TokenFolder, node_router, serve};
use purser_sync::EngineSettings;
use purser_transport::{Applicant, Authority, Clock, Identity, Node, NodeSettings};
use purser_types::{Scope, StoreNumber};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;

/// A store that runs in this process, on the system's clock.
pub struct Shop {
    pub base: String,
    pub token_file: PathBuf,
    _node: Node,
    _dir: TempDir,
}

impl Shop {
    pub async fn open() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let settings = NodeSettings {
            database: dir.path().join("purser.db"),
            identity: identity(),
            listen: loopback(),
            advertise: None,
            hubs: Vec::new(),
            stores: Vec::new(),
            authority: None,
            replica: Settings { policy: Policy::Hub, ..Settings::default() },
            engine: EngineSettings::default(),
            clock: Clock::system(),
        };
        let node = Node::start(settings).await.unwrap();
        let callers = Callers::new(ApiToken::create(dir.path()).unwrap(), TokenFolder::of(dir.path()));
        let router = node_router(node.handle(), callers);
        let listener = TcpListener::bind(loopback()).await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(serve(listener, router, std::future::pending()));
        Self { base, token_file: dir.path().join("api-token"), _node: node, _dir: dir }
    }

    /// Registers a member; their card.
    pub async fn member(&self) -> String {
        let token = std::fs::read_to_string(&self.token_file).unwrap();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let request = client.post(format!("{}/v1/members", self.base)).bearer_auth(token.trim());
        let body = json!({"profile": {"name": "Li Lei"}, "card": true});
        let answer = request.header("Idempotency-Key", "a member").json(&body).send().await.unwrap();
        answer.json::<Value>().await.unwrap()["card"].as_str().unwrap().to_owned()
    }
}

fn identity() -> Identity {
    let scope = Scope { chain: "Laiwu Books".into(), city: "Jinan".into() };
    let authority = Authority::found(scope, "Asia/Shanghai".parse().unwrap(), 6688, &[7; 32]).unwrap();
    let applicant = Applicant::new(&[13; 48]);
    let credential = Credential {
        scope: authority.charter().scope.clone(),
        replica: applicant.replica,
        role: Role::Store,
        store: StoreNumber(12),
        life: 0,
        name: "Shop 12".into(),
        public_key: applicant.public_key(),
        issued_ms: now_ms(),
    };
    let papers = authority.issue(&credential).unwrap();
    Identity::new(applicant, papers, &authority.public_key()).unwrap()
}

/// A store that was let in long ago spends nothing until it has met a hub.
fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    u64::try_from(since.as_millis()).unwrap()
}

fn loopback() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 0))
}
