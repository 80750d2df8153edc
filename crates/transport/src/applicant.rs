use std::{fmt, path::Path};

use ed25519_dalek::SigningKey;
use minicbor::{Decode, Encode};
use purser_types::ReplicaId;

use crate::{FileError, files::SecretFile};

/// A replica before it has papers: a fresh id and a fresh key. Save it before enrolling, so
/// that a crash between the hub's answer and [`crate::Identity::save`] does not use up the
/// invitation: asking again with the same id and key gets the same answer.
#[derive(Clone)]
pub struct Applicant {
    /// The id it will have.
    pub replica: ReplicaId,
    /// The key it will have.
    pub key: SigningKey,
}

#[derive(Encode, Decode)]
struct Body {
    #[n(0)]
    replica: ReplicaId,
    #[cbor(n(1), with = "minicbor::bytes")]
    seed: [u8; 32],
}

pub(crate) const FILE: SecretFile =
    SecretFile { name: "applicant.key", remedy: "remove it, and join again with a new join code" };

impl Applicant {
    /// An applicant made of fresh random bytes.
    pub fn new(entropy: &[u8; 48]) -> Self {
        let mut replica = [0; 16];
        let mut seed = [0; 32];
        replica.copy_from_slice(&entropy[..16]);
        seed.copy_from_slice(&entropy[16..]);
        Self { replica: ReplicaId(replica), key: SigningKey::from_bytes(&seed) }
    }

    /// The public half of the key.
    pub fn public_key(&self) -> [u8; 32] {
        self.key.verifying_key().to_bytes()
    }

    /// Writes `applicant.key` into `dir`, readable by its owner only.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn save(&self, dir: &Path) -> Result<(), FileError> {
        FILE.replace(dir, &Body { replica: self.replica, seed: self.key.to_bytes() })
    }

    /// Reads the applicant that an unfinished enrolment left in `dir`, or `None`.
    ///
    /// # Errors
    /// If the file cannot be read or is damaged.
    pub fn load(dir: &Path) -> Result<Option<Self>, FileError> {
        match FILE.load(dir) {
            Ok(Body { replica, seed }) => Ok(Some(Self { replica, key: SigningKey::from_bytes(&seed) })),
            Err(FileError::Missing { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl fmt::Debug for Applicant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Applicant({})", self.replica.short())
    }
}
