//! Rule: the pure crates read no clock, draw no randomness, start no thread and do no I/O.
//! Names are looked for here; clippy looks for the same things behind other names, from the
//! clippy.toml that each pure crate carries.

use super::{
    layers::{PURE, belongs_to, directory, is_test_file},
    offence::{Offence, assert_none, lines},
    tokens::{Ban, Tokens},
    tree::{SourceFile, rust_files, tree},
};

const CLOCK: &str = "take a `Now`: whoever calls reads the clocks";
const CHANCE: &str = "take random bytes or a seeded generator from whoever calls";
const THREADS: &str = "give an output or a deadline; the shell around it runs threads and waits";
const OUTSIDE: &str =
    "take what was read, give what is to be written; I/O is done by `storage` and the shells";
const PRINTING: &str = "return it, or use `tracing`";

/// Not in the pure crates and not in `storage`, their tests included.
const NO_CHANCE: [Ban; 6] = [
    Ban { code: "thread_rng", instead: CHANCE },
    Ban { code: "rand::rng", instead: CHANCE },
    Ban { code: "rand::random", instead: CHANCE },
    Ban { code: "OsRng", instead: CHANCE },
    Ban { code: "SysRng", instead: CHANCE },
    Ban { code: "getrandom", instead: CHANCE },
];

/// Not in the pure crates, their tests included: a test that waits is slow and flaky.
const NO_TIME: [Ban; 7] = [
    Ban { code: "Instant::now", instead: CLOCK },
    Ban { code: "SystemTime::now", instead: CLOCK },
    Ban { code: "Utc::now", instead: CLOCK },
    Ban { code: "Local::now", instead: CLOCK },
    Ban { code: "std::thread", instead: THREADS },
    Ban { code: "thread::sleep", instead: THREADS },
    Ban { code: "time::sleep", instead: THREADS },
];

/// Not in the sources of the pure crates; tests of their own (`tests/`) may open files.
const NO_OUTSIDE: [Ban; 7] = [
    Ban { code: "std::net", instead: OUTSIDE },
    Ban { code: "std::env", instead: OUTSIDE },
    Ban { code: "std::fs", instead: OUTSIDE },
    Ban { code: "println!", instead: PRINTING },
    Ban { code: "eprintln!", instead: PRINTING },
    Ban { code: "print!", instead: PRINTING },
    Ban { code: "eprint!", instead: PRINTING },
];

#[test]
fn pure_crates_are_pure() {
    assert_none(&rust_files().flat_map(offences).collect::<Vec<_>>());
}

#[test]
fn clippy_watches_every_pure_crate_alike() {
    let text_of = |path: &str| tree().iter().find(|file| file.path == path).map(|file| file.text.as_str());
    assert_none(&clippy_offences(text_of));
}

fn offences(file: &SourceFile) -> Vec<Offence> {
    let tokens = Tokens::of(&file.text);
    bans(&file.path).flat_map(|ban| ban.offences(file, &tokens)).collect()
}

fn bans(path: &str) -> impl Iterator<Item = &'static Ban> {
    let bench = path.contains("/benches/");
    let pure = belongs_to(path, &PURE) && !bench;
    let chance: &[Ban] = if pure || belongs_to(path, &["storage"]) { &NO_CHANCE } else { &[] };
    let time: &[Ban] = if pure { &NO_TIME } else { &[] };
    let outside: &[Ban] = if pure && !is_test_file(path) { &NO_OUTSIDE } else { &[] };
    chance.iter().chain(time).chain(outside)
}

/// The nearest clippy.toml wins, so each pure crate has a whole one, all the same.
fn clippy_offences<'a>(text_of: impl Fn(&str) -> Option<&'a str>) -> Vec<Offence> {
    let first = text_of(&clippy_file(PURE[0])).unwrap_or_default();
    let kept: Vec<&str> = text_of("clippy.toml").unwrap_or_default().lines().collect();
    let is_whole = |text: &str| kept.iter().all(|line| text.lines().any(|it| it == *line));
    let is_wrong = |path: &String| text_of(path).is_none_or(|text| text != first || !is_whole(text));
    let wrong = PURE.iter().map(|name| clippy_file(name)).filter(is_wrong);
    let what = format!("must equal {} and hold all lines of the root's clippy.toml", clippy_file(PURE[0]));
    wrong.map(|path| Offence::new(&path, 1, what.clone())).collect()
}

fn clippy_file(name: &str) -> String {
    format!("{}/clippy.toml", directory(name))
}

#[test]
fn impure_code_is_caught_where_it_must_not_be() {
    let code = "use std::{fs, time::Instant};\n\
        fn f() { println!(\"{:?}\", Instant::now()); }\n\
        fn g() { rand::rng().fill(buffer) }\n\
        fn h() { assert!(std::thread::spawn(f).join().is_ok()) }\n\
        fn pure(now: Now) -> Instant { now.instant }\n";
    let caught = |path: &str| lines(&offences(&SourceFile::new(path, code)));
    assert_eq!(caught("crates/replica/src/fold.rs"), [1, 2, 2, 3, 4]);
    assert_eq!(caught("crates/replica/tests/restore.rs"), [2, 3, 4]);
    assert_eq!(caught("crates/storage/src/batch.rs"), [3]);
    assert_eq!(caught("crates/replica/benches/fold.rs"), [0; 0]);
    assert_eq!(caught("crates/transport/src/link.rs"), [0; 0]);
}

#[test]
fn a_clippy_toml_that_is_missing_or_differs_is_caught() {
    let texts = |path: &str| match path {
        "clippy.toml" | "crates/ledger/clippy.toml" => Some("a = 1\n"),
        "crates/sync/clippy.toml" => None,
        _ => Some("a = 1\nb = 2\n"),
    };
    let paths = clippy_offences(texts).into_iter().map(|offence| offence.path).collect::<Vec<_>>();
    assert_eq!(paths, ["crates/ledger/clippy.toml", "crates/sync/clippy.toml"]);
    let incomplete = |path: &str| Some(if path == "clippy.toml" { "a = 1\n" } else { "b = 2\n" });
    assert_eq!(clippy_offences(incomplete).len(), PURE.len());
}
