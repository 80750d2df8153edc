use purser_types::mutant::{Mutant, is_on};
use purser_types::{EntryId, HoldId, OfferId, ReplicaId};

use crate::{Asset, HoldLine, HoldState, LedgerFault, Lot, OfferLine, Posting, Share, Totals};

/// The most that one posting may move: ten billion yuan in fen, or so many points.
/// Bounds what one hostile posting can do to sums.
pub const AMOUNT_MAX: i64 = 1_000_000_000_000;

/// Where the state of the ledger is kept, as rows. A row never written reads as its
/// default ([`Share::NONE`], `None`, zero).
#[allow(clippy::missing_errors_doc, reason = "every method fails only as the rows do")]
pub trait Rows {
    /// Why a row could not be read or written.
    type Error;

    /// The share of `owner` in `lot`.
    fn share(&mut self, owner: ReplicaId, lot: Lot) -> Result<Share, Self::Error>;
    /// Replaces that share.
    fn set_share(&mut self, owner: ReplicaId, lot: Lot, share: Share) -> Result<(), Self::Error>;
    /// The line of a hold on `lot`.
    fn hold(&mut self, hold: HoldId, lot: Lot) -> Result<Option<HoldLine>, Self::Error>;
    /// Replaces that line.
    fn set_hold(&mut self, hold: HoldId, lot: Lot, line: HoldLine) -> Result<(), Self::Error>;
    /// The line of an offer on `lot` to `receiver`.
    fn offer(&mut self, offer: OfferId, lot: Lot, receiver: ReplicaId) -> Result<OfferLine, Self::Error>;
    /// Replaces that line.
    fn set_offer(
        &mut self,
        offer: OfferId,
        lot: Lot,
        receiver: ReplicaId,
        line: OfferLine,
    ) -> Result<(), Self::Error>;
    /// The running sums of `owner` for assets of the kind of `asset`.
    fn totals(&mut self, owner: ReplicaId, asset: Asset) -> Result<Totals, Self::Error>;
    /// Replaces these sums.
    fn set_totals(&mut self, owner: ReplicaId, asset: Asset, totals: Totals) -> Result<(), Self::Error>;
}

/// Why a posting was not folded.
#[derive(Debug, PartialEq, Eq)]
pub enum FoldError<E> {
    /// The posting cannot stand: the author is at fault.
    Fault(LedgerFault),
    /// The rows could not be read or written.
    Rows(E),
}

impl<E> From<LedgerFault> for FoldError<E> {
    fn from(fault: LedgerFault) -> Self {
        FoldError::Fault(fault)
    }
}

/// Folds one posting of `entry` into the rows of its author.
///
/// The postings of one author must come in the order of its journal, each once; those of
/// different authors may come in any order and give the same rows. Reads and writes rows of
/// the author only, but for the line of an offer, which giver and receiver complete together.
///
/// An advance is settled by whatever makes the lot's `available` rise later, in the same fold:
/// no more stays advanced on a lot than what it lacks, and the allowance is free again.
///
/// # Errors
/// [`FoldError::Fault`] if the posting cannot stand; nothing was written then.
pub fn fold<R: Rows>(rows: &mut R, entry: EntryId, posting: &Posting) -> Result<(), FoldError<R::Error>> {
    if is_of_the_future(posting.lot(), entry) {
        return Err(LedgerFault::ForeignId.into());
    }
    let mut account = Account::open(rows, entry, posting.lot())?;
    match *posting {
        Posting::Credit { amount, .. } => account.credit(amount)?,
        Posting::Debit { amount, .. } => account.debit(amount)?,
        Posting::Hold { hold, amount, deadline_ms, .. } => account.hold(hold, amount, deadline_ms)?,
        Posting::Settle { hold, captured, .. } => account.settle(hold, captured)?,
        Posting::Offer { offer, to, amount, .. } => account.offer(offer, to, amount)?,
        Posting::Accept { offer, amount, .. } => account.accept(offer, amount)?,
        Posting::Clawback { amount, .. } => account.clawback(amount)?,
        Posting::Advance { amount, .. } => account.advance(amount)?,
    }
    account.close()
}

