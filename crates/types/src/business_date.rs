use std::{fmt, str::FromStr};

use chrono::{DateTime, Datelike, Months, NaiveDate, Timelike};
use minicbor::{Decode, Decoder, Encode, decode};
use serde::Deserialize;

use crate::ParseError;

/// A day in the city's own time zone, as days since 1970-01-01. Expiry and "today's
/// sales" are about these days, never about midnight in UTC.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Deserialize)]
#[serde(try_from = "String")]
#[cbor(transparent)]
pub struct BusinessDate(#[n(0)] i32);

impl<'b, C> Decode<'b, C> for BusinessDate {
    /// Refuses the greatest number: in tables it stands for "never".
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
        match d.i32()? {
            i32::MAX => Err(decode::Error::message("a day beyond all calendars")),
            days => Ok(Self(days)),
        }
    }
}

/// The time zone of a city.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct CityZone(chrono_tz::Tz);

impl BusinessDate {
    /// The day that many days after (before) 1970-01-01.
    pub fn from_days(days: i32) -> Self {
        Self(days)
    }

    /// Days since 1970-01-01.
    pub fn days(self) -> i32 {
        self.0
    }

    /// The calendar year, for example 2026.
    pub fn year(self) -> i32 {
        self.calendar().map_or(1970, |date| date.year())
    }

    /// 31 December of `year`.
    pub fn end_of_year(year: i32) -> Self {
        let end = NaiveDate::from_ymd_opt(year, 12, 31).map_or(i32::MAX, |date| date.to_epoch_days());
        Self(end)
    }

    /// The month, 1 to 12.
    pub fn month(self) -> u32 {
        self.calendar().map_or(1, |date| date.month())
    }

    /// The day of the month, from 1.
    pub fn day(self) -> u32 {
        self.calendar().map_or(1, |date| date.day())
    }

    /// The day of the week, 1 (Monday) to 7.
    pub fn weekday(self) -> u32 {
        self.calendar().map_or(1, |date| date.weekday().number_from_monday())
    }

    /// The last day of its month.
    pub fn end_of_month(self) -> Self {
        self.calendar().map_or(self, |date| Self(date.to_epoch_days() + date_days_left(date)))
    }

    /// So many days later.
    pub fn plus_days(self, days: i32) -> Self {
        Self(self.0.saturating_add(days).min(i32::MAX - 1))
    }

    /// The same day so many months later, or the last of that month if it has no such day.
    pub fn plus_months(self, months: u32) -> Self {
        let later = self.calendar().and_then(|date| date.checked_add_months(Months::new(months)));
        Self(later.map_or(i32::MAX - 1, |date| date.to_epoch_days()))
    }

    /// The same day so many months earlier, or the last of that month if it has no such day.
    pub fn minus_months(self, months: u32) -> Self {
        let earlier = self.calendar().and_then(|date| date.checked_sub_months(Months::new(months)));
        Self(earlier.map_or(i32::MIN, |date| date.to_epoch_days()))
    }

    fn calendar(self) -> Option<NaiveDate> {
        NaiveDate::from_epoch_days(self.0)
    }
}

/// Days from `date` to the end of its month.
fn date_days_left(date: NaiveDate) -> i32 {
    i32::from(date.num_days_in_month()) - i32::try_from(date.day()).unwrap_or(0)
}

/// A day, in milliseconds.
const DAY_MS: i64 = 86_400_000;

impl CityZone {
    /// The day in this city at `wall_ms` (milliseconds since 1970, UTC). A reading that no
    /// calendar holds counts as the first day of 1970.
    pub fn date_at(self, wall_ms: u64) -> BusinessDate {
        let instant = i64::try_from(wall_ms).ok().and_then(DateTime::from_timestamp_millis);
        BusinessDate(instant.map_or(0, |at| at.with_timezone(&self.0).date_naive().to_epoch_days()))
    }

