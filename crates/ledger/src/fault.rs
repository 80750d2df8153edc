use purser_types::{Coded, HoldId, OfferId};

use crate::Lot;

/// Why a posting cannot stand in its author's journal. An honest replica never writes
/// such a posting: in another's journal it is a reason for an alarm and for setting the
/// author aside, in our own it is a bug.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LedgerFault {
    /// The amount is zero, negative or beyond [`AMOUNT_MAX`](crate::AMOUNT_MAX).
    #[error("an amount of {0} cannot be posted")]
    AmountOutOfRange(i64),
    /// More than the author's share holds.
    #[error("{wanted} of {lot:?} wanted, the author's share has {available}")]
    Overspent {
        /// The lot drawn on.
        lot: Lot,
        /// What the share had.
        available: i64,
        /// What the posting takes.
        wanted: i64,
    },
    /// The author's share or sums would leave 64 bits.
    #[error("the author's sums of {0:?} would overflow")]
    Overflow(Lot),
    /// A hold or an offer that is not named after the entry that opens it, or a sale that its
    /// author has yet to make.
    #[error("a hold, an offer or a sale is not named after its entry")]
    ForeignId,
    /// The hold line stands already.
    #[error("{0} is opened twice on one lot")]
    HoldReopened(HoldId),
    /// No open line of that hold on that lot by this author.
    #[error("{0} has no open line of this author on that lot")]
    HoldNotOpen(HoldId),
    /// The settlement captures more than was held, or less than nothing.
    #[error("{hold} holds {held}, {captured} captured")]
    CaptureOutOfRange {
        /// The hold.
        hold: HoldId,
        /// What it holds on that lot.
        held: i64,
        /// What the settlement captures.
        captured: i64,
    },
    /// The offer line stands already.
    #[error("{0} is offered twice on one lot")]
    OfferRepeated(OfferId),
    /// An offer to oneself.
    #[error("{0} is addressed to its author")]
    OfferToSelf(OfferId),
    /// The author has taken up this offer line before.
    #[error("{0} is accepted twice")]
    AcceptRepeated(OfferId),
    /// An advance on something else than points.
    #[error("an advance on {0:?}: only points can be advanced")]
    AdvanceNotPoints(Lot),
}

impl Coded for LedgerFault {
    fn code(&self) -> &'static str {
        match self {
            LedgerFault::AmountOutOfRange(_) => "ledger_amount_out_of_range",
            LedgerFault::Overspent { .. } => "ledger_overspent",
            LedgerFault::Overflow(_) => "ledger_overflow",
            LedgerFault::ForeignId => "ledger_foreign_id",
            LedgerFault::HoldReopened(_) => "ledger_hold_reopened",
            LedgerFault::HoldNotOpen(_) => "ledger_hold_not_open",
            LedgerFault::CaptureOutOfRange { .. } => "ledger_capture_out_of_range",
            LedgerFault::OfferRepeated(_) => "ledger_offer_repeated",
            LedgerFault::OfferToSelf(_) => "ledger_offer_to_self",
            LedgerFault::AcceptRepeated(_) => "ledger_accept_repeated",
            LedgerFault::AdvanceNotPoints(_) => "ledger_advance_not_points",
        }
    }
}
