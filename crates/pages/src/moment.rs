use std::fmt;

use purser_replica::View;
use purser_types::BusinessDate;

/// A day and a time of day in the city, as people read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    day: BusinessDate,
    hour: u32,
    minute: u32,
}

impl Moment {
    /// The moment so many milliseconds after 1970 began.
    pub(crate) fn of(view: &View, wall_ms: u64) -> Self {
        let (hour, minute) = view.time_of_day(wall_ms);
        Self { day: view.date_at(wall_ms), hour, minute }
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:02}:{:02}", self.day, self.hour, self.minute)
    }
}
