use std::{fmt, str::FromStr};

use minicbor::{Decode, Encode};

use crate::{ParseError, StoreNumber};

/// A card number: 4 digits of the chain, 4 of the issuing store, 2 of the store's life
/// (how often it has enrolled), 6 of a serial, and a check digit (Luhn, ISO/IEC 7812-1).
/// Two stores that cannot see each other never issue the same one, nor does a store
/// after it lost its database.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct CardNumber(#[n(0)] u64);

const DIGITS: usize = 17;

/// What a replica puts in front of the serials of its cards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CardIssuer {
    /// The chain's prefix, 1000 to 9999.
    pub chain_prefix: u16,
    /// The issuing store, 0 to 9999.
    pub store: StoreNumber,
    /// Which enrolment of that store this is, 0 to 99.
    pub life: u8,
}

impl CardIssuer {
    /// The greatest serial.
    pub const SERIAL_MAX: u32 = 999_999;

    /// The serial of a card, given the number as SQLite stores it.
    pub fn serial_of(card: i64) -> u32 {
        u32::try_from(card / 10 % 1_000_000).unwrap_or(0)
    }

    /// The card with this serial, or `None` when a field is out of its range: a replica
    /// has 1,000,000 serials, and gets new ones by enrolling anew.
    pub fn card(&self, serial: u32) -> Option<CardNumber> {
        let fits = (1000..=9999).contains(&self.chain_prefix)
            && self.store.0 <= 9999
            && self.life <= 99
            && serial <= Self::SERIAL_MAX;
        let body = (u64::from(self.chain_prefix) * 10_000 + u64::from(self.store.0)) * 100_000_000
            + u64::from(self.life) * 1_000_000
            + u64::from(serial);
        fits.then(|| CardNumber(body * 10 + check_digit(body)))
    }
}

impl CardNumber {
    /// The number as SQLite stores it.
    pub fn as_i64(self) -> i64 {
        self.0.cast_signed()
    }
}

fn check_digit(mut body: u64) -> u64 {
    let mut sum = 0;
    let mut doubled = true;
    while body > 0 {
        let digit = body % 10 * if doubled { 2 } else { 1 };
        sum += digit / 10 + digit % 10;
        doubled = !doubled;
        body /= 10;
    }
    (10 - sum % 10) % 10
}

impl CardNumber {
    /// The number as a bystander may read it: `6688 **** 3456`.
    pub fn masked(self) -> String {
        let digits = self.to_string();
        let (first, last) = (digits.get(..4), digits.get(digits.len().saturating_sub(4)..));
        format!("{} **** {}", first.unwrap_or(""), last.unwrap_or(""))
    }
}

impl FromStr for CardNumber {
    type Err = ParseError;

    /// Reads 17 digits, spaces and hyphens between them allowed.
    fn from_str(text: &str) -> Result<Self, ParseError> {
        let error = |reason| ParseError::new("card number", text, reason);
        let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).take(DIGITS + 1).collect();
        if digits.len() != DIGITS || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(error("17 digits"));
        }
        let number: u64 = digits.parse().map_err(|_| error("17 digits"))?;
        if check_digit(number / 10) != number % 10 {
            return Err(error("its check digit does not fit: read or typed wrongly"));
        }
        Ok(Self(number))
    }
}

impl fmt::Display for CardNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:017}", self.0)
    }
}

impl fmt::Debug for CardNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misread_digit_or_a_swap_is_found() {
        let issuer = CardIssuer { chain_prefix: 6688, store: StoreNumber(12), life: 1 };
        let card = issuer.card(345_678).unwrap();
        let text = card.to_string();
        assert_eq!(&text[..16], "6688001201345678");
        assert_eq!(text.parse(), Ok(card));
        for place in 0..DIGITS {
            let mut wrong = text.clone().into_bytes();
            wrong[place] = b'0' + (wrong[place] - b'0' + 1) % 10;
            assert!(String::from_utf8(wrong).unwrap().parse::<CardNumber>().is_err());
        }
    }

    #[test]
    fn the_known_luhn_number() {
        assert_eq!(check_digit(7_992_739_871), 3);
    }

    #[test]
    fn serials_and_stores_have_limits() {
        let issuer = CardIssuer { chain_prefix: 6688, store: StoreNumber(9999), life: 99 };
        assert!(issuer.card(999_999).is_some());
        assert!(issuer.card(1_000_000).is_none());
        assert!(CardIssuer { store: StoreNumber(10_000), ..issuer }.card(1).is_none());
    }
}
