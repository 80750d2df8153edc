use purser_types::{BusinessDate, steers_display};

use crate::{EditError, Field};

/// The form in which a field's text is stored, or why it cannot be. The messages never
/// repeat the text: it is personal, and errors end in logs.
pub(crate) fn of_field(field: Field, text: &str) -> Result<String, EditError> {
    let what = field.as_str();
    match field {
        Field::Name => line(what, text, 100),
        Field::Sex => one_of(what, text, &["f", "m", "other"], "one of: f m other"),
        Field::BirthDate => birth_date(what, text),
        Field::Phone => phone(what, text),
        Field::IdNumber => letters_and_digits(what, text, 32),
        Field::Address => line(what, text, 300),
        Field::MedicalInsurance => one_of(what, text, &["yes", "no"], "one of: yes no"),
        Field::Ailments | Field::Preferences => line(what, text, 1_000),
        Field::Notes => lines(what, text, 4_000),
        Field::Referrer => line(what, text, 64),
    }
}

/// The form of a tag.
pub(crate) fn of_tag(text: &str) -> Result<String, EditError> {
    line("tag", text, 40)
}

/// The form of a plate.
pub(crate) fn of_plate(text: &str) -> Result<String, EditError> {
    letters_and_digits("plate", text, 16)
}

/// The form of a vehicle's model.
pub(crate) fn of_model(text: &str) -> Result<String, EditError> {
    line("model", text, 100)
}

fn line(what: &'static str, text: &str, chars_max: usize) -> Result<String, EditError> {
    if text.contains('\n') {
        return Err(EditError::Invalid { what, reason: "it has to be one line" });
    }
    lines(what, text, chars_max)
}

fn lines(what: &'static str, text: &str, chars_max: usize) -> Result<String, EditError> {
    let error = |reason| Err(EditError::Invalid { what, reason });
    let text = text.trim();
    if text.is_empty() {
        return error("it is empty: to take it away, remove it");
    }
    if text.chars().any(|c| steers_display(c) && c != '\n') {
        return error("it has a character that steers how text is shown: type it again");
    }
    if text.chars().nth(chars_max).is_some() {
        return error("it is too long: shorten it");
    }
    Ok(text.to_owned())
}

fn one_of(what: &'static str, text: &str, all: &[&str], reason: &'static str) -> Result<String, EditError> {
    let known = all.contains(&text).then(|| text.to_owned());
    known.ok_or(EditError::Invalid { what, reason })
}

fn birth_date(what: &'static str, text: &str) -> Result<String, EditError> {
    let date: Option<BusinessDate> = text.trim().parse().ok();
    let plausible = date.filter(|date| (1900..=2100).contains(&date.year()));
    let error = EditError::Invalid { what, reason: "it has to be a day such as 1990-02-28" };
    plausible.map(|date| date.to_string()).ok_or(error)
}

fn phone(what: &'static str, text: &str) -> Result<String, EditError> {
    let phone: String = text.chars().filter(|c| !matches!(c, ' ' | '-' | '(' | ')' | '.')).collect();
    let digits = phone.strip_prefix('+').unwrap_or(&phone);
    let fits = (5..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    let error = EditError::Invalid { what, reason: "it has to be 5 to 15 digits, with a + in front or not" };
    fits.then_some(phone).ok_or(error)
}

/// Upper case, without the spaces, dots and hyphens that people put in between.
fn letters_and_digits(what: &'static str, text: &str, chars_max: usize) -> Result<String, EditError> {
    let between = |c: char| c.is_whitespace() || matches!(c, '-' | '.' | '·');
    let code: String = text.chars().filter(|&c| !between(c)).flat_map(char::to_uppercase).collect();
    if !code.chars().all(char::is_alphanumeric) {
        return Err(EditError::Invalid { what, reason: "only letters and digits can be in it" });
    }
    line(what, &code, chars_max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_brought_into_one_form() {
        for (field, text, stored) in [
            (Field::Name, " 韩梅梅 ", "韩梅梅"),
            (Field::Phone, "+86 138-0013 (8000)", "+8613800138000"),
            (Field::IdNumber, "11010519491231002x", "11010519491231002X"),
            (Field::BirthDate, "1990-2-28", "1990-02-28"),
            (Field::Notes, "comes on Fridays\nhas a dog", "comes on Fridays\nhas a dog"),
        ] {
            assert_eq!(of_field(field, text), Ok(stored.to_owned()));
        }
        assert_eq!(of_plate("沪a·123 45"), Ok("沪A12345".to_owned()));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let long = "长".repeat(101);
        for (field, text) in [
            (Field::Name, ""),
            (Field::Name, "   "),
            (Field::Name, "a\u{7}b"),
            (Field::Name, "a\u{202e}b"),
            (Field::Name, "two\u{2028}lines"),
            (Field::Notes, "a\u{1b}[31mb"),
            (Field::Name, "two\nlines"),
            (Field::Name, long.as_str()),
            (Field::Sex, "x"),
            (Field::BirthDate, "1990-02-30"),
            (Field::BirthDate, "0190-02-28"),
            (Field::Phone, "13x"),
            (Field::Phone, "138+00138000"),
            (Field::Phone, "1234567890123456"),
            (Field::IdNumber, "12/34"),
            (Field::MedicalInsurance, "maybe"),
        ] {
            assert!(matches!(of_field(field, text), Err(EditError::Invalid { .. })), "{field} {text:?}");
        }
        assert!(of_field(Field::Name, &"长".repeat(100)).is_ok());
    }
}
