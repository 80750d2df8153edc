use std::{ops::Deref, sync::Arc};

use purser_journal::Request;
use purser_replica::{Order, Reply, Undertaking};
use purser_transport::Handle;

use crate::{ApiToken, MemberPages, observation::Observer, problem::Problem, readers::Readers};

/// What every handler has at hand. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Api(Arc<Shared>);

pub(crate) struct Shared {
    pub(crate) handle: Handle,
    pub(crate) readers: Readers,
    pub(crate) token: ApiToken,
    pub(crate) observer: Observer,
    /// The members' pages, at a hub.
    pub(crate) pages: Option<MemberPages>,
}

impl Api {
    /// The API of a running node.
    pub(crate) fn new(handle: Handle, token: ApiToken, pages: Option<MemberPages>) -> Self {
        let readers = Readers::of(handle.database().to_owned());
        Self(Arc::new(Shared { handle, readers, token, observer: Observer::new(), pages }))
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
