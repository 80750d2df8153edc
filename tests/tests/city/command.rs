//! Commands as an operator types them, with their exit codes.

use std::{
    ffi::OsStr,
    process::{Command, Output},
};

use super::town::EXECUTABLE;

/// How a command ended.
#[derive(Debug)]
pub struct Ended {
    /// The exit code.
    pub code: i32,
    /// What it was asked for.
    pub stdout: String,
    /// Hints and errors.
    pub stderr: String,
}

/// Runs a command line of `node` or `hub` to its end.
pub fn run<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Ended {
    let Output { status, stdout, stderr } = Command::new(EXECUTABLE).args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ended { code: status.code().unwrap(), stdout: text(stdout), stderr: text(stderr) }
}

impl Ended {
    /// Asserts that it did what it was asked; gives what it printed.
    pub fn well(self) -> String {
        assert_eq!(self.code, 0, "{self:?}");
        self.stdout
    }

    /// Asserts that it failed with this exit code and this code at the end of one line.
    pub fn badly(self, exit: i32, code: &str) -> String {
        assert_eq!(self.code, exit, "{self:?}");
        let last = self.stderr.lines().last().unwrap_or_default();
        assert!(last.starts_with("error: ") && last.ends_with(&format!("[{code}]")), "{code}: {self:?}");
        self.stderr
    }
}
