use std::{path::PathBuf, sync::Arc, time::Duration};

use crate::{
    endpoint::Endpoint,
    feed::{Feed, Message, Step, Whose},
    folder::{WebhookError, WebhookFolder},
    pace::Pace,
    poster::{Poster, Rejected},
    standing::{Condition, Standing},
};

/// What all couriers have in common. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Depot {
    pub(crate) folder: WebhookFolder,
    pub(crate) database: PathBuf,
    pub(crate) whose: Whose,
    pub(crate) pace: Pace,
    /// The wall clock, in milliseconds since 1970.
    pub(crate) now_ms: Arc<dyn Fn() -> u64 + Send + Sync>,
    pub(crate) poster: Poster,
}

/// Brings one endpoint its messages, one after the other.
struct Courier {
    depot: Depot,
    endpoint: Arc<Endpoint>,
    standing: Standing,
    feed: Option<Feed>,
}

/// Tells an endpoint what is written, for as long as it wants to hear it.
pub(crate) async fn serve(depot: Depot, id: String) {
    let origin = match Courier::of(depot, id.clone()).await {
        Ok(mut courier) => {
            courier.work().await;
            courier.endpoint.target.origin()
        }
        Err(error) => {
            tracing::warn!(id, %error, "an endpoint is told nothing");
            String::new()
        }
    };
    tracing::info!(id, origin, "an endpoint is told nothing any more");
    // Until it is removed: only whoever runs this can mend it.
    std::future::pending::<()>().await;
}

impl Courier {
    async fn of(depot: Depot, id: String) -> Result<Self, WebhookError> {
        let folder = depot.folder.clone();
        let read = blocking(move || {
            let endpoint = folder.endpoint(&id)?;
            let standing = folder.standing(&endpoint)?;
            Ok::<_, WebhookError>((endpoint, standing))
        });
        let (endpoint, standing) = read.await?;
        Ok(Self { depot, endpoint: Arc::new(endpoint), standing, feed: None })
    }

    /// Works until the endpoint wants no more.
    async fn work(&mut self) {
        while self.standing.condition == Condition::Active {
            match self.read().await {
                Ok(steps) if steps.is_empty() => self.rest().await,
                Ok(steps) => self.tell(steps).await,
                Err(error) => {
                    tracing::warn!(id = self.endpoint.id, %error, "the journals cannot be read");
                    self.failed(&error).await;
                    tokio::time::sleep(self.pause()).await;
                }
            }
        }
    }

    /// Everything has been told.
    async fn rest(&mut self) {
        if self.standing.failures > 0 {
            // Only the reading of the journals fails without a message left to send.
            self.standing.recovered();
            self.keep().await;
        }
        tokio::time::sleep(self.depot.pace.look).await;
    }

    async fn read(&mut self) -> Result<Vec<Step>, WebhookError> {
        let feed = self.feed.take();
        let (database, whose) = (self.depot.database.clone(), self.depot.whose);
        let (cursor, endpoint) = (self.standing.cursor.clone(), Arc::clone(&self.endpoint));
        let read = blocking(move || {
            let mut feed = feed.map_or_else(|| Feed::open(&database, whose), Ok)?;
            let steps = feed.after(&cursor, &endpoint.events)?;
            Ok::<_, WebhookError>((feed, steps))
        });
        let (feed, steps) = read.await?;
        self.feed = Some(feed);
        Ok(steps)
    }

    /// Takes these steps, each once its message has been taken.
    async fn tell(&mut self, steps: Vec<Step>) {
        let ends_untold = steps.last().is_some_and(|step| step.message.is_none());
        for Step { replica, place, message } in steps {
            if let Some(message) = &message {
                self.deliver(message).await;
                if self.standing.condition != Condition::Active {
                    return;
                }
            }
            self.standing.cursor.move_to(&replica, place);
            if message.is_some() {
                self.keep().await;
            }
        }
        if ends_untold {
            self.keep().await;
        }
    }

    /// Sends a message until it is taken, or the endpoint wants no more.
    async fn deliver(&mut self, message: &Message) {
        loop {
            tokio::time::sleep(self.pause()).await;
            let Depot { poster, pace, now_ms, .. } = &self.depot;
            let result = poster.post(&self.endpoint, message, now_ms(), pace.attempt).await;
            let (id, message) = (&self.endpoint.id, &message.id);
            match result {
                Ok(()) => return self.standing.delivered(now_ms()),
                Err(gone @ Rejected::Gone) => {
                    tracing::warn!(id, "an endpoint wants no more messages");
                    self.standing.failed(gone.to_string(), None);
                    self.standing.condition = Condition::Disabled;
                    return self.keep().await;
                }
                Err(rejected) => {
                    tracing::info!(id, message_id = message, %rejected, "a message was not taken");
                    self.failed(&rejected).await;
                }
            }
        }
    }

    /// Notes what was wrong, and when to try again.
    async fn failed(&mut self, error: &impl std::fmt::Display) {
        let pause_ms = self.depot.pace.pause_ms(self.standing.failures.saturating_add(1));
        let due_ms = (self.depot.now_ms)().saturating_add(pause_ms);
        self.standing.failed(error.to_string(), Some(due_ms));
        self.keep().await;
    }

    /// What is left of the pause after a failure. A clock that was set back makes it no longer than any.
    fn pause(&self) -> Duration {
        let left_ms =
            self.standing.next_attempt_ms.map_or(0, |due| due.saturating_sub((self.depot.now_ms)()));
        Duration::from_millis(left_ms).min(self.depot.pace.longest_pause)
    }

    async fn keep(&mut self) {
        let (folder, id, standing) =
            (self.depot.folder.clone(), self.endpoint.id.clone(), self.standing.clone());
        if let Err(error) = blocking(move || folder.keep(&id, &standing)).await {
            // What was delivered may be sent again after a restart: ids tell.
            tracing::warn!(id = self.endpoint.id, %error, "how far an endpoint was told cannot be kept");
        }
    }
}

/// Reads or writes files, on a thread that may block.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, WebhookError> + Send + 'static,
) -> Result<T, WebhookError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(broken_off) => match broken_off.try_into_panic() {
            // The supervisor begins anew.
            Ok(panic) => std::panic::resume_unwind(panic),
            // The process ends.
            Err(_) => std::future::pending().await,
        },
    }
}
