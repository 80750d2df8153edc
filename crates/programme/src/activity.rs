use purser_types::{BusinessDate, Fen};
use serde::Deserialize;

use crate::{
    label::{Label, RuleId},
    ratio::Ratio,
    when::When,
};

/// Something that brings points without a purchase: registering, a review, checking in, taking part.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Activity {
    /// What it is called in rules and entries.
    pub id: RuleId,
    /// What members call it.
    pub name: Label,
    /// How many points.
    pub points: i64,
    /// How often.
    #[serde(default)]
    pub once: Once,
    /// When.
    #[serde(default)]
    pub when: When,
    /// Whether it comes by itself when a member is registered.
    #[serde(default)]
    pub on_joining: bool,
}

/// How often an activity brings points.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Once {
    /// Once.
    #[default]
    Ever,
    /// Once a day.
    Day,
    /// Once a calendar month.
    Month,
    /// Once a calendar year.
    Year,
    /// Each time.
    Always,
}

/// What somebody gets for having brought a new member.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Referral {
    /// So many points when the new member first buys something.
    pub points: i64,
    /// So many points for each full yuan of what the new member buys.
    pub per_yuan: Option<Ratio>,
    /// For so many days after the new member has joined; for ever, if nothing is said.
    pub days: Option<u32>,
}

/// Points for a sale at which no card was shown, claimed later with the receipt, once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// Until so many days after the sale.
    pub days: u32,
}

const POINTS_MAX: i64 = 1_000_000;

impl Activity {
    /// The points that it brings on `date` to who did it before on these days.
    pub fn points_on(&self, date: BusinessDate, before: &[BusinessDate]) -> i64 {
        let same = |other: &BusinessDate| match self.once {
            Once::Ever => true,
            Once::Day => *other == date,
            Once::Month => (other.year(), other.month()) == (date.year(), date.month()),
            Once::Year => other.year() == date.year(),
            Once::Always => false,
        };
        if before.iter().any(same) { 0 } else { self.points }
    }

    pub(crate) fn faults(&self, tiers: &[RuleId]) -> Vec<String> {
        let mut faults = self.when.faults(tiers);
        if !(1..=POINTS_MAX).contains(&self.points) {
            faults.push("`points` is from 1 to 1000000".to_owned());
        }
        faults
    }
}

impl Referral {
    /// Points for who has brought a member, when that member, who joined on `joined`, pays so much on `date`.
    pub fn points(&self, paid: Fen, is_first: bool, joined: BusinessDate, date: BusinessDate) -> i64 {
        let days = i32::try_from(self.days.unwrap_or(u32::MAX)).unwrap_or(i32::MAX);
        if date > joined.plus_days(days) {
            return 0;
        }
        let share = self.per_yuan.map_or(0, |ratio| ratio.of_points(paid.whole_yuan().max(0)));
        share.saturating_add(if is_first { self.points } else { 0 })
    }

    pub(crate) fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if !(0..=POINTS_MAX).contains(&self.points) {
            faults.push("`points` is from 0 to 1000000".to_owned());
        }
        if self.points == 0 && self.per_yuan.is_none() {
            faults.push("it brings nothing: give it `points` or `per_yuan`".to_owned());
        }
        faults
    }
}

impl Claim {
    /// Whether points of a sale on `sold` can be claimed on `date`.
    pub fn is_open(self, sold: BusinessDate, date: BusinessDate) -> bool {
        let days = i32::try_from(self.days).unwrap_or(i32::MAX);
        sold <= date && date <= sold.plus_days(days)
    }

    pub(crate) fn faults(self) -> Vec<String> {
        let is_odd = !(1..=366).contains(&self.days);
        is_odd.then(|| "`days` is from 1 to 366".to_owned()).into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> BusinessDate {
        text.parse().unwrap()
    }

    fn activity(once: &str) -> Activity {
        let text = format!(
            "id = \"check-in\"\nname = {{ zh = \"签到\", en = \"Check-in\" }}\npoints = 5\nonce = \"{once}\""
        );
        toml::from_str(&text).unwrap()
    }

    #[test]
    fn an_activity_brings_points_as_often_as_it_says() {
        let before = [day("2026-03-01"), day("2026-03-09")];
        let points = |once, date| activity(once).points_on(day(date), &before);
        assert_eq!([points("day", "2026-03-09"), points("day", "2026-03-10")], [0, 5]);
        assert_eq!([points("month", "2026-03-31"), points("month", "2026-04-01")], [0, 5]);
        assert_eq!([points("year", "2026-12-31"), points("year", "2027-01-01")], [0, 5]);
        assert_eq!([points("ever", "2030-01-01"), points("always", "2026-03-09")], [0, 5]);
        assert_eq!(activity("ever").points_on(day("2026-03-01"), &[]), 5);
    }

    #[test]
    fn an_activity_for_first_orders_asks_for_the_past() {
        let head = "name = { zh = \"章程\", en = \"Rules\" }\nversion = 1\nin_force_from = \"2026-01-01\"\n\
                    time_zone = \"Asia/Shanghai\"\n[[tier]]\nid = \"a\"\nname = { zh = \"卡\", en = \"A\" }\n\
                    [[activity]]\nid = \"welcome\"\nname = { zh = \"迎新\", en = \"Welcome\" }\npoints = 5\n";
        let asks = |when: &str| crate::Programme::read(&format!("{head}{when}")).unwrap().asks_past();
        assert!(asks("when = { first_order = true }\n") && !asks(""));
    }

    #[test]
    fn who_brings_a_member_gets_something_and_a_share_for_a_while() {
        let referral = Referral { points: 200, per_yuan: "0.05".parse().ok(), days: Some(30) };
        let points =
            |paid, is_first, date| referral.points(Fen(paid), is_first, day("2026-03-01"), day(date));
        assert_eq!(points(10_099, true, "2026-03-01"), 205);
        assert_eq!(points(10_099, false, "2026-03-31"), 5);
        assert_eq!(points(10_099, false, "2026-04-01"), 0);
    }

    #[test]
    fn a_sale_can_be_claimed_for_some_days() {
        let claim = Claim { days: 7 };
        let is_open = |date| claim.is_open(day("2026-03-01"), day(date));
        assert!(
            is_open("2026-03-01")
                && is_open("2026-03-08")
                && !is_open("2026-03-09")
                && !is_open("2026-02-28")
        );
    }
}
