//! Whole cities with everything that goes wrong, each from one seed.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

use purser_simulations::{Marks, Scenario, TROUBLES, Verdict};

/// Seeds with which something was violated once: seed, stores, visits, scenario, and what it was.
const REGRESSIONS: &str = include_str!("regressions.txt");
/// Seeds of every run of the tests.
const SWARM: std::ops::RangeInclusive<u64> = 1_001..=1_020;

fn assert_clean(scenario: &Scenario, verdict: &Verdict) {
    let Verdict { seed, violations, latest, .. } = verdict;
    assert!(violations.is_empty(), "seed {seed}: {scenario:?}\n{violations:#?}\n{}", latest.join("\n"));
}

fn played(scenario: &Scenario, seed: u64) -> Verdict {
    let verdict = scenario.play(seed);
    assert_clean(scenario, &verdict);
    verdict
}

#[test]
fn what_was_mended_stays_mended() {
    for line in REGRESSIONS.lines().filter(|line| !line.starts_with('#')) {
        let mut words = line.split_whitespace();
        let mut number = || words.next().unwrap().parse::<u64>().unwrap();
        let (seed, stores, visits) = (number(), number(), number());
        let [stores, visits] = [stores, visits].map(|count| usize::try_from(count).unwrap());
        let scenario = match words.next().unwrap() {
            "drawn" => Scenario::of_seed(seed, stores, visits),
            name => {
                let trouble = TROUBLES.iter().find(|trouble| trouble.name == name).unwrap();
                Scenario::calm(stores, visits).with(trouble)
            }
        };
        played(&scenario, seed);
    }
}

#[test]
fn cities_with_troubles_drawn_by_chance_are_clean() {
    for seed in SWARM {
        played(&Scenario::of_seed(seed, 4, 120), seed);
    }
}

#[test]
fn every_kind_of_trouble_is_survived_and_comes_where_it_is_dangerous() {
    for trouble in TROUBLES {
        let scenario = Scenario::calm(5, 150).with(trouble);
        let mut marks = Marks::default();
        for seed in 1..=3 {
            marks.add(&played(&scenario, seed).marks);
        }
        let missed: Vec<_> = trouble.reaches.iter().filter(|mark| marks.of(mark) == 0).collect();
        assert!(missed.is_empty(), "{}: {missed:?} not reached: {marks:?}", trouble.name);
    }
}

#[test]
fn one_seed_gives_one_log_byte_for_byte() {
    // With seed 21 a till asks for rights at two hubs at once.
    for (seed, stores, visits) in [(7, 3, 80), (21, 5, 200)] {
        let play = || Scenario::of_seed(seed, stores, visits).play(seed);
        let (first, second) = (play(), play());
        assert_eq!((first.events, first.log), (second.events, second.log), "seed {seed}");
    }
}
