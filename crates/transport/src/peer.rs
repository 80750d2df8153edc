use purser_types::{Coded, ReplicaId};
use quinn::Connection;
use rustls::pki_types::CertificateDer;

use crate::{CertificateFault, certificate::Certificate};

/// Who is at the other end of a connection, as its certificate proves. Whether that replica is
/// known, or fenced by now, is for the journal to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeerIdentity {
    /// The replica.
    pub replica: ReplicaId,
    /// Its key (Ed25519), the one in its credential.
    pub public_key: [u8; 32],
}

/// Why it is not known who is at the other end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PeerFault {
    /// It showed no certificate.
    #[error("the other side has shown no certificate of this chain: it has to join first")]
    NoCertificate,
    /// Its certificate is by the authority, but not a replica's.
    #[error("the other side: {0}")]
    Certificate(#[from] CertificateFault),
}

impl Coded for PeerFault {
    fn code(&self) -> &'static str {
        match self {
            PeerFault::NoCertificate => "peer_without_certificate",
            PeerFault::Certificate(fault) => fault.code(),
        }
    }
}

/// Who is at the other end. TLS has checked by then that the chain's authority signed the
/// certificate, and that the other side has its private key.
///
/// # Errors
/// If it showed no certificate, or one that is not a replica's.
pub fn peer_identity(connection: &Connection) -> Result<PeerIdentity, PeerFault> {
    let shown =
        connection.peer_identity().and_then(|any| any.downcast::<Vec<CertificateDer<'static>>>().ok());
    let chain = shown.ok_or(PeerFault::NoCertificate)?;
    let certificate = Certificate::read(chain.first().ok_or(PeerFault::NoCertificate)?)?;
    Ok(PeerIdentity { replica: certificate.replica()?, public_key: certificate.public_key()? })
}
