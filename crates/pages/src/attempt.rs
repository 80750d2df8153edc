//! A form that is shown: why it was not carried out the time before, and the key under which it will be, once.

use crate::{counter::basket::fresh_check, desk::Fault, language::Language, refusals};

pub(crate) struct Attempt {
    /// Of the form's request; at the counter the number of its receipt too.
    pub(crate) key: String,
    pub(crate) trouble: Option<String>,
}

impl Attempt {
    /// Nothing was sent so far.
    pub(crate) fn first() -> Self {
        Self { key: fresh_check(), trouble: None }
    }

    /// What was sent could not be asked for: nothing was done.
    pub(crate) fn mistyped(words: impl Into<String>) -> Self {
        Self { trouble: Some(words.into()), ..Self::first() }
    }

    /// After a fault: with the same key where it is not known whether it was done, so that it is done once; with a
    /// fresh one after a refusal.
    pub(crate) fn after(fault: &Fault, key: &str, language: Language) -> Self {
        let trouble = Some(refusals::words(fault, language));
        match fault {
            Fault::Refused(_) => Self { trouble, ..Self::first() },
            Fault::Read(_) | Fault::Unavailable(_) => Self { key: key.to_owned(), trouble },
        }
    }
}
