use minicbor::{Decode, Encode};
use purser_types::{HoldId, OfferId, ReplicaId};

use crate::Lot;

/// One change of the author's own share of one lot. Amounts are above zero
/// (a settlement may capture zero).
///
/// `n` numbers are the wire format (docs/format.md): never reuse one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub enum Posting {
    /// New value, for example points earned. `available` grows.
    #[n(0)]
    Credit {
        /// The lot that grows.
        #[n(0)]
        lot: Lot,
        /// By how much.
        #[n(1)]
        amount: i64,
    },
    /// Value spent at once. `available` shrinks, never below zero.
    #[n(1)]
    Debit {
        /// The lot drawn on.
        #[n(0)]
        lot: Lot,
        /// How much is spent.
        #[n(1)]
        amount: i64,
    },
    /// Value set aside: from `available` to `held`.
    #[n(2)]
    Hold {
        /// Which hold; the lines of one hold share its id.
        #[n(0)]
        hold: HoldId,
        /// The lot set aside.
        #[n(1)]
        lot: Lot,
        /// How much of it.
        #[n(2)]
        amount: i64,
        /// When the author will release it, in milliseconds since 1970.
        #[n(3)]
        deadline_ms: u64,
    },
    /// The end of one line of a hold: `captured` is spent, the rest is available again.
    #[n(3)]
    Settle {
        /// Which hold.
        #[n(0)]
        hold: HoldId,
        /// Its line on this lot.
        #[n(1)]
        lot: Lot,
        /// What is spent of it, 0 to all.
        #[n(2)]
        captured: i64,
    },
    /// Rights given to another replica. `available` shrinks, never below zero.
    #[n(4)]
    Offer {
        /// Which offer; its lines share the id, each is named by lot and receiver besides.
        #[n(0)]
        offer: OfferId,
        /// The only replica that may accept.
        #[n(1)]
        to: ReplicaId,
        /// The lot whose rights move.
        #[n(2)]
        lot: Lot,
        /// How many.
        #[n(3)]
        amount: i64,
    },
    /// Rights taken up from one line of an offer addressed to the author, once.
    #[n(5)]
    Accept {
        /// Which offer.
        #[n(0)]
        offer: OfferId,
        /// Its line on this lot.
        #[n(1)]
        lot: Lot,
        /// All that the line offered.
        #[n(2)]
        amount: i64,
    },
    /// Value taken back because what earned it was returned. May take `available`
    /// below zero: the member then owes it and repays by what is earned next.
    #[n(6)]
    Clawback {
        /// The lot that the sale had credited.
        #[n(0)]
        lot: Lot,
        /// How much is taken back.
        #[n(1)]
        amount: i64,
    },
    /// Points spent beyond the rights held here, covered by the author's allowance: takes
    /// `available` below zero and moves as much of the allowance from available to held, until
    /// `available` rises again.
    #[n(7)]
    Advance {
        /// The lot of points drawn on.
        #[n(0)]
        lot: Lot,
        /// How much is spent.
        #[n(1)]
        amount: i64,
    },
}

impl Posting {
    /// The lot it touches.
    pub fn lot(&self) -> Lot {
        match *self {
            Posting::Credit { lot, .. }
            | Posting::Debit { lot, .. }
            | Posting::Hold { lot, .. }
            | Posting::Settle { lot, .. }
            | Posting::Offer { lot, .. }
            | Posting::Accept { lot, .. }
            | Posting::Clawback { lot, .. }
            | Posting::Advance { lot, .. } => lot,
        }
    }
}
