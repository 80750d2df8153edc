use std::{fmt, str::FromStr};

use purser_types::{Digest, ParseError, steers_display};
use serde::Deserialize;

/// What something is called, for people.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// In Chinese.
    pub zh: Words,
    /// In English.
    pub en: Words,
}

/// A line of text of 1 to 60 characters that can be printed as it is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Words(String);

/// What a rule, tier, pass or coupon is called within its programme, and in entries: 1 to 40 of
/// `a` to `z`, `0` to `9` and `-`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct RuleId(String);

const WORDS_CHARS_MAX: usize = 60;
const ID_CHARS_MAX: usize = 40;

impl Label {
    /// A label for what no programme names, of texts that can be printed; of others its mark alone.
    pub fn of(zh: &str, en: &str) -> Self {
        let words = |text: &str| text.to_owned().try_into().unwrap_or_else(|_| Words("-".to_owned()));
        Self { zh: words(zh), en: words(en) }
    }

    /// The same in both languages.
    pub fn plain(text: &str) -> Self {
        Self::of(text, text)
    }
}

impl RuleId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number by which the ledger knows passes, coupons and rewards of this id, in every version: the
    /// first four bytes of its BLAKE3 hash. No two of one programme have the same.
    pub fn kind(&self) -> u32 {
        kind_of(&self.0)
    }
}

/// The first four bytes of a name's BLAKE3 hash.
pub(crate) fn kind_of(name: &str) -> u32 {
    let Digest([a, b, c, d, ..]) = Digest::of(name.as_bytes());
    u32::from_be_bytes([a, b, c, d])
}

impl TryFrom<String> for Words {
    type Error = ParseError;

    fn try_from(text: String) -> Result<Self, ParseError> {
        let is_line = (1..=WORDS_CHARS_MAX).contains(&text.chars().count()) && !text.contains(steers_display);
        let expected = "1 to 60 characters on one line";
        if is_line { Ok(Self(text)) } else { Err(ParseError::new("name", &text, expected)) }
    }
}

impl TryFrom<String> for RuleId {
    type Error = ParseError;

    fn try_from(text: String) -> Result<Self, ParseError> {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let is_id = (1..=ID_CHARS_MAX).contains(&text.len()) && text.bytes().all(fits);
        let expected = "1 to 40 of a-z, 0-9 and -, such as \"member-day\"";
        if is_id { Ok(Self(text)) } else { Err(ParseError::new("id", &text, expected)) }
    }
}

impl FromStr for RuleId {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        Self::try_from(text.to_owned())
    }
}

impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
