use std::{fmt, process::ExitCode};

use crate::say;

/// What was checked so far, printed line by line as it goes.
#[derive(Debug, Default)]
pub(super) struct Report {
    passed: usize,
    failed: usize,
    warned: usize,
}

impl Report {
    /// A check that went well; `how` in a few words.
    pub(super) fn pass(&mut self, name: &str, how: impl fmt::Display) {
        self.passed += 1;
        say(&format!("pass  {name}  ({how})"));
    }

    /// A check that did not: what was sent, what was expected, what came.
    pub(super) fn fail(&mut self, name: &str, story: &Story<'_>) {
        self.failed += 1;
        say(&format!("FAIL  {name}: {}", story.fault));
        say(&format!("      sent      {}", story.sent));
        say(&format!("      expected  {}", story.expected));
        say(&format!("      came      {}", story.came));
    }

    /// Something that somebody should know, and that is no fault.
    pub(super) fn warn(&mut self, what: impl fmt::Display) {
        self.warned += 1;
        say(&format!("warn  {what}"));
    }

    /// The rest of the script makes no sense.
    pub(super) fn give_up(&mut self, why: &str) {
        // A part that breaks off has failed in a check; if it did not say so, this does.
        self.failed = self.failed.max(1);
        say(&format!("FAIL  the script ends here: {why}"));
    }

    /// The last line, and what the command ends with: 1 if any check has failed.
    pub(super) fn exit_code(&self) -> ExitCode {
        let Self { passed, failed, warned } = self;
        say(&format!("{passed} checks passed, {failed} failed, {warned} warnings"));
        if *failed == 0 && *passed > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

/// What happened in a check that failed.
pub(super) struct Story<'a> {
    pub(super) fault: &'a str,
    pub(super) sent: &'a dyn fmt::Display,
    pub(super) expected: &'a dyn fmt::Display,
    pub(super) came: &'a dyn fmt::Display,
}
