use purser_escrow::grant;
use purser_journal::Fact;
use purser_ledger::{AMOUNT_MAX, Asset, Posting};
use purser_storage::StorageError;
use purser_types::{MemberId, OfferId, ReplicaId};

use crate::{Refusal, Transaction, draft::Draft};

/// Offer lines taken up by one entry, and entries of one transaction that do so: what one
/// seal covers travels in one frame.
const ACCEPTED_AT_ONCE: u32 = 500;
const ACCEPTING_ENTRIES: usize = 20;

/// Lots that one offer draws on. A member has a few; one who has more must be a forger's, and an
/// entry that is too long would be taken in by nobody.
pub(crate) const LINES_AT_ONCE: usize = 1_000;

impl Transaction<'_> {
    /// Gives rights to a replica that asked: what expires first goes first.
    pub(crate) fn plan_loan(
        &mut self,
        to: ReplicaId,
        member: MemberId,
        asset: Asset,
        asked: i64,
    ) -> Result<Draft, Refusal> {
        let state = &self.replica.state;
        let known = state.authors.get(to).is_some_and(|author| author.quarantine.is_none());
        if !known || to == state.me || state.fence_of(to)?.is_some() {
            return Err(Refusal::UnknownReplica(to));
        }
        let today = state.date_at(self.now.wall_ms);
        let mut mine = state.holdings_here(member, asset)?;
        mine.retain(|holding| holding.available_here > 0 && holding.lot.is_live(today));
        mine.sort_by_key(|holding| (holding.lot.expires_on.is_none(), holding.lot));
        let available = mine.iter().fold(0_i64, |sum, holding| sum.saturating_add(holding.available_here));
        let mut left = grant(asset, available, asked);
        if left == 0 {
            return Err(Refusal::NothingToLend);
        }
        let offer = OfferId::created_by(self.next_entry());
        let mut postings = Vec::new();
        for holding in mine.into_iter().take(LINES_AT_ONCE) {
            let amount = holding.available_here.min(left).min(AMOUNT_MAX);
            if amount > 0 {
                left -= amount;
                postings.push(Posting::Offer { offer, to, lot: holding.lot, amount });
            }
        }
        Ok(Draft::of([Fact::Postings(postings)]))
    }

    /// Takes up everything that was offered to us.
    pub(crate) fn accept_offers(&mut self) -> Result<(), StorageError> {
        if self.replica.stopped.is_some() || !self.replica.state.noted.offers_to_me {
            return Ok(());
        }
        for _ in 0..ACCEPTING_ENTRIES {
            let state = &mut self.replica.state;
            state.flush()?;
            let open = state.database.offers_open(state.me, ACCEPTED_AT_ONCE)?;
            let accept = |row: &purser_storage::OfferRow| {
                let (_, amount) = row.offered?;
                Some(Posting::Accept { offer: row.offer, lot: row.lot, amount })
            };
            let postings: Vec<Posting> = open.iter().filter_map(accept).collect();
            if postings.is_empty() {
                self.replica.state.noted.offers_to_me = false;
                break;
            }
            self.append(Draft::of([Fact::Postings(postings)]))?;
        }
        Ok(())
    }
}
