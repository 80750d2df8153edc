//! Rule: a source file is named in snake_case after what it holds.

use super::{
    offence::{Offence, assert_none, lines},
    tree::{SourceFile, rust_files},
};

/// Words that say nothing about what is inside.
const EMPTY_WORDS: [&str; 7] = ["util", "utils", "helper", "helpers", "common", "misc", "manager"];

#[test]
fn files_are_named_after_what_they_hold() {
    assert_none(&rust_files().flat_map(offences).collect::<Vec<_>>());
}

fn offences(file: &SourceFile) -> Vec<Offence> {
    let parts = file.path.trim_end_matches(".rs").split('/');
    parts.filter_map(complaint).map(|what| Offence::new(&file.path, 1, what)).collect()
}

fn complaint(name: &str) -> Option<String> {
    let empty_word = name.split(['_', '-']).find(|word| EMPTY_WORDS.contains(word));
    if let Some(word) = empty_word {
        return Some(format!("`{word}` in a name says nothing: use the noun for what is inside"));
    }
    let snake_case = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    (!snake_case).then(|| format!("`{name}` is not snake_case: rename it"))
}

#[test]
fn empty_and_misspelt_names_are_caught() {
    let caught = |path| lines(&offences(&SourceFile::new(path, "")));
    for path in
        ["hub/src/utils.rs", "hub/src/tillManager.rs", "hub/tests/common/mod.rs", "hub/src/sync_manager.rs"]
    {
        assert_eq!(caught(path), [1], "{path}");
    }
    assert_eq!(caught("hub/src/version_vector.rs"), [0; 0]);
}
