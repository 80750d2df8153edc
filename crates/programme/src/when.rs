use std::collections::BTreeSet;

use purser_types::BusinessDate;
use serde::Deserialize;

use crate::{basket::Occasion, label::RuleId};

/// When a rule is in force: always, unless it says less. Everything that is said must be so.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct When {
    /// Days of the month, 1 to 31.
    pub days: BTreeSet<u32>,
    /// Days of the week, 1 (Monday) to 7.
    pub weekdays: BTreeSet<u32>,
    /// Months, 1 to 12.
    pub months: BTreeSet<u32>,
    /// From this hour on, 0 to 23, and until before that one.
    pub hours: Option<(u32, u32)>,
    /// The first day.
    pub from: Option<BusinessDate>,
    /// The last day.
    pub until: Option<BusinessDate>,
    /// Around the member's birthday.
    pub birthday: Option<Birthday>,
    /// Only for the first order.
    pub first_order: bool,
    /// For members of these tiers; for everybody, card or not, if there are none.
    pub tiers: BTreeSet<RuleId>,
    /// At these stores.
    pub stores: BTreeSet<u32>,
}

/// No store has a higher number: card numbers have four digits for it.
const STORE_MAX: u32 = 9_999;

/// How near a birthday has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Birthday {
    /// On the day.
    Day,
    /// In the month.
    Month,
}

/// Why a rule is not in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NotNow {
    /// On other days, or at other hours.
    Date,
    /// At other stores.
    Store,
    /// For members of other tiers, or for members only.
    Tier,
    /// Around a birthday only.
    Birthday,
    /// For a first order only.
    FirstOrder,
}

impl When {
    /// Whether all that is said is so.
    ///
    /// # Errors
    /// The first that is not.
    pub fn fits(&self, occasion: &Occasion) -> Result<(), NotNow> {
        let in_hours = |(from, until): (u32, u32)| (from..until).contains(&occasion.hour);
        let buyer = occasion.buyer.as_ref();
        let at_store = self.stores.is_empty() || self.stores.contains(&occasion.store.0);
        let of_tier = self.tiers.is_empty() || buyer.is_some_and(|buyer| self.tiers.contains(&buyer.tier));
        let is_birthday = |near: Birthday| {
            buyer.and_then(|buyer| buyer.birthday).is_some_and(|day| near.is(day, occasion.date))
        };
        let is_first = buyer.is_some_and(|buyer| buyer.orders == 0);
        [
            (self.fits_date(occasion.date) && self.hours.is_none_or(in_hours), NotNow::Date),
            (at_store, NotNow::Store),
            (of_tier, NotNow::Tier),
            (self.birthday.is_none_or(is_birthday), NotNow::Birthday),
            (!self.first_order || is_first, NotNow::FirstOrder),
        ]
        .into_iter()
        .find(|(is_so, _)| !is_so)
        .map_or(Ok(()), |(_, why)| Err(why))
    }

    /// Whether the day is one of those that are said.
    pub fn fits_date(&self, date: BusinessDate) -> bool {
        let among = |wanted: &BTreeSet<u32>, is: u32| wanted.is_empty() || wanted.contains(&is);
        among(&self.days, date.day())
            && among(&self.weekdays, date.weekday())
            && among(&self.months, date.month())
            && self.from.is_none_or(|from| from <= date)
            && self.until.is_none_or(|until| date <= until)
    }

    /// What is wrong with it.
    pub(crate) fn faults(&self, tiers: &[RuleId]) -> Vec<String> {
        let mut faults = Vec::new();
        let ranges = [
            ("days", &self.days, 1..=31),
            ("weekdays", &self.weekdays, 1..=7),
            ("months", &self.months, 1..=12),
        ];
        for (what, given, range) in ranges {
            let outside = given.iter().filter(|number| !range.contains(*number));
            faults.extend(outside.map(|number| format!("{what}: there is no {number}")));
        }
        if let Some((from, until)) = self.hours
            && (from >= until || until > 24)
        {
            faults.push(format!("hours: from {from} until before {until} is no time of the day"));
        }
        if let Some((from, until)) = self.from.zip(self.until).filter(|(from, until)| from > until) {
            faults.push(format!("ends on {until}, before it begins on {from}"));
        }
        let unknown = self.tiers.iter().filter(|tier| !tiers.contains(tier));
        faults.extend(unknown.map(|tier| format!("there is no tier `{tier}`")));
        let unknown = self.stores.iter().filter(|store| !(1..=STORE_MAX).contains(*store));
        faults.extend(unknown.map(|store| format!("there is no store {store}")));
        if faults.is_empty() && !self.has_a_day() {
            faults.push("no day is in all of these: it is never in force".to_owned());
        }
        faults
    }

