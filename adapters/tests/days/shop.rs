use std::{
    net::{Ipv4Addr, SocketAddr},
    num::NonZeroU8,
    sync::atomic::{AtomicU64, Ordering},
    time::SystemTime,
};

use data_encoding::BASE64;
use purser_journal::{Credential, Role, to_cbor};
use purser_programme::Programme;
use purser_replica::{Policy, Settings};
use purser_service::{ApiToken, Callers, MemberPages, TokenFolder, hub_router};
use purser_sync::EngineSettings;
use purser_transport::{Applicant, Authority, Clock, Identity, Node, NodeSettings};
use purser_types::{Scope, StoreNumber};
use reqwest::Client;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::line::served;

/// A node that runs in this process, a hub so that programmes can be published at it.
pub struct Shop {
    pub base: String,
    pub token: String,
    pub dir: TempDir,
    _node: Node,
    client: Client,
    keys: AtomicU64,
}

impl Shop {
    pub async fn open() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let settings = NodeSettings {
            database: dir.path().join("purser.db"),
            identity: identity(),
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
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
        let pages = MemberPages::of(dir.path(), NonZeroU8::new(24).unwrap()).unwrap();
        let base = served(hub_router(node.handle(), callers, pages)).await;
        let token = std::fs::read_to_string(dir.path().join("api-token")).unwrap().trim().to_owned();
        let client = Client::builder().no_proxy().build().unwrap();
        Self { base, token, dir, _node: node, client, keys: AtomicU64::new(0) }
    }

    pub async fn publish(&self, document: &str) {
        let programme = Programme::read(document).unwrap();
        let (version, from) = (programme.version, programme.in_force_from);
        let signed = authority().sign_programme(version, from, document.to_owned());
        self.post("/programmes", json!({"signed": BASE64.encode(&to_cbor(&signed))})).await;
    }

    /// Registers a member: (member, card).
    pub async fn member(&self, name: &str, phone: &str) -> (String, String) {
        let body = json!({"profile": {"name": name, "phone": phone}, "card": true});
        let answer = self.post("/members", body).await;
        (answer["member"].as_str().unwrap().to_owned(), answer["card"].as_str().unwrap().to_owned())
    }

    /// Sells goods for so many yuan at a till of the shop's own.
    pub async fn sell(&self, member: &str, yuan: u32) {
        let check = self.fresh();
        let body = json!({"member": member, "till": "1", "check": check, "gross": yuan.to_string()});
        self.post("/checkouts", body).await;
    }

    /// A change that has to go well.
    pub async fn post(&self, path: &str, body: Value) -> Value {
        let request = self.client.post(format!("{}/v1{path}", self.base)).bearer_auth(&self.token);
        let answer = request.header("Idempotency-Key", self.fresh()).json(&body).send().await.unwrap();
        let status = answer.status();
        let answer: Value = answer.json().await.unwrap();
        assert!(status.is_success(), "{answer}");
        answer
    }

    pub async fn balances(&self, member: &str) -> Value {
        let request = self.client.get(format!("{}/v1/members/{member}/balances", self.base));
        request.bearer_auth(&self.token).send().await.unwrap().json().await.unwrap()
    }

    /// The member's points, and what of them is set aside.
    pub async fn points(&self, member: &str) -> (i64, i64) {
        let points = &self.balances(member).await["points"];
        (points["balance"].as_i64().unwrap(), points["held"].as_i64().unwrap())
    }

    fn fresh(&self) -> String {
        format!("own-{}", self.keys.fetch_add(1, Ordering::Relaxed))
    }
}

fn authority() -> Authority {
    let scope = Scope { chain: "Laiwu Noodles".into(), city: "Jinan".into() };
    Authority::found(scope, "Asia/Shanghai".parse().unwrap(), 6688, &[7; 32]).unwrap()
}

fn identity() -> Identity {
    let authority = authority();
    let applicant = Applicant::new(&[13; 48]);
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let credential = Credential {
        scope: authority.charter().scope.clone(),
        replica: applicant.replica,
        role: Role::Hub,
        store: StoreNumber(0),
        life: 0,
        name: "Spring Road".into(),
        public_key: applicant.public_key(),
        issued_ms: u64::try_from(since.as_millis()).unwrap(),
    };
    let papers = authority.issue(&credential).unwrap();
    Identity::new(applicant, papers, &authority.public_key()).unwrap()
}
