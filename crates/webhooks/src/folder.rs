use std::{
    fs, io,
    path::{Path, PathBuf},
};

use data_encoding::BASE32_DNSSEC;
use purser_replica::ReplicaError;
use purser_storage::StorageError;
use purser_types::Coded;

use crate::{
    cursor::Cursor,
    endpoint::Endpoint,
    event_kind::EventFilter,
    feed::{Feed, Whose},
    files,
    secret::Secret,
    standing::Standing,
    target::Target,
};

/// The endpoints of a replica: the folder `webhooks` in its own. Of each there is a file that says whom to tell,
/// written when it is added, and one that says how far it has been told, written by the running process.
#[derive(Debug, Clone)]
pub struct WebhookFolder {
    path: PathBuf,
}

/// Why something could not be done with endpoints.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// There is none of that id.
    #[error("there is no endpoint {0}: `webhook list` names them")]
    Unknown(String),
    /// There are too many.
    #[error("there are {ENDPOINTS_MAX} endpoints already: remove one first")]
    TooMany,
    /// A file holds something else than what was written.
    #[error("{} is damaged ({reason}): `webhook remove` the endpoint and add it again", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The operating system refused.
    #[error("cannot use {}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The database cannot be opened.
    #[error(transparent)]
    Replica(#[from] ReplicaError),
    /// The database reports an error.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The system has no random bytes.
    #[error("the system gives no random bytes: {0}")]
    Random(getrandom::Error),
}

impl Coded for WebhookError {
    fn code(&self) -> &'static str {
        match self {
            WebhookError::Unknown(_) => "webhook_unknown",
            WebhookError::TooMany => "webhooks_too_many",
            WebhookError::Damaged { .. } => "webhook_damaged",
            WebhookError::Io { .. } => "webhook_unusable",
            WebhookError::Replica(error) => error.code(),
            WebhookError::Storage(error) => error.code(),
            WebhookError::Random(_) => "no_random_bytes",
        }
    }
}

const FOLDER: &str = "webhooks";
const FILE_END: &str = ".toml";
const STANDING_END: &str = ".standing.toml";
const ID_START: &str = "wh-";
const ID_BYTES: usize = 5;
const ENDPOINTS_MAX: usize = 16;
/// A place in each of 4,000 journals takes no more.
const FILE_BYTES_MAX: u64 = 1 << 20;

impl WebhookFolder {
    /// The endpoints of the replica whose folder is `dir`. The folder is made with the first endpoint.
    pub fn of(dir: &Path) -> Self {
        Self { path: dir.join(FOLDER) }
    }

    /// Adds an endpoint, which is told whatever is written from now on to the journals in `database`; from their
    /// beginning if there is no database yet. Tells its id and its secret.
    ///
    /// # Errors
    /// If there are too many, the database cannot be read, or the file cannot be written.
    pub fn add(
        &self,
        target: Target,
        events: EventFilter,
        database: &Path,
        whose: Whose,
    ) -> Result<(String, Secret), WebhookError> {
        if self.ids()?.len() >= ENDPOINTS_MAX {
            return Err(WebhookError::TooMany);
        }
        let since = if database.is_file() {
            Cursor::at_the_end_of(&Feed::open(database, whose)?.journals()?)
        } else {
            Cursor::default()
        };
        let mut id = [0; ID_BYTES];
        getrandom::fill(&mut id).map_err(WebhookError::Random)?;
        let id = format!("{ID_START}{}", BASE32_DNSSEC.encode(&id));
        let secret = Secret::made_up().map_err(WebhookError::Random)?;
        let endpoint = Endpoint { id: id.clone(), target, events, secret: secret.clone(), since };
        let path = self.file(&id, FILE_END);
        let text = endpoint.to_text().map_err(|error| damaged(&path, error.to_string()))?;
        self.make()?;
        files::replace(&path, &text).map_err(|source| WebhookError::Io { path, source })?;
        Ok((id, secret))
    }

