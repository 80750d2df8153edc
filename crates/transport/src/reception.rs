use std::time::Duration;

use purser_journal::{from_cbor, to_cbor};
use purser_types::{Coded, ReplicaId};
use quinn::{Connection, ConnectionError, VarInt};
use tokio::time::{error::Elapsed, timeout};

use crate::{
    Answer, Grant, Invitation, InvitationFault, Refusal, WireError,
    enrolment::{ChannelBinding, EnrolRequest},
    read_frame, write_frame,
};

/// A request to join of which everything holds that can be checked without a database. Left to
/// check: whether another replica has used the invitation, and whether the tag is free.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedRequest {
    /// What the authority has signed.
    pub invitation: Invitation,
    /// The replica that asks.
    pub replica: ReplicaId,
    /// Its key (Ed25519), which it was shown to have.
    pub public_key: [u8; 32],
}

/// Why no answer reached the one that wanted to join.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The connection is gone.
    #[error("the connection of an applicant is gone: {0}")]
    Connection(#[from] ConnectionError),
    /// Its stream is broken, or it sent too much.
    #[error("an applicant: {0}")]
    Wire(#[from] WireError),
    /// It did not ask, or did not take the answer.
    #[error("an applicant kept the hub waiting for 10 s")]
    TimedOut(#[from] Elapsed),
    /// It ended its stream before it asked.
    #[error("an applicant hung up without asking")]
    NoRequest,
}

impl Coded for ServeError {
    fn code(&self) -> &'static str {
        match self {
            ServeError::Connection(_) => "applicant_gone",
            ServeError::Wire(error) => error.code(),
            ServeError::TimedOut(_) => "applicant_timed_out",
            ServeError::NoRequest => "applicant_silent",
        }
    }
}

/// How long one that wants to join may take to ask, and to take the answer.
const PATIENCE: Duration = Duration::from_secs(10);
const REQUEST_BYTES_MAX: usize = 4 << 10;
/// How long after its end an invitation still holds: the furthest that local time taken for
/// UTC is off. A shop that stands at the counter with a fresh code is not sent away for a clock.
const EXPIRY_MARGIN_MS: u64 = 14 * 3_600_000;

/// Answers one who wants to join, and closes the connection. `authority` is the authority's
/// public key, `now_ms` the wall clock in milliseconds since 1970. `decide` is asked only about
/// requests that hold, and must answer the same when asked the same again.
///
/// # Errors
/// If nobody was there to ask, or to take the answer. It may have been granted nevertheless.
pub async fn serve_enrolment(
    connection: Connection,
    authority: &[u8; 32],
    now_ms: u64,
    decide: impl AsyncFnOnce(VerifiedRequest) -> Result<Grant, Refusal>,
) -> Result<Answer, ServeError> {
    let served = serve(&connection, authority, now_ms, decide).await;
    connection.close(VarInt::from_u32(0), b"done");
    served
}

async fn serve(
    connection: &Connection,
    authority: &[u8; 32],
    now_ms: u64,
    decide: impl AsyncFnOnce(VerifiedRequest) -> Result<Grant, Refusal>,
) -> Result<Answer, ServeError> {
    let asked = timeout(PATIENCE, async {
        let (send, mut receive) = connection.accept_bi().await?;
        let request = read_frame(&mut receive, REQUEST_BYTES_MAX).await?;
        Ok::<_, ServeError>((send, request.ok_or(ServeError::NoRequest)?))
    });
    let (mut send, request) = asked.await??;
    let decided = match verify(&request, ChannelBinding::of(connection), authority, now_ms) {
        Ok(request) => decide(request).await,
        Err(refusal) => Err(refusal),
    };
    let answer = decided.map_or_else(Answer::Refused, Answer::Granted);
    timeout(PATIENCE, async {
        write_frame(&mut send, &to_cbor(&answer)).await?;
        let _ = send.finish();
        // Closing drops what is under way, so wait until it was taken, or nobody is there to take it.
        let _ = send.stopped().await;
        Ok::<_, ServeError>(())
    })
    .await??;
    Ok(answer)
}

fn verify(
    request: &[u8],
    binding: Option<ChannelBinding>,
    authority: &[u8; 32],
    now_ms: u64,
) -> Result<VerifiedRequest, Refusal> {
    let request: EnrolRequest = from_cbor("request", request).map_err(|fault| {
        Refusal::new(
            Refusal::REQUEST_MALFORMED,
            format!("{fault}; is the shop's version newer than the hub's?"),
        )
    })?;
    let invitation = request.invitation.verify(authority).map_err(refuse_invitation)?;
    if now_ms > invitation.expires_ms.saturating_add(EXPIRY_MARGIN_MS) {
        let message = "the join code's time is over: make a new one at the hub";
        return Err(Refusal::new(Refusal::INVITATION_EXPIRED, message));
    }
    if !binding.is_some_and(|binding| request.is_proven(&invitation.id, &binding)) {
        let message = "the request does not prove its key on this connection: do not relay or alter it";
        return Err(Refusal::new(Refusal::PROOF_FORGED, message));
    }
    Ok(VerifiedRequest { invitation, replica: request.replica, public_key: request.public_key })
}

fn refuse_invitation(fault: InvitationFault) -> Refusal {
    Refusal::new(fault.code(), format!("{fault}: make a new join code at the hub"))
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;
    use purser_types::StoreNumber;

    use super::*;
    use crate::{Applicant, SignedInvitation};

    const ID: [u8; 16] = [3; 16];

    fn request() -> (EnrolRequest, [u8; 32]) {
        let authority = SigningKey::from_bytes(&[1; 32]);
        let name = "Spring Road".to_owned();
        let invitation = Invitation { id: ID, store: StoreNumber(12), name, expires_ms: 1_000 };
        let invitation = SignedInvitation::issue(&authority, &invitation).unwrap();
        let applicant = Applicant::new(&[2; 48]);
        let request = EnrolRequest::new(invitation, &ID, &applicant, &ChannelBinding([4; 32]));
        (request, authority.verifying_key().to_bytes())
    }

    fn verify_on(channel: u8, request: &EnrolRequest, authority: &[u8; 32]) -> Result<ReplicaId, String> {
        verify(&to_cbor(request), Some(ChannelBinding([channel; 32])), authority, 1_000)
            .map(|request| request.replica)
            .map_err(|refusal| refusal.code)
    }

    #[test]
    fn a_proof_is_good_for_its_key_its_replica_and_its_connection() {
        let (request, authority) = request();
        assert_eq!(verify_on(4, &request, &authority), Ok(request.replica));
        let other_key = Applicant::new(&[5; 48]).public_key();
        let forged = [
            (5, request.clone()),
            (4, EnrolRequest { public_key: other_key, ..request.clone() }),
            (4, EnrolRequest { replica: ReplicaId([5; 16]), ..request.clone() }),
            (4, EnrolRequest { proof: [0; 64], ..request }),
        ];
        for (channel, request) in forged {
            assert_eq!(verify_on(channel, &request, &authority), Err("proof_forged".to_owned()));
        }
    }

    #[test]
    fn bytes_that_are_no_request_are_refused() {
        let refusal = verify(b"hello", Some(ChannelBinding([4; 32])), &[0; 32], 0).unwrap_err();
        assert_eq!(refusal.code, Refusal::REQUEST_MALFORMED);
    }
}