type Folded<R> = Result<(), FoldError<<R as Rows>::Error>>;

/// The author's share of one lot while a posting is applied; written back by `close`.
struct Account<'r, R: Rows> {
    rows: &'r mut R,
    entry: EntryId,
    lot: Lot,
    share: Share,
    totals: Totals,
}

impl<'r, R: Rows> Account<'r, R> {
    fn open(rows: &'r mut R, entry: EntryId, lot: Lot) -> Result<Self, FoldError<R::Error>> {
        let share = rows.share(entry.replica, lot).map_err(FoldError::Rows)?;
        let totals = rows.totals(entry.replica, lot.asset).map_err(FoldError::Rows)?;
        Ok(Self { rows, entry, lot, share, totals })
    }

    fn close(mut self) -> Folded<R> {
        let author = self.entry.replica;
        let settled = self.share.settle_advance();
        if settled > 0 {
            let mut allowance = Account::open(&mut *self.rows, self.entry, Lot::allowance())?;
            allowance.free(settled);
            allowance.close()?;
        }
        self.rows.set_share(author, self.lot, self.share).map_err(FoldError::Rows)?;
        self.rows.set_totals(author, self.lot.asset, self.totals).map_err(FoldError::Rows)
    }

    fn credit(&mut self, amount: i64) -> Folded<R> {
        self.gain(amount)?;
        self.count(|totals| &mut totals.credited, amount)
    }

    fn debit(&mut self, amount: i64) -> Folded<R> {
        self.take(amount)?;
        self.count(|totals| &mut totals.debited, amount)
    }

    fn hold(&mut self, hold: HoldId, amount: i64, deadline_ms: u64) -> Folded<R> {
        if hold != HoldId::created_by(self.entry) {
            return Err(LedgerFault::ForeignId.into());
        }
        if self.rows.hold(hold, self.lot).map_err(FoldError::Rows)?.is_some() {
            return Err(LedgerFault::HoldReopened(hold).into());
        }
        self.take(amount)?;
        self.put_on_hold(amount)?;
        let line = HoldLine { holder: self.entry.replica, amount, deadline_ms, state: HoldState::Open };
        self.rows.set_hold(hold, self.lot, line).map_err(FoldError::Rows)
    }

    fn settle(&mut self, hold: HoldId, captured: i64) -> Folded<R> {
        let line = self.rows.hold(hold, self.lot).map_err(FoldError::Rows)?;
        let mine = line.filter(|line| line.holder == self.entry.replica && line.state == HoldState::Open);
        let line = mine.ok_or(LedgerFault::HoldNotOpen(hold))?;
        if !(0..=line.amount).contains(&captured) {
            return Err(LedgerFault::CaptureOutOfRange { hold, held: line.amount, captured }.into());
        }
        self.put_on_hold(-line.amount)?;
        self.share.available = self.sum(self.share.available, line.amount - captured)?;
        self.count(|totals| &mut totals.debited, captured)?;
        let settled = HoldLine { state: HoldState::Settled { captured }, ..line };
        self.rows.set_hold(hold, self.lot, settled).map_err(FoldError::Rows)
    }

    fn offer(&mut self, offer: OfferId, to: ReplicaId, amount: i64) -> Folded<R> {
        if offer != OfferId::created_by(self.entry) {
            return Err(LedgerFault::ForeignId.into());
        }
        if to == self.entry.replica {
            return Err(LedgerFault::OfferToSelf(offer).into());
        }
        let line = self.rows.offer(offer, self.lot, to).map_err(FoldError::Rows)?;
        if line.offered.is_some() {
            return Err(LedgerFault::OfferRepeated(offer).into());
        }
        self.take(amount)?;
        self.count(|totals| &mut totals.offered, amount)?;
        let line = OfferLine { offered: Some((self.entry.replica, amount)), ..line };
        self.rows.set_offer(offer, self.lot, to, line).map_err(FoldError::Rows)
    }

