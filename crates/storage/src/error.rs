use std::{path::PathBuf, sync::Arc};

use purser_types::Coded;
use rusqlite::ffi;

/// Why the database could not do something.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StorageError {
    /// No room. Nothing of the transaction was kept; it works again when there is room.
    #[error("the disk is full: free some space, nothing was changed")]
    DiskFull(#[source] Arc<rusqlite::Error>),
    /// The device failed. What was not yet acknowledged may be lost: the process must stop.
    #[error("the disk failed to write or sync: check the device, then restart")]
    DeviceFailed(#[source] Arc<rusqlite::Error>),
    /// The file is not a sound database.
    #[error("the database is damaged: `verify` says where; join again as a new replica, in a new folder")]
    Corrupt(#[source] Arc<rusqlite::Error>),
    /// A stored value that no version of Purser writes.
    #[error("the database holds a value that cannot be: {0}")]
    Implausible(&'static str),
    /// Another process has it open.
    #[error("{0} is in use by another process: only one may write it")]
    InUse(PathBuf),
    /// Written by a later version.
    #[error("the database has schema {found}, this version knows up to {known}: install the newer version")]
    Newer {
        /// The schema found.
        found: usize,
        /// The newest schema that this version knows.
        known: usize,
    },
    /// The lock or database file could not be opened.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: Arc<std::io::Error>,
    },
    /// Anything else that SQLite reports.
    #[error("the database reports: {0}")]
    Sqlite(#[source] Arc<rusqlite::Error>),
}

impl Coded for StorageError {
    fn code(&self) -> &'static str {
        match self {
            StorageError::DiskFull(_) => "storage_full",
            StorageError::DeviceFailed(_) => "storage_device_failed",
            StorageError::Corrupt(_) => "storage_corrupt",
            StorageError::Implausible(_) => "storage_implausible",
            StorageError::InUse(_) => "storage_in_use",
            StorageError::Newer { .. } => "storage_newer_schema",
            StorageError::File { .. } => "storage_file",
            StorageError::Sqlite(_) => "storage_error",
        }
    }
}

impl StorageError {
    /// Whether the process must stop: what the device did not write or sync may be lost, and
    /// asking it again proves nothing.
    pub fn is_fatal(&self) -> bool {
        matches!(
            self,
            StorageError::DeviceFailed(_) | StorageError::Corrupt(_) | StorageError::Implausible(_)
        )
    }
}

impl From<rusqlite::Error> for StorageError {
    fn from(error: rusqlite::Error) -> Self {
        let code = error.sqlite_error().map(|e| e.extended_code);
        let error = Arc::new(error);
        match code {
            Some(code) if code & 0xff == ffi::SQLITE_FULL => StorageError::DiskFull(error),
            Some(ffi::SQLITE_IOERR_FSYNC | ffi::SQLITE_IOERR_DIR_FSYNC) => StorageError::DeviceFailed(error),
            Some(code) if code & 0xff == ffi::SQLITE_IOERR => StorageError::DeviceFailed(error),
            Some(code) if matches!(code & 0xff, ffi::SQLITE_CORRUPT | ffi::SQLITE_NOTADB) => {
                StorageError::Corrupt(error)
            }
            _ => StorageError::Sqlite(error),
        }
    }
}
