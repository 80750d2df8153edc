//! What every other crate speaks of: identities, money, time and error codes.
//!
//! Nothing here does I/O, reads a clock or draws randomness. Whatever comes from
//! outside is parsed into these types once, at the edge, and is valid from then on.

mod business_date;
mod card_number;
mod coded;
mod coupon_code;
mod digest;
mod entry_id;
mod hlc;
mod host_port;
mod money;
pub mod mutant;
mod now;
mod record_id;
mod replica_id;
mod scope;
mod steering;

pub use business_date::{BusinessDate, CityZone};
pub use card_number::{CardIssuer, CardNumber};
pub use coded::Coded;
pub use coupon_code::CouponCode;
pub use digest::Digest;
pub use entry_id::EntryId;
pub use hlc::{Hlc, HlcClock};
pub use host_port::is_host_port;
pub use money::Fen;
pub use now::Now;
pub use record_id::{HoldId, MemberId, OfferId, SaleId};
pub use replica_id::{ReplicaId, ReplicaTag};
pub use scope::{Scope, StoreNumber};
pub use steering::steers_display;

/// Why a text from outside is not one of this crate's types.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} {text:?} is not valid: {reason}")]
pub struct ParseError {
    /// What was expected, for example `amount`.
    pub what: &'static str,
    /// The offending text, cut to 64 characters.
    pub text: String,
    /// What a valid one looks like.
    pub reason: &'static str,
}

impl ParseError {
    /// An error about `text`, of which at most 64 characters are kept.
    pub fn new(what: &'static str, text: &str, reason: &'static str) -> Self {
        Self { what, text: text.chars().take(64).collect(), reason }
    }
}

impl Coded for ParseError {
    fn code(&self) -> &'static str {
        "invalid_value"
    }
}
