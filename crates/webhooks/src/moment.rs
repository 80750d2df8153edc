use chrono::{DateTime, SecondsFormat};

/// A moment, given in milliseconds since 1970, as RFC 3339 in UTC.
pub fn moment(wall_ms: u64) -> String {
    // Only a clock that is wrong by 260,000 years has no date.
    let moment = i64::try_from(wall_ms).ok().and_then(DateTime::from_timestamp_millis);
    moment.unwrap_or_default().to_rfc3339_opts(SecondsFormat::Millis, true)
}
