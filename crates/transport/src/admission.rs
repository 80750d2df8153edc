use std::time::Duration;

use purser_types::Coded;
use quinn::{Connection, ConnectionError, Incoming, VarInt, crypto::rustls::HandshakeData};
use tokio::time::{error::Elapsed, timeout};

use crate::{PeerFault, PeerIdentity, peer_identity, tls};

/// Somebody who connected and may stay.
#[derive(Debug)]
pub enum Arrival {
    /// A replica of the chain that wants to sync.
    Peer(Connection, PeerIdentity),
    /// Somebody who wants to join: hand it to [`crate::serve_enrolment`].
    Applicant(Connection),
}

/// Why somebody who connected was not let in.
#[derive(Debug, thiserror::Error)]
pub enum AdmissionError {
    /// The handshake failed: the line, or a certificate of another chain.
    #[error("the handshake failed: {0}")]
    Handshake(#[from] ConnectionError),
    /// The handshake took too long.
    #[error("the handshake took longer than 10 s")]
    TimedOut(#[from] Elapsed),
    /// It wants to sync and does not show who it is.
    #[error(transparent)]
    Unknown(#[from] PeerFault),
    /// It wants to speak a protocol that nobody here offered.
    #[error("it speaks none of our protocols")]
    ForeignProtocol,
}

impl Coded for AdmissionError {
    fn code(&self) -> &'static str {
        match self {
            AdmissionError::Handshake(_) => "handshake_failed",
            AdmissionError::TimedOut(_) => "handshake_timed_out",
            AdmissionError::Unknown(fault) => fault.code(),
            AdmissionError::ForeignProtocol => "protocol_unknown",
        }
    }
}

const PATIENCE: Duration = Duration::from_secs(10);
/// The application error code (RFC 9000, section 20.2) of a connection that is not let in.
const NOT_ADMITTED: VarInt = VarInt::from_u32(1);

/// Ends the handshake of somebody who connects and says who it is. A connection for syncing
/// without a certificate of the chain is closed at once.
///
/// # Errors
/// Why it was not let in; the connection is closed then.
pub async fn admit(incoming: Incoming) -> Result<Arrival, AdmissionError> {
    let connection = timeout(PATIENCE, incoming).await??;
    let admitted = match protocol(&connection).as_deref() {
        Some(tls::SYNC_ALPN) => peer_identity(&connection)
            .map(|peer| Arrival::Peer(connection.clone(), peer))
            .map_err(AdmissionError::from),
        Some(tls::ENROLMENT_ALPN) => Ok(Arrival::Applicant(connection.clone())),
        _ => Err(AdmissionError::ForeignProtocol),
    };
    if let Err(error) = &admitted {
        connection.close(NOT_ADMITTED, error.code().as_bytes());
    }
    admitted
}

fn protocol(connection: &Connection) -> Option<Vec<u8>> {
    connection.handshake_data()?.downcast::<HandshakeData>().ok()?.protocol
}
