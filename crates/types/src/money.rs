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

    /// Reads `"12"`, `"12.5"` or `"12.50"`, negative too; no exponent, no third decimal.
    fn from_str(text: &str) -> Result<Self, ParseError> {
        let plain = text.len() <= 24 && text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-'));
        let decimal = plain.then(|| Decimal::from_str_exact(text).ok()).flatten();
        let decimal =
            decimal.ok_or_else(|| ParseError::new("amount", text, "a decimal such as \"12.50\""))?;
        if decimal.normalize().scale() > 2 || decimal.scale() > 2 {
            return Err(ParseError::new("amount", text, "at most two decimals"));
        }
        let fen = decimal.checked_mul(Decimal::ONE_HUNDRED).and_then(|fen| i64::try_from(fen).ok());
        fen.map(Self).ok_or_else(|| ParseError::new("amount", text, "within 64 bits of fen"))
    }
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
        for text in ["", "1.001", "1.000", "1e3", "abc", "1,5", "92233720368547758.08", "٣", "--1", "."] {
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
