//! The city of the golden files: fixed keys, a hub and a store. Never changed, or the files
//! would not be what it says.

use ed25519_dalek::SigningKey;
use purser_journal::{Charter, Credential, Head, Role, Seal, SignedCharter, SignedCredential};
use purser_types::{ReplicaId, Scope, StoreNumber};

/// A replica of the city.
pub struct Site {
    pub replica: ReplicaId,
    pub key: SigningKey,
    pub credential: Credential,
}

/// Chain and city.
pub fn scope() -> Scope {
    Scope { chain: "Lotus".to_owned(), city: "Hangzhou".to_owned() }
}

/// The authority's key.
pub fn authority() -> SigningKey {
    SigningKey::from_bytes(&[1; 32])
}

/// What the city agrees on.
pub fn charter() -> Charter {
    Charter {
        scope: scope(),
        time_zone: "Asia/Shanghai".to_owned(),
        card_prefix: 6688,
        authority: authority().verifying_key().to_bytes(),
    }
}

/// The charter as it travels.
pub fn signed_charter() -> SignedCharter {
    SignedCharter::found(&authority(), &charter())
}

/// A replica whose id is 16 bytes counting up from `first`.
pub fn replica(first: u8) -> ReplicaId {
    ReplicaId(std::array::from_fn(|place| first + u8::try_from(place).unwrap()))
}

/// The hub.
pub fn hub() -> Site {
    site(replica(0x10), Role::Hub, StoreNumber(0), 0, "Hub")
}

/// The store.
pub fn store() -> Site {
    site(replica(0x20), Role::Store, StoreNumber(12), 1, "West Lake 西湖")
}

/// A store that runs a later version.
pub fn later_store() -> Site {
    site(replica(0x30), Role::Store, StoreNumber(13), 0, "Later")
}

fn site(replica: ReplicaId, role: Role, store: StoreNumber, life: u8, name: &str) -> Site {
    let key = SigningKey::from_bytes(&[replica.0[0]; 32]);
    let credential = Credential {
        scope: scope(),
        replica,
        role,
        store,
        life,
        name: name.to_owned(),
        public_key: key.verifying_key().to_bytes(),
        issued_ms: 1_790_000_000_000,
    };
    Site { replica, key, credential }
}

impl Site {
    /// Its credential as it travels.
    pub fn signed(&self) -> SignedCredential {
        SignedCredential::issue(&authority(), &self.credential)
    }

    /// The beginning of its journal.
    pub fn genesis(&self) -> Head {
        Head::genesis(&scope(), self.replica)
    }

    /// Its seal of a head of its journal.
    pub fn seal(&self, head: Head) -> Seal {
        Seal::sign(&self.key, &scope(), self.replica, head)
    }
}
