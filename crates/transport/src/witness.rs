//! What stands outside the database about how far it has come, so that an old copy of the file is found out.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use purser_journal::Head;
use purser_replica::Replica;
use purser_types::{Coded, Digest, ReplicaId};

/// The last entry that a replica is known to have written: a file of 64 bytes beside its database,
/// overwritten after every commit. It is not synced, so after a power failure it may lag behind
/// the database; ahead of the database it never is, unless the database is an old copy.
pub(crate) struct Witness {
    path: PathBuf,
    replica: ReplicaId,
    file: Option<File>,
    noted: u64,
}

/// Why a database is not taken into use.
#[derive(Debug, thiserror::Error)]
pub enum WitnessFault {
    /// The database is gone; made anew it would give away the same numbers again.
    #[error("{} is gone, and this replica has written {written} entries: {REMEDY}", database.display())]
    DatabaseGone {
        /// The database.
        database: PathBuf,
        /// How many entries it held.
        written: u64,
    },
    /// The database is older than what the replica has written.
    #[error(
        "the database is an old copy: it lacks entry {written}, which this replica has written: {REMEDY}"
    )]
    RolledBack {
        /// The entry.
        written: u64,
    },
    /// The file cannot be used.
    #[error("cannot use {}: {source}; check its owner and rights", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
}

const REMEDY: &str =
    "put the newest database back, or join again in a new folder and have a hub fence this replica";

impl Coded for WitnessFault {
    fn code(&self) -> &'static str {
        match self {
            WitnessFault::DatabaseGone { .. } => "database_gone",
            WitnessFault::RolledBack { .. } => "database_rolled_back",
            WitnessFault::Io { .. } => "witness_unusable",
        }
    }
}

/// Replica, place and hash of the entry, and 8 bytes that show a torn write.
const BYTES: usize = 16 + 8 + 32 + 8;

impl Witness {
    /// The witness of a database. Says no if the file at `database` is missing or empty though
    /// the replica has written before.
    pub(crate) fn of(database: &Path, replica: ReplicaId) -> Result<Self, WitnessFault> {
        let witness = Self { path: database.with_extension("witness"), replica, file: None, noted: 0 };
        let is_there = fs::metadata(database).is_ok_and(|file| file.len() > 0);
        match witness.read()? {
            Some(head) if !is_there => {
                Err(WitnessFault::DatabaseGone { database: database.to_owned(), written: head.seq })
            }
            _ => Ok(witness),
        }
    }

    /// Says no if the opened database lacks what its replica has written.
    pub(crate) fn confront(&mut self, opened: &Replica) -> Result<(), WitnessFault> {
        let Some(head) = self.read()? else { return Ok(()) };
        self.noted = head.seq;
        let is_known = opened.me().head.seq >= head.seq
            && opened.hash_at(self.replica, head.seq).is_ok_and(|hash| hash == Some(head.hash));
        if is_known { Ok(()) } else { Err(WitnessFault::RolledBack { written: head.seq }) }
    }

    /// Takes note of how far the replica has come, durably.
    pub(crate) fn note(&mut self, head: Head) {
        if head.seq == self.noted {
            return;
        }
        match self.write(head) {
            Ok(()) => self.noted = head.seq,
            // The database is sound all the same.
            Err(error) => {
                tracing::warn!(path = %self.path.display(), %error, "the witness cannot be written");
            }
        }
    }

    /// What the file says; `None` if there is none, or a power failure has torn it.
    fn read(&self) -> Result<Option<Head>, WitnessFault> {
        match fs::read(&self.path) {
            Ok(bytes) => Ok(self.decode(&bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(WitnessFault::Io { path: self.path.clone(), source }),
        }
    }

    fn decode(&self, bytes: &[u8]) -> Option<Head> {
        let seq = u64::from_be_bytes(bytes.get(16..24)?.try_into().ok()?);
        let head = Head { seq, hash: Digest(bytes.get(24..56)?.try_into().ok()?) };
        (self.encode(head) == bytes).then_some(head)
    }

    fn encode(&self, head: Head) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(BYTES);
        bytes.extend_from_slice(&self.replica.0);
        bytes.extend_from_slice(&head.seq.to_be_bytes());
        bytes.extend_from_slice(&head.hash.0);
        let Digest(check) = Digest::in_context("purser 2026 witness", &[&bytes]);
        bytes.extend_from_slice(&check[..8]);
        bytes
    }

    fn write(&mut self, head: Head) -> io::Result<()> {
        let bytes = self.encode(head);
        let file = match &mut self.file {
            Some(file) => file,
            None => self
                .file
                .insert(OpenOptions::new().create(true).truncate(false).write(true).open(&self.path)?),
        };
        file.seek(SeekFrom::Start(0))?;
        file.write_all(&bytes)
    }
}
