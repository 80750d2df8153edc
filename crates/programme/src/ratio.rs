use std::{fmt, str::FromStr};

use purser_types::{Fen, ParseError};
use rust_decimal::{Decimal, RoundingStrategy};
use serde::Deserialize;

/// A factor such as 0.88, exact: a decimal string outside, 0 to 1,000, at most six decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct Ratio(Decimal);

/// How a figure that falls between two is cut.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    /// To the nearer one, halves away from zero.
    #[default]
    HalfUp,
    /// To the nearer one, halves to the even one.
    HalfEven,
    /// The rest is cut.
    Down,
    /// To the next.
    Up,
}

const RATIO_MAX: u32 = 1_000;
const DECIMALS_MAX: u32 = 6;

impl Ratio {
    /// No change.
    pub const ONE: Ratio = Ratio(Decimal::ONE);

    /// This much of an amount, in whole fen.
    pub fn of(self, amount: Fen, rounding: Rounding) -> Fen {
        Fen(rounding.whole(self.0.saturating_mul(Decimal::from(amount.0))))
    }

    /// This much of a number of points, the rest cut.
    pub fn of_points(self, points: i64) -> i64 {
        Rounding::Down.whole(self.0.saturating_mul(Decimal::from(points)))
    }

    /// Both, one after the other.
    pub fn and(self, other: Ratio) -> Ratio {
        Ratio(self.0.saturating_mul(other.0))
    }

    /// The number itself.
    pub(crate) fn decimal(self) -> Decimal {
        self.0
    }
}

impl Rounding {
    /// A number without decimals; as many as fit if it is beyond 64 bits.
    pub(crate) fn whole(self, number: Decimal) -> i64 {
        let strategy = match self {
            Rounding::HalfUp => RoundingStrategy::MidpointAwayFromZero,
            Rounding::HalfEven => RoundingStrategy::MidpointNearestEven,
            Rounding::Down => RoundingStrategy::ToZero,
            Rounding::Up => RoundingStrategy::AwayFromZero,
        };
        let whole = number.round_dp_with_strategy(0, strategy);
        i64::try_from(whole).unwrap_or(if whole.is_sign_negative() { i64::MIN } else { i64::MAX })
    }
}

impl From<u32> for Ratio {
    /// As many times, a thousand at most.
    fn from(times: u32) -> Self {
        Ratio(Decimal::from(times.min(RATIO_MAX)))
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.normalize().fmt(f)
    }
}

impl FromStr for Ratio {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let number = Decimal::from_str_exact(text)
            .ok()
            .filter(|number| plain && *number <= Decimal::from(RATIO_MAX) && number.scale() <= DECIMALS_MAX);
        let expected = "a decimal from 0 to 1000 such as \"0.88\", at most six decimals";
        number.map(Self).ok_or_else(|| ParseError::new("ratio", text, expected))
    }
}

impl TryFrom<String> for Ratio {
    type Error = ParseError;

    fn try_from(text: String) -> Result<Self, ParseError> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_of_money_is_exact_and_cut_as_told() {
        let ratio: Ratio = "0.88".parse().unwrap();
        assert_eq!(ratio.and("0.8".parse().unwrap()).of(Fen(10_000), Rounding::HalfUp), Fen(7_040));
        let cut = [Rounding::HalfUp, Rounding::HalfEven, Rounding::Down, Rounding::Up];
        let half: Ratio = "0.5".parse().unwrap();
        assert_eq!(cut.map(|rounding| half.of(Fen(5), rounding).0), [3, 2, 2, 3]);
        assert_eq!(cut.map(|rounding| half.of(Fen(7), rounding).0), [4, 4, 3, 4]);
        assert_eq!(ratio.of_points(99), 87);
        assert_eq!(Ratio::ONE.of(Fen(i64::MAX), Rounding::Up), Fen(i64::MAX));
        assert_eq!("1000".parse::<Ratio>().unwrap().of(Fen(i64::MAX), Rounding::Up), Fen(i64::MAX));
    }

    #[test]
    fn what_is_no_ratio() {
        for text in ["", "-1", "1e1", "0.1234567", "1000.1", "0,5", "one", "٣"] {
            assert!(text.parse::<Ratio>().is_err(), "{text}");
        }
        assert_eq!("0.880".parse::<Ratio>().unwrap().to_string(), "0.88");
    }
}