    /// Removes an endpoint: it is told nothing any more.
    ///
    /// # Errors
    /// If there is none of that id, or its file cannot be removed.
    pub fn remove(&self, id: &str) -> Result<(), WebhookError> {
        if !self.ids()?.iter().any(|known| known == id) {
            return Err(WebhookError::Unknown(id.to_owned()));
        }
        for ending in [FILE_END, STANDING_END] {
            let path = self.file(id, ending);
            match fs::remove_file(&path) {
                Err(source) if source.kind() != io::ErrorKind::NotFound => {
                    return Err(WebhookError::Io { path, source });
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The ids of all endpoints, in order.
    ///
    /// # Errors
    /// If the folder cannot be read.
    pub fn ids(&self) -> Result<Vec<String>, WebhookError> {
        let failed = |source| WebhookError::Io { path: self.path.clone(), source };
        let entries = match fs::read_dir(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(failed)?,
        };
        let mut ids = Vec::new();
        for entry in entries {
            let name = entry.map_err(failed)?.file_name();
            let id = name.to_str().and_then(|name| name.strip_suffix(FILE_END));
            // What stands before `.standing` is another file's.
            ids.extend(id.filter(|id| id.starts_with(ID_START) && !id.contains('.')).map(str::to_owned));
        }
        ids.sort_unstable();
        ids.truncate(ENDPOINTS_MAX);
        Ok(ids)
    }

    /// An endpoint.
    ///
    /// # Errors
    /// If there is none of that id, or its file is damaged.
    pub fn endpoint(&self, id: &str) -> Result<Endpoint, WebhookError> {
        let path = self.file(id, FILE_END);
        let text = read(&path)?.ok_or_else(|| WebhookError::Unknown(id.to_owned()))?;
        Endpoint::from_text(id, &text).map_err(|reason| damaged(&path, reason))
    }

    /// How an endpoint stands.
    ///
    /// # Errors
    /// If its file is damaged: nobody knows then what it has been told.
    pub fn standing(&self, endpoint: &Endpoint) -> Result<Standing, WebhookError> {
        let path = self.file(&endpoint.id, STANDING_END);
        match read(&path)? {
            None => Ok(Standing::since(endpoint.since.clone())),
            Some(text) => toml::from_str(&text).map_err(|error| damaged(&path, error.message().to_owned())),
        }
    }

    /// How many entries of the journals in `database` each of these is behind: some of them tell nothing.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn behind(
        &self,
        standings: &[&Standing],
        database: &Path,
        whose: Whose,
    ) -> Result<Vec<u64>, WebhookError> {
        let journals = Feed::open(database, whose)?.journals()?;
        let behind = |standing: &&Standing| {
            journals.iter().fold(0_u64, |sum, journal| sum.saturating_add(standing.cursor.behind(journal)))
        };
        Ok(standings.iter().map(behind).collect())
    }

    pub(crate) fn keep(&self, id: &str, standing: &Standing) -> Result<(), WebhookError> {
        let path = self.file(id, STANDING_END);
        let text = toml::to_string(standing).map_err(|error| damaged(&path, error.to_string()))?;
        files::replace(&path, &text).map_err(|source| WebhookError::Io { path, source })
    }

    /// Forgets how an endpoint stood that has been removed.
    pub(crate) fn forget(&self, id: &str) {
        // What is not there needs no removing; what cannot be removed harms nobody.
        let _ = fs::remove_file(self.file(id, STANDING_END));
    }

    fn file(&self, id: &str, ending: &str) -> PathBuf {
        self.path.join(format!("{id}{ending}"))
    }

    fn make(&self) -> Result<(), WebhookError> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.path).map_err(|source| WebhookError::Io { path: self.path.clone(), source })
    }
}

fn read(path: &Path) -> Result<Option<String>, WebhookError> {
    files::read(path, FILE_BYTES_MAX).map_err(|source| WebhookError::Io { path: path.to_owned(), source })
}

fn damaged(path: &Path, reason: String) -> WebhookError {
    WebhookError::Damaged { path: path.to_owned(), reason }
}
