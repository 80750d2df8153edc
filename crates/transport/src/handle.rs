use std::{
    collections::VecDeque,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use purser_replica::{Alarm, Order, Refusal, Reply};
use purser_sync::Engine;
use purser_types::{Coded, Now, ReplicaId};
use tokio::sync::{Semaphore, oneshot};

use crate::{Clock, writer::Message};

/// A running replica. Cheap to clone; all clones are the same.
#[derive(Clone)]
pub struct Handle {
    pub(crate) shared: Arc<Shared>,
}

pub(crate) struct Shared {
    pub(crate) inbox: std::sync::mpsc::Sender<Message>,
    /// Orders that may wait at once: one more is turned away, not queued.
    pub(crate) orders: Arc<Semaphore>,
    pub(crate) clock: Clock,
    pub(crate) database: PathBuf,
    pub(crate) tally: Tally,
    pub(crate) alarms: Mutex<VecDeque<RaisedAlarm>>,
}

/// Why an order has no reply.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// The replica refuses it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Too many orders wait already.
    #[error("this node is busy: try again in a moment")]
    Overloaded,
    /// The node is shutting down.
    #[error("this node is shutting down")]
    Stopped,
}

impl Coded for SubmitError {
    fn code(&self) -> &'static str {
        match self {
            SubmitError::Refused(refusal) => refusal.code(),
            SubmitError::Overloaded => "overloaded",
            SubmitError::Stopped => "shutting_down",
        }
    }
}

/// An alarm and when it was raised.
#[derive(Debug, Clone)]
pub struct RaisedAlarm {
    /// When, in milliseconds since 1970.
    pub wall_ms: u64,
    /// The kind of alarm.
    pub code: &'static str,
    /// What it says.
    pub message: String,
    /// The replica that it is about, if it is about another one.
    pub about: Option<ReplicaId>,
}

/// Alarms kept for looking at.
const ALARMS_KEPT: usize = 100;

macro_rules! tally {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {
        /// What a node has done since it started.
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
        pub struct Counters {
            $($(#[$doc])* pub $name: u64,)*
        }

        #[derive(Debug, Default)]
        pub(crate) struct Tally {
            $(pub(crate) $name: AtomicU64,)*
        }

        impl Tally {
            fn read(&self) -> Counters {
                Counters { $($name: self.$name.load(Ordering::Relaxed),)* }
            }
        }
    };
}

tally! {
    /// Orders answered.
    orders,
    /// Of these, refused.
    refusals,
    /// Turns of the engine: at most one commit each.
    turns,
    /// Frames received.
    frames_in,
    /// Frames sent.
    frames_out,
    /// Bytes of frames received.
    bytes_in,
    /// Bytes of frames sent.
    bytes_out,
    /// Alarms raised.
    alarms,
    /// Links opened.
    links_opened,
}

impl Handle {
    /// Has an order carried out; answers when that is durable, or when it is refused.
    ///
    /// # Errors
    /// Why there is no reply.
    pub async fn submit(&self, order: Order) -> Result<Reply, SubmitError> {
        let permit =
            Arc::clone(&self.shared.orders).try_acquire_owned().map_err(|_| SubmitError::Overloaded)?;
        let (answer, answered) = oneshot::channel();
        self.send(Message::Order { order, answer, permit })?;
        Ok(answered.await.map_err(|_| SubmitError::Stopped)??)
    }

    /// Reads from the engine between two turns.
    ///
    /// # Errors
    /// [`SubmitError::Stopped`].
    pub async fn inspect<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Engine) -> T + Send + 'static,
    ) -> Result<T, SubmitError> {
        let (answer, answered) = oneshot::channel();
        let look = move |engine: &Engine| {
            // Whoever asked may have gone.
            let _ = answer.send(read(engine));
        };
        self.send(Message::Inspect(Box::new(look)))?;
        answered.await.map_err(|_| SubmitError::Stopped)
    }

    /// The database file, to read beside the writer.
    pub fn database(&self) -> &Path {
        &self.shared.database
    }

    /// A reading of the node's clocks.
    pub fn now(&self) -> Now {
        self.shared.clock.now()
    }

    /// The latest alarms, oldest first.
    pub fn recent_alarms(&self) -> Vec<RaisedAlarm> {
        let alarms = self.shared.alarms.lock().unwrap_or_else(PoisonError::into_inner);
        alarms.iter().cloned().collect()
    }

    /// What the node has done since it started.
    pub fn counters(&self) -> Counters {
        self.shared.tally.read()
    }

    pub(crate) fn send(&self, message: Message) -> Result<(), SubmitError> {
        self.shared.inbox.send(message).map_err(|_| SubmitError::Stopped)
    }
}

impl Shared {
    pub(crate) fn raise(&self, alarm: &Alarm) {
        tracing::warn!(code = alarm.code(), "{alarm}");
        count(&self.tally.alarms, 1);
        let raised = RaisedAlarm {
            wall_ms: self.clock.now().wall_ms,
            code: alarm.code(),
            message: alarm.to_string(),
            about: alarm.about(),
        };
        let mut alarms = self.alarms.lock().unwrap_or_else(PoisonError::into_inner);
        if alarms.len() == ALARMS_KEPT {
            alarms.pop_front();
        }
        alarms.push_back(raised);
    }
}

pub(crate) fn count(counter: &AtomicU64, by: usize) {
    counter.fetch_add(by as u64, Ordering::Relaxed);
}
