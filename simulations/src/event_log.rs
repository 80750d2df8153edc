use std::{collections::VecDeque, fmt::Write};

use purser_types::Digest;

/// What happened, line by line: a running hash of all, and the end of it in words.
#[derive(Debug)]
pub struct EventLog {
    events: u64,
    digest: Digest,
    latest: VecDeque<String>,
    kept: usize,
}

impl EventLog {
    /// A log that keeps its last `kept` lines.
    pub fn new(kept: usize) -> Self {
        Self { events: 0, digest: Digest::of(b"purser simulation"), latest: VecDeque::new(), kept }
    }

    /// Adds a line, with the virtual time of the event.
    pub fn note(&mut self, at_ms: u64, what: std::fmt::Arguments<'_>) {
        let mut line = format!("{at_ms:>12} ");
        // Writing to a string does not fail.
        let _ = line.write_fmt(what);
        self.events += 1;
        self.digest = Digest::in_context("purser 2026 event", &[&self.digest.0, line.as_bytes()]);
        if self.kept > 0 {
            if self.latest.len() == self.kept {
                self.latest.pop_front();
            }
            self.latest.push_back(line);
        }
    }

    /// How many events there were.
    pub fn events(&self) -> u64 {
        self.events
    }

    /// A hash of all lines: equal for equal runs.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The lines kept, oldest first.
    pub fn latest(&self) -> impl Iterator<Item = &str> {
        self.latest.iter().map(String::as_str)
    }
}
