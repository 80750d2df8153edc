use std::{
    net::{Ipv4Addr, SocketAddr},
    num::NonZeroU8,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, SystemTime},
};

use purser_journal::{Credential, Role};
use purser_programme::Programme;
use purser_replica::{Order, Policy, Settings, Undertaking};
use purser_service::{ApiToken, Callers, MemberPages, TokenFolder, hub_router, node_router, serve};
use purser_sync::EngineSettings;
use purser_transport::{Applicant, Authority, Clock, Identity, Node, NodeSettings};
use purser_types::{Scope, StoreNumber};
use reqwest::{Client, RequestBuilder, redirect};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;

/// A store that runs in this process, with its pages.
pub struct Shop {
    pub node: Node,
    pub base: String,
    token: String,
    pub client: Client,
    keys: AtomicU64,
    _dir: TempDir,
}

/// The numbers of the store and its hub.
const STORE: u8 = 12;
const HUB: u8 = 0;

/// Somebody at a browser: the cookie, and the key of the forms.
pub struct Browser<'s> {
    shop: &'s Shop,
    pub cookie: String,
    pub form_key: String,
    pub language: &'static str,
}

/// What a browser was shown.
#[derive(Debug)]
pub struct Shown {
    pub status: u16,
    pub location: String,
    pub text: String,
}

impl Shop {
    /// A store that sells by the basic programme, and knows of no hub.
    pub async fn open() -> Self {
        Self::open_as(STORE, Vec::new(), Clock::system()).await
    }

    /// A store and its hub, which has published a tea house's scheme: with everything that a scheme can have.
    pub async fn tea_house() -> (Self, Self) {
        let hub = Self::hub().await;
        let text = include_str!("../../../../tests/browser/programme.toml");
        let Programme { version, in_force_from, .. } = Programme::read(text).unwrap();
        let signed = authority().sign_programme(version, in_force_from, text.to_owned());
        let undertaking = Undertaking::Publish(Box::new(signed));
        hub.node.handle().submit(Order { request: None, undertaking }).await.unwrap();
        let store = Self::beside(&hub).await;
        store.until("/programmes", |known| known["in_force"] == version).await;
        store.until("/status", |status| status["on_line"] == true && status["journals"] == 2).await;
        (store, hub)
    }

    /// A hub with the chain's key.
    pub async fn hub() -> Self {
        Self::hub_by(Clock::system()).await
    }

    /// The same by another clock.
    pub async fn hub_by(clock: Clock) -> Self {
        Self::open_as(HUB, Vec::new(), clock).await
    }

    /// A store of that hub.
    pub async fn beside(hub: &Self) -> Self {
        Self::open_as(STORE, vec![hub.node.address().to_string()], Clock::system()).await
    }

    /// Another store of that hub.
    pub async fn further(hub: &Self) -> Self {
        Self::open_as(27, vec![hub.node.address().to_string()], Clock::system()).await
    }

    async fn open_as(store: u8, hubs: Vec<String>, clock: Clock) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let authority = authority();
        let identity = identity(&authority, store);
        let role = identity.credential.role;
        let credential = identity.credential.clone();
        let settings = NodeSettings {
            database: dir.path().join("purser.db"),
            identity,
            listen: loopback(),
            advertise: None,
            hubs,
            stores: Vec::new(),
            authority: (role == Role::Hub).then(|| authority.clone()),
            replica: Settings { policy: Policy::Hub, ..Settings::default() },
            engine: EngineSettings::default(),
            clock,
        };
        let node = Node::start(settings).await.unwrap();
        let callers = Callers::new(ApiToken::create(dir.path()).unwrap(), TokenFolder::of(dir.path()));
        let handle = node.handle();
        let router = match role {
            Role::Store => {
                let pages = purser_pages::store_pages(handle.clone(), credential);
                purser_pages::beside(node_router(handle, callers), pages)
            }
            Role::Hub => {
                let links = MemberPages::of(dir.path(), NonZeroU8::MIN).unwrap();
                let pages =
                    purser_pages::hub_pages(handle.clone(), credential, Some(authority), links.clone());
                purser_pages::beside(hub_router(handle, callers, links), pages)
            }
        };
        let token = std::fs::read_to_string(dir.path().join("api-token")).unwrap().trim().to_owned();
        let listener = TcpListener::bind(loopback()).await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(serve(listener, router, std::future::pending()));
        let client = Client::builder().no_proxy().redirect(redirect::Policy::none()).build().unwrap();
        Self { node, base, token, client, keys: AtomicU64::new(0), _dir: dir }
    }

    pub fn token(&self) -> &str {
        &self.token
    }

    /// What the API tells.
    pub async fn ask(&self, path: &str) -> Value {
        let answer = self.client.get(format!("{}/v1{path}", self.base)).bearer_auth(&self.token);
        answer.send().await.unwrap().json().await.unwrap()
    }

    /// Waits until what the API tells is as wanted.
    pub async fn until(&self, path: &str, wanted: impl Fn(&Value) -> bool) {
        for _ in 0..500 {
            if wanted(&self.ask(path).await) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("not so within 10 s: {}", self.ask(path).await);
    }

    /// A change over the API.
    pub async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        let key = format!("key {}", self.keys.fetch_add(1, Ordering::Relaxed));
        let request = self.client.post(format!("{}/v1{path}", self.base)).bearer_auth(&self.token);
        let answer = request.header("Idempotency-Key", key).json(&body).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    /// An account, and its password.
    pub async fn account(&self, name: &str, role: &str) -> String {
        let body = json!({"name": name, "person": format!("{name} 李"), "role": role});
        let (status, answer) = self.post("/staff", body).await;
        assert_eq!(status, 200, "{answer}");
        answer["password"].as_str().unwrap().to_owned()
    }

    pub async fn sign_in(&self, name: &str, password: &str) -> (Shown, String) {
        let request = self.client.post(format!("{}/sign-in", self.base));
        let answer = request.form(&[("name", name), ("password", password)]).send().await.unwrap();
        let cookie = answer.headers().get("set-cookie").map(|value| value.to_str().unwrap().to_owned());
        (Shown::of(answer).await, cookie.unwrap_or_default())
    }

    /// Somebody who has signed in, and reads English.
    pub async fn browser(&self, name: &str, role: &str) -> Browser<'_> {
        let password = self.account(name, role).await;
        self.enter(name, &password).await
    }

    /// The same by an account that there is.
    pub async fn enter(&self, name: &str, password: &str) -> Browser<'_> {
        let (shown, cookie) = self.sign_in(name, password).await;
        assert_eq!((shown.status, shown.location.as_str()), (303, "/"), "{}", shown.text);
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
        let cookie = cookie.split(';').next().unwrap().to_owned();
        let mut browser = Browser { shop: self, cookie, form_key: String::new(), language: "en" };
        let home = browser.get("/").await;
        let page = browser.get(&home.location).await;
        browser.form_key = page.value_of("form_key");
        browser
    }

    /// Where choosing a language leads somebody who comes from there.
    pub async fn language_from(&self, referer: &str) -> String {
        let request = self.client.get(format!("{}/language?to=en", self.base)).header("referer", referer);
        Shown::of(request.send().await.unwrap()).await.location
    }

    pub async fn get(&self, path: &str) -> Shown {
        Shown::of(self.client.get(format!("{}{path}", self.base)).send().await.unwrap()).await
    }
}

