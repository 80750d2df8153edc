use serde::{Deserialize, Serialize};

use crate::cursor::Cursor;

/// How far an endpoint has been told, and how that goes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Standing {
    /// Whether it is told anything.
    pub condition: Condition,
    /// Attempts in a row that have failed.
    pub failures: u32,
    /// Why the last attempt failed, unless it has worked since.
    pub last_error: Option<String>,
    /// When it took a message last, in milliseconds since 1970.
    pub last_delivered_ms: Option<u64>,
    /// When the next attempt is due after a failure, in milliseconds since 1970.
    pub next_attempt_ms: Option<u64>,
    pub(crate) cursor: Cursor,
}

/// Whether an endpoint is told anything.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// It is.
    #[default]
    Active,
    /// It has said (410) that it wants no more.
    Disabled,
}

impl Standing {
    /// That of an endpoint which has been told nothing so far.
    pub(crate) fn since(cursor: Cursor) -> Self {
        Self { cursor, ..Self::default() }
    }

    /// It took a message.
    pub(crate) fn delivered(&mut self, now_ms: u64) {
        self.recovered();
        self.last_delivered_ms = Some(now_ms);
    }

    /// What was wrong is no more.
    pub(crate) fn recovered(&mut self) {
        (self.failures, self.last_error, self.next_attempt_ms) = (0, None, None);
    }

    /// It did not, or there was nothing to be had.
    pub(crate) fn failed(&mut self, reason: String, next_attempt_ms: Option<u64>) {
        self.failures = self.failures.saturating_add(1);
        self.last_error = Some(reason);
        self.next_attempt_ms = next_attempt_ms;
    }
}
