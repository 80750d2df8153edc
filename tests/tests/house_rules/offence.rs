//! What a rule finds.

use std::fmt;

/// One place where a house rule is not kept, and what to do instead.
#[derive(Debug, PartialEq, Eq)]
pub struct Offence {
    pub path: String,
    pub line: usize,
    pub what: String,
}

impl Offence {
    pub fn new(path: &str, line: usize, what: impl Into<String>) -> Self {
        Offence { path: path.to_owned(), line, what: what.into() }
    }
}

impl fmt::Display for Offence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.what)
    }
}

/// Fails the test with the whole list, so that one run tells all there is to mend.
pub fn assert_none(offences: &[Offence]) {
    let list: Vec<String> = offences.iter().map(Offence::to_string).collect();
    assert!(list.is_empty(), "{} offences against a house rule:\n  {}\n", list.len(), list.join("\n  "));
}

/// The lines of the offences in order, for the tests of the rules themselves.
pub fn lines(offences: &[Offence]) -> Vec<usize> {
    let mut lines: Vec<usize> = offences.iter().map(|offence| offence.line).collect();
    lines.sort_unstable();
    lines
}
