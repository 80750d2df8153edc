//! Times as the files write them, always UTC.

use chrono::{DateTime, Datelike, NaiveDateTime};

/// What a time looks like, for messages.
pub(crate) const WANTED: &str = "a time such as 2017-01-31 18:05:00 (UTC, 1970 or later)";

pub(crate) const HOUR_MS: u64 = 3_600_000;
pub(crate) const DAY_MS: u64 = 24 * HOUR_MS;

/// Milliseconds since 1970 of `2017-01-31 18:05:00` or `2017-01-31T18:05:00Z`.
pub(crate) fn read(text: &str) -> Option<u64> {
    let text = text.strip_suffix('Z').unwrap_or(text);
    let formats = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f"];
    let time = formats.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())?;
    u64::try_from(time.and_utc().timestamp_millis()).ok()
}

/// The calendar year.
pub(crate) fn year(at_ms: u64) -> i32 {
    at(at_ms).map_or(1970, |time| time.year())
}

/// The day, for people.
pub(crate) fn day(at_ms: u64) -> String {
    at(at_ms).map(|time| time.format("%Y-%m-%d").to_string()).unwrap_or_default()
}

fn at(at_ms: u64) -> Option<DateTime<chrono::Utc>> {
    DateTime::from_timestamp_millis(i64::try_from(at_ms).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_and_nothing_else() {
        let expected = Some(1_483_273_827_000);
        assert_eq!(read("2017-01-01 12:30:27"), expected);
        assert_eq!(read("2017-01-01T12:30:27Z"), expected);
        for text in ["", "2017-01-01", "2017-13-01 00:00:00", "1969-12-31 23:59:59", "yesterday"] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!((year(1_483_273_827_000), day(1_483_273_827_000).as_str()), (2017, "2017-01-01"));
    }
}
