use std::collections::BTreeSet;

use purser_types::{BusinessDate, Fen, StoreNumber};

use crate::label::RuleId;

/// What somebody wants to buy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Basket {
    /// Its lines, each of one article; at most [`Basket::LINES_MAX`].
    pub lines: Vec<Line>,
}

/// So many of one article.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    /// The shop's own number of the article.
    pub article: String,
    /// Its category, one of the programme's; empty if it is of none.
    pub category: String,
    /// What else is said of it.
    pub flags: BTreeSet<String>,
    /// How many.
    pub quantity: u32,
    /// What one costs before any discount.
    pub unit_price: Fen,
}

/// When and where a basket is priced, and what is known of the buyer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occasion {
    /// The day in the city's time zone.
    pub date: BusinessDate,
    /// The hour there, 0 to 23.
    pub hour: u32,
    /// The store.
    pub store: StoreNumber,
    /// The buyer, if there is a card.
    pub buyer: Option<Buyer>,
}

/// What is known of a member when a basket is priced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Buyer {
    /// The tier on this day: see [`crate::Programme::standing`].
    pub tier: RuleId,
    /// Month and day of birth.
    pub birthday: Option<(u32, u32)>,
    /// Orders of before that were not given back.
    pub orders: u64,
    /// Points held, before this basket.
    pub points: i64,
}

impl Basket {
    /// A basket has at most so many lines.
    pub const LINES_MAX: usize = 500;
}

impl Line {
    /// Its price before any discount, at most [`AMOUNT_FEN_MAX`].
    pub fn gross(&self) -> Fen {
        Fen(self.unit_price.0.saturating_mul(self.quantity.into()).clamp(0, AMOUNT_FEN_MAX))
    }
}

/// No amount within a basket is beyond ¥10,000,000,000: sums of all its lines stay far from 64 bits.
pub const AMOUNT_FEN_MAX: i64 = 1_000_000_000_000;
