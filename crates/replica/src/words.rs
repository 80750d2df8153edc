//! Lines of text that people give.

use purser_types::steers_display;

use crate::Refusal;

/// Whether a text is one line of 1 to `most` bytes that shows as it is.
pub(crate) fn is_line(text: &str, most: usize) -> bool {
    (1..=most).contains(&text.len()) && !text.contains(steers_display)
}

/// Who somebody is, under that name: the shop's own name or number of a person.
pub(crate) fn check_person(what: &'static str, person: &str) -> Result<(), Refusal> {
    if is_line(person, 100) {
        return Ok(());
    }
    Err(Refusal::OutOfRange { what, range: "1 to 100 bytes on one line" })
}

/// Why somebody does something.
pub(crate) fn check_reason(reason: &str) -> Result<(), Refusal> {
    if is_line(reason, 500) {
        return Ok(());
    }
    Err(Refusal::OutOfRange { what: "reason", range: "1 to 500 bytes on one line" })
}
