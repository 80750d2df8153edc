//! Taking back what a replica held that was put out.
//!
//! The end of a fenced journal counts as an offer of all its rights to the hub that fenced it:
//! the offer that its next entry, which never counts, would have made. The hub takes it up by an
//! ordinary `Accept`, once for each lot, so every replica folds it as it folds any other, in whatever
//! order the journals arrive, and nothing is ever taken back twice.

use std::collections::BTreeMap;

use purser_escrow::Lease;
use purser_journal::{Fact, Role};
use purser_ledger::{AMOUNT_MAX, Asset, Lot, Posting};
use purser_storage::{FenceRow, StorageError};
use purser_types::mutant::{Mutant, is_on};
use purser_types::{EntryId, OfferId, ReplicaId};

use crate::{Refusal, Transaction, draft::Draft, state::State};

/// Offers that may be needed to take everything back, so many lots each: more than a city has.
const OFFERS_MAX: u64 = 100_000;
/// What fits into one entry. Each time all rights of the city are looked through.
const LOTS_AT_ONCE: usize = 4_000;

const DAY_MS: u64 = 24 * 3_600_000;

impl Transaction<'_> {
    /// Takes up rights that `replica` held when it was put out, at most so many lots at once.
    pub(crate) fn plan_reclaim(&mut self, replica: ReplicaId) -> Result<Draft, Refusal> {
        self.require_hub()?;
        let fence = self.replica.state.first_fence(replica)?.ok_or(Refusal::NotFenced(replica))?;
        if fence.author != self.replica.state.my_number {
            return Err(Refusal::FencedByAnother(replica));
        }
        self.require_clock()?;
        let fenced_ms = self.fenced_everywhere_ms(replica)?;
        let from_ms = Lease::reclaim_from_ms(fenced_ms, self.replica.lease.lasts_ms);
        if self.now.wall_ms < from_ms {
            let in_days = (from_ms - self.now.wall_ms).div_ceil(DAY_MS);
            return Err(Refusal::LeaseRuns { replica, in_days });
        }
        // Of fences that count, the one that leaves least ends the journal, though its hub may be out.
        let end = self.replica.state.fence_of(replica)?.unwrap_or(fence.after_seq);
        let (mut left, last) = self.replica.state.left_of(replica, end)?;
        left.retain(|_, amount| *amount > 0);
        if left.is_empty() {
            return Err(Refusal::NothingToReclaim(replica));
        }
        if last + 1 > end + OFFERS_MAX || u32::try_from(last + 1).is_err() {
            return Err(Refusal::OutOfRange { what: "offers", range: "fewer than a journal has room for" });
        }
        let offer = OfferId::created_by(EntryId { replica, seq: last + 1 });
        let lines = left.into_iter().take(LOTS_AT_ONCE);
        let accept =
            |(lot, amount): (Lot, i64)| Posting::Accept { offer, lot, amount: amount.min(AMOUNT_MAX) };
        Ok(Draft::of([Fact::Postings(lines.map(accept).collect())]))
    }

    /// When the last of all hubs that are not out themselves has fenced a replica. One that has not
    /// may be renewing the replica's lease, or be about to take the same rights back.
    pub(crate) fn fenced_everywhere_ms(&self, replica: ReplicaId) -> Result<u64, Refusal> {
        let others = self.replica.neighbours()?.into_iter().filter(|(_, role, _)| *role == Role::Hub);
        let state = &self.replica.state;
        let fences = state.fences_of(replica)?;
        let mut latest_ms = 0;
        for hub in others.map(|(hub, ..)| hub).chain([state.me]) {
            let by_hub = fences.iter().filter(|fence| state.authors.numbered(fence.author) == Some(hub));
            let first = by_hub.min_by_key(|fence| fence.seq).ok_or(Refusal::NotFencedAt(hub))?;
            latest_ms = latest_ms.max(state.fenced_ms(first)?);
        }
        Ok(latest_ms)
    }
}

impl State {
    /// The fence by whose hub rights are taken back: of hubs that are not out themselves the one that
    /// leaves least of the journal, of equal ones that of the hub with the lowest id. Whoever knows
    /// the same fences comes to the same.
    pub(crate) fn first_fence(&self, replica: ReplicaId) -> Result<Option<FenceRow>, StorageError> {
        let fences = self.fences_of(replica)?.into_iter().map(|fence| {
            let hub = self.authors.numbered(fence.author);
            let is_out = hub.map(|hub| self.fence_of(hub)).transpose()?.flatten().is_some();
            Ok((is_out, fence.after_seq, hub, fence))
        });
        let fences: Vec<_> = fences.collect::<Result<_, StorageError>>()?;
        let first =
            fences.into_iter().min_by_key(|(is_out, after, hub, fence)| (*is_out, *after, *hub, fence.seq));
        Ok(first.map(|(.., fence)| fence))
    }

    fn fences_of(&self, replica: ReplicaId) -> Result<Vec<FenceRow>, StorageError> {
        let fences = self.database.fences()?.into_iter();
        Ok(fences.filter(|fence| fence.replica == replica).collect())
    }

    /// Whether `receiver` may take up what the fenced `giver` left, under an offer of this place.
    pub(crate) fn may_reclaim(
        &self,
        giver: ReplicaId,
        seq: u64,
        receiver: ReplicaId,
    ) -> Result<bool, StorageError> {
        let fence = self.first_fence(giver)?;
        let end = self.fence_of(giver)?;
        Ok(fence.is_none_or(|fence| {
            end.is_none_or(|end| seq <= end) || self.authors.numbered(fence.author) == Some(receiver)
        }))
    }

    /// When the entry of a fence was written, by its hub's clock.
    fn fenced_ms(&self, fence: &FenceRow) -> Result<u64, StorageError> {
        let entry = self.entry(fence.author, fence.seq)?;
        Ok(entry.ok_or(StorageError::Implausible("a fence without its entry"))?.hlc.wall_ms)
    }

    /// What is left of a fenced replica's rights, by lot, and the place of the last offer under
    /// which some were taken back: its shares, held points included, and what it was offered and never
    /// took up, less what was taken back before.
    fn left_of(&self, replica: ReplicaId, after_seq: u64) -> Result<(BTreeMap<Lot, i64>, u64), StorageError> {
        let mut left: BTreeMap<Lot, i64> = BTreeMap::new();
        let mut add = |lot, amount: i64| {
            let sum = left.entry(lot).or_default();
            *sum = sum.saturating_add(amount);
        };
        if let Some(author) = self.authors.get(replica) {
            for row in self.database.shares_of(author.number)? {
                // What it has used of its allowance is lost: granted once, it is not to be lost twice.
                let is_allowance = row.lot.asset == Asset::Allowance;
                let held = if is_allowance { 0 } else { row.share.held };
                add(row.lot, row.share.available.saturating_add(held));
            }
        }
        for row in self.database.offers_open(replica, u32::MAX)? {
            add(row.lot, row.offered.map_or(0, |(_, amount)| amount));
        }
        let beyond = |seq| OfferId::created_by(EntryId { replica, seq });
        let end = after_seq.saturating_add(OFFERS_MAX).min(u64::from(u32::MAX));
        let mut last = after_seq;
        for row in self.database.offers_between(beyond(after_seq.saturating_add(1).min(end)), beyond(end))? {
            if !is_on(Mutant::ReclaimsAgain) {
                add(row.lot, row.accepted.map_or(0, |amount| -amount));
            }
            // Anybody can claim to have taken something up; only our own offers are counted on.
            if row.receiver == self.me {
                last = last.max(row.offer.seq());
            }
        }
        Ok((left, last))
    }
}
