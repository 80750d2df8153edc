use std::{fmt, process::ExitCode};

use crate::{Failure, say};

/// What `doctor` has looked at so far, printed line by line as it goes.
#[derive(Debug, Default)]
pub(crate) struct Checkup {
    failed: bool,
}

/// How one thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grade {
    /// As it should be.
    Ok,
    /// It works; somebody should look at it.
    Warn,
    /// It does not work.
    Fail,
}

impl Checkup {
    /// Something as it should be.
    pub(crate) fn ok(&mut self, what: impl fmt::Display) {
        self.note(Grade::Ok, what);
    }

    /// Something that works and that somebody should look at.
    pub(crate) fn warn(&mut self, what: impl fmt::Display) {
        self.note(Grade::Warn, what);
    }

    /// Something that does not work.
    pub(crate) fn fail(&mut self, what: impl fmt::Display) {
        self.note(Grade::Fail, what);
    }

    /// What came of a check: what it says if it went well, or the failure.
    pub(crate) fn judge<T>(
        &mut self,
        result: Result<T, Failure>,
        said: impl FnOnce(&T) -> String,
    ) -> Option<T> {
        match result {
            Ok(value) => {
                self.ok(said(&value));
                Some(value)
            }
            Err(failure) => {
                self.fail(failure);
                None
            }
        }
    }

    /// 1 if anything does not work.
    pub(crate) fn exit_code(&self) -> ExitCode {
        if self.failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
    }

    fn note(&mut self, grade: Grade, what: impl fmt::Display) {
        self.failed |= grade == Grade::Fail;
        let grade = match grade {
            Grade::Ok => "ok  ",
            Grade::Warn => "warn",
            Grade::Fail => "FAIL",
        };
        say(&format!("{grade}  {what}"));
    }
}
