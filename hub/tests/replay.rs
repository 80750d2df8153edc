//! `purser-hub replay` on small histories: what it reports is summed up here anew.

#![allow(clippy::unwrap_used, reason = "clippy.toml allows it in tests, but not in what tests share")]

use std::{
    collections::BTreeMap,
    fmt::Write,
    fs::{read_to_string, write},
    io::Write as _,
    path::{Path, PathBuf},
};

use clap::Parser;
use flate2::{Compression, write::GzEncoder};
use purser_hub::replay::{ReplayArgs, Report, replay, run};
use purser_types::Coded;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tempfile::TempDir;

#[derive(Parser)]
struct CommandLine {
    #[command(flatten)]
    replay: ReplayArgs,
}

fn args(history: &Path, more: &[&str]) -> ReplayArgs {
    let fixed = ["replay", "--baskets", history.to_str().unwrap()];
    CommandLine::try_parse_from(fixed.iter().chain(more)).unwrap().replay
}

fn exit_code(args: &ReplayArgs) -> String {
    format!("{:?}", run(args).unwrap_or_else(|failure| failure.exit_code()))
}

fn succeeded() -> String {
    format!("{:?}", std::process::ExitCode::SUCCESS)
}

/// A basket of a made-up history: what it is worth stands in cents.
struct Basket {
    household: u32,
    cents: i64,
}

const STORES: [u32; 6] = [7, 12, 31_642, 44, 5, 9_001];
const HOUSEHOLDS: u32 = 20;
const BASKETS: usize = 300;

/// Half a year in which most members keep to one or two stores.
fn made_up(seed: u64) -> (Vec<Basket>, String) {
    let mut chance = ChaCha8Rng::seed_from_u64(seed);
    let mut baskets = Vec::new();
    let mut csv = String::from("basket_id,household_id,extra,sales_value,store_id,transaction_timestamp\n");
    let mut minutes = 0;
    for number in 0..BASKETS {
        minutes += chance.random_range(1..1_700);
        let household = chance.random_range(1..=HOUSEHOLDS);
        let habit =
            if chance.random_range(0..4) == 0 { chance.random_range(0..6) } else { household as usize % 6 };
        let store = STORES[habit];
        let (day, time) = (minutes / 1_440, minutes % 1_440);
        let at =
            format!("2016-{:02}-{:02}T{:02}:{:02}:07Z", day / 28 + 1, day % 28 + 1, time / 60, time % 60);
        let mut cents = 0;
        for _ in 0..chance.random_range(1..4) {
            let line = chance.random_range(50..4_000);
            cents += line;
            let value = format!("{}.{:02}", line / 100, line % 100);
            writeln!(csv, "b{number},h{household},\"a, b\",{value},{store},{at}").unwrap();
        }
        baskets.push(Basket { household, cents });
    }
    (baskets, csv)
}

/// What is earned, and what would be redeemed if everything were always on line.
fn sums(baskets: &[Basket], rate: i64) -> (i64, i64, u64) {
    let mut members: BTreeMap<u32, (usize, i64)> = BTreeMap::new();
    let (mut earned, mut redeemed, mut wishes) = (0, 0, 0);
    for basket in baskets {
        let (visits, balance) = members.entry(basket.household).or_default();
        *visits += 1;
        if visits.is_multiple_of(5) && *balance >= 100 {
            redeemed += *balance / 100 * 100;
            wishes += 1;
            *balance %= 100;
        }
        *balance += basket.cents / 100 * rate;
        earned += basket.cents / 100 * rate;
    }
    (earned, redeemed, wishes)
}

fn file(dir: &TempDir, name: &str, text: &str) -> PathBuf {
    let path = dir.path().join(name);
    write(&path, text).unwrap();
    path
}

fn json(path: &Path) -> serde_json::Value {
    serde_json::from_str(&read_to_string(path).unwrap()).unwrap()
}

fn assert_sound(report: &Report) {
    assert!(report.holds(), "{report}");
    assert_eq!(report.overspent_points, 0);
    assert_eq!(report.waits_timed_out, 0, "{report}");
}

