use std::{io, path::PathBuf};

use purser_types::Coded;

/// What keeps a city from being what a demo or a test needs.
#[derive(Debug, thiserror::Error)]
pub enum CityError {
    /// The operating system refuses something.
    #[error("cannot {action}: {source}")]
    System {
        /// What was tried.
        action: String,
        /// What the system said.
        source: io::Error,
    },
    /// A command did not do what it was asked.
    #[error("`{command}` failed: {said}")]
    Command {
        /// The command.
        command: String,
        /// What it said on stderr.
        said: String,
    },
    /// A process did not start.
    #[error("{name} did not start ({reason}); its log is {}: {said}", log.display())]
    NotStarted {
        /// Which one.
        name: String,
        /// How that shows.
        reason: String,
        /// Where it logs.
        log: PathBuf,
        /// The end of its log.
        said: String,
    },
    /// A process is asked for something while it does not run.
    #[error("{0} does not run")]
    NotRunning(String),
    /// A process does not answer.
    #[error("{name} does not answer {path}: {source}")]
    NoAnswer {
        /// Which one.
        name: String,
        /// What it was asked for.
        path: String,
        /// What went wrong.
        source: reqwest::Error,
    },
    /// A database cannot be read.
    #[error("the database of {0} cannot be read: {1}")]
    Database(String, String),
    /// A signal has asked for an end.
    #[error("asked to end")]
    Interrupted,
    /// Something that should come about has not.
    #[error("after {seconds} s still not so: {what}")]
    TooLate {
        /// What should have come about.
        what: String,
        /// How long was waited.
        seconds: u64,
    },
}

impl Coded for CityError {
    fn code(&self) -> &'static str {
        match self {
            CityError::System { .. } => "system_refuses",
            CityError::Command { .. } => "command_failed",
            CityError::NotStarted { .. } => "not_started",
            CityError::NotRunning(_) => "not_running",
            CityError::NoAnswer { .. } => "no_answer",
            CityError::Database(..) => "database_unreadable",
            CityError::Interrupted => "interrupted",
            CityError::TooLate { .. } => "too_late",
        }
    }
}

impl CityError {
    /// What makes an [`io::Error`] one of these.
    pub(crate) fn system(action: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let action = action.into();
        move |source| Self::System { action, source }
    }
}
