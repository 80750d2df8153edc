use minicbor::{Decode, Encode};
use purser_types::{BusinessDate, MemberId};

use crate::Asset;

/// What one member owns of one asset with one expiry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub struct Lot {
    /// The owner.
    #[n(0)]
    pub member: MemberId,
    /// What is owned.
    #[n(1)]
    pub asset: Asset,
    /// The last day on which it can be spent; `None` if it never expires.
    #[n(2)]
    pub expires_on: Option<BusinessDate>,
}

impl Lot {
    /// The one lot of [`Asset::Allowance`].
    pub fn allowance() -> Self {
        Self { member: MemberId::CHAIN, asset: Asset::Allowance, expires_on: None }
    }

    /// The one lot of [`Asset::Stock`] of a kind.
    pub fn stock(kind: u32) -> Self {
        Self { member: MemberId::CHAIN, asset: Asset::Stock(kind), expires_on: None }
    }

    /// Whether it can be spent on that day.
    pub fn is_live(&self, today: BusinessDate) -> bool {
        self.expires_on.is_none_or(|last| today <= last)
    }
}
