use std::fmt;

use purser_types::Coded;

/// One mistake in a programme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The line on which it, or the rule that it is in, begins: from 1.
    pub line: usize,
    /// The rule, for example `[[tier]] silver`; empty where the text itself is broken.
    pub rule: String,
    /// What is wrong, and what would be right.
    pub what: String,
}

/// Every mistake in a programme, in the order of its lines; at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Faults(pub Vec<Fault>);

impl std::error::Error for Faults {}

impl Coded for Faults {
    fn code(&self) -> &'static str {
        "programme_faulty"
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, rule, what } = self;
        if rule.is_empty() {
            write!(f, "line {line}: {what}")
        } else {
            write!(f, "line {line}, {rule}: {what}")
        }
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, fault) in self.0.iter().enumerate() {
            if place > 0 {
                f.write_str("\n")?;
            }
            fault.fmt(f)?;
        }
        Ok(())
    }
}
