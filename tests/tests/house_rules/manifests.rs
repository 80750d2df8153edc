//! Rule: every crate takes lints and licence from the workspace, and says what it is for.

use super::{
    manifest::{Manifest, manifests},
    offence::{Offence, assert_none, lines},
    tree::{SourceFile, rust_files, tree},
};

const LICENCE: &str = "Apache-2.0";
const DOC_LINES_MIN: usize = 3;

#[test]
fn every_crate_takes_lints_and_licence_from_the_workspace() {
    assert_none(&manifests().iter().flat_map(member_offences).collect::<Vec<_>>());
}

#[test]
fn the_workspace_sets_lints_and_licence() {
    let root = tree().iter().find(|file| file.path == "Cargo.toml").expect("a manifest at the root");
    assert_none(&workspace_offences(&Manifest::parse(root)));
    let licence = tree().iter().find(|file| file.path == "LICENSE").expect("a LICENSE at the root");
    assert!(licence.text.contains("Apache License") && licence.text.contains("Version 2.0"));
}

#[test]
fn every_library_says_what_it_is_for() {
    assert_none(&rust_files().filter_map(doc_offence).collect::<Vec<_>>());
}

fn member_offences(manifest: &Manifest<'_>) -> Vec<Offence> {
    let wanted = [("lints", "lints.workspace"), ("license", "package.license.workspace")];
    let is_missing = |path: &str| manifest.value(path).and_then(toml::Value::as_bool) != Some(true);
    let missing = wanted.into_iter().filter(|(_, path)| is_missing(path));
    missing
        .map(|(key, path)| {
            Offence::new(
                &manifest.file.path,
                manifest.line_of(key),
                format!("set `{path} = true`, nothing else"),
            )
        })
        .collect()
}

fn workspace_offences(root: &Manifest<'_>) -> Vec<Offence> {
    let mut offences = Vec::new();
    if root.value("workspace.package.license").and_then(toml::Value::as_str) != Some(LICENCE) {
        let what = format!("the licence of the workspace is {LICENCE}");
        offences.push(Offence::new(&root.file.path, root.line_of("license"), what));
    }
    for lints in ["workspace.lints.rust", "workspace.lints.clippy"] {
        if root.value(lints).is_none() {
            offences.push(Offence::new(
                &root.file.path,
                1,
                format!("[{lints}] is missing: set the lints there"),
            ));
        }
    }
    offences
}

fn doc_offence(file: &SourceFile) -> Option<Offence> {
    if !file.path.ends_with("src/lib.rs") {
        return None;
    }
    let doc = file.text.lines().map_while(|line| line.strip_prefix("//!"));
    let written = doc.filter(|line| !line.trim().is_empty()).count();
    (written < DOC_LINES_MIN).then(|| {
        let what =
            format!("{written} lines of `//!`: say in {DOC_LINES_MIN} what it is for and what it is not");
        Offence::new(&file.path, 1, what)
    })
}

#[test]
fn own_lints_and_other_licences_are_caught() {
    let caught = |text: &str| {
        let file = SourceFile::new("hub/Cargo.toml", text);
        (
            lines(&member_offences(&Manifest::parse(&file))),
            lines(&workspace_offences(&Manifest::parse(&file))),
        )
    };
    let good_member = "[package]\nlicense.workspace = true\n[lints]\nworkspace = true\n";
    assert_eq!(caught(good_member).0, [0; 0]);
    assert_eq!(
        caught("[package]\nname = \"a\"\nlicense = \"MIT\"\n[lints.rust]\ndead_code = \"allow\"\n").0,
        [1, 3]
    );
    let lints = "[workspace.lints.rust]\n[workspace.lints.clippy]\n";
    assert_eq!(caught(&format!("[workspace.package]\nlicense = \"Apache-2.0\"\n{lints}")).1, [0; 0]);
    assert_eq!(caught(&format!("[workspace.package]\nlicense = \"MIT\"\n{lints}")).1, [2]);
    assert_eq!(caught("[workspace.package]\nlicense = \"Apache-2.0\"\n").1, [1, 1]);
}

#[test]
fn a_library_without_a_word_is_caught() {
    let caught = |path, text| doc_offence(&SourceFile::new(path, text)).is_some();
    assert!(caught("hub/src/lib.rs", "//! Skeleton.\n//!\n//!\n"));
    assert!(caught("hub/src/lib.rs", "mod a;\n//! One.\n//! Two.\n//! Three.\n"));
    assert!(!caught("hub/src/lib.rs", "//! One.\n//! Two.\n//!\n//! Three.\nmod a;\n"));
    assert!(!caught("hub/src/till.rs", "mod a;\n"));
}
