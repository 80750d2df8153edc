//! Questions about a member's rights, as far as they are known here: what can be spent in all, where it lies, what is
//! under way, and what this replica could lend.

use std::collections::BTreeMap;

use purser_ledger::Asset;
use purser_storage::StorageError;
use purser_types::{MemberId, Now, ReplicaId};

use crate::Replica;

impl Replica {
    /// What a member can spend in all of an asset, as far as known here.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn balance(&self, member: MemberId, asset: Asset, now: Now) -> Result<i64, StorageError> {
        let today = self.state.date_at(now.wall_ms);
        let holdings = self.state.holdings_here(member, asset, today)?;
        Ok(purser_ledger::balance(&holdings, today))
    }

    /// What each replica has available of a member's asset, as far as known here.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn rights_by_replica(
        &self,
        member: MemberId,
        asset: Asset,
    ) -> Result<Vec<(ReplicaId, i64)>, StorageError> {
        let mut rights: BTreeMap<ReplicaId, i64> = BTreeMap::new();
        for row in self.state.database.shares(member, asset)?.into_iter().filter(|row| !row.is_fenced) {
            if let Some(owner) = self.state.authors.numbered(row.author) {
                let sum = rights.entry(owner).or_default();
                *sum = sum.saturating_add(row.share.available);
            }
        }
        Ok(rights.into_iter().collect())
    }

    /// Whether rights to a member's asset are on their way from one replica to another.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn rights_on_their_way(&self, member: MemberId, asset: Asset) -> Result<bool, StorageError> {
        let unsettled = self.state.database.offers_unsettled(member, asset)?;
        Ok(unsettled.iter().any(|row| row.accepted.is_none()))
    }

    /// How many rights to a member's asset this replica could lend.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn rights_to_lend(&self, member: MemberId, asset: Asset, now: Now) -> Result<i64, StorageError> {
        let today = self.state.date_at(now.wall_ms);
        let mine = self.state.holdings_here(member, asset, today)?.into_iter();
        let live = mine.filter(|holding| holding.available_here > 0 && holding.is_live(today));
        Ok(live.fold(0_i64, |sum, holding| sum.saturating_add(holding.available_here)))
    }

    /// The last place of our journal at which rights to a member's asset were offered and, as far as known here, not
    /// taken up; 0 if none were.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn last_offer(&self, member: MemberId, asset: Asset) -> Result<u64, StorageError> {
        let unsettled = self.state.database.offers_unsettled(member, asset)?.into_iter();
        let ours = unsettled.filter(|row| row.accepted.is_none() && row.is_by(self.state.my_number));
        Ok(ours.map(|row| row.offer.seq()).max().unwrap_or(0))
    }
}
