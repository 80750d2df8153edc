use std::{borrow::Cow, fmt, io, path::Path, process::ExitCode};

use purser_types::Coded;

/// Why a command did not do what it was asked: one line for whoever sits at the terminal, with
/// a code that stays the same over versions.
///
/// Deliberately no [`Coded`] itself: so every coded error becomes one by `?`.
#[derive(Debug)]
pub struct Failure {
    message: String,
    code: Cow<'static, str>,
    kind: Kind,
}

/// Who can mend it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Whoever typed the command or wrote the configuration.
    Usage,
    /// Something else went wrong.
    Work,
}

impl Failure {
    /// Something went wrong on the way.
    pub fn new(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self { message: message.into(), code: code.into(), kind: Kind::Work }
    }

    /// The command or the configuration asks for what cannot be.
    pub fn usage(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self { message: message.into(), code: code.into(), kind: Kind::Usage }
    }

    /// An error of something that was typed or configured.
    pub fn of_input(error: &impl Coded) -> Self {
        Self::usage(error.code(), error.to_string())
    }

    /// What the operating system refuses to do with `path`.
    pub fn io(action: &str, path: &Path, error: &io::Error) -> Self {
        let remedy = "check the owner, the rights and the free space";
        Self::new("file_unusable", format!("cannot {action} {}: {error}; {remedy}", path.display()))
    }

    /// The same failure with something said first.
    pub fn after(self, words: &str) -> Self {
        Self { message: format!("{words}: {}", self.message), ..self }
    }

    /// The stable code.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// What the process ends with: 2 if the command or the configuration has to be changed,
    /// 1 for everything else.
    pub fn exit_code(&self) -> ExitCode {
        match self.kind {
            Kind::Usage => ExitCode::from(2),
            Kind::Work => ExitCode::FAILURE,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // One line, whatever the operating system or a peer put into its part of the message.
        let words: Vec<&str> = self.message.split_whitespace().collect();
        write!(f, "{} [{}]", words.join(" "), self.code)
    }
}

impl<E: Coded> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::new(error.code(), error.to_string())
    }
}
