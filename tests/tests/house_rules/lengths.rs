//! Rule: files and functions stay short. What was too long when the rule came stands in
//! `ratchet.txt` with its length, and may only shrink.

use std::collections::BTreeMap;

use super::{
    functions::functions,
    layers::is_test_file,
    offence::{Offence, assert_none, lines},
    tree::{SourceFile, rust_files},
};

const FILE_LINES_MAX: usize = 400;
const TEST_FILE_LINES_MAX: usize = 600;
const FUNCTION_LINES_MAX: usize = 70;
const TEST_FUNCTION_LINES_MAX: usize = 120;

const RATCHET: &str = "tests/tests/house_rules/ratchet.txt";

/// A file, or a function of one, that is longer than it should be.
struct Overlong {
    /// How the ratchet names it: `path` or `path::function`.
    key: String,
    path: String,
    line: usize,
    length: usize,
    limit: usize,
}

#[test]
fn files_and_functions_stay_short() {
    let found: Vec<Overlong> = rust_files().flat_map(overlong).collect();
    assert_none(&against_ratchet(&found, include_str!("ratchet.txt")));
}

fn overlong(file: &SourceFile) -> Vec<Overlong> {
    let path = &file.path;
    let for_tests = is_test_file(path);
    let limit = if for_tests { TEST_FILE_LINES_MAX } else { FILE_LINES_MAX };
    let length = file.text.lines().count();
    let mut measured = vec![Overlong { key: path.clone(), path: path.clone(), line: 1, length, limit }];
    measured.extend(functions(&file.text, for_tests).into_iter().map(|it| Overlong {
        key: format!("{path}::{}", it.name),
        path: path.clone(),
        line: it.line,
        length: it.length,
        limit: if it.for_tests { TEST_FUNCTION_LINES_MAX } else { FUNCTION_LINES_MAX },
    }));
    measured.retain(|it| it.length > it.limit);
    measured
}

fn against_ratchet(found: &[Overlong], ratchet: &str) -> Vec<Offence> {
    let mut offences = Vec::new();
    let mut excused = BTreeMap::new();
    for (number, line) in (1..).zip(ratchet.lines()) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let entry = line.split_once(' ').and_then(|(key, length)| Some((key, length.parse().ok()?)));
        let complaint = match entry {
            Some((key, length)) => {
                excused.insert(key, length);
                slack(found, key, length)
            }
            None => Some("not `path length` or `path::function length`".to_owned()),
        };
        offences.extend(complaint.map(|what| Offence::new(RATCHET, number, what)));
    }
    offences.extend(found.iter().filter_map(|it| too_long(it, excused.get(it.key.as_str()).copied())));
    offences
}

/// What is wrong with an entry that allows more than it needs to.
fn slack(found: &[Overlong], key: &str, allowed: usize) -> Option<String> {
    match found.iter().filter(|it| it.key == key).map(|it| it.length).max() {
        None => Some(format!("{key} is not too long any more: remove it")),
        Some(now) if now < allowed => Some(format!("{key} has shrunk: lower it to {now}")),
        Some(_) => None,
    }
}

fn too_long(it: &Overlong, allowed: Option<usize>) -> Option<Offence> {
    let Overlong { key, path, line, length, limit } = it;
    let what = match allowed {
        Some(allowed) if *length <= allowed => return None,
        Some(allowed) => format!("{key} has grown from {allowed} to {length} lines: it may only shrink"),
        None => format!("{key} has {length} lines of at most {limit}: split off what has a name of its own"),
    };
    Some(Offence::new(path, *line, what))
}

#[test]
fn what_is_too_long_is_caught_and_test_code_has_limits_of_its_own() {
    let code =
        format!("fn long() {{\n{}}}\n#[test]\nfn test() {{\n{}}}\n", "\n".repeat(69), "\n".repeat(118));
    let keys = |path: &str, code: &str| {
        overlong(&SourceFile::new(path, code)).into_iter().map(|it| it.key).collect::<Vec<_>>()
    };
    assert_eq!(keys("hub/src/a.rs", &code), ["hub/src/a.rs::long"]);
    assert_eq!(keys("hub/tests/a.rs", &code), [""; 0]);
    assert_eq!(keys("hub/src/a.rs", &"//\n".repeat(401)), ["hub/src/a.rs"]);
    assert_eq!(keys("hub/src/a.rs", &"//\n".repeat(400)), [""; 0]);
    assert_eq!(keys("hub/tests/a.rs", &"//\n".repeat(600)), [""; 0]);
    assert_eq!(keys("hub/tests/a.rs", &"//\n".repeat(601)), ["hub/tests/a.rs"]);
}

#[test]
fn the_ratchet_excuses_what_it_lists_and_nothing_more() {
    let long =
        |key: &str, length| Overlong { key: key.into(), path: "a.rs".into(), line: 7, length, limit: 70 };
    let found = [long("a.rs::f", 75), long("a.rs::f", 80)];
    let judged = |ratchet| lines(&against_ratchet(&found, ratchet));
    assert_eq!(judged("# nothing excused\n"), [7, 7]);
    assert_eq!(judged("a.rs::f 80\n"), [0; 0]);
    assert_eq!(judged("a.rs::f 79\n"), [7], "it grew");
    assert_eq!(judged("\na.rs::f 81\n"), [2], "it shrank");
    assert_eq!(judged("a.rs::f 80\na.rs::g 90\n"), [2], "not needed");
    assert_eq!(judged("a.rs::f 80\na.rs::g\n"), [2], "not an entry");
}
