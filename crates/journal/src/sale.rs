use minicbor::{Decode, Encode};
use purser_types::{BusinessDate, Digest, Fen, MemberId, SaleId, StoreNumber};

/// A sale, without its basket lines ([`SaleDetail`](crate::SaleDetail) has them).
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct SaleFact {
    /// The buyer.
    #[n(0)]
    pub member: MemberId,
    /// The store; with `till` and `check` the business key, which occurs once.
    #[n(1)]
    pub store: StoreNumber,
    /// The till within the store.
    #[n(2)]
    pub till: String,
    /// The till's number of the receipt.
    #[n(3)]
    pub check: String,
    /// The day in the city's time zone on which it was entered.
    #[n(4)]
    pub date: BusinessDate,
    /// The value of the goods.
    #[n(5)]
    pub gross: Fen,
    /// What points took off.
    #[n(6)]
    pub discount: Fen,
    /// Points earned.
    #[n(7)]
    pub points_earned: i64,
    /// Points redeemed.
    #[n(8)]
    pub points_redeemed: i64,
    /// The member's points after it, as far as the store knew.
    #[n(9)]
    pub points_after: i64,
    /// The hash of the sale's detail, which goes to hubs only.
    #[n(10)]
    pub basket: Option<Digest>,
    /// How many of the points redeemed were spent in advance of rights, against the store's
    /// allowance; `None` if none were.
    #[n(11)]
    pub points_advanced: Option<i64>,
    /// What the programme took off ahead of points: discounts, passes, coupons, the cut to whole coins.
    #[n(12)]
    pub off: Option<Fen>,
    /// Stored value that paid, of what was paid in.
    #[n(13)]
    pub principal: Option<Fen>,
    /// Stored value that paid, of what was given on top.
    #[n(14)]
    pub bonus: Option<Fen>,
    /// What of the price has earned points, before it was looked at what paid; all of it if `None`.
    #[n(15)]
    pub earns: Option<Fen>,
    /// Coupons that the member has got for what this purchase has completed.
    #[n(16)]
    pub awards: Option<Vec<AwardMade>>,
    /// The day of the receipt, if it was paid without a card and claimed later.
    #[n(17)]
    pub claimed_of: Option<BusinessDate>,
    /// What of the money vouchers of others have paid.
    #[n(18)]
    pub voucher: Option<Fen>,
}

/// A coupon that a way of purchases has brought.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct AwardMade {
    /// Which coupon: its id in the programme.
    #[n(0)]
    pub coupon: String,
    /// The day of the purchase that completed the way.
    #[n(1)]
    pub day: BusinessDate,
    /// The coupon's last day.
    #[n(2)]
    pub until: BusinessDate,
}

/// Part of a sale taken back.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct ReturnFact {
    /// The sale.
    #[n(0)]
    pub sale: SaleId,
    /// The buyer.
    #[n(1)]
    pub member: MemberId,
    /// The store that took the goods back, with `till` and `check` the business key.
    #[n(2)]
    pub store: StoreNumber,
    /// The till within that store.
    #[n(3)]
    pub till: String,
    /// The till's number of the return receipt.
    #[n(4)]
    pub check: String,
    /// The day in the city's time zone.
    #[n(5)]
    pub date: BusinessDate,
    /// The gross value of what came back.
    #[n(6)]
    pub gross: Fen,
    /// What the member got back in money.
    #[n(7)]
    pub refund: Fen,
    /// Points given back.
    #[n(8)]
    pub points_restored: i64,
    /// Points taken back.
    #[n(9)]
    pub points_clawed_back: i64,
    /// The member's points after it, as far as the store knew.
    #[n(10)]
    pub points_after: i64,
    /// What was to be paid for what came back; its gross value if `None`.
    #[n(11)]
    pub price: Option<Fen>,
    /// What of that had earned points; all of it if `None`.
    #[n(12)]
    pub earns: Option<Fen>,
    /// Stored value given back, of what was paid in.
    #[n(13)]
    pub principal: Option<Fen>,
    /// Stored value given back, of what was given on top.
    #[n(14)]
    pub bonus: Option<Fen>,
    /// Which lines came back, and how many pieces of each, if they were named.
    #[n(15)]
    pub lines: Option<Vec<LineReturned>>,
    /// Coupons taken back, for what is left completes no way any more.
    #[n(16)]
    pub awards_back: Option<Vec<AwardMade>>,
}

/// Pieces of a line that came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct LineReturned {
    /// The line of the sale, from 1.
    #[n(0)]
    pub line: u32,
    /// How many pieces.
    #[n(1)]
    pub pieces: u32,
}

impl SaleFact {
    /// What was to be paid, by whatever: the goods less what the programme took off.
    pub fn price(&self) -> Fen {
        Fen(self.gross.0.saturating_sub(self.off.unwrap_or_default().0))
    }

    /// What was paid other than by points.
    pub fn paid(&self) -> Fen {
        Fen(self.price().0.saturating_sub(self.discount.0))
    }

    /// What was paid in money.
    pub fn money(&self) -> Fen {
        let stored = self.principal.unwrap_or_default().0.saturating_add(self.bonus.unwrap_or_default().0);
        Fen(self.paid().0.saturating_sub(stored))
    }
}

impl ReturnFact {
    /// What was to be paid for what came back.
    pub fn price(&self) -> Fen {
        self.price.unwrap_or(self.gross)
    }
}
