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
pub(crate) struct Readers {
    path: PathBuf,
    idle: Arc<Mutex<Vec<Reader>>>,
    places: Arc<Semaphore>,
}

/// One of them.
pub(crate) struct Reader {
    /// For questions about members, sales and holds.
    pub(crate) view: View,
    /// For what operators ask: the directory, and requests answered before.
    pub(crate) database: Database,
}

/// A store PC has two cores: more connections would only take turns.
const READERS_MAX: usize = 4;

impl Readers {
    /// Readers of the database at `path`.
    pub(crate) fn of(path: PathBuf) -> Self {
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
        let place = Arc::clone(&self.places).acquire_owned().await.map_err(|_| Problem::internal())?;
        let readers = self.clone();
        let span = tracing::Span::current();
        let reading = tokio::task::spawn_blocking(move || span.in_scope(|| readers.lend(read, place)));
        match reading.await {
            Ok(result) => result,
            // It panicked, and its connection is gone with it.
            Err(_) => Err(Problem::internal()),
        }
    }

    fn lend<T, E: Into<Problem>>(
        &self,
        read: impl FnOnce(&mut Reader) -> Result<T, E>,
        place: OwnedSemaphorePermit,
    ) -> Result<T, Problem> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut reader = match idle {
            Some(reader) => reader,
            None => Reader::open(&self.path)?,
        };
        let result = read(&mut reader).map_err(Into::into);
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(reader);
        drop(place);
        result
    }
}

impl Reader {
    fn open(path: &Path) -> Result<Self, ReplicaError> {
        Ok(Self { view: View::open(path)?, database: Database::open_reader(path)? })
    }
}
