use std::{ops::Deref, sync::Arc};

use purser_replica::{Reply, Undertaking};
use purser_transport::Handle;

use crate::{Callers, MemberPages, change::Asked, observation::Observer, problem::Problem, readers::Readers};

/// What every handler has at hand. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Api(Arc<Shared>);

pub(crate) struct Shared {
    pub(crate) handle: Handle,
    pub(crate) readers: Readers,
    pub(crate) callers: Callers,
    pub(crate) observer: Observer,
    /// The members' pages, at a hub.
    pub(crate) pages: Option<MemberPages>,
}

impl Api {
    /// The API of a running node.
    pub(crate) fn new(handle: Handle, callers: Callers, pages: Option<MemberPages>) -> Self {
        let readers = Readers::of(handle.database().to_owned());
        Self(Arc::new(Shared { handle, readers, callers, observer: Observer::new(), pages }))
    }

    /// Has something carried out for a caller.
    pub(crate) async fn carry_out(&self, request: Asked, undertaking: Undertaking) -> Result<Reply, Problem> {
        Ok(self.handle.submit(request.order(undertaking)).await?)
    }
}

impl Deref for Api {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}
