use std::fmt;

use purser_types::Fen;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::Number;

/// Money as a JSON number with at most two decimals, as some vendors send it. What was written is read as a decimal;
/// nothing is ever calculated in floating point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Money(pub(crate) Fen);

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // A number of up to fifteen digits is told just as it was written.
        let text = Number::deserialize(deserializer)?.to_string();
        let fen = text.parse::<Fen>().ok().filter(|fen| (0..=MOST_FEN).contains(&fen.0));
        fen.map(Money).ok_or_else(|| de::Error::custom(format_args!("{text} is no amount of money")))
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let number: Result<Number, _> = self.to_string().parse();
        number.map_err(serde::ser::Error::custom)?.serialize(serializer)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Thirteen digits: more than any receipt has, and few enough to be told exactly.
const MOST_FEN: i64 = 1_000_000_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_and_written_to_the_fen() {
        for (text, fen) in [("0", 0), ("12.35", 1_235), ("0.1", 10), ("9999999999.99", 999_999_999_999)] {
            let money: Money = serde_json::from_str(text).unwrap();
            assert_eq!(money, Money(Fen(fen)), "{text}");
            let again: Money = serde_json::from_str(&serde_json::to_string(&money).unwrap()).unwrap();
            assert_eq!(again, money);
        }
        assert_eq!(serde_json::to_string(&Money(Fen(1_230))).unwrap(), "12.3");
        for text in ["-1", "-0.01", "1.005", "1e300", "\"1.00\"", "null", "10000000000.01"] {
            assert!(serde_json::from_str::<Money>(text).is_err(), "{text}");
        }
    }
}