impl Browser<'_> {
    fn dressed(&self, request: RequestBuilder) -> RequestBuilder {
        request.header("cookie", &self.cookie).header("accept-language", self.language)
    }

    pub async fn get(&self, path: &str) -> Shown {
        let request = self.shop.client.get(format!("{}{path}", self.shop.base));
        Shown::of(self.dressed(request).send().await.unwrap()).await
    }

    /// Sends a form with the session's key.
    pub async fn send(&self, path: &str, fields: &[(&str, &str)]) -> Shown {
        let fields = [&[("form_key", self.form_key.as_str())], fields].concat();
        self.send_bare(path, &fields).await
    }

    pub async fn send_bare(&self, path: &str, fields: &[(&str, &str)]) -> Shown {
        let request = self.shop.client.post(format!("{}{path}", self.shop.base)).form(fields);
        Shown::of(self.dressed(request).send().await.unwrap()).await
    }
}

impl Shown {
    async fn of(answer: reqwest::Response) -> Self {
        let status = answer.status().as_u16();
        let location = answer.headers().get("location").map(|value| value.to_str().unwrap().to_owned());
        let is_page = answer
            .headers()
            .get("content-type")
            .is_some_and(|kind| kind.to_str().unwrap().starts_with("text/html"));
        if is_page {
            let policy = answer.headers()["content-security-policy"].to_str().unwrap();
            assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        }
        Self { status, location: location.unwrap_or_default(), text: answer.text().await.unwrap() }
    }

    /// The value of the first hidden field of that name.
    pub fn value_of(&self, name: &str) -> String {
        let field = self.text.split(&format!("name=\"{name}\" value=\"")).nth(1);
        field.unwrap_or_else(|| panic!("no {name} in {}", self.text)).split('"').next().unwrap().to_owned()
    }

    pub fn says(&self, words: &str) -> bool {
        self.text.contains(words)
    }
}

pub fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    u64::try_from(since.as_millis()).unwrap()
}

fn loopback() -> SocketAddr {
    (Ipv4Addr::LOCALHOST, 0).into()
}

fn authority() -> Authority {
    let scope = Scope { chain: "Qilu".into(), city: "Jinan".into() };
    Authority::found(scope, "Asia/Shanghai".parse().unwrap(), 6688, &[7; 32]).unwrap()
}

fn identity(authority: &Authority, store: u8) -> Identity {
    let applicant = Applicant::new(&[store + 13; 48]);
    let (role, name) = match store {
        HUB => (Role::Hub, "Head office 总部"),
        STORE => (Role::Store, "Spring Road 泉城路"),
        _ => (Role::Store, "Canal 运河店"),
    };
    let credential = Credential {
        scope: authority.charter().scope.clone(),
        replica: applicant.replica,
        role,
        store: StoreNumber(store.into()),
        life: 0,
        name: name.into(),
        public_key: applicant.public_key(),
        issued_ms: now_ms(),
    };
    let papers = authority.issue(&credential).unwrap();
    Identity::new(applicant, papers, &authority.public_key()).unwrap()
}
