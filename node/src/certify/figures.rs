//! Figures of answers.

use serde_json::Value;

/// A whole number of an answer; 0 if it has none there, which the check of the balance then shows.
pub(super) fn count(body: &Value, field: &str) -> i64 {
    body[field].as_i64().unwrap_or_default()
}

/// Money of an answer in fen.
pub(super) fn fen(amount: &Value) -> Option<i64> {
    amount.as_str()?.parse::<purser_types::Fen>().ok().map(|fen| fen.0)
}

/// So many fen as the API writes money.
pub(super) fn yuan(fen: i64) -> String {
    purser_types::Fen(fen).to_string()
}
