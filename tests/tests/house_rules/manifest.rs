//! What a Cargo.toml says.

use std::iter::once;

use toml::{Table, Value};

use super::tree::{SourceFile, tree};

/// The manifest of one crate.
pub struct Manifest<'a> {
    pub file: &'a SourceFile,
    table: Table,
}

/// A dependency as the manifest names it.
pub struct Dependency<'a> {
    /// The name of the package, whatever it is renamed to.
    pub package: &'a str,
    pub line: usize,
    /// Only tests, benches and examples see it.
    pub for_tests: bool,
}

impl<'a> Manifest<'a> {
    pub fn parse(file: &'a SourceFile) -> Self {
        let table = file.text.parse().unwrap_or_else(|e| panic!("{}: {e}", file.path));
        Manifest { file, table }
    }

    /// The crate's name without the `purser-` that all of ours share.
    pub fn crate_name(&self) -> &str {
        let name = self.value("package.name").and_then(Value::as_str).unwrap_or_default();
        name.strip_prefix("purser-").unwrap_or(name)
    }

    /// The value at a dotted path, for example `lints.workspace`.
    pub fn value(&self, path: &str) -> Option<&Value> {
        let mut keys = path.split('.');
        let first = self.table.get(keys.next()?)?;
        keys.try_fold(first, |value, key| value.get(key))
    }

    pub fn dependencies(&self) -> Vec<Dependency<'_>> {
        let targets = self.table.get("target").and_then(Value::as_table);
        let targets = targets.into_iter().flat_map(Table::values).filter_map(Value::as_table);
        once(&self.table).chain(targets).flat_map(|table| self.dependencies_of(table)).collect()
    }

    fn dependencies_of<'t>(&self, table: &'t Table) -> Vec<Dependency<'t>> {
        let sections = [("dependencies", false), ("build-dependencies", false), ("dev-dependencies", true)];
        let mut dependencies = Vec::new();
        for (section, for_tests) in sections {
            for (key, value) in table.get(section).and_then(Value::as_table).into_iter().flatten() {
                let package = value.get("package").and_then(Value::as_str).unwrap_or(key);
                dependencies.push(Dependency { package, line: self.line_of(key), for_tests });
            }
        }
        dependencies
    }

    /// The first line that sets `key`, or 1.
    pub fn line_of(&self, key: &str) -> usize {
        let sets_it =
            |line: &str| line.strip_prefix(key).is_some_and(|rest| rest.starts_with(['.', ' ', '=']));
        self.file.lines().find(|(_, line)| sets_it(line)).map_or(1, |(number, _)| number)
    }
}

/// The manifests of all crates of the workspace; one that is a workspace of its own is none of them.
pub fn manifests() -> Vec<Manifest<'static>> {
    let files = tree().iter().filter(|file| file.path.ends_with("/Cargo.toml"));
    files.map(Manifest::parse).filter(|manifest| manifest.value("workspace").is_none()).collect()
}

#[test]
fn dependencies_are_read_from_every_section() {
    let text = "\
        [package]\nname = \"purser-hub\"\n\
        [dependencies]\na.workspace = true\nb = { package = \"real-b\" }\n\
        [target.'cfg(unix)'.build-dependencies]\nc = \"1\"\n\
        [dev-dependencies]\nd = \"1\"\n";
    let file = SourceFile::new("hub/Cargo.toml", text);
    let manifest = Manifest::parse(&file);
    let read: Vec<_> =
        manifest.dependencies().iter().map(|it| (it.package.to_owned(), it.line, it.for_tests)).collect();
    let expected = [("a", 4, false), ("real-b", 5, false), ("d", 9, true), ("c", 7, false)];
    assert_eq!(read, expected.map(|(name, line, for_tests)| (name.to_owned(), line, for_tests)));
    assert_eq!(manifest.crate_name(), "hub");
}
