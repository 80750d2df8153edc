use std::path::{Path, PathBuf};

use purser_journal::{Charter, Credential, Request, RequestId, Role, SignedCredential, SigningKey};
use purser_replica::{Founding, Order, Policy, Replica, Settings, Undertaking};
use purser_sync::{Engine, EngineSettings};
use purser_types::{Now, ReplicaId, Scope, StoreNumber};
use tempfile::TempDir;

/// The replicas of a city on disk, and the authority that enrols them.
pub struct City {
    directory: TempDir,
    authority: SigningKey,
    charter: Charter,
    policy: Policy,
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
        Ok(Self { directory: TempDir::new()?, authority, charter, policy })
    }

    /// An engine for store `number` (0 is the hub), with an empty database.
    ///
    /// # Panics
    /// If the database cannot be made: nothing can be simulated then.
    pub fn open(&self, number: u32, settings: EngineSettings) -> Engine {
        let key = Self::key(number);
        let founding = Founding { charter: self.charter.clone(), credential: self.credential(number), key };
        let settings_of_replica = Settings { policy: self.policy, ..Settings::default() };
        match Replica::open(&self.database(number), founding, settings_of_replica) {
            Ok(replica) => Engine::new(replica, settings),
            Err(error) => panic!("no database for store {number}: {error}"),
        }
    }

    /// The order by which the hub enrols store `number`.
    pub fn enrolment(&self, number: u32) -> Order {
        let mut invitation = [0; 16];
        invitation[..4].copy_from_slice(&number.to_be_bytes());
        let undertaking = Undertaking::Enrol { credential: self.credential(number), invitation };
        Order { request: None, undertaking }
    }

    /// The database file of store `number`.
    pub fn database(&self, number: u32) -> PathBuf {
        self.directory.path().join(format!("store-{number}.db"))
    }

    /// Where files of the city lie.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// The replica of store `number`.
    pub fn replica(number: u32) -> ReplicaId {
        let RequestId(id) = RequestId::of(format!("replica {number}").as_bytes());
        ReplicaId(id)
    }

    fn key(number: u32) -> SigningKey {
        let mut seed = [0x5e; 32];
        seed[..4].copy_from_slice(&number.to_be_bytes());
        SigningKey::from_bytes(&seed)
    }

    fn credential(&self, number: u32) -> SignedCredential {
        let credential = Credential {
            scope: self.charter.scope.clone(),
            replica: Self::replica(number),
            role: if number == 0 { Role::Hub } else { Role::Store },
            store: StoreNumber(number),
            life: 0,
            name: format!("Store {number}"),
            public_key: Self::key(number).verifying_key().to_bytes(),
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
