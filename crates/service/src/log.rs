use std::{fmt, str::FromStr};

use purser_types::ParseError;
use tracing_subscriber::{EnvFilter, filter::ParseError as FilterError};

use crate::config::LogConfig;

/// What the log looks like.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// Lines for people.
    #[default]
    Text,
    /// A JSON object a line, for programs.
    Json,
}

/// The environment variable that says what is logged, `info` unless set: for example
/// `info,purser_sync=debug`.
pub const LOG_FILTER: &str = "PURSER_LOG";

/// Starts logging to standard error. Once a process: a second start changes nothing.
pub fn start_log(config: &LogConfig) {
    let wanted = std::env::var(LOG_FILTER).ok().filter(|text| !text.is_empty());
    let parsed: Result<EnvFilter, FilterError> = wanted.as_deref().unwrap_or("info").parse();
    let (filter, fault) = match parsed {
        Ok(filter) => (filter, None),
        Err(fault) => (EnvFilter::new("info"), Some(fault)),
    };
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = match config.format {
        LogFormat::Text => builder.with_ansi(false).try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
    if let (Ok(()), Some(fault)) = (started, fault) {
        tracing::warn!("{LOG_FILTER} is not a filter ({fault}): logging at `info`");
    }
}

impl FromStr for LogFormat {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        match text {
            "text" => Ok(LogFormat::Text),
            "json" => Ok(LogFormat::Json),
            _ => Err(ParseError::new("log format", text, "text or json")),
        }
    }
}

impl fmt::Display for LogFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            LogFormat::Text => "text",
            LogFormat::Json => "json",
        })
    }
}
