use minicbor::{Decode, Encode};
use purser_journal::{Charter, Credential, CredentialFault, SignedCharter, SignedCredential};
use purser_types::{Coded, ReplicaId};

use crate::{CertificateFault, certificate::Certificate, pinned_authority::PinnedAuthority};

/// What the authority hands to a replica: all it needs to prove who it is, and to check others.
/// Nothing in it is secret.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Papers {
    /// Who the replica is, for journals.
    #[n(0)]
    pub credential: SignedCredential,
    /// Who the replica is, for TLS: an X.509 certificate (DER) for the same key.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub certificate_der: Vec<u8>,
    /// The certificate (DER) of the authority.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub authority_certificate_der: Vec<u8>,
    /// What all replicas of the city agree on.
    #[n(3)]
    pub charter: SignedCharter,
}

/// Why papers are not to be believed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PapersFault {
    /// The charter does not hold.
    #[error("the charter: {0}")]
    Charter(CredentialFault),
    /// The credential does not hold.
    #[error("the credential: {0}")]
    Credential(CredentialFault),
    /// A certificate cannot be read.
    #[error(transparent)]
    Certificate(#[from] CertificateFault),
    /// TLS would refuse the certificates.
    #[error("the certificates: {0}")]
    Tls(#[from] rustls::Error),
    /// They are made out to another replica, another key or another shop.
    #[error("they are made out to another replica, key or shop")]
    NotOurs,
}

impl Coded for PapersFault {
    fn code(&self) -> &'static str {
        match self {
            PapersFault::Charter(fault) | PapersFault::Credential(fault) => fault.code(),
            PapersFault::Certificate(fault) => fault.code(),
            PapersFault::Tls(_) => "certificate_forged",
            PapersFault::NotOurs => "papers_not_ours",
        }
    }
}

impl Papers {
    /// The charter and the credential, if all four papers are by `authority` and made out to
    /// this replica and this key.
    ///
    /// # Errors
    /// The first thing wrong.
    pub fn verify(
        &self,
        authority: &[u8; 32],
        replica: ReplicaId,
        public_key: &[u8; 32],
    ) -> Result<(Charter, Credential), PapersFault> {
        let charter = self.charter.verify(authority).map_err(PapersFault::Charter)?;
        let credential = self.credential.verify(&charter).map_err(PapersFault::Credential)?;
        // By the very check that peers will make, so that nobody keeps papers that TLS will refuse.
        let tls = PinnedAuthority::new(*authority);
        tls.check_replica(&self.certificate_der, &self.authority_certificate_der, replica)?;
        let certified_key = Certificate::read(&self.certificate_der)?.public_key()?;
        let ours = credential.replica == replica
            && credential.public_key == *public_key
            && certified_key == *public_key;
        if ours { Ok((charter, credential)) } else { Err(PapersFault::NotOurs) }
    }
}
