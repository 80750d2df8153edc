//! Tiers, by what members have done and the day.

use proptest::prelude::*;
use purser_programme::{Deal, Grant, History, Programme};
use purser_types::{EntryId, Fen, Hlc, ReplicaId};

use crate::basket::{APPAREL, DEPARTMENT_STORE, ONLINE_SHOP, PHARMACY, day, id, programme};

fn history(deals: &[(&str, &str)]) -> History {
    let deal = |(place, (date, paid)): (usize, &(&str, &str))| {
        let paid: Fen = paid.parse().unwrap();
        let at = (Hlc { wall_ms: place as u64, counter: 0 }, entry(place as u64 + 1));
        Deal { date: day(date), at, paid, points: paid.whole_yuan() }
    };
    History { deals: deals.iter().enumerate().map(deal).collect(), grants: [].into() }
}

fn entry(seq: u64) -> EntryId {
    EntryId { replica: ReplicaId([1; 16]), seq }
}

/// The tier on a day and the last day of it.
fn tier(programme: &Programme, history: &History, date: &str) -> (String, String) {
    let standing = programme.standing(history, day(date));
    let until = standing.until.map_or("-".to_owned(), |date| date.to_string());
    (programme.tiers[standing.tier].id.to_string(), until)
}

fn is(id: &str, until: &str) -> (String, String) {
    (id.to_owned(), until.to_owned())
}

#[test]
fn apparel_silver_by_one_purchase_or_by_half_a_year() {
    let apparel = programme(APPAREL);
    let once = history(&[("2026-03-01", "1000")]);
    assert_eq!(tier(&apparel, &once, "2026-02-28"), is("ordinary", "-"));
    assert_eq!(tier(&apparel, &once, "2026-03-01"), is("silver", "2027-02-28"));
    let by_and_by =
        [("2026-03-01", "999"), ("2026-04-01", "999"), ("2026-05-01", "999"), ("2026-08-31", "3")];
    assert_eq!(tier(&apparel, &history(&by_and_by), "2026-08-31"), is("silver", "2027-08-30"));
    // A day later the first of them is more than six months ago.
    let too_late = [&by_and_by[..3], &[("2026-09-01", "3")]].concat();
    assert_eq!(tier(&apparel, &history(&too_late), "2026-09-01"), is("ordinary", "-"));
}

#[test]
fn a_tier_is_kept_by_what_was_done_within_it_or_steps_down() {
    let apparel = programme(APPAREL);
    // The purchase that reached it does not keep it.
    let kept = history(&[("2026-03-01", "2000"), ("2026-06-01", "1999"), ("2026-07-01", "1")]);
    assert_eq!(tier(&apparel, &kept, "2027-03-01"), is("silver", "2028-02-29"));
    assert_eq!(tier(&apparel, &kept, "2028-03-01"), is("ordinary", "-"));
    let lost = history(&[("2026-03-01", "2000"), ("2026-06-01", "1999")]);
    assert_eq!(tier(&apparel, &lost, "2027-03-01"), is("ordinary", "-"));
}

#[test]
fn what_counted_once_is_gone_where_the_tier_resets() {
    let apparel = programme(APPAREL);
    let twice = [("2026-03-01", "9000"), ("2026-03-02", "1000"), ("2027-02-01", "9999")];
    assert_eq!(tier(&apparel, &history(&twice), "2026-03-02").0, "gold");
    // Within the year of gold 9,999 points were earned.
    assert_eq!(tier(&apparel, &history(&twice), "2027-03-02"), is("silver", "2028-03-01"));
    assert_eq!(tier(&apparel, &history(&twice), "2028-03-02").0, "ordinary");
    let kept = [&twice[..2], &[("2027-02-01", "10000")]].concat();
    assert_eq!(tier(&apparel, &history(&kept), "2027-03-02"), is("gold", "2028-03-01"));
}

#[test]
fn online_shop_the_fifth_order_makes_an_advanced_member() {
    let shop = programme(ONLINE_SHOP);
    let four: Vec<(&str, &str)> = vec![("2026-03-01", "100"); 4];
    assert_eq!(tier(&shop, &history(&four), "2026-03-01").0, "member");
    let five = [four, vec![("2026-03-02", "100")]].concat();
    assert_eq!(tier(&shop, &history(&five), "2026-03-02").0, "advanced");
}

#[test]
fn a_grant_lasts_as_long_as_it_says() {
    let pharmacy = programme(PHARMACY);
    let at = (Hlc { wall_ms: 0, counter: 0 }, entry(1));
    let grant = |until: Option<&str>| History {
        grants: [Grant { date: day("2026-05-01"), at, tier: id("gold"), until: until.map(day) }].into(),
        ..History::default()
    };
    assert_eq!(tier(&pharmacy, &grant(Some("2026-06-30")), "2026-06-30"), is("gold", "2026-06-30"));
    assert_eq!(tier(&pharmacy, &grant(Some("2026-06-30")), "2026-07-01"), is("ordinary", "-"));
    assert_eq!(tier(&pharmacy, &grant(None), "2026-07-01"), is("gold", "2027-12-31"));
    assert_eq!(tier(&pharmacy, &grant(None), "2026-04-30"), is("ordinary", "-"));
}

#[test]
fn a_purchase_keeps_no_tier_that_it_has_reached() {
    let pharmacy = programme(PHARMACY);
    let once = history(&[("2026-03-01", "3000")]);
    assert_eq!(tier(&pharmacy, &once, "2027-12-31"), is("gold", "2027-12-31"));
    assert_eq!(tier(&pharmacy, &once, "2028-01-01"), is("ordinary", "-"));
}

#[test]
fn a_grant_leaves_what_was_reached_by_buying_as_it_is() {
    let store = programme(DEPARTMENT_STORE);
    let grant = |tier: &str, until: &str| Grant {
        date: day("2026-05-01"),
        at: (Hlc { wall_ms: 0, counter: 0 }, entry(9)),
        tier: id(tier),
        until: Some(day(until)),
    };
    let mut silver = history(&[("2026-03-01", "2000")]);
    silver.grants.insert(grant("diamond", "2026-05-31"));
    assert_eq!(tier(&store, &silver, "2026-05-31"), is("diamond", "2026-05-31"));
    assert_eq!(tier(&store, &silver, "2026-06-01"), is("silver", "2027-02-28"));
    let mut gold = history(&[("2026-03-01", "10000")]);
    gold.grants.insert(grant("silver", "2026-05-31"));
    assert_eq!(tier(&store, &gold, "2026-05-02").0, "gold");
}

proptest! {
    /// Who has bought more is in no lower tier on the day of the purchase.
    #[test]
    fn a_further_purchase_never_lowers_a_tier(
        deals in prop::collection::vec((0..700_i32, 1..2_000_000_i64), 0..30),
        more in 1..2_000_000_i64,
    ) {
        let store = programme(DEPARTMENT_STORE);
        let first = day("2026-01-01");
        let deal = |(place, (days, paid)): (u64, (i32, i64))| {
            let at = (Hlc { wall_ms: place, counter: 0 }, entry(place + 1));
            Deal { date: first.plus_days(days), at, paid: Fen(paid), points: paid / 1_000 }
        };
        let mut history = History::default();
        history.deals.extend((0..).zip(deals).map(deal));
        let today = first.plus_days(700);
        let before = store.standing(&history, today).tier;
        history.deals.insert(deal((1_000, (700, more))));
        prop_assert!(store.standing(&history, today).tier >= before);
    }
}
