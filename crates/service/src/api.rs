use std::{ops::Deref, sync::Arc};

use purser_journal::{Credential, Request};
use purser_replica::{Order, ReplicaError, Reply, Undertaking};
use purser_transport::{Handle, SubmitError};
use purser_types::Coded;
use tokio::sync::Semaphore;

use crate::{ApiToken, metrics::Metrics, problem::Problem, readers::Readers};

/// What every handler has at hand. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Api(Arc<Shared>);

pub(crate) struct Shared {
    pub(crate) handle: Handle,
    pub(crate) readers: Readers,
    pub(crate) token: ApiToken,
    /// Who this replica is.
    pub(crate) credential: Credential,
    pub(crate) metrics: Metrics,
    /// Places for requests under way: one more is turned away.
    pub(crate) under_way: Semaphore,
}

/// Why the API cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The database cannot be read.
    #[error(transparent)]
    Replica(#[from] ReplicaError),
    /// The node does not run.
    #[error(transparent)]
    Node(#[from] SubmitError),
}

impl Coded for ServiceError {
    fn code(&self) -> &'static str {
        match self {
            ServiceError::Replica(error) => error.code(),
            ServiceError::Node(error) => error.code(),
        }
    }
}

const REQUESTS_UNDER_WAY: usize = 1_024;

impl Api {
    /// The API of a running node.
    pub(crate) async fn open(handle: Handle, token: ApiToken) -> Result<Self, ServiceError> {
        let readers = Readers::open(handle.database().to_owned())?;
        let credential = handle.inspect(|engine| engine.replica().me().credential.clone()).await?;
        let (metrics, under_way) = (Metrics::default(), Semaphore::new(REQUESTS_UNDER_WAY));
        Ok(Self(Arc::new(Shared { handle, readers, token, credential, metrics, under_way })))
    }

    /// Has something carried out for a caller.
    pub(crate) async fn carry_out(
        &self,
        request: Request,
        undertaking: Undertaking,
    ) -> Result<Reply, Problem> {
        let order = Order { request: Some(request), undertaking };
        Ok(self.handle.submit(order).await?)
    }
}

impl Deref for Api {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}