    fn accept(&mut self, offer: OfferId, amount: i64) -> Folded<R> {
        let line = self.rows.offer(offer, self.lot, self.entry.replica).map_err(FoldError::Rows)?;
        if line.accepted.is_some() {
            return Err(LedgerFault::AcceptRepeated(offer).into());
        }
        self.gain(amount)?;
        self.count(|totals| &mut totals.accepted, amount)?;
        let line = OfferLine { accepted: Some(amount), ..line };
        self.rows.set_offer(offer, self.lot, self.entry.replica, line).map_err(FoldError::Rows)
    }

    fn clawback(&mut self, amount: i64) -> Folded<R> {
        self.sink(amount)?;
        self.count(|totals| &mut totals.clawed_back, amount)
    }

    fn advance(&mut self, amount: i64) -> Folded<R> {
        if self.lot.asset != Asset::Points {
            return Err(LedgerFault::AdvanceNotPoints(self.lot).into());
        }
        self.sink(amount)?;
        self.share.advanced = self.sum(self.share.advanced, amount)?;
        self.count(|totals| &mut totals.debited, amount)?;
        let mut allowance = Account::open(&mut *self.rows, self.entry, Lot::allowance())?;
        if is_on(Mutant::AdvancesBeyond) {
            allowance.sink(amount)?;
        } else {
            allowance.take(amount)?;
        }
        allowance.put_on_hold(amount)?;
        allowance.close()
    }

    /// Takes from what is available, never below zero.
    fn take(&mut self, amount: i64) -> Result<(), LedgerFault> {
        in_range(amount)?;
        if self.share.available < amount && !is_on(Mutant::SpendsElsewhere) {
            let available = self.share.available;
            return Err(LedgerFault::Overspent { lot: self.lot, available, wanted: amount });
        }
        self.share.available -= amount;
        Ok(())
    }

    /// Takes from what is available, below zero if need be.
    fn sink(&mut self, amount: i64) -> Result<(), LedgerFault> {
        in_range(amount)?;
        self.share.available = self.sum(self.share.available, -amount)?;
        Ok(())
    }

    fn gain(&mut self, amount: i64) -> Result<(), LedgerFault> {
        in_range(amount)?;
        self.share.available = self.sum(self.share.available, amount)?;
        Ok(())
    }

    /// Makes what was used of the allowance available again. It was taken from there, so only a
    /// forger who has taken up more than there is could come near the end of 64 bits.
    fn free(&mut self, amount: i64) {
        self.share.held = self.share.held.saturating_sub(amount);
        self.share.available = self.share.available.saturating_add(amount);
        self.totals.held = self.totals.held.saturating_sub(amount);
    }

    fn put_on_hold(&mut self, amount: i64) -> Folded<R> {
        self.share.held = self.sum(self.share.held, amount)?;
        self.count(|totals| &mut totals.held, amount)
    }

    fn count(&mut self, total: impl Fn(&mut Totals) -> &mut i64, amount: i64) -> Folded<R> {
        let before = *total(&mut self.totals);
        *total(&mut self.totals) = self.sum(before, amount)?;
        Ok(())
    }

    /// One author can post more than any chain issues.
    fn sum(&self, sum: i64, amount: i64) -> Result<i64, LedgerFault> {
        sum.checked_add(amount).ok_or(LedgerFault::Overflow(self.lot))
    }
}

/// Whether a lot belongs to a sale that its author has yet to make: until then nobody can have
/// anything of it, so whoever folds that entry need not look.
fn is_of_the_future(lot: Lot, entry: EntryId) -> bool {
    let author = entry.replica.tag();
    matches!(lot.asset, Asset::Refundable(sale) if sale.tag() == Some(author) && sale.seq() > entry.seq)
}

fn in_range(amount: i64) -> Result<(), LedgerFault> {
    if (1..=AMOUNT_MAX).contains(&amount) { Ok(()) } else { Err(LedgerFault::AmountOutOfRange(amount)) }
}
