use std::{fmt, path::Path};

use ed25519_dalek::SigningKey;
use minicbor::{Decode, Encode};
use purser_journal::{
    Charter, Credential, CredentialFault, ProgrammePaper, SignedCharter, SignedCredential, SignedProgramme,
};
use purser_types::{BusinessDate, CityZone, Coded, Scope};

use crate::{
    FileError, Invitation, JoinCode, JoinCodeError, Papers,
    certificate::{self, Certificate},
    files::SecretFile,
    name::is_name,
};

/// The chain's own certificate authority for one city. One Ed25519 key signs the charter,
/// credentials, invitations and certificates, so whoever knows its public half can check all.
/// Who has this key can make replicas: it belongs on the hub and in a safe, nowhere else.
#[derive(Clone)]
pub struct Authority {
    key: SigningKey,
    charter: Charter,
    signed_charter: SignedCharter,
    certificate_der: Vec<u8>,
}

/// Why the authority cannot do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthorityError {
    /// A charter with values out of their range.
    #[error(
        "a charter needs a chain and a city, each one line of 1 to 64 characters that show as they are, \
         and a card prefix from 1000 to 9999"
    )]
    BadCharter,
    /// A credential whose name is none.
    #[error("the name of a hub or shop is one line of 1 to 64 characters that show as they are")]
    BadName,
    /// A credential for another city, or for a key that is none.
    #[error("no papers can be issued for this credential: {0}")]
    BadCredential(#[from] CredentialFault),
    /// A certificate that cannot be written.
    #[error("the certificate cannot be made: {0}")]
    Certificate(#[from] rcgen::Error),
}

impl Coded for AuthorityError {
    fn code(&self) -> &'static str {
        match self {
            AuthorityError::BadCharter => "charter_invalid",
            AuthorityError::BadName => "name_invalid",
            AuthorityError::BadCredential(fault) => fault.code(),
            AuthorityError::Certificate(_) => "certificate_unwritable",
        }
    }
}

#[derive(Encode, Decode)]
struct Body {
    #[cbor(n(0), with = "minicbor::bytes")]
    seed: [u8; 32],
    #[n(1)]
    charter: SignedCharter,
    #[cbor(n(2), with = "minicbor::bytes")]
    certificate_der: Vec<u8>,
}

const FILE: SecretFile = SecretFile {
    name: "authority.key",
    remedy: "restore it from its backup; without it no shop can join, those that have joined go on",
};

impl Authority {
    /// Founds the authority of a city, with a key made of fresh random bytes.
    ///
    /// # Errors
    /// If a name is empty, too long or not to be shown, or the card prefix has not four digits.
    pub fn found(
        scope: Scope,
        time_zone: CityZone,
        card_prefix: u16,
        entropy: &[u8; 32],
    ) -> Result<Self, AuthorityError> {
        if !is_name(&scope.chain) || !is_name(&scope.city) || !(1000..=9999).contains(&card_prefix) {
            return Err(AuthorityError::BadCharter);
        }
        let key = SigningKey::from_bytes(entropy);
        let certificate_der = certificate::of_authority(&key, &scope)?;
        let authority = key.verifying_key().to_bytes();
        let charter = Charter { scope, time_zone: time_zone.to_string(), card_prefix, authority };
        let signed_charter = SignedCharter::found(&key, &charter);
        Ok(Self { key, charter, signed_charter, certificate_der })
    }

    /// Writes `authority.key` into `dir`, readable by its owner only. Never overwrites one: a
    /// lost authority cannot be had again.
    ///
    /// # Errors
    /// If there is one already, or the folder cannot be written.
    pub fn save(&self, dir: &Path) -> Result<(), FileError> {
        let (charter, certificate_der) = (self.signed_charter.clone(), self.certificate_der.clone());
        FILE.create(dir, &Body { seed: self.key.to_bytes(), charter, certificate_der })
    }

    /// Reads the authority saved in `dir`.
    ///
    /// # Errors
    /// If there is none, it cannot be read, or its parts do not fit together.
    pub fn load(dir: &Path) -> Result<Self, FileError> {
        Self::load_file(&dir.join(FILE.name))
    }

    /// Reads an authority from a copy that was kept elsewhere, under whatever name.
    ///
    /// # Errors
    /// The same.
    pub fn load_file(path: &Path) -> Result<Self, FileError> {
        let Body { seed, charter: signed_charter, certificate_der } = FILE.load_from(path)?;
        let key = SigningKey::from_bytes(&seed);
        let public_key = key.verifying_key().to_bytes();
        let charter = signed_charter.verify(&public_key).map_err(|fault| FILE.damaged(path, &fault))?;
        Certificate::read(&certificate_der)
            .and_then(|certificate| certificate.verify(&public_key))
            .map_err(|fault| FILE.damaged(path, &fault))?;
        Ok(Self { key, charter, signed_charter, certificate_der })
    }

    /// What all replicas of the city agree on.
    pub fn charter(&self) -> &Charter {
        &self.charter
    }

    /// The charter as it travels.
    pub fn signed_charter(&self) -> &SignedCharter {
        &self.signed_charter
    }

    /// The authority's public key (Ed25519).
    pub fn public_key(&self) -> [u8; 32] {
        self.charter.authority
    }

    /// Issues papers. The same credential gives the same papers, byte for byte, so that a hub
    /// can answer a repeated request by what its journal says.
    ///
    /// # Errors
    /// If the credential is for another city, or its name or key is none.
    pub fn issue(&self, credential: &Credential) -> Result<Papers, AuthorityError> {
        if credential.scope != self.charter.scope {
            return Err(CredentialFault::ForeignScope.into());
        }
        if !is_name(&credential.name) {
            return Err(AuthorityError::BadName);
        }
        credential.key()?;
        Ok(Papers {
            credential: SignedCredential::issue(&self.key, credential),
            certificate_der: certificate::of_replica(&self.key, &self.certificate_der, credential)?,
            authority_certificate_der: self.certificate_der.clone(),
            charter: self.signed_charter.clone(),
        })
    }

    /// Signs a version of the programme for this city.
    pub fn sign_programme(
        &self,
        version: u32,
        in_force_from: BusinessDate,
        document: String,
    ) -> SignedProgramme {
        let scope = self.charter.scope.clone();
        SignedProgramme::sign(&self.key, &ProgrammePaper { scope, version, in_force_from, document })
    }

    /// Invites a shop to join at one of these hub addresses (`host:port`). Needs no database
    /// and no running hub; that an invitation is used once, the hub that takes it sees to.
    ///
    /// # Errors
    /// If an address is none, or the invitation's number or name is out of its range.
    pub fn invite(
        &self,
        hub_addresses: Vec<String>,
        invitation: &Invitation,
    ) -> Result<JoinCode, JoinCodeError> {
        JoinCode::issue(&self.key, hub_addresses, invitation)
    }
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Authority({})", self.charter.scope)
    }
}
