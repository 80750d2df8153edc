//! Golden files: bytes that every version must read, as text that shows in a diff. How to add
//! one stands in `tests/golden/README.md` of crates/journal.

use std::{fmt::Write, fs, path::PathBuf};

const LINE_BYTES: usize = 32;

/// Named byte strings, in order.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct GoldenFile {
    sections: Vec<(String, Vec<u8>)>,
}

impl GoldenFile {
    /// Adds a section; for telling what a file should hold.
    pub fn with(mut self, name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        self.sections.push((name.into(), bytes.into()));
        self
    }

    /// Reads `tests/golden/<name>` of the crate under test.
    pub fn read(name: &str) -> Self {
        let path = path(name);
        let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let mut file = Self::default();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            match line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
                Some(section) => file.sections.push((section.to_owned(), Vec::new())),
                None => file.sections.last_mut().expect("a section").1.extend(from_hex(line)),
            }
        }
        file
    }

    /// Whether there is such a file.
    pub fn exists(name: &str) -> bool {
        path(name).exists()
    }

    /// Reads the file, and checks that it holds exactly this. A file that does not exist yet is
    /// written, and the test fails once, so that somebody looks at it. None is ever rewritten.
    pub fn check(&self, name: &str) {
        if !Self::exists(name) {
            fs::write(path(name), self.to_string()).unwrap();
            panic!("{} is new: look at it, then commit it", path(name).display());
        }
        let golden = Self::read(name);
        for ((section, bytes), (expected, written)) in golden.sections.iter().zip(&self.sections) {
            assert_eq!(section, expected, "{name}");
            assert_eq!(to_hex(bytes), to_hex(written), "{name} [{section}] is what this version must write");
        }
        assert_eq!(golden.sections.len(), self.sections.len(), "{name}");
    }

    /// The bytes of a section.
    pub fn section(&self, name: &str) -> &[u8] {
        let found = self.sections.iter().find(|(section, _)| section == name);
        &found.unwrap_or_else(|| panic!("no section [{name}]")).1
    }

    /// The bytes of all sections whose name starts so, in order.
    pub fn sections(&self, prefix: &str) -> Vec<Vec<u8>> {
        let found = self.sections.iter().filter(|(section, _)| section.starts_with(prefix));
        found.map(|(_, bytes)| bytes.clone()).collect()
    }
}

impl std::fmt::Display for GoldenFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (name, bytes) in &self.sections {
            writeln!(f, "[{name}]")?;
            bytes.chunks(LINE_BYTES).try_for_each(|line| writeln!(f, "{}", to_hex(line)))?;
        }
        Ok(())
    }
}

fn path(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests", "golden", name].iter().collect()
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

/// The bytes of hexadecimal digits, white space between them allowed.
pub fn from_hex(text: &str) -> Vec<u8> {
    let digits: Vec<char> = text.split_whitespace().flat_map(str::chars).collect();
    let byte = |pair: &[char]| u8::from_str_radix(&String::from_iter(pair), 16).expect("hexadecimal digits");
    digits.chunks(2).map(byte).collect()
}
