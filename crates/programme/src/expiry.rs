use purser_types::BusinessDate;
use serde::Deserialize;

/// How long points live.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case", deny_unknown_fields)]
pub enum Expiry {
    /// For ever.
    Never {},
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
    /// The last day of points that are earned on `date`, if nothing prolongs it; `None` if they live for ever.
    pub fn last_day(self, date: BusinessDate) -> Option<BusinessDate> {
        match self {
            Expiry::Never {} => None,
            Expiry::YearEnd { years_after, last_day_is_next_year } => {
                let counts_on = if last_day_is_next_year { date.plus_days(1) } else { date };
                Some(BusinessDate::end_of_year(counts_on.year().saturating_add_unsigned(years_after)))
            }
            Expiry::Months { months } => Some(date.plus_months(months).end_of_month()),
            Expiry::Idle { months } => Some(date.plus_months(months)),
        }
    }

    /// The last day of points whose lot says `last_day`, for a member who has bought on these days, in their
    /// order: where points end for want of purchases, each purchase while they live gives them more time.
    pub fn prolonged(self, last_day: BusinessDate, purchases: &[BusinessDate]) -> BusinessDate {
        let Expiry::Idle { months } = self else { return last_day };
        let in_time = |last: BusinessDate, bought: &BusinessDate| {
            if *bought <= last { last.max(bought.plus_months(months)) } else { last }
        };
        purchases.iter().fold(last_day, in_time)
    }

    pub(crate) fn fault(self) -> Option<String> {
        let is_odd = match self {
            Expiry::Never {} => false,
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
        assert_eq!(last_day(Expiry::Never {}, "2026-01-31"), "never");
    }

    #[test]
    fn idle_points_end_after_the_months() {
        let idle = Expiry::Idle { months: 6 };
        assert_eq!(last_day(idle, "2026-01-15"), "2026-07-15");
        let prolonged = |purchases: &[&str]| {
            let purchases: Vec<BusinessDate> = purchases.iter().map(|day| day.parse().unwrap()).collect();
            idle.prolonged("2026-07-15".parse().unwrap(), &purchases).to_string()
        };
        assert_eq!(prolonged(&[]), "2026-07-15");
        assert_eq!(prolonged(&["2025-12-01", "2026-07-15", "2026-09-01"]), "2027-03-01");
        // Who comes too late finds nothing, whatever is bought then.
        assert_eq!(prolonged(&["2026-07-16", "2026-09-01"]), "2026-07-15");
    }
}
