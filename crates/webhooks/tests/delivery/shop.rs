use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use purser_documents::{Edit, Field};
use purser_journal::{Credential, Role};
use purser_replica::{
    Basket, GoodsBack, Order, Outcome, Redemption, Settings, TakeBack, Tenders, Undertaking,
};
use purser_sync::EngineSettings;
use purser_transport::{Applicant, Authority, Clock, Identity, Node, NodeSettings};
use purser_types::{Fen, MemberId, SaleId, Scope, StoreNumber};
use purser_webhooks::{EventFilter, Pace, Secret, Standing, WebhookFolder, Webhooks, Whose, start};
use tempfile::TempDir;

/// 2026-08-01T01:20:00Z, in milliseconds since 1970.
pub const NOW_MS: u64 = 1_785_547_200_000;

/// A store or hub that runs in this process.
pub struct Shop {
    pub node: Node,
    dir: TempDir,
}

/// Fast enough for tests.
pub const PACE: Pace = Pace {
    attempt: Duration::from_millis(500),
    first_pause: Duration::from_millis(20),
    longest_pause: Duration::from_millis(40),
    look: Duration::from_millis(10),
};

impl Shop {
    /// A store without a hub.
    pub async fn alone() -> Self {
        Self::start(&authority(), Role::Store, 12, Vec::new()).await
    }

    /// A node of a city: `store` 0 for the hub.
    pub async fn start(authority: &Authority, role: Role, store: u8, hubs: Vec<String>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let settings = NodeSettings {
            database: dir.path().join("purser.db"),
            identity: identity(authority, role, store),
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            advertise: None,
            hubs,
            stores: Vec::new(),
            authority: None,
            replica: Settings::default(),
            engine: EngineSettings::default(),
            clock: Clock::set_by(Arc::new(AtomicU64::new(NOW_MS))),
        };
        Self { node: Node::start(settings).await.unwrap(), dir }
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    pub fn database(&self) -> PathBuf {
        self.dir.path().join("purser.db")
    }

    pub fn folder(&self) -> WebhookFolder {
        WebhookFolder::of(self.path())
    }

    /// Adds an endpoint for these events of its own journal; all of them if none is named.
    pub fn add(&self, url: &str, events: &[&str]) -> (String, Secret) {
        self.add_of(url, events, Whose::Own)
    }

    pub fn add_of(&self, url: &str, events: &[&str], whose: Whose) -> (String, Secret) {
        let events = EventFilter::of(events.iter().copied()).unwrap();
        self.folder().add(url.parse().unwrap(), events, &self.database(), whose).unwrap()
    }

    /// Starts telling what this store writes.
    pub fn tell(&self) -> Webhooks {
        self.tell_of(Whose::Own)
    }

    pub fn tell_of(&self, whose: Whose) -> Webhooks {
        start(self.path(), &self.database(), whose, PACE, || NOW_MS)
    }

    pub fn standing(&self, id: &str) -> Standing {
        self.folder().standing(&self.folder().endpoint(id).unwrap()).unwrap()
    }

    /// Waits until an endpoint stands as wanted.
    pub async fn until(&self, id: &str, wanted: impl Fn(&Standing) -> bool) -> Standing {
        for _ in 0..1_000 {
            let standing = self.standing(id);
            if wanted(&standing) {
                return standing;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("not so within 10 s: {:?}", self.standing(id));
    }

    pub async fn register(&self, name: &str, phone: &str) -> MemberId {
        let set = |field, text: &str| Edit::SetField { field, value: Some(text.to_owned()) };
        let edits = vec![set(Field::Name, name), set(Field::Phone, phone)];
        match self.does(Undertaking::Register { edits, with_card: true }).await {
            Outcome::Member(member, _) => member,
            other => panic!("{other:?}"),
        }
    }

    /// Sells goods for that many yuan under a check number.
    pub async fn sell(&self, member: MemberId, check: u32, yuan: i64) -> SaleId {
        let (till, check, gross) = ("1".to_owned(), check.to_string(), Fen(100 * yuan));
        let basket = Basket {
            member,
            till,
            check,
            gross,
            redemption: Redemption::None,
            lines: Vec::new(),
            tenders: Tenders::default(),
            claimed_of: None,
        };
        match self.does(Undertaking::CheckOut(basket)).await {
            Outcome::Sale(sale, _) => sale,
            other => panic!("{other:?}"),
        }
    }

    pub async fn take_back(&self, sale: SaleId, check: u32, yuan: i64) {
        let goods = GoodsBack::Gross(Fen(100 * yuan));
        let back = TakeBack { sale, till: "1".to_owned(), check: check.to_string(), goods };
        self.does(Undertaking::TakeBack(back)).await;
    }

    pub async fn does(&self, undertaking: Undertaking) -> Outcome {
        self.node.handle().submit(Order { request: None, undertaking }).await.unwrap().outcome
    }
}

pub fn authority() -> Authority {
    let scope = Scope { chain: "Laiwu Books".into(), city: "Jinan".into() };
    Authority::found(scope, "Asia/Shanghai".parse().unwrap(), 6688, &[7; 32]).unwrap()
}

fn identity(authority: &Authority, role: Role, store: u8) -> Identity {
    let applicant = Applicant::new(&[store + 1; 48]);
    let credential = Credential {
        scope: authority.charter().scope.clone(),
        replica: applicant.replica,
        role,
        store: StoreNumber(store.into()),
        life: 0,
        name: format!("Shop {store}"),
        public_key: applicant.public_key(),
        issued_ms: NOW_MS,
    };
    let papers = authority.issue(&credential).unwrap();
    Identity::new(applicant, papers, &authority.public_key()).unwrap()
}
