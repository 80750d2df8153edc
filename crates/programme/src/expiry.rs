use purser_types::BusinessDate;
use serde::Deserialize;

/// How long points live.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case", deny_unknown_fields)]
pub enum Expiry {
    /// For ever.
    Never,
    /// Until 31 December, so many years after the year in which they were earned.
    YearEnd {
        /// How many.
        #[serde(default)]
        years_after: u32,
        /// Whether what is earned on 31 December counts as earned in the next year.
        #[serde(default)]
        last_day_is_next_year: bool,
    },
    /// To the end of the month that is so many months after the one in which they were earned.
    Months {
        /// How many.
        months: u32,
    },
    /// So many months without any purchase.
    Idle {
        /// How many.
        months: u32,
    },
}

const MONTHS_MAX: u32 = 1_200;

impl Expiry {
    /// The last day of points that are earned on `date`; `None` if no day is set by that.
    pub fn last_day(self, date: BusinessDate) -> Option<BusinessDate> {
        match self {
            Expiry::Never | Expiry::Idle { .. } => None,
            Expiry::YearEnd { years_after, last_day_is_next_year } => {
                let counts_on = if last_day_is_next_year { date.plus_days(1) } else { date };
                Some(BusinessDate::end_of_year(counts_on.year().saturating_add_unsigned(years_after)))
            }
            Expiry::Months { months } => Some(date.plus_months(months).end_of_month()),
        }
    }

    /// Whether points that were earned before are gone on `date`, for want of purchases: the latest was on
    /// `latest`.
    pub fn is_idle(self, latest: BusinessDate, date: BusinessDate) -> bool {
        matches!(self, Expiry::Idle { months } if latest.plus_months(months) < date)
    }

    pub(crate) fn fault(self) -> Option<String> {
        let is_odd = match self {
            Expiry::Never => false,
            Expiry::YearEnd { years_after, .. } => years_after > MONTHS_MAX / 12,
            Expiry::Months { months } | Expiry::Idle { months } => !(1..=MONTHS_MAX).contains(&months),
        };
        is_odd.then(|| "points live from one month to a hundred years".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn last_day(expiry: Expiry, date: &str) -> String {
        expiry.last_day(date.parse().unwrap()).map_or("never".into(), |date| date.to_string())
    }

    #[test]
    fn the_last_day_is_what_the_scheme_says() {
        let year = Expiry::YearEnd { years_after: 0, last_day_is_next_year: true };
        assert_eq!(last_day(year, "2026-12-30"), "2026-12-31");
        assert_eq!(last_day(year, "2026-12-31"), "2027-12-31");
        assert_eq!(last_day(Expiry::Months { months: 12 }, "2026-02-28"), "2027-02-28");
        assert_eq!(last_day(Expiry::Months { months: 1 }, "2026-01-31"), "2026-02-28");
        assert_eq!(last_day(Expiry::Never, "2026-01-31"), "never");
    }

    #[test]
    fn idle_points_end_after_the_months() {
        let idle = Expiry::Idle { months: 6 };
        let is_idle = |date: &str| idle.is_idle("2026-01-15".parse().unwrap(), date.parse().unwrap());
        assert!(!is_idle("2026-07-15") && is_idle("2026-07-16"));
        assert!(!Expiry::Never.is_idle("2026-01-15".parse().unwrap(), "2036-01-15".parse().unwrap()));
    }
}
