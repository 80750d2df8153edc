use std::collections::BTreeMap;

use purser_escrow::grant;
use purser_journal::Fact;
use purser_ledger::{AMOUNT_MAX, Asset, Posting};
use purser_storage::{OfferRow, StorageError};
use purser_types::mutant::{Mutant, is_on};
use purser_types::{MemberId, OfferId, ReplicaId};

use crate::{Refusal, Transaction, draft::Draft, state::State};

/// Offer lines taken up by one entry, and entries of one transaction that do so: what one
/// seal covers travels in one frame.
const ACCEPTED_AT_ONCE: u32 = 500;
const ACCEPTING_ENTRIES: usize = 20;

/// What a replica takes up of one kind of asset in all its life: more than any chain issues,
/// and so little that no sum over it can overflow.
pub(crate) const ACCEPTED_MAX: i64 = i64::MAX / 2;

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
        self.require_lease()?;
        let state = &self.replica.state;
        // An allowance was granted to this replica, and what lies here lies nowhere else.
        if asset == Asset::Allowance || state.lies_in_store(asset) {
            return Err(Refusal::NothingToLend);
        }
        if !state.may_hold(to)? || to == state.me {
            return Err(Refusal::UnknownReplica(to));
        }
        let today = state.date_at(self.now.wall_ms);
        let mut mine = state.holdings_here(member, asset, today)?;
        mine.retain(|holding| holding.available_here > 0 && holding.is_live(today));
        mine.sort_by_key(purser_ledger::Holding::order);
        let available = mine.iter().fold(0_i64, |sum, holding| sum.saturating_add(holding.available_here));
        let mut left = grant(asset, available, asked.saturating_sub(self.on_the_way(to, member, asset)?));
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

    /// What we have offered to a replica that has not taken it up, as far as known here. Asked
    /// again meanwhile, it is not to get the same again.
    fn on_the_way(&self, to: ReplicaId, member: MemberId, asset: Asset) -> Result<i64, StorageError> {
        let state = &self.replica.state;
        let offers = state.database.offers_unsettled(member, asset)?.into_iter();
        let ours = offers.filter(|offer| offer.receiver == to && offer.accepted.is_none());
        let amounts = ours.filter_map(|offer| offer.offered.filter(|(giver, _)| *giver == state.my_number));
        Ok(amounts.fold(0_i64, |sum, (_, amount)| sum.saturating_add(amount)))
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
            let postings = state.acceptances(&open)?;
            if postings.is_empty() {
                self.replica.state.noted.offers_to_me = false;
                break;
            }
            self.append(Draft::of([Fact::Postings(postings)]))?;
        }
        Ok(())
    }
}

impl State {
    /// Whether an asset is pieces of something that lie in one store. Rights to sell cards do not.
    pub(crate) fn lies_in_store(&self, asset: Asset) -> bool {
        let issues = |kind| self.programmes.all().any(|programme| programme.issues_cards(kind));
        matches!(asset, Asset::Stock(kind) if !issues(kind))
    }

    /// Whether a replica may be given rights: it belongs to the city, though it may have written nothing
    /// so far, and it is neither set aside nor put out.
    pub(crate) fn may_hold(&self, replica: ReplicaId) -> Result<bool, StorageError> {
        let belongs = match self.authors.get(replica) {
            Some(author) => author.quarantine.is_none(),
            None => self.database.is_enrolled(replica)?,
        };
        Ok(belongs && self.fence_of(replica)?.is_none())
    }

    /// The postings that take up these offers. Rights beyond what sums can hold, which only a
    /// forger can offer, are left where they are.
    fn acceptances(&self, open: &[OfferRow]) -> Result<Vec<Posting>, StorageError> {
        let mut accepted: BTreeMap<u8, i64> = BTreeMap::new();
        let mut postings = Vec::new();
        for row in open {
            let Some((_, amount)) = row.offered else { continue };
            let kind = row.lot.asset.as_key().0;
            let before = match accepted.get(&kind) {
                Some(sum) => *sum,
                None => self.database.totals(self.my_number, kind)?.accepted,
            };
            let sum = before.saturating_add(amount);
            if sum <= ACCEPTED_MAX {
                accepted.insert(kind, sum);
                let amount = amount + i64::from(is_on(Mutant::AcceptsMore));
                postings.push(Posting::Accept { offer: row.offer, lot: row.lot, amount });
            }
        }
        Ok(postings)
    }
}
