use minicbor::{Decode, Encode};
use purser_types::{BusinessDate, Fen, MemberId, SaleId, StoreNumber};

/// Where and when something was done for a member: with `till` and `check` the business key.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Receipt {
    /// The store.
    #[n(0)]
    pub store: StoreNumber,
    /// The till within the store.
    #[n(1)]
    pub till: String,
    /// The till's number of the receipt.
    #[n(2)]
    pub check: String,
    /// The day in the city's time zone.
    #[n(3)]
    pub date: BusinessDate,
}

/// Stored value paid in.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct TopUpFact {
    /// Whose.
    #[n(0)]
    pub member: MemberId,
    /// Where and when.
    #[n(1)]
    pub receipt: Receipt,
    /// What was paid in.
    #[n(2)]
    pub principal: Fen,
    /// What was given on top.
    #[n(3)]
    pub bonus: Fen,
    /// Who has sold it: the store's own number of a person.
    #[n(4)]
    pub seller: Option<String>,
    /// Who has approved a bonus that needs approval.
    #[n(5)]
    pub approved_by: Option<String>,
    /// The limited issue that the card is of: its id in the programme.
    #[n(6)]
    pub issue: Option<String>,
}

/// Stored value given back to who had paid it in.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct TopUpBackFact {
    /// Whose.
    #[n(0)]
    pub member: MemberId,
    /// Where and when.
    #[n(1)]
    pub receipt: Receipt,
    /// The top-up: named like a sale after the entry that made it.
    #[n(2)]
    pub top_up: SaleId,
    /// Money given back.
    #[n(3)]
    pub principal: Fen,
    /// Bonus taken back.
    #[n(4)]
    pub bonus: Fen,
}

/// A pass sold.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct PassSoldFact {
    /// Whose.
    #[n(0)]
    pub member: MemberId,
    /// Where and when.
    #[n(1)]
    pub receipt: Receipt,
    /// Which: its id in the programme.
    #[n(2)]
    pub pass: String,
    /// How many uses it has.
    #[n(3)]
    pub uses: i64,
    /// What was paid for it.
    #[n(4)]
    pub price: Fen,
    /// Who has sold it: the store's own number of a person.
    #[n(5)]
    pub seller: Option<String>,
}

/// Uses of a pass taken back for money.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct PassBackFact {
    /// Whose.
    #[n(0)]
    pub member: MemberId,
    /// Where and when.
    #[n(1)]
    pub receipt: Receipt,
    /// The sale of the pass: named after the entry that made it.
    #[n(2)]
    pub pass_sale: SaleId,
    /// The pass: its id in the programme.
    #[n(3)]
    pub pass: String,
    /// How many uses.
    #[n(4)]
    pub uses: i64,
    /// Money given back.
    #[n(5)]
    pub price: Fen,
}

/// Coupons issued on paper, each with a code that no entry holds. Their lots belong to the codes' bearers, in the
/// order of the codes.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct CodesFact {
    /// The day in the city's time zone.
    #[n(0)]
    pub date: BusinessDate,
    /// The coupon: its id in the programme.
    #[n(1)]
    pub coupon: String,
    /// The proof of each code, 16 bytes, one after the other.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub proofs: Vec<u8>,
    /// The last day on which one can be used.
    #[n(3)]
    pub until: BusinessDate,
    /// Why, as the person gave it.
    #[n(4)]
    pub reason: String,
    /// Who has approved it, as the person gave it.
    #[n(5)]
    pub by: String,
}

/// Points redeemed for a reward of the programme's catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct RewardFact {
    /// Whose points.
    #[n(0)]
    pub member: MemberId,
    /// Where and when.
    #[n(1)]
    pub receipt: Receipt,
    /// Which reward: its id in the programme.
    #[n(2)]
    pub reward: String,
    /// How many pieces.
    #[n(3)]
    pub pieces: i64,
    /// Points for all of them.
    #[n(4)]
    pub points: i64,
    /// The member's points after it, as far as the store knew.
    #[n(5)]
    pub points_after: i64,
}

/// Something given to a member without a purchase, with who answers for it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct GrantFact {
    /// To whom.
    #[n(0)]
    pub member: MemberId,
    /// The day in the city's time zone.
    #[n(1)]
    pub date: BusinessDate,
    /// What.
    #[n(2)]
    pub gift: Gift,
    /// Why, as the person gave it.
    #[n(3)]
    pub reason: String,
    /// Who has approved it, as the person gave it.
    #[n(4)]
    pub by: String,
}

/// What can be given.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Gift {
    /// A tier.
    #[n(0)]
    Tier {
        /// Its id in the programme.
        #[n(0)]
        tier: String,
        /// The last day; the tier's own validity if `None`.
        #[n(1)]
        until: Option<BusinessDate>,
    },
    /// Points for an activity.
    #[n(1)]
    Activity {
        /// Its id in the programme.
        #[n(0)]
        activity: String,
        /// How many.
        #[n(1)]
        points: i64,
    },
    /// Coupons.
    #[n(2)]
    Coupon {
        /// Their id in the programme.
        #[n(0)]
        coupon: String,
        /// How many.
        #[n(1)]
        pieces: i64,
    },
    /// Uses of a pass that were somebody else's.
    #[n(3)]
    PassUses {
        /// The pass's id in the programme.
        #[n(0)]
        pass: String,
        /// How many.
        #[n(1)]
        uses: i64,
        /// Whose they were.
        #[n(2)]
        from: MemberId,
    },
    /// A coupon that the member had on paper.
    #[n(4)]
    Code {
        /// Its id in the programme.
        #[n(0)]
        coupon: String,
        /// The bearer of its code.
        #[n(1)]
        bearer: MemberId,
    },
}
