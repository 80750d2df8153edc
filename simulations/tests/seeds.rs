//! Whole cities with everything that goes wrong, each from one seed.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

use purser_simulations::{Scenario, Verdict};

/// Seeds with which something was violated once: seed, stores, visits, and what it was.
const REGRESSIONS: &str = include_str!("regressions.txt");
/// Seeds of every run of the tests.
const SWARM: std::ops::RangeInclusive<u64> = 1_001..=1_012;

fn assert_clean(verdict: &Verdict) {
    let Verdict { seed, violations, latest, .. } = verdict;
    assert!(violations.is_empty(), "seed {seed}: {violations:#?}\n{}", latest.join("\n"));
}

#[test]
fn what_was_mended_stays_mended() {
    let lines = REGRESSIONS.lines().filter(|line| !line.starts_with('#'));
    for line in lines {
        let mut words = line.split_whitespace();
        let mut number = || words.next().unwrap().parse::<u64>().unwrap();
        let (seed, stores, visits) = (number(), number(), number());
        let [stores, visits] = [stores, visits].map(|count| usize::try_from(count).unwrap());
        assert_clean(&Scenario::draw(seed, stores, visits).play(seed));
    }
}

#[test]
fn cities_with_faults_drawn_by_chance_are_clean_and_meet_every_fault() {
    let verdicts: Vec<Verdict> = SWARM.map(|seed| Scenario::draw(seed, 4, 120).play(seed)).collect();
    verdicts.iter().for_each(assert_clean);
    let sum = |count: fn(&Verdict) -> u64| verdicts.iter().map(count).sum::<u64>();
    for (fault, times) in [
        ("doubled", sum(|it| it.faults.doubled)),
        ("broken", sum(|it| it.faults.broken)),
        ("crashed_before_commit", sum(|it| it.faults.crashed_before_commit)),
        ("crashed_before_send", sum(|it| it.faults.crashed_before_send)),
        ("cut", sum(|it| it.faults.cut)),
        ("clocks_off", sum(|it| it.faults.clocks_off)),
    ] {
        assert!(times > 0, "no {fault} in the whole swarm");
    }
}

#[test]
fn one_seed_gives_one_log_byte_for_byte() {
    let play = || Scenario::draw(7, 3, 80).play(7);
    let (first, second) = (play(), play());
    assert_eq!((first.events, first.log), (second.events, second.log));
}
