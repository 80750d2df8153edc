use std::{fmt, path::Path};

use ed25519_dalek::SigningKey;
use minicbor::{Decode, Encode};
use purser_journal::{Charter, Credential};
use purser_types::ReplicaId;

use crate::{
    Applicant, FileError, Papers, PapersFault, applicant, certificate::Certificate, files::SecretFile,
};

/// A replica that can prove who it is: its key and the papers made out to it, which were
/// checked against each other.
#[derive(Clone)]
#[non_exhaustive]
pub struct Identity {
    /// The replica.
    pub replica: ReplicaId,
    /// Its private key, for seals and for TLS.
    pub key: SigningKey,
    /// What the credential among the papers says.
    pub credential: Credential,
    /// What the charter among the papers says.
    pub charter: Charter,
    /// The papers as they were issued.
    pub papers: Papers,
}

#[derive(Encode, Decode)]
struct Body {
    #[n(0)]
    replica: ReplicaId,
    #[cbor(n(1), with = "minicbor::bytes")]
    seed: [u8; 32],
    #[n(2)]
    papers: Papers,
}

const FILE: SecretFile = SecretFile {
    name: "identity.key",
    remedy: "join with a join code from the hub; do not copy it from another machine",
};

impl Identity {
    /// The identity of an applicant who got these papers.
    ///
    /// # Errors
    /// If the papers are not by `authority` (its public key), or not made out to the applicant.
    pub fn new(applicant: Applicant, papers: Papers, authority: &[u8; 32]) -> Result<Self, PapersFault> {
        let (charter, credential) = papers.verify(authority, applicant.replica, &applicant.public_key())?;
        Ok(Self { replica: applicant.replica, key: applicant.key, credential, charter, papers })
    }

    /// Writes `identity.key` into `dir`, readable by its owner only, as a whole or not at all,
    /// and removes the `applicant.key` that it started from. An identity that is there is
    /// replaced: whoever enrols anew wants to be somebody new.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn save(&self, dir: &Path) -> Result<(), FileError> {
        let body = Body { replica: self.replica, seed: self.key.to_bytes(), papers: self.papers.clone() };
        FILE.replace(dir, &body)?;
        applicant::FILE.remove(dir)
    }

    /// Reads the identity saved in `dir` and checks it again.
    ///
    /// # Errors
    /// If there is none, it cannot be read, or its parts do not fit together.
    pub fn load(dir: &Path) -> Result<Self, FileError> {
        let Body { replica, seed, papers } = FILE.load(dir)?;
        let applicant = Applicant { replica, key: SigningKey::from_bytes(&seed) };
        let authority =
            Certificate::read(&papers.authority_certificate_der).and_then(|root| root.public_key());
        let authority = authority.map_err(|fault| FILE.damaged(&dir.join(FILE.name), &fault))?;
        Self::new(applicant, papers, &authority).map_err(|fault| FILE.damaged(&dir.join(FILE.name), &fault))
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("credential", &self.credential).finish_non_exhaustive()
    }
}
