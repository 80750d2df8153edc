use std::{ops::Deref, sync::Arc};

use purser_journal::{Credential, Request, RequestId, Role, StaffRole};
use purser_replica::{Order, Refusal, Reply, Undertaking};
use purser_service::{ReadFault, Reader, Readers};
use purser_transport::{Authority, Handle, SubmitError};

use crate::{session::Sessions, throttle::Throttle};

/// What every page has at hand. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Desk(Arc<Shared>);

pub(crate) struct Shared {
    pub(crate) handle: Handle,
    pub(crate) readers: Readers,
    pub(crate) sessions: Sessions,
    pub(crate) throttle: Throttle,
    /// Who this replica is.
    pub(crate) credential: Credential,
    /// The chain's key, at a hub that has it: what head office publishes is signed by it.
    pub(crate) authority: Option<Authority>,
}

/// Why a page has nothing to show.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// It was refused: people are told why.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Nothing could be read.
    #[error(transparent)]
    Read(#[from] ReadFault),
    /// Nothing could be written.
    #[error("{0}")]
    Unavailable(String),
}

impl Desk {
    pub(crate) fn new(handle: Handle, credential: Credential, authority: Option<Authority>) -> Self {
        let readers = Readers::of(handle.database().to_owned());
        let (sessions, throttle) = (Sessions::default(), Throttle::default());
        Self(Arc::new(Shared { handle, readers, sessions, throttle, credential, authority }))
    }

    /// Whether somebody of that role has anything to do here: who works at a store has nothing to do at a hub, not
    /// even to look who works there.
    pub(crate) fn has_work_for(&self, role: StaffRole) -> bool {
        match self.credential.role {
            Role::Store => true,
            Role::Hub => matches!(role, StaffRole::HeadOffice | StaffRole::Auditor),
        }
    }

    /// The roles that accounts made here can have.
    pub(crate) fn roles_given(&self) -> &'static [StaffRole] {
        match self.credential.role {
            Role::Store => &[StaffRole::Cashier, StaffRole::Manager],
            Role::Hub => &[StaffRole::Cashier, StaffRole::Manager, StaffRole::HeadOffice, StaffRole::Auditor],
        }
    }

    /// Reads, on a thread that may block.
    pub(crate) async fn read<T, E>(
        &self,
        read: impl FnOnce(&mut Reader) -> Result<T, E> + Send + 'static,
    ) -> Result<T, Fault>
    where
        T: Send + 'static,
        E: Into<Refusal> + Send + 'static,
    {
        Ok(self.readers.lend(read).await?.map_err(Into::into)?)
    }

    /// Has something carried out for somebody, once for each `key`.
    pub(crate) async fn carry_out(
        &self,
        by: &str,
        key: &str,
        undertaking: Undertaking,
    ) -> Result<Reply, Fault> {
        let id = request_id(by, key);
        let body = RequestId::of(format!("{undertaking:?}").as_bytes());
        let undertaking = Undertaking::By { person: by.to_owned(), undertaking: Box::new(undertaking) };
        let order = Order { request: Some(Request { id, body }), undertaking };
        match self.handle.submit(order).await {
            Ok(reply) => Ok(reply),
            Err(SubmitError::Refused(refusal)) => Err(refusal.into()),
            Err(error) => Err(Fault::Unavailable(error.to_string())),
        }
    }

    /// Whether that was carried out, under this key.
    pub(crate) async fn was_carried_out(&self, by: &str, key: &str) -> bool {
        let id = request_id(by, key);
        let known = self.read(move |reader| reader.database.request(id)).await;
        known.is_ok_and(|known| known.is_some())
    }

    /// Notes what somebody did, for audits.
    pub(crate) async fn note(&self, by: &str, act: &'static str, about: &str) {
        let (by, about) = (by.to_owned(), about.to_owned());
        let order = Order { request: None, undertaking: Undertaking::Note { by, act, about } };
        if let Err(error) = self.handle.submit(order).await {
            tracing::warn!(act, %error, "nothing was noted for audits");
        }
    }
}

fn request_id(by: &str, key: &str) -> RequestId {
    RequestId::of(format!("page {by} {key}").as_bytes())
}

impl Deref for Desk {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}
