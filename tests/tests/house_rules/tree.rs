//! The files of the repository, read once.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};

/// A text file. Its path starts at the root of the repository.
pub struct SourceFile {
    pub path: String,
    pub text: String,
}

impl SourceFile {
    pub fn new(path: &str, text: impl Into<String>) -> Self {
        SourceFile { path: path.to_owned(), text: text.into() }
    }

    /// The part of the name after the last dot.
    pub fn extension(&self) -> &str {
        Path::new(&self.path).extension().and_then(|it| it.to_str()).unwrap_or_default()
    }

    /// The lines with their numbers, from 1; white space at their ends is kept.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.text.split('\n'))
    }
}

/// All text files of the repository.
pub fn tree() -> &'static [SourceFile] {
    static TREE: LazyLock<Vec<SourceFile>> = LazyLock::new(|| {
        let mut files = Vec::new();
        read_directory(&root(), &mut files);
        files.sort_by(|a, b| a.path.cmp(&b.path));
        files
    });
    &TREE
}

/// The Rust sources of the repository.
pub fn rust_files() -> impl Iterator<Item = &'static SourceFile> {
    tree().iter().filter(|file| file.extension() == "rs")
}

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read_directory(directory: &Path, files: &mut Vec<SourceFile>) {
    for entry in fs::read_dir(directory).expect("a directory that can be read") {
        let entry = entry.expect("a directory that can be read");
        let kind = entry.file_type().expect("an entry whose kind is known");
        if kind.is_dir() && is_ours(&entry.path()) {
            read_directory(&entry.path(), files);
        } else if kind.is_file() {
            files.extend(read_text(&entry.path()));
        }
    }
}

/// Leaves out the build's output (cargo tags it), what npm has fetched, and hidden directories but for those of the CI.
fn is_ours(directory: &Path) -> bool {
    let name = directory.file_name().unwrap_or_default().to_string_lossy();
    let hidden = name.starts_with('.') && !matches!(&*name, ".cargo" | ".ci" | ".config" | ".github");
    !hidden && name != "node_modules" && !directory.join("CACHEDIR.TAG").exists()
}

/// The file, if it is text.
fn read_text(path: &Path) -> Option<SourceFile> {
    let text = String::from_utf8(fs::read(path).ok()?).ok()?;
    let from_root = path.strip_prefix(root()).expect("a path below the root");
    Some(SourceFile { path: from_root.to_string_lossy().replace('\\', "/"), text })
}

#[test]
fn the_tree_holds_this_file_and_no_build_output() {
    let paths: Vec<&str> = tree().iter().map(|file| file.path.as_str()).collect();
    assert!(paths.contains(&"tests/tests/house_rules/tree.rs"));
    assert!(paths.contains(&"Cargo.toml"));
    assert!(!paths.iter().any(|path| path.starts_with("target/") || path.starts_with(".git/")));
    assert!(!paths.iter().any(|path| path.contains("/node_modules/")));
}
