//! How advances are settled.
//!
//! Everybody knows from the journals which replica owes on which lot. Rights to that lot are as good
//! as spent wherever they are, so whoever holds some gives them to the replica that owes, without
//! being asked; taking them up settles it ([`purser_ledger::fold`]). Where nobody holds any, because
//! they were spent twice over, the member's other points settle it: the next ones that are earned, at
//! whatever store. Decided anew from the state whenever something has moved, so nothing has to be
//! remembered, and nothing is given twice.

use std::collections::BTreeMap;

use purser_journal::Fact;
use purser_ledger::{AMOUNT_MAX, Asset, Holding, Lot, Posting};
use purser_storage::{AuthorNumber, OfferRow, ShareRow, StorageError};
use purser_types::{BusinessDate, MemberId, OfferId, ReplicaId};

use crate::{Transaction, draft::Draft, holdings::living_holdings, lending::LINES_AT_ONCE, state::State};

/// Members whose advances one transaction looks at.
const MEMBERS_AT_ONCE: u32 = 200;

/// Entries of one transaction that settle advances: what one seal covers travels in one frame.
const SETTLING_ENTRIES: u64 = 100;

impl Transaction<'_> {
    /// Settles advances, of our own and of others, for those whose points have moved.
    pub(crate) fn settle_advances(&mut self) -> Result<(), StorageError> {
        let noted = &mut self.replica.state.noted;
        let (touched, all) =
            (std::mem::take(&mut noted.touched), std::mem::take(&mut noted.look_for_advances));
        if self.replica.stopped.is_some() || (touched.is_empty() && !all) {
            return Ok(());
        }
        let state = &mut self.replica.state;
        state.flush()?;
        if state.database.members_advanced(MemberId::CHAIN, 1)?.is_empty() {
            return Ok(());
        }
        if !self.replica.lease_is_live(self.now) {
            // Our rights may be somebody else's by now: once a hub was met.
            self.replica.state.noted.look_for_advances = true;
            return Ok(());
        }
        let mut members = touched;
        if all {
            members.extend(self.next_advanced()?);
        }
        let (mut members, head_before) = (members.into_iter(), self.replica.me().head.seq);
        while self.replica.me().head.seq < head_before + SETTLING_ENTRIES
            && let Some(member) = members.next()
        {
            if self.replica.state.database.is_advanced(member)? {
                self.settle_for(member)?;
            }
        }
        // What this has moved needs no second look; whom it did not come to has one the next time.
        self.replica.state.noted.touched = members.collect();
        Ok(())
    }

    /// The next of all for whom something is advanced; those after these come with the next
    /// transaction.
    fn next_advanced(&mut self) -> Result<Vec<MemberId>, StorageError> {
        let state = &mut self.replica.state;
        let after = state.noted.advances_after.unwrap_or(MemberId::CHAIN);
        let members = state.database.members_advanced(after, MEMBERS_AT_ONCE)?;
        state.noted.look_for_advances = !members.is_empty();
        state.noted.advances_after = members.last().copied();
        Ok(members)
    }

    fn settle_for(&mut self, member: MemberId) -> Result<(), StorageError> {
        let today = self.replica.state.date_at(self.now.wall_ms);
        let covers = Accounts::read(&self.replica.state, member, today)?.covers();
        self.append_postings(covers)?;
        // Read anew for each: one offer goes to one replica.
        for debtor in Accounts::read(&self.replica.state, member, today)?.debtors() {
            let Some(to) = self.replica.state.receiver(debtor)? else { continue };
            let gifts = Accounts::read(&self.replica.state, member, today)?.gifts(debtor, to);
            let offer = OfferId::created_by(self.next_entry());
            let lines = gifts.into_iter().take(LINES_AT_ONCE);
            let lines = lines.map(|(lot, amount)| Posting::Offer { offer, to, lot, amount });
            self.append_postings(lines.collect())?;
        }
        Ok(())
    }

    fn append_postings(&mut self, postings: Vec<Posting>) -> Result<(), StorageError> {
        if postings.is_empty() {
            return Ok(());
        }
        self.append(Draft::of([Fact::Postings(postings)]))?;
        self.replica.state.flush()
    }
}

impl State {
    /// The replica to which rights can be given, if it is neither put out nor set aside.
    fn receiver(&self, number: AuthorNumber) -> Result<Option<ReplicaId>, StorageError> {
        let Some(to) = self.authors.numbered(number) else { return Ok(None) };
        Ok(self.may_hold(to)?.then_some(to))
    }
}

/// All that is known of one member's points.
struct Accounts {
    me: AuthorNumber,
    today: BusinessDate,
    shares: Vec<ShareRow>,
    lots: Vec<Holding>,
    on_their_way: Vec<OfferRow>,
}

