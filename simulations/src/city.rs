use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use purser_journal::{
    Charter, Credential, ProgrammePaper, Request, RequestId, Role, SignedCredential, SignedProgramme,
    SigningKey,
};
use purser_programme::Programme;
use purser_replica::{Founding, Order, Policy, Replica, ReplicaError, Settings, Undertaking};
use purser_sync::{Engine, EngineSettings};
use purser_types::{BusinessDate, Now, ReplicaId, Scope, StoreNumber};
use tempfile::TempDir;

/// The replicas of a city on disk, and the authority that enrols them.
pub struct City {
    directory: TempDir,
    authority: SigningKey,
    charter: Charter,
    policy: Policy,
    programme: Arc<Programme>,
}

const PROGRAMME: &str = include_str!("programme.toml");

fn programme() -> Programme {
    match Programme::read(PROGRAMME) {
        Ok(programme) => Programme { version: 0, ..programme },
        Err(faults) => unreachable!("what cities sell by is sound: {faults}"),
    }
}

/// One life of the database of one shop; shops with a number below the city's count of hubs are hubs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity {
    /// The shop. Hubs come first, from 0.
    pub shop: u32,
    /// Which replica of it: a new one after every loss.
    pub life: u8,
    /// Whether it is a hub.
    pub is_hub: bool,
}

impl Identity {
    /// The first life of a shop in a city whose hub is shop 0.
    pub fn first(shop: u32) -> Self {
        Self { shop, life: 0, is_hub: shop == 0 }
    }

    /// The replica's id.
    pub fn replica(self) -> ReplicaId {
        let RequestId(id) = RequestId::of(format!("replica {} of {}", self.life, self.shop).as_bytes());
        ReplicaId(id)
    }

    /// The replica's key. Whoever has it can write in its name.
    pub fn key(self) -> SigningKey {
        let mut seed = [0x5e; 32];
        seed[..4].copy_from_slice(&self.shop.to_be_bytes());
        seed[4] = self.life;
        SigningKey::from_bytes(&seed)
    }

    /// The next replica of the same shop.
    pub fn next_life(self) -> Self {
        Self { life: self.life + 1, ..self }
    }
}

impl City {
    /// A city in a directory of its own, which goes when the city does.
    ///
    /// # Errors
    /// If there is no room for the directory.
    pub fn found(policy: Policy) -> std::io::Result<Self> {
        let authority = SigningKey::from_bytes(&[7; 32]);
        let charter = Charter {
            scope: Scope { chain: "Qilu Pharmacy 齐鲁药房".into(), city: "Jinan 济南".into() },
            time_zone: "Asia/Shanghai".into(),
            card_prefix: 6688,
            authority: authority.verifying_key().to_bytes(),
        };
        let programme = Arc::new(programme());
        Ok(Self { directory: TempDir::new()?, authority, charter, policy, programme })
    }

    /// An engine for `who` on the database at `path`, which is made if there is none.
    ///
    /// # Errors
    /// If the database cannot be used.
    pub fn open_at(
        &self,
        path: &Path,
        who: Identity,
        settings: EngineSettings,
    ) -> Result<Engine, ReplicaError> {
        let founding =
            Founding { charter: self.charter.clone(), credential: self.credential(who), key: who.key() };
        let settings_of_replica = Settings { policy: self.policy, programme: Arc::clone(&self.programme) };
        Ok(Engine::new(Replica::open(path, founding, settings_of_replica)?, settings))
    }

    /// An engine for the first replica of `shop`, on its own database.
    ///
    /// # Panics
    /// If the database cannot be made: nothing can be simulated then.
    pub fn open(&self, shop: u32, settings: EngineSettings) -> Engine {
        let path = self.directory.path().join(format!("shop-{shop}.db"));
        match self.open_at(&path, Identity::first(shop), settings) {
            Ok(engine) => engine,
            Err(error) => panic!("no database for shop {shop}: {error}"),
        }
    }

    /// The order by which a hub publishes what is sold by already, as a version.
    pub fn publication(&self, version: u32) -> Order {
        let in_force_from = BusinessDate::from_days(0);
        let document = PROGRAMME.replacen("version = 1", &format!("version = {version}"), 1);
        let document = document.replacen("2000-01-01", &in_force_from.to_string(), 1);
        let scope = self.charter.scope.clone();
        let paper = ProgrammePaper { scope, version, in_force_from, document };
        let signed = SignedProgramme::sign(&self.authority, &paper);
        Order { request: None, undertaking: Undertaking::Publish(Box::new(signed)) }
    }

    /// The order by which a hub enrols `who`.
    pub fn enrolment(&self, who: Identity) -> Order {
        let mut invitation = [0; 16];
        invitation[..4].copy_from_slice(&who.shop.to_be_bytes());
        invitation[4] = who.life;
        let undertaking = Undertaking::Enrol { credential: self.credential(who), invitation };
        Order { request: None, undertaking }
    }

    /// The database file of one life of a shop.
    pub fn database(&self, who: Identity) -> PathBuf {
        self.directory.path().join(format!("shop-{}-{}.db", who.shop, who.life))
    }

    /// Where files of the city lie.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// What the city has agreed on.
    pub fn charter(&self) -> &Charter {
        &self.charter
    }

    /// Who a replica is, signed by the authority.
    pub fn credential(&self, who: Identity) -> SignedCredential {
        let credential = Credential {
            scope: self.charter.scope.clone(),
            replica: who.replica(),
            role: if who.is_hub { Role::Hub } else { Role::Store },
            store: StoreNumber(who.shop),
            life: who.life,
            name: format!("Shop {}", who.shop),
            public_key: who.key().verifying_key().to_bytes(),
            issued_ms: START.wall_ms,
        };
        SignedCredential::issue(&self.authority, &credential)
    }
}

/// A request with this key and body.
pub(crate) fn request(key: &str, body: &str) -> Request {
    Request { id: RequestId::of(key.as_bytes()), body: RequestId::of(body.as_bytes()) }
}

/// The start of every simulation: 2026-03-02 09:00 in Jinan.
pub(crate) const START: Now = Now { wall_ms: 1_772_413_200_000, monotonic_ms: 1_000 };
