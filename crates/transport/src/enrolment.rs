//! The protocol of enrolment (ALPN `purser-enrol/1`): on the first bidirectional stream the
//! shop sends one frame, an [`EnrolRequest`], and the hub one frame back, an [`Answer`].

use minicbor::{Decode, Encode};
use purser_types::ReplicaId;
use quinn::Connection;

use crate::{Applicant, Papers, SignedInvitation, signing};

/// What a shop sends to join.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub(crate) struct EnrolRequest {
    /// The leave to join.
    #[n(0)]
    pub(crate) invitation: SignedInvitation,
    /// The id that the replica has given itself.
    #[n(1)]
    pub(crate) replica: ReplicaId,
    /// Its public key (Ed25519).
    #[cbor(n(2), with = "minicbor::bytes")]
    pub(crate) public_key: [u8; 32],
    /// That key's signature, see [`EnrolRequest::new`].
    #[cbor(n(3), with = "minicbor::bytes")]
    pub(crate) proof: [u8; 64],
}

/// What a hub answers.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Answer {
    /// The shop is part of the city.
    #[n(0)]
    Granted(#[n(0)] Grant),
    /// It is not.
    #[n(1)]
    Refused(#[n(0)] Refusal),
}

/// What a hub gives to a shop that joins.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Grant {
    /// All that the shop needs to prove who it is.
    #[n(0)]
    pub papers: Papers,
    /// The hub that answers.
    #[n(1)]
    pub hub: ReplicaId,
}

/// Why a hub does not let a shop join.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Encode, Decode)]
#[error("{message}")]
pub struct Refusal {
    /// A stable code in `snake_case`; those of this version are constants of this type.
    #[n(0)]
    pub code: String,
    /// The reason and what to do, for people.
    #[n(1)]
    pub message: String,
}

impl Refusal {
    /// The request is not one that this hub can read.
    pub const REQUEST_MALFORMED: &'static str = "request_malformed";
    /// The invitation is not signed by the chain's authority.
    pub const INVITATION_FORGED: &'static str = "invitation_forged";
    /// The invitation is signed, but not one that this hub can read.
    pub const INVITATION_MALFORMED: &'static str = "invitation_malformed";
    /// The invitation's time is over.
    pub const INVITATION_EXPIRED: &'static str = "invitation_expired";
    /// Another replica has used the invitation.
    pub const INVITATION_USED: &'static str = "invitation_used";
    /// The proof is not by the key that it is for, or was made for another connection.
    pub const PROOF_FORGED: &'static str = "proof_forged";
    /// Another replica has the same tag: a new applicant has another.
    pub const REPLICA_TAG_TAKEN: &'static str = "replica_tag_taken";

    /// A refusal with a code and a message for people.
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into() }
    }

    /// The code, if this version has it: a newer hub may have more.
    pub(crate) fn known_code(&self) -> Option<&'static str> {
        let known = [
            Self::REQUEST_MALFORMED,
            Self::INVITATION_FORGED,
            Self::INVITATION_MALFORMED,
            Self::INVITATION_EXPIRED,
            Self::INVITATION_USED,
            Self::PROOF_FORGED,
            Self::REPLICA_TAG_TAKEN,
        ];
        known.into_iter().find(|code| *code == self.code)
    }
}

const PROOF_CONTEXT: &str = "purser 2026 enrolment proof";
const EXPORTER_LABEL: &[u8] = b"EXPORTER-purser-enrol-1";

impl EnrolRequest {
    /// A request for the connection with this binding. Its proof signs the invitation's id, the
    /// replica, its key and the binding, so that whoever sees it can neither send it elsewhere
    /// nor put another key in its place.
    pub(crate) fn new(
        invitation: SignedInvitation,
        invitation_id: &[u8; 16],
        applicant: &Applicant,
        binding: &ChannelBinding,
    ) -> Self {
        let Applicant { replica, key } = applicant;
        let public_key = applicant.public_key();
        let parts: [&[u8]; 4] = [invitation_id, &replica.0, &public_key, &binding.0];
        Self { invitation, replica: *replica, public_key, proof: signing::sign(key, PROOF_CONTEXT, &parts) }
    }

    /// Whether the proof is by the key in the request, and for this connection.
    pub(crate) fn is_proven(&self, invitation_id: &[u8; 16], binding: &ChannelBinding) -> bool {
        let parts: [&[u8]; 4] = [invitation_id, &self.replica.0, &self.public_key, &binding.0];
        signing::is_signed(&self.public_key, PROOF_CONTEXT, &parts, &self.proof)
    }
}

/// What only the two ends of one TLS connection know: its exported keying material (RFC 8446,
/// section 7.5).
pub(crate) struct ChannelBinding(pub(crate) [u8; 32]);

impl ChannelBinding {
    /// The binding of a connection, or `None` if its handshake has not ended.
    pub(crate) fn of(connection: &Connection) -> Option<Self> {
        let mut material = [0; 32];
        let exported = connection.export_keying_material(&mut material, EXPORTER_LABEL, &[]);
        exported.ok().map(|()| Self(material))
    }
}
