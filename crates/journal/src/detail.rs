use minicbor::{Decode, Encode};
use purser_types::{BusinessDate, Digest, Fen};

use crate::{DecodeFault, codec};

/// What a sale's entry leaves out to stay small: the store that made it keeps it, and hubs. The entry has
/// its hash.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode)]
pub struct SaleDetail {
    /// The lines of the basket.
    #[n(0)]
    pub lines: Vec<DetailLine>,
    /// What was taken off, in its order: the rule's id, and how much.
    #[n(1)]
    pub taken_off: Vec<TakenOff>,
    /// What was cut to come to whole coins.
    #[n(2)]
    pub cut: Fen,
    /// The buyer's tier: its id.
    #[n(3)]
    pub tier: String,
    /// The hour of the day in the city, 0 to 23.
    #[n(4)]
    pub hour: u32,
    /// What the member had afterwards beside points, as far as the store knew.
    #[n(5)]
    pub after: Vec<HeldAfter>,
}

/// One line of a basket.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode)]
pub struct DetailLine {
    /// The shop's own number of the article.
    #[n(0)]
    pub article: String,
    /// What it is called on the receipt; empty if the till did not say.
    #[n(1)]
    pub name: String,
    /// Its category.
    #[n(2)]
    pub category: String,
    /// What else is said of it.
    #[n(3)]
    pub flags: Vec<String>,
    /// How many pieces.
    #[n(4)]
    pub quantity: u32,
    /// What one costs before any discount.
    #[n(5)]
    pub unit_price: Fen,
    /// What was to be paid for all of them.
    #[n(6)]
    pub price: Fen,
    /// What of it has earned.
    #[n(7)]
    pub earns: Fen,
    /// Pieces of it that passes have paid for: the id of the pass for each.
    #[n(8)]
    pub by_passes: Vec<String>,
}

/// What one rule took off.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct TakenOff {
    /// The rule's id.
    #[n(0)]
    pub rule: String,
    /// How much.
    #[n(1)]
    pub off: Fen,
}

/// What a member holds of something.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct HeldAfter {
    /// Of what.
    #[n(0)]
    pub asset: purser_ledger::Asset,
    /// How much, in the asset's unit.
    #[n(1)]
    pub amount: i64,
    /// The last day of what ends first, if it ends.
    #[n(2)]
    pub until: Option<BusinessDate>,
}

impl SaleDetail {
    /// A detail is at most so long.
    pub const BYTES_MAX: usize = 128 * 1024;

    /// The bytes that are hashed, kept and sent.
    pub fn to_bytes(&self) -> Vec<u8> {
        codec::to_cbor(self)
    }

    /// The hash that the sale's entry has.
    pub fn hash(bytes: &[u8]) -> Digest {
        Digest::of(bytes)
    }

    /// Reads a detail.
    ///
    /// # Errors
    /// If the bytes are not those of one, or too many.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeFault> {
        if bytes.len() > Self::BYTES_MAX {
            return Err(DecodeFault { what: "sale detail", reason: format!("{} bytes", bytes.len()) });
        }
        codec::from_cbor("sale detail", bytes)
    }
}
