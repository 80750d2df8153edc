use std::path::PathBuf;

use purser_replica::ReplicaError;
use purser_storage::StorageError;
use purser_transport::{AuthorityError, NodeError, PapersFault, SubmitError};
use purser_types::Coded;

/// Why a replay does not go on.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// A file cannot be read.
    #[error("cannot read {path}: {source}", path = .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// A file without a header.
    #[error("{path} is empty: a header line with the names of the columns is wanted", path = .0.display())]
    Empty(PathBuf),
    /// A file with a header only.
    #[error("{path} has a header and not one line after it", path = .0.display())]
    NoLines(PathBuf),
    /// A column is missing.
    #[error("{path}: the header names no column {column:?}", path = .path.display())]
    NoColumn {
        /// The file.
        path: PathBuf,
        /// The column.
        column: &'static str,
    },
    /// Bytes that are no CSV, or do not unpack.
    #[error("{path}{at}: {reason}", path = .path.display(), at = line_of(*.line))]
    NotCsv {
        /// The file.
        path: PathBuf,
        /// The line, if it is known.
        line: Option<u64>,
        /// What is wrong.
        reason: String,
    },
    /// A field that is not what its column holds.
    #[error("{path}, line {line}, column {column:?}: {reason}", path = .path.display())]
    BadField {
        /// The file.
        path: PathBuf,
        /// The line.
        line: u64,
        /// The column.
        column: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// A history longer than points live.
    #[error(
        "{path} goes on beyond {last_year}, where points earned in {first_year} run out: replay it in parts",
        path = .path.display(),
        last_year = .first_year + 1
    )]
    TooLong {
        /// The file.
        path: PathBuf,
        /// The year of the first basket.
        first_year: i32,
    },
    /// A folder that holds something.
    #[error("{path} is not empty: give a folder for this replay alone", path = .0.display())]
    FolderInUse(PathBuf),
    /// A file or folder cannot be written.
    #[error("cannot write {path}: {source}", path = .path.display())]
    Unwritable {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The runtime does not start.
    #[error("cannot start the threads of the replay: {0}")]
    Runtime(std::io::Error),
    /// The authority of the city does not work.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// Papers that do not fit.
    #[error("the papers of a replica: {0}")]
    Papers(#[from] PapersFault),
    /// A replica does not start.
    #[error("{site} does not start: {source}")]
    Node {
        /// Which one.
        site: String,
        /// Why.
        source: NodeError,
    },
    /// An order that a till would have had carried out was not.
    #[error("{site} did not carry out {what}: {source}")]
    Refused {
        /// Where.
        site: String,
        /// What was ordered.
        what: String,
        /// Why not.
        source: SubmitError,
    },
    /// A replica answered something else than was asked for.
    #[error("{site} answered something else than {what}")]
    Strange {
        /// Where.
        site: String,
        /// What was asked for.
        what: String,
    },
    /// A replica cannot be read.
    #[error("{site} cannot be read: {source}")]
    Database {
        /// Which one.
        site: String,
        /// Why.
        source: StorageError,
    },
    /// A replica cannot be opened for reading.
    #[error("{site} cannot be read: {source}")]
    View {
        /// Which one.
        site: String,
        /// Why.
        source: ReplicaError,
    },
    /// Something did not come about in time.
    #[error("{what} took more than {patience_s} s")]
    TooSlow {
        /// What.
        what: &'static str,
        /// How long it was waited for.
        patience_s: u64,
    },
    /// A task of the replay itself broke.
    #[error("a task of the replay ended in a panic: {0}")]
    Broken(#[from] tokio::task::JoinError),
}

impl Coded for ReplayError {
    fn code(&self) -> &'static str {
        match self {
            ReplayError::Unreadable { .. } => "file_unreadable",
            ReplayError::Empty(_) => "file_empty",
            ReplayError::NoLines(_) => "file_without_lines",
            ReplayError::NoColumn { .. } => "column_missing",
            ReplayError::NotCsv { .. } => "file_malformed",
            ReplayError::BadField { .. } => "field_malformed",
            ReplayError::TooLong { .. } => "history_too_long",
            ReplayError::FolderInUse(_) => "folder_in_use",
            ReplayError::Unwritable { .. } => "file_unwritable",
            ReplayError::Runtime(_) => "cannot_start_thread",
            ReplayError::Authority(error) => error.code(),
            ReplayError::Papers(fault) => fault.code(),
            ReplayError::Node { source, .. } => source.code(),
            ReplayError::Refused { source, .. } => source.code(),
            ReplayError::Strange { .. } => "strange_answer",
            ReplayError::Database { source, .. } => source.code(),
            ReplayError::View { source, .. } => source.code(),
            ReplayError::TooSlow { .. } => "too_slow",
            ReplayError::Broken(_) => "task_panicked",
        }
    }
}

impl ReplayError {
    /// Whether what was handed in is at fault, not what came of it.
    pub fn blames_input(&self) -> bool {
        matches!(
            self,
            ReplayError::Unreadable { .. }
                | ReplayError::Empty(_)
                | ReplayError::NoLines(_)
                | ReplayError::NoColumn { .. }
                | ReplayError::NotCsv { .. }
                | ReplayError::BadField { .. }
                | ReplayError::TooLong { .. }
                | ReplayError::FolderInUse(_)
        )
    }
}

fn line_of(line: Option<u64>) -> String {
    line.map(|line| format!(", line {line}")).unwrap_or_default()
}
