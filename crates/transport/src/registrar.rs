use std::sync::Arc;

use purser_journal::{Credential, Role};
use purser_replica::{Order, Outcome, Refusal as Refused, Undertaking};
use purser_storage::StorageError;
use purser_types::{Coded, ReplicaId};
use tokio::sync::Mutex;

use crate::{Authority, Grant, Handle, Papers, Refusal, SubmitError, VerifiedRequest};

/// Decides who joins the city, and writes it into the hub's journal.
pub(crate) struct Registrar {
    authority: Authority,
    handle: Handle,
    hub: ReplicaId,
    /// One at a time: the life of a shop's replica counts those before it.
    turn: Mutex<()>,
}

impl Registrar {
    pub(crate) fn new(authority: Authority, handle: Handle, hub: ReplicaId) -> Arc<Self> {
        Arc::new(Self { authority, handle, hub, turn: Mutex::new(()) })
    }

    pub(crate) fn authority_key(&self) -> [u8; 32] {
        self.authority.public_key()
    }

    /// Lets a shop in once its enrolment is durable. Asked the same again, answers the same.
    pub(crate) async fn decide(&self, request: VerifiedRequest) -> Result<Grant, Refusal> {
        let _turn = self.turn.lock().await;
        let store = request.invitation.store;
        let lives = self.handle.inspect(move |engine| engine.replica().lives_of(store)).await;
        let lives = lives.map_err(|error| busy(&error))?.map_err(|error: StorageError| busy(&error))?;
        let credential = Credential {
            scope: self.authority.charter().scope.clone(),
            replica: request.replica,
            role: if store.0 == 0 { Role::Hub } else { Role::Store },
            store,
            life: u8::try_from(lives).ok().filter(|life| *life <= LIFE_MAX).ok_or_else(too_many_lives)?,
            name: request.invitation.name.clone(),
            public_key: request.public_key,
            issued_ms: self.handle.now().wall_ms,
        };
        let papers = self.authority.issue(&credential).map_err(|error| busy(&error))?;
        let enrolled = self.enrol(&papers, request.invitation.id).await?;
        // Enrolled before: the credential of that time is the one that counts.
        let credential = enrolled.verify(self.authority.charter()).map_err(|_| {
            Refusal::new("credential_forged", "the hub's journal holds a credential that is not ours")
        })?;
        if credential.public_key != request.public_key {
            return Err(Refusal::new(Refusal::INVITATION_USED, "this invitation was used with another key"));
        }
        let papers = self.authority.issue(&credential).map_err(|error| busy(&error))?;
        Ok(Grant { papers, hub: self.hub })
    }

    async fn enrol(
        &self,
        papers: &Papers,
        invitation: [u8; 16],
    ) -> Result<purser_journal::SignedCredential, Refusal> {
        let undertaking = Undertaking::Enrol { credential: papers.credential.clone(), invitation };
        match self.handle.submit(Order { request: None, undertaking }).await {
            Ok(reply) => match reply.outcome {
                Outcome::Enrolled(credential) => Ok(credential),
                _ => Err(Refusal::new("enrolment_failed", "the hub answered something else: try again")),
            },
            Err(SubmitError::Refused(refused @ Refused::InvitationUsed)) => {
                Err(Refusal::new(Refusal::INVITATION_USED, refused.to_string()))
            }
            Err(SubmitError::Refused(refused @ Refused::TagTaken)) => {
                Err(Refusal::new(Refusal::REPLICA_TAG_TAKEN, refused.to_string()))
            }
            Err(error) => Err(busy(&error)),
        }
    }
}

fn busy(error: &dyn Coded) -> Refusal {
    Refusal::new(error.code(), format!("the hub cannot let anybody in now: {error}"))
}

/// Card numbers have two digits for it.
const LIFE_MAX: u8 = 99;

fn too_many_lives() -> Refusal {
    Refusal::new(
        "too_many_lives",
        "this shop has enrolled 100 times, and cards have room for no more: give it another number",
    )
}
