use std::{ops::Deref, sync::Arc};

use purser_journal::Request;
use purser_replica::{Order, Reply, Undertaking};
use purser_transport::Handle;
use tokio::sync::Semaphore;

use crate::{ApiToken, metrics::Metrics, problem::Problem, readers::Readers};

/// What every handler has at hand. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Api(Arc<Shared>);

pub(crate) struct Shared {
    pub(crate) handle: Handle,
    pub(crate) readers: Readers,
    pub(crate) token: ApiToken,
    pub(crate) metrics: Metrics,
    /// Places for requests under way: one more is turned away.
    pub(crate) under_way: Semaphore,
}

const REQUESTS_UNDER_WAY: usize = 1_024;

impl Api {
    /// The API of a running node.
    pub(crate) fn new(handle: Handle, token: ApiToken) -> Self {
        let readers = Readers::of(handle.database().to_owned());
        let (metrics, under_way) = (Metrics::default(), Semaphore::new(REQUESTS_UNDER_WAY));
        Self(Arc::new(Shared { handle, readers, token, metrics, under_way }))
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