#[test]
fn a_history_with_outages_passes_every_check() {
    let dir = TempDir::new().unwrap();
    let (baskets, csv) = made_up(3);
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(csv.as_bytes()).unwrap();
    // Packed by its first bytes, not by its name.
    let history = dir.path().join("history.csv");
    write(&history, packed.finish().unwrap()).unwrap();
    let report = dir.path().join("report.json");
    let databases = dir.path().join("city");
    let (report_arg, dir_arg) = (report.to_str().unwrap(), databases.to_str().unwrap());
    let args = args(&history, &["--report", report_arg, "--dir", dir_arg, "--seed", "5"]);
    assert_eq!(exit_code(&args), succeeded());

    let report = json(&report);
    let (earned, _, _) = sums(&baskets, 10);
    assert_eq!(report["baskets"], BASKETS);
    assert_eq!((&report["members"], &report["stores"]), (&20.into(), &6.into()));
    assert_eq!(report["points_earned"], earned);
    let points = |key: &str| report[key].as_i64().unwrap();
    let refused: i64 =
        report["refused_points"].as_object().unwrap().values().map(|it| it.as_i64().unwrap()).sum();
    assert_eq!(points("points_redeemed") + refused, points("points_wished"));
    assert!(points("outages") > 0 && points("transfers") > 0 && points("bytes_sent") > 0);
    let digests = report["digests"].as_object().unwrap();
    assert_eq!(digests.len(), 7);
    assert!(digests.values().all(|digest| digest == &digests["hub"]));
    assert!(report["checks"].as_object().unwrap().values().all(|held| held == true));
    assert!(databases.join("store-31642.db").exists() && databases.join("hub.db").exists());
}

#[test]
fn on_line_every_full_hundred_is_redeemed() {
    let dir = TempDir::new().unwrap();
    let (baskets, csv) = made_up(4);
    let history = file(&dir, "history.csv", &csv);
    let (earned, redeemed, wishes) = sums(&baskets, 7);
    for policy in ["spread", "share", "habit", "hub", "keep"] {
        let args = args(&history, &["--outages", "none", "--rate", "7", "--policy", policy]);
        let report = replay(&args).unwrap();
        assert_sound(&report);
        assert!(report.refused.values().all(|wishes| *wishes == 0), "{policy}: {report}");
        assert_eq!((report.points_earned, report.points_redeemed), (earned, redeemed), "{policy}");
        assert_eq!((report.wishes, report.wishes_served), (wishes, wishes), "{policy}");
    }
}

#[test]
fn a_plan_is_honoured() {
    let dir = TempDir::new().unwrap();
    // Four visits at store 1 while it is on line, the fifth at store 2 while that is cut off.
    let mut csv = String::from("transaction_timestamp,store_id,household_id,basket_id,sales_value\n");
    for day in 1..=5 {
        let store = if day < 5 { 1 } else { 2 };
        writeln!(csv, "2020-03-{day:02} 10:00:00,{store},h,b{day},30.5").unwrap();
        writeln!(csv, "2020-03-{day:02} 10:30:00,2,other,o{day},1.00").unwrap();
    }
    let history = file(&dir, "history.csv", &csv);
    let refused = |plan: &str| {
        let plan = file(&dir, "plan.csv", &format!("store_id,from,until\n{plan}"));
        let report = replay(&args(&history, &["--outages", plan.to_str().unwrap()])).unwrap();
        assert_sound(&report);
        assert_eq!(report.points_wished, 1_200);
        (
            report.outages,
            report.refused["off_line"],
            report.refused["holder_off_line"],
            report.points_redeemed,
        )
    };
    // The rights are at store 1, where the member has always been.
    assert_eq!(refused("2,2020-03-04 12:00:00,2020-03-06 00:00:00\n"), (1, 1, 0, 0));
    assert_eq!(refused("1,2020-03-04 12:00:00,2020-03-06 00:00:00\n"), (1, 0, 1, 0));
    assert_eq!(refused("hub,2020-03-05 09:00:00,2020-03-05 11:00:00\n"), (1, 1, 0, 0));
    assert_eq!(refused("2,2020-03-04 12:00:00,2020-03-05 09:00:00\n"), (1, 0, 0, 1_200));
    // Cut off since the second visit, store 2 does not know of the later ones.
    assert_eq!(refused("2,2020-03-02 12:00:00,2020-03-06 00:00:00\n").3, 0);
}