    /// The first millisecond since 1970 of a day in this city: that day's or, if clocks leap over all of it, a later
    /// one's.
    pub fn start_of(self, day: BusinessDate) -> u64 {
        // No clock is further from UTC than a day and a little.
        let noon = i64::from(day.0).saturating_mul(DAY_MS).saturating_add(DAY_MS / 2);
        let millisecond = |ms: i64| u64::try_from(ms).unwrap_or(0);
        let (mut early, mut late) = (millisecond(noon - 2 * DAY_MS), millisecond(noon + 2 * DAY_MS));
        while early < late {
            let middle = early + (late - early) / 2;
            if self.date_at(middle) < day { early = middle + 1 } else { late = middle }
        }
        early
    }

    /// The hour and minute in this city at `wall_ms`, as its clocks show them.
    pub fn time_of_day(self, wall_ms: u64) -> (u32, u32) {
        let instant = i64::try_from(wall_ms).ok().and_then(DateTime::from_timestamp_millis);
        instant.map_or((0, 0), |at| {
            let time = at.with_timezone(&self.0).time();
            (time.hour(), time.minute())
        })
    }
}

impl FromStr for CityZone {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let expected = "a name of the tz database such as Asia/Shanghai";
        text.parse().map(Self).map_err(|_| ParseError::new("time zone", text, expected))
    }
}

impl TryFrom<String> for CityZone {
    type Error = ParseError;

    fn try_from(text: String) -> Result<Self, ParseError> {
        text.parse()
    }
}

impl fmt::Display for CityZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name())
    }
}

impl FromStr for BusinessDate {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
        let date = date.ok_or_else(|| ParseError::new("date", text, "a day such as 2026-12-31"))?;
        Ok(Self(date.to_epoch_days()))
    }
}

impl TryFrom<String> for BusinessDate {
    type Error = ParseError;

    fn try_from(text: String) -> Result<Self, ParseError> {
        text.parse()
    }
}

impl fmt::Display for BusinessDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.calendar() {
            Some(date) => date.fmt(f),
            None => write!(f, "day {}", self.0),
        }
    }
}

impl fmt::Debug for BusinessDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_turns_at_the_citys_midnight() {
        let shanghai: CityZone = "Asia/Shanghai".parse().unwrap();
        let late_evening_utc_ms = 1_798_732_800_000; // 2026-12-31T16:00:00Z
        assert_eq!(shanghai.date_at(late_evening_utc_ms - 1).to_string(), "2026-12-31");
        assert_eq!(shanghai.date_at(late_evening_utc_ms).to_string(), "2027-01-01");
        assert_eq!(shanghai.time_of_day(late_evening_utc_ms - 1), (23, 59));
        let first = BusinessDate::end_of_year(2026).plus_days(1);
        assert_eq!(shanghai.start_of(first), late_evening_utc_ms);
        assert_eq!(shanghai.start_of(BusinessDate(i32::MIN)), 0);
        // Where clocks leap at midnight, the day begins at one.
        let beirut: CityZone = "Asia/Beirut".parse().unwrap();
        let leap: BusinessDate = "2026-03-29".parse().unwrap();
        assert_eq!(beirut.time_of_day(beirut.start_of(leap)), (1, 0));
        assert!("Asia/Atlantis".parse::<CityZone>().is_err());
    }

    #[test]
    fn months_end_where_the_calendar_says() {
        let date = |text: &str| text.parse::<BusinessDate>().unwrap();
        let leap = date("2028-02-10");
        assert_eq!((leap.month(), leap.day(), leap.weekday()), (2, 10, 4));
        assert_eq!(leap.end_of_month(), date("2028-02-29"));
        assert_eq!(date("2026-01-31").plus_months(1), date("2026-02-28"));
        assert_eq!(date("2026-03-31").minus_months(1), date("2026-02-28"));
        assert_eq!(date("2026-12-31").plus_days(1), date("2027-01-01"));
        let last = BusinessDate::from_days(i32::MAX - 1);
        assert_eq!((last.plus_days(9), last.plus_months(1), last.end_of_month()), (last, last, last));
    }

    #[test]
    fn dates_survive_text_and_absurd_readings() {
        let date: BusinessDate = "2026-02-28".parse().unwrap();
        assert_eq!((date.to_string().as_str(), date.year()), ("2026-02-28", 2026));
        assert_eq!(BusinessDate::end_of_year(2026).to_string(), "2026-12-31");
        let zone: CityZone = "UTC".parse().unwrap();
        assert_eq!(zone.date_at(u64::MAX).days(), 0);
    }
}