    /// What is wrong with it where only days can be chosen.
    pub(crate) fn date_faults(&self) -> Vec<String> {
        let others = [
            ("hours", self.hours.is_some()),
            ("birthday", self.birthday.is_some()),
            ("first_order", self.first_order),
            ("tiers", !self.tiers.is_empty()),
            ("stores", !self.stores.is_empty()),
        ];
        let others = others.into_iter().filter(|(_, is_said)| *is_said);
        let others = others
            .map(|(what, _)| format!("`{what}` cannot be chosen here: days, weekdays, months, from, until"));
        let dates = Self { tiers: BTreeSet::new(), ..self.clone() };
        others.chain(dates.faults(&[])).collect()
    }

    fn has_a_day(&self) -> bool {
        const LONGEST: [u32; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        let months = (1..=12).filter(|month| self.months.is_empty() || self.months.contains(month));
        let mut longest = months.map(|month: u32| LONGEST[month as usize - 1]);
        let first = self.days.first().copied().unwrap_or(1);
        longest.any(|days| first <= days)
            && self.from.zip(self.until).is_none_or(|days| self.has_a_day_within(days))
    }
}

impl When {
    /// In four years every day of the year comes on one weekday or the other; those that do not are beyond a scheme.
    fn has_a_day_within(&self, (from, until): (BusinessDate, BusinessDate)) -> bool {
        const DAYS_LOOKED_AT: i32 = 4 * 366;
        let days = (0..DAYS_LOOKED_AT).map(|days| from.plus_days(days)).take_while(|day| *day <= until);
        from.plus_days(DAYS_LOOKED_AT) <= until || days.into_iter().any(|day| self.fits_date(day))
    }
}

impl Birthday {
    fn is(self, (month, day): (u32, u32), date: BusinessDate) -> bool {
        // Whoever was born on 29 February has their day on the 28th where there is no 29th.
        let last = date.end_of_month().day();
        let is_day = date.day() == day.min(last);
        date.month() == month && (self == Birthday::Month || is_day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(text: &str) -> When {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn days_are_those_that_are_said() {
        let member_days = days("days = [9, 19, 29]");
        let fits = |text: &str| member_days.fits_date(text.parse().unwrap());
        assert!(fits("2026-03-09") && fits("2026-02-19") && !fits("2026-03-10"));
        let quarters_end = days("months = [3, 6, 9, 10, 11, 12]");
        assert!(!quarters_end.fits_date("2026-04-30".parse().unwrap()));
        let sale = days("from = \"2026-11-01\"\nuntil = \"2026-11-11\"\nweekdays = [3]");
        assert!(
            sale.fits_date("2026-11-11".parse().unwrap()) && !sale.fits_date("2026-11-18".parse().unwrap())
        );
    }

    #[test]
    fn a_birthday_on_a_leap_day_is_every_year() {
        let on = |text: &str| Birthday::Day.is((2, 29), text.parse().unwrap());
        assert!(on("2026-02-28") && on("2028-02-29") && !on("2028-02-28") && !on("2026-03-01"));
        assert!(Birthday::Month.is((2, 29), "2026-02-01".parse().unwrap()));
    }

    #[test]
    fn what_can_never_be_is_a_fault() {
        for (text, says) in [
            ("days = [32]", "there is no 32"),
            ("days = [30, 31]\nmonths = [2]", "never in force"),
            ("months = [3]\nfrom = \"2026-11-01\"\nuntil = \"2026-11-05\"", "never in force"),
            ("stores = [0]", "no store 0"),
            ("from = \"2026-05-02\"\nuntil = \"2026-05-01\"", "before it begins"),
            ("hours = [22, 6]", "no time of the day"),
            ("tiers = [\"gold\"]", "no tier `gold`"),
        ] {
            let faults = days(text).faults(&[]);
            assert!(faults.len() == 1 && faults[0].contains(says), "{text}: {faults:?}");
        }
    }
}
