use std::{fmt, str::FromStr};

use data_encoding::{Encoding, Specification};

use crate::{EntryId, MemberId, ParseError};

/// The code of one coupon on paper: whoever knows it has the coupon. 80 bits, so that nobody guesses one; as text 16
/// letters and digits without I, L, O and U (Crockford's base 32), in four groups.
///
/// Entries never hold a code: the coupon belongs to the code's [`bearer`](CouponCode::bearer), and whoever claims it
/// shows what has this [`proof`](CouponCode::proof). The bearer alone would be too short for that: 63 bits, of which
/// many are open at a time.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct CouponCode([u8; 10]);

const CODE_CONTEXT: &str = "Purser 2026-11 coupon code";
const BEARER_CONTEXT: &str = "Purser 2026-11 bearer of a coupon code";
const PROOF_CONTEXT: &str = "Purser 2026-11 proof of a coupon code";
const ALPHABET: &str = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LETTERS: usize = 16;

impl CouponCode {
    /// The code of one coupon of those that `entry` issues. Only who knows the secret can say it, and always says the
    /// same.
    pub fn derive(secret: &[u8; 32], entry: EntryId, place: u32) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key(CODE_CONTEXT);
        hasher.update(secret).update(&entry.replica.0).update(&entry.seq.to_be_bytes());
        Self(first(&hasher.update(&place.to_be_bytes()).finalize()))
    }

    /// Whom the coupon belongs to until a member claims it.
    pub fn bearer(&self) -> MemberId {
        let raw = i64::from_be_bytes(first(&blake3::Hash::from(blake3::derive_key(BEARER_CONTEXT, &self.0))));
        // 0 is the chain.
        MemberId::from_i64((raw & i64::MAX).max(1)).unwrap_or(MemberId::CHAIN)
    }

    /// What tells the code from every other, and does not tell the code: 16 bytes of another hash.
    pub fn proof(&self) -> [u8; 16] {
        first(&blake3::Hash::from(blake3::derive_key(PROOF_CONTEXT, &self.0)))
    }
}

fn first<const N: usize>(hash: &blake3::Hash) -> [u8; N] {
    std::array::from_fn(|at| hash.as_bytes()[at])
}

fn encoding() -> Encoding {
    let mut specification = Specification::new();
    specification.symbols.push_str(ALPHABET);
    match specification.encoding() {
        Ok(encoding) => encoding,
        Err(error) => unreachable!("32 different symbols: {error}"),
    }
}

impl fmt::Display for CouponCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = encoding().encode(&self.0);
        let groups: Vec<&str> = (0..LETTERS).step_by(4).filter_map(|at| text.get(at..at + 4)).collect();
        f.write_str(&groups.join("-"))
    }
}

/// Says nothing: a code is worth money.
impl fmt::Debug for CouponCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CouponCode(..)")
    }
}

impl FromStr for CouponCode {
    type Err = ParseError;

    /// Reads 16 letters and digits as a person types them: hyphens, spaces and case do not matter, and O, I and L
    /// stand for the digits that they look like. The error does not repeat the text.
    fn from_str(text: &str) -> Result<Self, ParseError> {
        let error = || ParseError::new("coupon code", "", "16 letters and digits, as on the coupon");
        let symbol = |c: char| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        };
        let letters = text.chars().filter(|c| !matches!(c, ' ' | '-')).take(LETTERS + 1);
        let letters: String = letters.map(symbol).collect();
        let bytes = encoding().decode(letters.as_bytes()).map_err(|_| error())?;
        bytes.try_into().map(Self).map_err(|_| error())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ReplicaId;

    const ENTRY: EntryId = EntryId { replica: ReplicaId([7; 16]), seq: 42 };

    #[test]
    fn codes_are_typed_as_people_type() {
        let code = CouponCode::derive(&[1; 32], ENTRY, 0);
        let text = code.to_string();
        assert_eq!((text.len(), text.matches('-').count()), (19, 3));
        assert_eq!(text.parse(), Ok(code));
        assert_eq!(
            text.to_lowercase().replace('-', " ").replace('0', "o").replace('1', "l").parse(),
            Ok(code)
        );
        assert_eq!("0000-0000-0000-00O0".parse::<CouponCode>(), "00000000 00000000".parse());
        for wrong in ["", "0000-0000-0000-000", "0000-0000-0000-00000", "0000-0000-0000-000U", "卡"] {
            assert!(wrong.parse::<CouponCode>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn every_coupon_has_its_own_code_and_bearer() {
        let codes = || (0..500).map(|place| CouponCode::derive(&[1; 32], ENTRY, place));
        let bearers: std::collections::BTreeSet<MemberId> = codes().map(|code| code.bearer()).collect();
        assert_eq!(bearers.len(), 500);
        assert!(bearers.first() > Some(&MemberId::CHAIN));
        let elsewhere = CouponCode::derive(&[2; 32], ENTRY, 0);
        assert!(codes().all(|code| code != elsewhere));
        let next = CouponCode::derive(&[1; 32], EntryId { seq: 43, ..ENTRY }, 0);
        assert!(codes().all(|code| code != next));
    }

    #[test]
    fn a_code_stays_out_of_logs() {
        let code = CouponCode::derive(&[1; 32], ENTRY, 0);
        assert_eq!(format!("{code:?}"), "CouponCode(..)");
        let refused = "MY-SECRET-CODE".parse::<CouponCode>().unwrap_err().to_string();
        assert!(!refused.contains("SECRET"), "{refused}");
    }
}
