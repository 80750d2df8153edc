use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use minicbor::{Decode, Encode};
use purser_types::{Coded, Digest, ReplicaId, Scope, StoreNumber};

use crate::codec;

/// What all replicas of a city agree on, laid down when the chain was founded.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Charter {
    /// Chain and city.
    #[n(0)]
    pub scope: Scope,
    /// The city's time zone, by its name in the tz database.
    #[n(1)]
    pub time_zone: String,
    /// The first four digits of the chain's cards, 1000 to 9999.
    #[n(2)]
    pub card_prefix: u16,
    /// The authority's public key (Ed25519), with which charter and credentials are signed.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub authority: [u8; 32],
}

/// A [`Charter`] with the authority's signature.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct SignedCharter {
    /// The CBOR of the charter.
    #[cbor(n(0), with = "minicbor::bytes")]
    body: Vec<u8>,
    #[cbor(n(1), with = "minicbor::bytes")]
    signature: [u8; 64],
}

/// What a replica is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Role {
    /// A shop.
    #[n(0)]
    Store,
    /// A hub: relay, bank of rights, keeper of the directory.
    #[n(1)]
    Hub,
}

/// Who a replica is: the authority's word that this key belongs to this replica.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Credential {
    /// Chain and city.
    #[n(0)]
    pub scope: Scope,
    /// The replica.
    #[n(1)]
    pub replica: ReplicaId,
    /// What it is for.
    #[n(2)]
    pub role: Role,
    /// The shop's number; 0 for a hub.
    #[n(3)]
    pub store: StoreNumber,
    /// How often this shop had enrolled before: part of its card numbers.
    #[n(4)]
    pub life: u8,
    /// The shop's name, for people.
    #[n(5)]
    pub name: String,
    /// The key (Ed25519) with which the replica seals its journal and opens connections.
    #[cbor(n(6), with = "minicbor::bytes")]
    pub public_key: [u8; 32],
    /// When it was issued, in milliseconds since 1970.
    #[n(7)]
    pub issued_ms: u64,
}

/// A [`Credential`] with the authority's signature: what travels.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct SignedCredential {
    /// The CBOR of the credential.
    #[cbor(n(0), with = "minicbor::bytes")]
    body: Vec<u8>,
    #[cbor(n(1), with = "minicbor::bytes")]
    signature: [u8; 64],
}

/// Why a credential or a charter is not to be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CredentialFault {
    /// Not the CBOR of one.
    #[error("it is malformed")]
    Malformed,
    /// Not signed by the chain's authority.
    #[error("it is not signed by the chain's authority")]
    Forged,
    /// Of another chain or city.
    #[error("it belongs to another chain or city")]
    ForeignScope,
    /// Its key is no Ed25519 public key.
    #[error("its public key is not valid")]
    BadKey,
}

impl Coded for CredentialFault {
    fn code(&self) -> &'static str {
        match self {
            CredentialFault::Malformed => "credential_malformed",
            CredentialFault::Forged => "credential_forged",
            CredentialFault::ForeignScope => "credential_foreign_scope",
            CredentialFault::BadKey => "credential_bad_key",
        }
    }
}

const CREDENTIAL_CONTEXT: &str = "purser 2026 credential";
const CHARTER_CONTEXT: &str = "purser 2026 charter";

impl SignedCredential {
    /// Issues a credential with the authority's key.
    pub fn issue(authority: &SigningKey, credential: &Credential) -> Self {
        let body = codec::to_cbor(credential);
        let signature = sign(authority, CREDENTIAL_CONTEXT, &body);
        Self { body, signature }
    }

    /// The credential, if the authority of `charter` signed it for the charter's city.
    ///
    /// # Errors
    /// Why it is not to be believed.
    pub fn verify(&self, charter: &Charter) -> Result<Credential, CredentialFault> {
        verify(&charter.authority, CREDENTIAL_CONTEXT, &self.body, &self.signature)?;
        let credential: Credential =
            codec::from_cbor("credential", &self.body).map_err(|_| CredentialFault::Malformed)?;
        if credential.scope != charter.scope {
            return Err(CredentialFault::ForeignScope);
        }
        credential.key()?;
        Ok(credential)
    }

    /// What it says, unchecked: of a credential that was verified before it was stored.
    ///
    /// # Errors
    /// [`CredentialFault::Malformed`].
    pub fn claims(&self) -> Result<Credential, CredentialFault> {
        codec::from_cbor("credential", &self.body).map_err(|_| CredentialFault::Malformed)
    }
}

impl Credential {
    /// The key as one that can verify.
    ///
    /// # Errors
    /// [`CredentialFault::BadKey`] if it is none.
    pub fn key(&self) -> Result<VerifyingKey, CredentialFault> {
        VerifyingKey::from_bytes(&self.public_key).map_err(|_| CredentialFault::BadKey)
    }
}

impl SignedCharter {
    /// Lays down a charter with the authority's key, which must be the one it names.
    pub fn found(authority: &SigningKey, charter: &Charter) -> Self {
        let body = codec::to_cbor(charter);
        let signature = sign(authority, CHARTER_CONTEXT, &body);
        Self { body, signature }
    }

    /// The charter, if `authority` (known from the join code) signed it.
    ///
    /// # Errors
    /// Why it is not to be believed.
    pub fn verify(&self, authority: &[u8; 32]) -> Result<Charter, CredentialFault> {
        verify(authority, CHARTER_CONTEXT, &self.body, &self.signature)?;
        let charter: Charter =
            codec::from_cbor("charter", &self.body).map_err(|_| CredentialFault::Malformed)?;
        if &charter.authority == authority { Ok(charter) } else { Err(CredentialFault::Forged) }
    }
}

pub(crate) fn sign(key: &SigningKey, context: &'static str, body: &[u8]) -> [u8; 64] {
    let Digest(message) = Digest::in_context(context, &[body]);
    key.sign(&message).to_bytes()
}

pub(crate) fn verify(
    key: &[u8; 32],
    context: &'static str,
    body: &[u8],
    signature: &[u8; 64],
) -> Result<(), CredentialFault> {
    let key = VerifyingKey::from_bytes(key).map_err(|_| CredentialFault::BadKey)?;
    let Digest(message) = Digest::in_context(context, &[body]);
    let signature = Signature::from_bytes(signature);
    key.verify_strict(&message, &signature).map_err(|_| CredentialFault::Forged)
}
