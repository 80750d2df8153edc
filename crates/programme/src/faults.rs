use std::fmt;

use purser_types::Coded;

/// One mistake in a programme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Of which kind it is.
    pub kind: FaultKind,
    /// The line on which it, or the rule that it is in, begins: from 1.
    pub line: usize,
    /// The rule, for example `[[tier]] silver`; empty where the text itself is broken.
    pub rule: String,
    /// What is wrong, and what would be right.
    pub what: String,
}

/// Kinds of mistakes: what people are told in their own language of what [`Fault::what`] says in English.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// The document is no TOML, or not even text.
    NotToml,
    /// There is more of something than a programme can have.
    TooMuch,
    /// Something is missing that has to be there.
    Missing,
    /// There is no section, key or choice of that name.
    UnknownName,
    /// A value is not what has to stand there: text instead of a number, say.
    Unreadable,
    /// Another rule of the kind has the same id.
    IdTaken,
    /// A value that cannot be, or that contradicts another.
    Unsound,
    /// There are more mistakes than are listed.
    More,
}

impl FaultKind {
    /// All of them.
    pub const ALL: [FaultKind; 8] = [
        FaultKind::NotToml,
        FaultKind::TooMuch,
        FaultKind::Missing,
        FaultKind::UnknownName,
        FaultKind::Unreadable,
        FaultKind::IdTaken,
        FaultKind::Unsound,
        FaultKind::More,
    ];

    /// What it is called wherever that has to last.
    pub const fn code(self) -> &'static str {
        match self {
            FaultKind::NotToml => "not_toml",
            FaultKind::TooMuch => "too_much",
            FaultKind::Missing => "missing",
            FaultKind::UnknownName => "unknown_name",
            FaultKind::Unreadable => "unreadable",
            FaultKind::IdTaken => "id_taken",
            FaultKind::Unsound => "unsound",
            FaultKind::More => "more",
        }
    }

    /// The kind of a value that cannot be read, by what serde says of it.
    pub(crate) fn of_unreadable(what: &str) -> Self {
        if what.starts_with("missing field") {
            FaultKind::Missing
        } else if what.starts_with("unknown field") || what.starts_with("unknown variant") {
            FaultKind::UnknownName
        } else {
            FaultKind::Unreadable
        }
    }
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
        let Self { line, rule, what, .. } = self;
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
