//! A hub that publishes a programme, and a store that sells by it.

use std::{
    fs,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use data_encoding::BASE64;
use purser_journal::{Role, to_cbor};
use purser_programme::Programme;
use purser_types::{BusinessDate, CityZone};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::city::{Answer, Shop, authority, text};

/// A hub and a store of one city, with one clock.
pub struct Scheme {
    pub hub: Shop,
    pub store: Shop,
    wall_ms: Arc<AtomicU64>,
    checks: AtomicU64,
    /// Every quote, with what explains it.
    told: Mutex<String>,
}

const DAY_MS: u64 = 86_400_000;

impl Scheme {
    /// A city in which that programme was published, on the morning of a day.
    pub async fn under(document: &str, day: &str) -> Self {
        let wall_ms = Arc::new(AtomicU64::new(noon(day)));
        let authority = authority();
        let hub = Shop::start_at(&authority, Role::Hub, 0, Vec::new(), Arc::clone(&wall_ms)).await;
        let hubs = vec![hub.node.address().to_string()];
        let store = Shop::start_at(&authority, Role::Store, 12, hubs, Arc::clone(&wall_ms)).await;
        let scheme = Self { hub, store, wall_ms, checks: AtomicU64::new(0), told: Mutex::default() };
        scheme.publish(document).await;
        scheme
    }

    /// Has the hub publish a version, and waits until the store knows it.
    pub async fn publish(&self, document: &str) {
        let programme = Programme::read(document).unwrap();
        let (version, from) = (programme.version, programme.in_force_from);
        let signed = authority().sign_programme(version, from, document.to_owned());
        let body = json!({ "signed": BASE64.encode(&to_cbor(&signed)) });
        let published = self.hub.post("/programmes", body).await.expect(200);
        assert_eq!(published["version"], version);
        for _ in 0..500 {
            let known = self.store.get("/programmes").await.expect(200);
            if known["versions"].as_array().unwrap().iter().any(|it| it["version"] == version) {
                return;
            }
            sleep(Duration::from_millis(10)).await;
        }
        panic!("the store never heard of version {version}");
    }

    /// Goes to noon of a day.
    pub fn on(&self, day: &str) {
        self.wall_ms.store(noon(day), Ordering::Relaxed);
    }

    pub async fn member(&self, name: &str) -> String {
        self.store.member(name).await.0
    }

    /// A receipt number that was never used.
    pub fn check(&self) -> String {
        format!("C-{}", self.checks.fetch_add(1, Ordering::Relaxed))
    }

    /// A body with the member and a fresh receipt, and what else is said.
    pub fn receipt(&self, member: &str, more: &Value) -> Value {
        let mut body = json!({"member": member, "till": "1", "check": self.check()});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    }

    /// Quotes a basket, closes the sale, and sees that both say the same.
    pub async fn sells(&self, member: &str, more: Value) -> Value {
        let quote = self.quotes(member, more.clone()).await.expect(200);
        let sale = self.store.post("/checkouts", self.receipt(member, &more)).await.expect(201);
        for figure in ["gross", "total", "discount", "stored_value", "paid", "points_earned"] {
            assert_eq!(quote[figure], sale[figure], "{figure}: {quote} {sale}");
        }
        sale
    }

    pub async fn quotes(&self, member: &str, more: Value) -> Answer {
        let mut body = json!({ "member": member });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let answer = Answer::to(self.store.request(reqwest::Method::POST, "/quote").json(&body)).await;
        self.told.lock().unwrap().push_str(&told(self.day(), &more, &answer));
        answer
    }

    /// Compares all quotes so far with the golden file of a scheme.
    pub fn is_as_told(&self, scheme: &str) {
        let path = format!("{}/tests/api/quotes/{scheme}.txt", env!("CARGO_MANIFEST_DIR"));
        let told = self.told.lock().unwrap();
        let golden = fs::read_to_string(&path).unwrap_or_default();
        assert!(golden == *told, "{path} should be:\n{told}");
    }

    fn day(&self) -> BusinessDate {
        let zone: CityZone = "Asia/Shanghai".parse().unwrap();
        zone.date_at(self.wall_ms.load(Ordering::Relaxed))
    }

    pub async fn posts(&self, path: &str, member: &str, more: Value) -> Answer {
        self.store.post(path, self.receipt(member, &more)).await
    }

    /// A body with a fresh receipt, and what else is said.
    pub fn without_member(&self, more: &Value) -> Value {
        let mut body = json!({"till": "1", "check": self.check()});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    }

    /// What the hub answers, once it is something.
    pub async fn hub_knows(&self, path: &str, of: impl Fn(&Value) -> Value) -> Value {
        for _ in 0..500 {
            let answer = of(&self.hub.get(path).await.expect(200));
            if !answer.is_null() {
                return answer;
            }
            sleep(Duration::from_millis(10)).await;
        }
        panic!("the hub never knew {path}");
    }

    pub async fn balances(&self, member: &str) -> Value {
        self.store.get(&format!("/members/{member}/balances")).await.expect(200)
    }

    pub async fn tier(&self, member: &str) -> String {
        text(&self.balances(member).await["tier"]["id"])
    }

    pub async fn points(&self, member: &str) -> i64 {
        self.balances(member).await["points"]["balance"].as_i64().unwrap()
    }

    /// Gives a tier by hand.
    pub async fn promotes(&self, member: &str, tier: &str) {
        let body = json!({"member": member, "tier": tier, "reason": "invited", "by": "Zhao Min"});
        self.store.post("/grants", body).await.expect(201);
    }
}

/// What was asked, the price and the reasons, or why there is none.
fn told(day: BusinessDate, asked: &Value, answer: &Answer) -> String {
    let told = format!("{day} {asked}\n");
    let quote = &answer.body;
    let texts = |of: &Value| of.as_array().into_iter().flatten().map(text).collect::<Vec<String>>();
    let mut lines: Vec<String> = texts(&quote["explanation"]["zh"]);
    lines.extend(texts(&quote["explanation"]["en"]));
    for (place, line) in quote["lines"].as_array().into_iter().flatten().enumerate() {
        lines.push(format!(
            "{} {} -> {} off {} not {}",
            place + 1,
            line["gross"],
            line["price"],
            line["off"],
            line["not"]
        ));
    }
    if !quote["code"].is_null() {
        lines.push(format!("{} {}", text(&quote["code"]), text(&quote["detail"])));
    }
    lines.iter().fold(told, |told, line| told + "    " + line + "\n")
}

/// One line: what it costs, and what is said of it.
pub fn line(price: &str, flags: &[&str]) -> Value {
    json!({"article": "6901234567892", "unit_price": price, "flags": flags})
}

fn noon(day: &str) -> u64 {
    let day: BusinessDate = day.parse().unwrap();
    // 12:00 in Shanghai.
    u64::try_from(day.days()).unwrap() * DAY_MS + 4 * 3_600_000
}
