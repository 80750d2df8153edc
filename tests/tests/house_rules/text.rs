//! Rule: the text of the tree holds no path of one machine and no stray white space.

use super::{
    offence::{Offence, assert_none, lines},
    tree::{SourceFile, tree},
};

/// Directories at the root of a file system that a clone elsewhere does not have.
const MACHINE_DIRECTORIES: [&str; 4] = ["work", "root", "home", "Users"];

#[test]
fn text_is_clean() {
    assert_none(&tree().iter().flat_map(offences).collect::<Vec<_>>());
}

fn offences(file: &SourceFile) -> Vec<Offence> {
    let is_written_by_hand = matches!(file.extension(), "rs" | "md" | "toml");
    let mut offences = Vec::new();
    for (number, line) in file.lines() {
        let mut complain = |what: &str| offences.push(Offence::new(&file.path, number, what));
        if has_machine_path(line) {
            complain(
                "a path of one machine: take it from the environment, or start at the crate's directory",
            );
        }
        if is_written_by_hand && line.contains('\t') {
            complain("a tab: indent with spaces, write `\\t` in strings");
        }
        if is_written_by_hand && line.ends_with(char::is_whitespace) {
            complain("white space at the end of the line: take it out");
        }
    }
    offences
}

/// Whether an absolute path stands in the line; `docs/work/` and `example.org/home/` are none.
fn has_machine_path(line: &str) -> bool {
    MACHINE_DIRECTORIES.iter().any(|name| {
        let is_absolute =
            |(at, _)| !line[..at].ends_with(|c: char| c.is_alphanumeric() || "_-.~})".contains(c));
        line.match_indices(&format!("/{name}/")).any(is_absolute)
    })
}

#[test]
fn stray_text_is_caught() {
    let caught = |path, line: &str| lines(&offences(&SourceFile::new(path, format!("//\n{line}\n")))).len();
    for directory in MACHINE_DIRECTORIES {
        assert_eq!(caught("docs/a.md", &format!("see /{directory}/main")), 1);
        assert_eq!(caught(".ci/run", &format!("cd \"file:///{directory}/x\"")), 1);
        assert_eq!(
            caught("docs/a.md", &format!("docs/{directory}/a and https://example.org/{directory}/a")),
            0
        );
    }
    assert_eq!(caught("hub/src/a.rs", "\tlet a;"), 1);
    assert_eq!(caught("hub/src/a.rs", "let a; "), 1);
    assert_eq!(caught("hub/src/a.rs", "let a;\r"), 1);
    assert_eq!(caught("hub/src/a.rs", "let a;"), 0);
    assert_eq!(caught("data/sales.tsv", "a\tb "), 0);
}
