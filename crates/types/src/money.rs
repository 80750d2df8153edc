use std::{fmt, str::FromStr};

use minicbor::{Decode, Encode};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::ParseError;

/// Money in fen (0.01 yuan). A decimal string such as `"12.50"` outside.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode, Serialize, Deserialize,
)]
#[serde(into = "String", try_from = "String")]
#[cbor(transparent)]
pub struct Fen(#[n(0)] pub i64);

impl Fen {
    /// Whole yuan, the rest cut.
    pub fn whole_yuan(self) -> i64 {
        self.0 / 100
    }
}

impl fmt::Display for Fen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Decimal::new(self.0, 2))
    }
}

impl FromStr for Fen {
    type Err = ParseError;

    /// Reads `"12"`, `"12.5"` or `"12.50"`, negative too; no exponent, no third decimal, no
    /// point without digits on both sides, no zero below zero.
    fn from_str(text: &str) -> Result<Self, ParseError> {
        let wrong = |reason| ParseError::new("amount", text, reason);
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let (yuan, decimals) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
        if !is_digits(yuan) || !is_digits(decimals) {
            return Err(wrong("a decimal such as \"12.50\""));
        }
        if decimals.len() > 2 {
            return Err(wrong("at most two decimals"));
        }
        let decimal = Decimal::from_str_exact(text).ok();
        let fen = decimal.and_then(|decimal| decimal.checked_mul(Decimal::ONE_HUNDRED));
        let fen =
            fen.and_then(|fen| i64::try_from(fen).ok()).ok_or_else(|| wrong("within 64 bits of fen"))?;
        if fen == 0 && unsigned != text {
            return Err(wrong("zero without a sign"));
        }
        Ok(Self(fen))
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

impl From<Fen> for String {
    fn from(fen: Fen) -> Self {
        fen.to_string()
    }
}

impl TryFrom<String> for Fen {
    type Error = ParseError;

    fn try_from(text: String) -> Result<Self, ParseError> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn texts_and_what_they_mean() {
        for (text, fen) in [("12.50", 1250), ("12.5", 1250), ("12", 1200), ("-0.01", -1), ("0", 0)] {
            assert_eq!(text.parse(), Ok(Fen(fen)), "{text}");
        }
        let wrong = ["", ".", ".5", "5.", "-.5", "+1", "--1", "-0", "-0.00", "1.001", "1.000", "1.-1", "1e3"];
        let strange = ["abc", "1,5", "1 000", "٣", "0x10", "1.2.3", "92233720368547758.08"];
        for text in wrong.into_iter().chain(strange) {
            assert!(text.parse::<Fen>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_amount_survives_text(fen: i64) {
            prop_assert_eq!(Fen(fen).to_string().parse(), Ok(Fen(fen)));
        }
    }
}
