use std::time::Duration;

use purser_journal::{DecodeFault, from_cbor, to_cbor};
use purser_types::{Coded, ReplicaId};
use quinn::{ClientConfig, Connection, Endpoint};
use tokio::{net::lookup_host, time::timeout};

use crate::{
    Answer, Applicant, Grant, HUB_SERVER_NAME, Identity, Invitation, InvitationFault, JoinCode, PapersFault,
    PeerFault, Refusal, TlsError, WireError,
    enrolment::{ChannelBinding, EnrolRequest},
    enrolment_client_config, peer_identity, read_frame, write_frame,
};

/// A shop that has joined.
#[derive(Debug)]
pub struct Enrolment {
    /// Its identity, to be saved at once.
    pub identity: Identity,
    /// The hub that let it in.
    pub hub: ReplicaId,
}

/// Why a shop could not join.
#[derive(Debug, thiserror::Error)]
pub enum EnrolError {
    /// None of the hubs could be talked to.
    #[error("no hub of the join code answered; try again when the line is up: {}", tried.join("; "))]
    NoHub {
        /// The addresses, each with what went wrong.
        tried: Vec<String>,
    },
    /// A hub refused.
    #[error("the hub refuses: {0}{code}", code = unknown_code(.0))]
    Refused(Refusal),
    /// A hub answered with something else than what was asked for.
    #[error("the hub's answer is not to be believed: {0}")]
    BadPapers(#[from] PapersFault),
    /// The invitation in the join code does not hold.
    #[error("ask for a new join code: {0}")]
    BadInvitation(#[from] InvitationFault),
    /// TLS cannot be set up.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

impl Coded for EnrolError {
    fn code(&self) -> &'static str {
        match self {
            EnrolError::NoHub { .. } => "hub_unreachable",
            EnrolError::Refused(refusal) => refusal.known_code().unwrap_or("enrolment_refused"),
            EnrolError::BadPapers(fault) => fault.code(),
            EnrolError::BadInvitation(fault) => fault.code(),
            EnrolError::Tls(error) => error.code(),
        }
    }
}

/// The code of a later version's refusal, for people; others are told by [`Coded`].
fn unknown_code(refusal: &Refusal) -> String {
    if refusal.known_code().is_some() { String::new() } else { format!(" ({})", refusal.code) }
}

/// Longer than a hub takes to give up, so that its reason arrives.
const PATIENCE: Duration = Duration::from_secs(15);
const ANSWER_BYTES_MAX: usize = 16 << 10;

/// Joins the city: asks the hubs of the join code in turn until one answers, and checks all
/// that it answers against the authority's key in the join code. Asking again with the same
/// applicant is safe, and gets the same answer.
///
/// # Errors
/// If no hub answers, a hub refuses, or its answer is not to be believed.
pub async fn enrol(
    endpoint: &Endpoint,
    join_code: &JoinCode,
    applicant: &Applicant,
) -> Result<Enrolment, EnrolError> {
    let invitation = join_code.invitation.verify(&join_code.authority)?;
    let config = enrolment_client_config(join_code.authority)?;
    let mut tried = Vec::new();
    for address in &join_code.hub_addresses {
        let attempt = async {
            let connection = connect(endpoint, &config, address).await?;
            ask(&connection, join_code, &invitation, applicant).await
        };
        match timeout(PATIENCE, attempt).await.unwrap_or_else(|elapsed| Err(elapsed.into())) {
            Ok(Answer::Granted(grant)) => return accept(grant, join_code, &invitation, applicant),
            Ok(Answer::Refused(refusal)) => return Err(EnrolError::Refused(refusal)),
            Err(error) => tried.push(format!("{address}: {error}")),
        }
    }
    Err(EnrolError::NoHub { tried })
}

/// Why one attempt at one address came to nothing.
#[derive(Debug, thiserror::Error)]
enum AttemptError {
    #[error("its name cannot be looked up: {0}")]
    Name(#[from] std::io::Error),
    #[error("its name has no address")]
    NoAddress,
    #[error(transparent)]
    Connect(#[from] quinn::ConnectError),
    #[error(transparent)]
    Connection(#[from] quinn::ConnectionError),
    #[error(transparent)]
    Peer(#[from] PeerFault),
    #[error(transparent)]
    Wire(#[from] WireError),
    #[error("no answer within {} s", PATIENCE.as_secs())]
    TimedOut(#[from] tokio::time::error::Elapsed),
    #[error("it hung up without an answer")]
    NoAnswer,
    #[error(transparent)]
    Malformed(#[from] DecodeFault),
    #[error("it names another hub than the one connected to")]
    OtherHub,
}

/// Connects to the first address of the name that answers.
async fn connect(
    endpoint: &Endpoint,
    config: &ClientConfig,
    address: &str,
) -> Result<Connection, AttemptError> {
    let mut failure = AttemptError::NoAddress;
    for address in lookup_host(address).await? {
        match endpoint.connect_with(config.clone(), address, HUB_SERVER_NAME) {
            Ok(connecting) => match connecting.await {
                Ok(connection) => return Ok(connection),
                Err(error) => failure = error.into(),
            },
            Err(error) => failure = error.into(),
        }
    }
    Err(failure)
}

async fn ask(
    connection: &Connection,
    join_code: &JoinCode,
    invitation: &Invitation,
    applicant: &Applicant,
) -> Result<Answer, AttemptError> {
    let binding = ChannelBinding::of(connection).ok_or(AttemptError::NoAnswer)?;
    let request = EnrolRequest::new(join_code.invitation.clone(), &invitation.id, applicant, &binding);
    let (mut send, mut receive) = connection.open_bi().await?;
    write_frame(&mut send, &to_cbor(&request)).await?;
    let answer = read_frame(&mut receive, ANSWER_BYTES_MAX).await?.ok_or(AttemptError::NoAnswer)?;
    let answer = from_cbor("answer", &answer)?;
    match &answer {
        Answer::Granted(grant) if grant.hub != peer_identity(connection)?.replica => {
            Err(AttemptError::OtherHub)
        }
        _ => Ok(answer),
    }
}

fn accept(
    grant: Grant,
    join_code: &JoinCode,
    invitation: &Invitation,
    applicant: &Applicant,
) -> Result<Enrolment, EnrolError> {
    let identity = Identity::new(applicant.clone(), grant.papers, &join_code.authority)?;
    if identity.credential.store != invitation.store {
        return Err(PapersFault::NotOurs.into());
    }
    Ok(Enrolment { identity, hub: grant.hub })
}
