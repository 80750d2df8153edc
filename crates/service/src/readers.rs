use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use purser_replica::{ReplicaError, View};
use purser_storage::Database;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::problem::Problem;

/// Read connections beside the writer, opened when first needed and used again. Readers never
/// wait for the writer, nor it for them.
#[derive(Clone)]
pub struct Readers {
    path: PathBuf,
    idle: Arc<Mutex<Vec<Reader>>>,
    places: Arc<Semaphore>,
}

/// One of them.
pub struct Reader {
    /// For questions about members, sales and holds.
    pub view: View,
    /// For what operators ask: the directory, and requests answered before.
    pub database: Database,
}

/// Why nothing could be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadFault {
    /// The database cannot be opened.
    #[error(transparent)]
    Replica(#[from] ReplicaError),
    /// The reading broke off: the log has the cause.
    #[error("reading broke off")]
    BrokenOff,
}

/// A store PC has two cores: more connections would only take turns.
const READERS_MAX: usize = 4;

impl Readers {
    /// Readers of the database at `path`.
    pub fn of(path: PathBuf) -> Self {
        Self { path, idle: Arc::default(), places: Arc::new(Semaphore::new(READERS_MAX)) }
    }

    /// Reads, on a thread that may block.
    pub(crate) async fn read<T, E>(
        &self,
        read: impl FnOnce(&mut Reader) -> Result<T, E> + Send + 'static,
    ) -> Result<T, Problem>
    where
        T: Send + 'static,
        E: Into<Problem> + Send + 'static,
    {
        match self.lend(read).await {
            Ok(result) => result.map_err(Into::into),
            Err(ReadFault::Replica(error)) => Err(error.into()),
            Err(ReadFault::BrokenOff) => Err(Problem::internal()),
        }
    }

    /// Has a reader answer, on a thread that may block.
    ///
    /// # Errors
    /// If there is no reader to be had.
    pub async fn lend<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut Reader) -> T + Send + 'static,
    ) -> Result<T, ReadFault> {
        let place = Arc::clone(&self.places).acquire_owned().await.map_err(|_| ReadFault::BrokenOff)?;
        let readers = self.clone();
        let span = tracing::Span::current();
        let reading = tokio::task::spawn_blocking(move || span.in_scope(|| readers.read_now(read, place)));
        // If it panicked, its connection is gone with it.
        reading.await.unwrap_or(Err(ReadFault::BrokenOff))
    }

    fn read_now<T>(
        &self,
        read: impl FnOnce(&mut Reader) -> T,
        place: OwnedSemaphorePermit,
    ) -> Result<T, ReadFault> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut reader = match idle {
            Some(reader) => reader,
            None => Reader::open(&self.path)?,
        };
        let result = read(&mut reader);
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(reader);
        drop(place);
        Ok(result)
    }
}

impl Reader {
    fn open(path: &Path) -> Result<Self, ReplicaError> {
        Ok(Self { view: View::open(path)?, database: Database::open_reader(path)? })
    }
}