#[test]
fn what_is_wrong_with_the_input_is_named() {
    let dir = TempDir::new().unwrap();
    let good = "transaction_timestamp,store_id,household_id,basket_id,sales_value\n2020-03-01 10:00:00,1,h,b1,1.00\n";
    let cases = [
        ("", "file_empty", "is empty"),
        ("a,b\n1,2\n", "column_missing", "\"transaction_timestamp\""),
        (&good[..=good.find('\n').unwrap()], "file_without_lines", "not one line"),
        (
            &format!("{good}2020-03-32 10:00:00,1,h,b2,1.00\n"),
            "field_malformed",
            "line 3, column \"transaction_timestamp\": \"2020-03-32 10:00:00\" is not a time",
        ),
        (
            &format!("{good}2020-03-02 10:00:00,0,h,b2,1.00\n"),
            "field_malformed",
            "line 3, column \"store_id\"",
        ),
        (
            &format!("{good}2020-03-02 10:00:00,1,h,b2,1.005\n"),
            "field_malformed",
            "line 3, column \"sales_value\": \"1.005\"",
        ),
        (
            &format!("{good}2020-03-02 10:00:00,1,h,b2,-1\n"),
            "field_malformed",
            "line 3, column \"sales_value\": basket b2 comes to -1.00",
        ),
        (
            &format!("{good}2020-03-01 10:00:00,2,h,b1,1.00\n"),
            "field_malformed",
            "line 3, column \"store_id\": basket b1 is of store 1 by line 2",
        ),
        (
            &format!("{good}2020-03-01 10:00:00,1,x,b1,1.00\n"),
            "field_malformed",
            "line 3, column \"household_id\": basket b1 is of household h by line 2",
        ),
        (&format!("{good}2020-03-01 10:00:00,1,h\n"), "file_malformed", "line 3: 3 fields, the header has 5"),
        (&format!("{good}2022-01-01 10:00:00,1,h,b2,1.00\n"), "history_too_long", "goes on beyond 2021"),
    ];
    for (text, code, message) in cases {
        let history = file(&dir, "history.csv", text);
        let error = replay(&args(&history, &["--outages", "none"])).unwrap_err();
        assert_eq!(error.code(), code, "{error}");
        assert!(error.to_string().contains(message), "{error}");
        assert_eq!(exit_code(&args(&history, &[])), format!("{:?}", std::process::ExitCode::from(2)));
    }
    let missing = dir.path().join("missing.csv");
    let error = replay(&args(&missing, &[])).unwrap_err();
    assert!(error.blames_input() && error.to_string().contains("missing.csv"), "{error}");
}

#[test]
fn what_is_wrong_with_a_plan_is_named() {
    let dir = TempDir::new().unwrap();
    let history = file(&dir, "history.csv", &made_up(1).1);
    let cases = [
        (
            "8,2016-01-01 00:00:00,2016-01-02 00:00:00",
            "line 2, column \"store_id\": \"8\" is not \"hub\" or a store",
        ),
        ("hub,2016-01-02 00:00:00,2016-01-01 00:00:00", "line 2, column \"until\""),
        ("hub,soon,2016-01-01 00:00:00", "line 2, column \"from\": \"soon\""),
    ];
    for (line, message) in cases {
        let plan = file(&dir, "plan.csv", &format!("store_id,from,until\n{line}\n"));
        let error = replay(&args(&history, &["--outages", plan.to_str().unwrap()])).unwrap_err();
        assert!(error.to_string().contains(message), "{error}");
    }
}
