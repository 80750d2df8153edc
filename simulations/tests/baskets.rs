//! A purchase history played through a city.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

use std::fmt::Write;

use purser_simulations::{Scenario, TROUBLES, policies::History};

/// Sixty baskets of five households at three stores, over ten days.
fn history() -> History {
    let mut table = "transaction_timestamp,store_id,household_id,basket_id,sales_value\n".to_owned();
    for basket in 0..60 {
        let (day, hour) = (1 + basket / 6, 8 + basket % 6);
        let (store, household) = (100 + basket % 3, 7 + basket % 5);
        writeln!(table, "2017-01-{day:02} {hour:02}:00:00,{store},{household},{basket},{basket}.50").unwrap();
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), table).unwrap();
    History::read(file.path()).unwrap()
}

#[test]
fn every_basket_is_sold_where_and_when_the_history_says() {
    let history = history();
    let verdict = Scenario::calm(3, 0).play_baskets(&history, 10, 1, || ());
    assert_eq!(verdict.violations, []);
    assert!(verdict.virtual_ms > 9 * 86_400_000 && verdict.wishes >= 5, "{verdict:?}");
    let half = Scenario::calm(3, 0).play_baskets(&history, 5, 1, || ());
    assert!(half.virtual_ms < 6 * 86_400_000 && half.marks.of("done") < verdict.marks.of("done"));
}

#[test]
fn a_history_is_played_with_troubles_too() {
    let crash = TROUBLES.iter().find(|trouble| trouble.name == "crash").unwrap();
    let verdict = Scenario::calm(3, 0).with(crash).play_baskets(&history(), 10, 2, || ());
    assert_eq!(verdict.violations, []);
    assert!(verdict.marks.of("died_while_writing") > 0);
}
