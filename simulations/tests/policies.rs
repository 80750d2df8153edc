//! Escrow policies compared on made-up cities.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

use std::process::ExitCode;

use purser_escrow::Policy;
use purser_simulations::policies::{
    Generated, History, Mode, Outage, Outcome, Reach, Report, Terms, compare, run_policies,
};

const DAY: Outage = Outage { reach: Reach::Store, hours: 24 };

fn city(seed: u64) -> History {
    Generated { stores: 40, members: 400, days: 150, seed }.history()
}

fn outcomes(history: &History) -> Vec<Outcome> {
    let compared = |policy| compare(history, &Terms::default(), policy, &Outage::all(), || ());
    Policy::ALL.into_iter().map(compared).collect()
}

#[test]
fn the_default_policy_serves_most_and_only_advances_overspend() {
    for seed in [1, 2] {
        let outcomes = outcomes(&city(seed));
        let chosen = outcomes.iter().find(|outcome| outcome.policy == Policy::default()).unwrap();
        for outcome in &outcomes {
            for mode in [Mode::Rights, Mode::OwnPoints, Mode::Carried] {
                let ((wishes, served), (_, by_chosen)) =
                    (outcome.served(DAY, mode), chosen.served(DAY, mode));
                assert!(wishes > 100_000 && served <= by_chosen, "{} with {}", outcome.policy, mode.name());
            }
            for outage in Outage::all() {
                for mode in [Mode::Rights, Mode::OwnPoints, Mode::Carried] {
                    assert_eq!(outcome.lost(outage, mode), (0, 0), "{}: {}", outcome.policy, outage.name());
                }
                for mode in [Mode::Allowance, Mode::CarriedAndAllowance] {
                    let (lost, advanced) = outcome.lost(outage, mode);
                    assert!(lost <= advanced, "{}: {lost} lost of {advanced}", outage.name());
                }
            }
        }
        let helped = Mode::ALL.map(|mode| chosen.served(DAY, mode).1);
        assert!(helped[0] < helped[1] && helped[1] < helped[2] && helped[2] < helped[4], "{helped:?}");
    }
}

#[test]
fn rights_at_the_hub_are_out_of_reach_without_it_and_all_others_are_not() {
    let hub_away = Outage { reach: Reach::Hub, hours: 24 };
    for outcome in outcomes(&city(3)) {
        let (wishes, served) = outcome.served(hub_away, Mode::Rights);
        match outcome.policy {
            Policy::Hub => assert!(served * 5 < wishes, "{served} of {wishes}"),
            policy => assert_eq!(served, wishes, "{policy}"),
        }
    }
}

#[test]
fn one_seed_gives_one_report() {
    let report = || {
        let history = city(4);
        Report::new("A city".to_owned(), &history, Terms::default(), outcomes(&history))
    };
    let (first, second) = (report(), report());
    assert_eq!(first.markdown(), second.markdown());
    assert_eq!(first.json(), second.json());
    assert_eq!(first.best().unwrap().policy, Policy::default());
}

#[test]
fn the_command_writes_report_and_plots() {
    let folder = tempfile::TempDir::new().unwrap();
    let report = folder.path().join("report");
    let words = "purser-policies --stores 9 --members 60 --days 60 --seed 6 --report";
    let args = words.split(' ').map(Into::into).chain([report.clone().into_os_string()]);
    assert_eq!(format!("{:?}", run_policies(args)), format!("{:?}", ExitCode::SUCCESS));
    let read = |name: &str| std::fs::read_to_string(report.join(name)).unwrap();
    let told: serde_json::Value = serde_json::from_str(&read("report.json")).unwrap();
    assert_eq!(told["stores"], 9);
    assert!(read("report.md").contains("| spread |"));
    for plot in ["served.svg", "lengths.svg", "cost.svg"] {
        assert!(read(plot).trim_end().ends_with("</svg>") && read(plot).contains("spread"), "{plot}");
    }
    let missing = ["purser-policies", "--baskets", "/nowhere/at/all.csv"].map(Into::into);
    assert_eq!(format!("{:?}", run_policies(missing)), format!("{:?}", ExitCode::FAILURE));
}
