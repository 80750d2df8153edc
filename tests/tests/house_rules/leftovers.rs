//! Rule: no tests that do not run or run again until they pass, and no work left half done.

use super::{
    offence::{Offence, assert_none, lines},
    tokens::{Ban, Tokens},
    tree::{SourceFile, tree},
};

const UNFINISHED: &str = "finish it, or return an error that says what is missing";
const UNTESTED: &str = "mend the test or remove it; a test that does not run tells nothing";
const RETRIED: &str = "a test that fails once has found something: make it deterministic";

const BANS: [Ban; 6] = [
    Ban { code: "todo!", instead: UNFINISHED },
    Ban { code: "unimplemented!", instead: UNFINISHED },
    Ban { code: "dbg!", instead: "use `tracing`, or take it out" },
    Ban { code: "#[ignore]", instead: UNTESTED },
    Ban { code: "#[retry]", instead: RETRIED },
    Ban { code: "#[flaky_test]", instead: RETRIED },
];

/// In pieces, so that this file is not an offence itself.
const MARKS: [&str; 2] = [concat!("FIX", "ME"), concat!("XX", "X")];

#[test]
fn nothing_is_left_half_done() {
    assert_none(&tree().iter().flat_map(offences).collect::<Vec<_>>());
}

fn offences(file: &SourceFile) -> Vec<Offence> {
    let is_rust = file.extension() == "rs";
    let is_for_ci = [".cargo/", ".ci/", ".config/", ".github/"].iter().any(|it| file.path.starts_with(it));
    let mut offences = Vec::new();
    for (number, line) in file.lines() {
        let mut complain = |what: String| offences.push(Offence::new(&file.path, number, what));
        if let Some(mark) = MARKS.iter().find(|mark| has_word(line, mark)) {
            complain(format!("`{mark}`: mend it now, or open an issue and take the mark out"));
        }
        if is_rust && has_ignored_example(line) {
            complain(format!("an ignored example: {UNTESTED}"));
        }
        if is_for_ci && has_word(line, "retries") {
            complain(format!("`retries`: {RETRIED}"));
        }
    }
    if is_rust {
        let tokens = Tokens::of(&file.text);
        offences.extend(BANS.iter().flat_map(|ban| ban.offences(file, &tokens)));
    }
    offences
}

fn has_ignored_example(line: &str) -> bool {
    let doc = line.trim_start().strip_prefix("//");
    doc.is_some_and(|doc| doc.trim_start_matches(['/', '!']).trim_start().starts_with("```ignore"))
}

fn has_word(line: &str, word: &str) -> bool {
    line.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').any(|it| it == word)
}

#[test]
fn leftovers_are_caught() {
    let caught = |path, text: String| lines(&offences(&SourceFile::new(path, text)));
    let code = |line: &str| {
        caught("hub/src/till.rs", format!("// todo!() and #[ignore] in a comment are fine\n{line}\n"))
    };
    for line in ["fn f() { todo!() }", "fn f() { unimplemented!(\"later\") }", "fn f() { dbg!(1) }"] {
        assert_eq!(code(line), [2], "{line}");
    }
    for line in
        ["#[ignore] fn f() {}", "#[ignore = \"slow\"] fn f() {}", "#[flaky_test(times = 3)] fn f() {}"]
    {
        assert_eq!(code(line), [2], "{line}");
    }
    assert_eq!(code("/// ```ignore\nfn f() {}"), [2]);
    assert_eq!(code(&format!("// {}: later", MARKS[0])), [2]);
    assert_eq!(code("fn f() { let prefix = \"XXXX\"; }"), [0; 0]);
    assert_eq!(caught("docs/plan.md", format!("a\n- {} b", MARKS[1])), [2]);
    assert_eq!(caught(".config/nextest.toml", "[profile.default]\nretries = 2\n".into()), [2]);
    assert_eq!(caught("hub/purser.toml", "retries = 2\n".into()), [0; 0]);
}
