use std::{fmt, str::FromStr};

use purser_types::{BusinessDate, ParseError};

/// A field of a profile with one value (SPEC §1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// The member's name.
    Name,
    /// `f`, `m` or `x`.
    Sex,
    /// The day of birth, `1988-05-04`.
    BirthDate,
    /// The phone number: digits, and `+` in front for another country's.
    Phone,
    /// The number of an identity card.
    IdNumber,
    /// The address.
    Address,
    /// Whether there is medical insurance, `yes` or `no`.
    MedicalInsurance,
    /// Usual ailments.
    Ailments,
    /// What the member likes.
    Preferences,
    /// Free notes.
    Notes,
    /// Who brought the member, as a member id.
    Referrer,
}

impl Field {
    /// All fields.
    pub const ALL: [Field; 11] = [
        Field::Name,
        Field::Sex,
        Field::BirthDate,
        Field::Phone,
        Field::IdNumber,
        Field::Address,
        Field::MedicalInsurance,
        Field::Ailments,
        Field::Preferences,
        Field::Notes,
        Field::Referrer,
    ];

    /// The field's stable name.
    pub fn name(self) -> &'static str {
        match self {
            Field::Name => "name",
            Field::Sex => "sex",
            Field::BirthDate => "birth_date",
            Field::Phone => "phone",
            Field::IdNumber => "id_number",
            Field::Address => "address",
            Field::MedicalInsurance => "medical_insurance",
            Field::Ailments => "ailments",
            Field::Preferences => "preferences",
            Field::Notes => "notes",
            Field::Referrer => "referrer",
        }
    }

    /// The value as it is kept, if it is one that the field can have.
    ///
    /// # Errors
    /// What a valid value looks like.
    pub fn parse(self, value: &str) -> Result<String, ParseError> {
        let error = |reason| ParseError::new(self.name(), value, reason);
        let value = value.trim();
        if value.is_empty() || value.len() > self.bytes_most() {
            return Err(error("not empty, and not longer than the field allows"));
        }
        if value.chars().any(|c| c.is_control() && !(c == '\n' && self == Field::Notes)) {
            return Err(error("without control characters"));
        }
        match self {
            Field::Sex if !matches!(value, "f" | "m" | "x") => Err(error("f, m or x")),
            Field::MedicalInsurance if !matches!(value, "yes" | "no") => Err(error("yes or no")),
            Field::BirthDate => value.parse::<BusinessDate>().map(|date| date.to_string()),
            Field::Phone => phone(value).ok_or_else(|| error("5 to 20 digits, perhaps with + in front")),
            _ => Ok(value.to_owned()),
        }
    }

    fn bytes_most(self) -> usize {
        match self {
            Field::Notes => 8_192,
            Field::Ailments | Field::Preferences | Field::Address => 1_024,
            _ => 128,
        }
    }
}

/// Digits only, with a leading `+` kept; blanks and hyphens are how people write them.
fn phone(value: &str) -> Option<String> {
    let plain: String = value.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    let digits = plain.strip_prefix('+').unwrap_or(&plain);
    let valid = (5..=20).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    valid.then_some(plain)
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Field {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let field = Self::ALL.into_iter().find(|field| field.name() == text);
        field.ok_or_else(|| ParseError::new("field", text, "the name of a profile field"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_normalised_or_refused() {
        assert_eq!(Field::Phone.parse("138-0013 8000").as_deref(), Ok("13800138000"));
        assert_eq!(Field::Phone.parse("+86 13800138000").as_deref(), Ok("+8613800138000"));
        assert_eq!(Field::Name.parse("  王小明 ").as_deref(), Ok("王小明"));
        assert_eq!(Field::BirthDate.parse("1988-5-4").as_deref(), Ok("1988-05-04"));
        for (field, value) in [
            (Field::Phone, "1234"),
            (Field::Phone, "13800x38000"),
            (Field::Name, ""),
            (Field::Name, "a\u{7}b"),
            (Field::Sex, "female"),
            (Field::BirthDate, "1988-02-30"),
            (Field::MedicalInsurance, "maybe"),
        ] {
            assert!(field.parse(value).is_err(), "{field} {value:?}");
        }
        assert!(Field::Name.parse(&"x".repeat(129)).is_err());
        assert!(Field::Notes.parse("first line\nsecond line").is_ok());
    }
}