impl Accounts {
    fn read(state: &State, member: MemberId, today: BusinessDate) -> Result<Self, StorageError> {
        let (database, me) = (&state.database, state.my_number);
        let programme = state.programmes.on(today);
        let mut lots = living_holdings(database, me, (member, Asset::Points), programme)?;
        lots.sort_by_key(|holding| (holding.lot.expires_on.is_none(), holding.lot));
        let mut on_their_way = database.offers_unsettled(member, Asset::Points)?;
        on_their_way.retain(|row| row.accepted.is_none());
        Ok(Self { me, today, shares: database.shares(member, Asset::Points)?, lots, on_their_way })
    }

    /// Others that owe.
    fn debtors(&self) -> Vec<AuthorNumber> {
        let owing = self.shares.iter().filter(|row| row.share.advanced > 0 && row.author != self.me);
        let mut debtors: Vec<_> = owing.map(|row| row.author).collect();
        debtors.sort_unstable();
        debtors.dedup();
        debtors
    }

    /// What nobody holds rights for, of a lot that is owed on.
    fn lacking(&self, lot: Lot) -> i64 {
        let holding = self.lots.iter().find(|holding| holding.lot == lot);
        holding.map_or(0, |holding| holding.balance.min(0).saturating_neg())
    }

    /// Our own rights that serve for anything: soonest expiry first.
    fn spare(&self) -> impl Iterator<Item = (Lot, i64)> {
        let spare = self.lots.iter().filter(|holding| holding.available_here > 0);
        spare.filter(|holding| holding.is_live(self.today)).map(|h| (h.lot, h.available_here))
    }

    /// Settles what we owe ourselves by our rights to the member's other lots: the same amount is
    /// spent there and credited here.
    fn covers(&self) -> Vec<Posting> {
        let mut spare: Vec<(Lot, i64)> = self.spare().collect();
        let mut postings = Vec::new();
        for row in self.shares.iter().filter(|row| row.author == self.me && row.share.advanced > 0) {
            let mut left = row.share.advanced.min(self.lacking(row.lot)).min(AMOUNT_MAX);
            for (lot, available) in &mut spare {
                let amount = left.min(*available);
                if amount > 0 {
                    (left, *available) = (left - amount, *available - amount);
                    postings.push(Posting::Debit { lot: *lot, amount });
                    postings.push(Posting::Credit { lot: row.lot, amount });
                }
            }
        }
        postings
    }

    /// What `debtor` gets of our rights: to the lots on which it owes, and to others only where
    /// nobody holds any to those.
    fn gifts(&self, debtor: AuthorNumber, to: ReplicaId) -> BTreeMap<Lot, i64> {
        let coming = |is: &dyn Fn(Lot) -> bool| {
            let rows = self.on_their_way.iter().filter(|row| row.receiver == to && is(row.lot));
            let amounts = rows.map(|row| row.offered.map_or(0, |(_, amount)| amount));
            amounts.fold(0_i64, i64::saturating_add)
        };
        let of_debtor = || self.shares.iter().filter(|row| row.author == debtor);
        let mut gifts: BTreeMap<Lot, i64> = BTreeMap::new();
        let mut lacking = 0_i64;
        for row in of_debtor().filter(|row| row.share.advanced > 0) {
            let owed = row.share.advanced.saturating_sub(coming(&|lot| lot == row.lot));
            let mine = self.lots.iter().find(|holding| holding.lot == row.lot);
            let amount = mine.map_or(0, |mine| mine.available_here).min(owed).min(AMOUNT_MAX);
            if amount > 0 {
                gifts.insert(row.lot, amount);
            }
            let rest = owed.saturating_sub(amount.max(0)).min(self.lacking(row.lot)).max(0);
            lacking = lacking.saturating_add(rest);
        }
        // It can help itself with what it holds of other lots.
        let is_owed = |lot: Lot| of_debtor().any(|row| row.lot == lot && row.share.advanced > 0);
        let live = |lot: Lot| self.lots.iter().any(|it| it.lot == lot && it.is_live(self.today));
        let own = of_debtor().filter(|row| live(row.lot));
        let own = own.map(|row| row.share.available.max(0)).fold(0, i64::saturating_add);
        let coming_otherwise = coming(&|lot| !is_owed(lot));
        let mut left = lacking.saturating_sub(own).saturating_sub(coming_otherwise);
        for (lot, available) in self.spare().filter(|(lot, _)| !is_owed(*lot)) {
            let amount = left.min(available).min(AMOUNT_MAX);
            if amount > 0 {
                left -= amount;
                gifts.insert(lot, amount);
            }
        }
        gifts
    }
}
