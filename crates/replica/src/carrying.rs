//! Rights that a member carries to a store by hand: the hub's offer and its voucher, and the
//! taking up.

use std::collections::BTreeSet;

use purser_journal::{Fact, Role, SignedVoucher, Voucher, VoucherFault, VoucherLine};
use purser_ledger::{AMOUNT_MAX, Asset, Posting, balance};
use purser_programme::{NotRedeemed, QuoteRefused};
use purser_storage::StorageError;
use purser_types::{MemberId, OfferId, ReplicaId, StoreNumber};

use crate::{
    Refusal, Replica, Transaction, draft::Draft, drawing::draw_or_refuse, fold::postings,
    lending::ACCEPTED_MAX, state::State,
};

/// Offers of a hub to one store for one member that may wait to be taken up.
const OPEN_MAX: usize = 3;

impl Transaction<'_> {
    /// Offers whole rewards to a store. Rights that are elsewhere are fetched first, as for a sale.
    pub(crate) fn plan_carrying(
        &mut self,
        to: ReplicaId,
        member: MemberId,
        points: i64,
    ) -> Result<Draft, Refusal> {
        self.require_hub()?;
        self.require_lease()?;
        let state = &self.replica.state;
        state.require_member(member)?;
        self.require_store(to)?;
        if !(1..=AMOUNT_MAX).contains(&points) {
            return Err(Refusal::OutOfRange { what: "points", range: "1 to a million million" });
        }
        self.require_rewards(points)?;
        let on_their_way = state.database.offers_unsettled(member, Asset::Points)?;
        let ours = on_their_way.iter().filter(|row| row.is_open() && row.is_by(state.my_number));
        let ours = ours.filter(|row| row.receiver == to);
        if ours.map(|row| row.offer).collect::<BTreeSet<_>>().len() >= OPEN_MAX {
            return Err(Refusal::VouchersOpen(OPEN_MAX));
        }
        let today = state.date_at(self.now.wall_ms);
        let known = state.holdings_here(member, Asset::Points, today)?;
        // What is there, or on its way there, need not be carried.
        let there = state.database.shares(member, Asset::Points)?.into_iter();
        let there = there.filter(|row| state.authors.numbered(row.author) == Some(to));
        let there = there.fold(0_i64, |sum, row| sum.saturating_add(row.share.available.max(0)));
        let coming = on_their_way.iter().filter(|row| row.is_open() && row.receiver == to);
        let coming = coming.fold(0_i64, |sum, row| sum.saturating_add(row.offered.map_or(0, |of| of.1)));
        let elsewhere = balance(&known, today).saturating_sub(there).saturating_sub(coming);
        if elsewhere < points {
            return Err(Refusal::BalanceTooSmall {
                asset: Asset::Points,
                balance: elsewhere,
                wanted: points,
            });
        }
        let lines = draw_or_refuse(member, Asset::Points, &known, points, today)?;
        if lines.len() > Voucher::LINES_MAX {
            return Err(Refusal::OutOfRange { what: "points", range: "fewer: they expire on too many days" });
        }
        let offer = OfferId::created_by(self.next_entry());
        let lines = lines.into_iter().map(|(lot, amount)| Posting::Offer { offer, to, lot, amount });
        Ok(Draft::of([Fact::Postings(lines.collect())]))
    }

    /// Whether so many points are whole rewards: what else would the member carry them for?
    fn require_rewards(&self, points: i64) -> Result<(), Refusal> {
        let programme = self.replica.state.programmes.on(self.today());
        let step = programme.smallest_reward();
        if points % step == 0 {
            return Ok(());
        }
        Err(QuoteRefused::Points(NotRedeemed::NotInSteps { points, step }).into())
    }

    /// Takes up what a voucher offers, whether or not the hub's journal is here already: once,
    /// at this replica, in time.
    pub(crate) fn plan_taking_up(&mut self, signed: &SignedVoucher) -> Result<Draft, Refusal> {
        let state = &self.replica.state;
        let (voucher, hub) = signed.verify(&state.charter)?;
        let set_aside = state.authors.get(hub.replica).is_some_and(|hub| hub.quarantine.is_some());
        if set_aside || state.fence_of(hub.replica)?.is_some() {
            return Err(VoucherFault::Forged.into());
        }
        if voucher.to != state.me {
            return Err(Refusal::VoucherElsewhere(state.store_of(voucher.to)?));
        }
        // A clock that is set back makes no voucher young again.
        if self.replica.lease_clock.at(self.now) > voucher.until_ms {
            return Err(Refusal::VoucherExpired);
        }
        let open = state.open_lines(&voucher, hub.replica)?;
        let (kind, _) = Asset::Points.as_key();
        let accepted = state.database.totals(state.my_number, kind)?.accepted;
        if accepted.saturating_add(voucher.points()) > ACCEPTED_MAX {
            return Err(VoucherFault::Forged.into());
        }
        let offer = voucher.offer;
        let accept = |line: VoucherLine| Posting::Accept { offer, lot: line.lot, amount: line.amount };
        Ok(Draft::of([Fact::Postings(open.into_iter().map(accept).collect())]))
    }
}

impl State {
    /// The lines of a voucher that were not taken up. What the hub's journal says, if it is known
    /// so far, has to be the same.
    fn open_lines(&self, voucher: &Voucher, hub: ReplicaId) -> Result<Vec<VoucherLine>, Refusal> {
        let told = self.authors.get(hub).is_some_and(|hub| hub.head.seq >= voucher.offer.seq());
        let mut open = Vec::new();
        for line in &voucher.lines {
            let row = self.database.offer(voucher.offer, line.lot, self.me)?;
            let offered = row.and_then(|row| row.offered).map(|(_, amount)| amount);
            if offered.map_or(told, |amount| amount != line.amount) {
                return Err(VoucherFault::Forged.into());
            }
            if row.is_none_or(|row| row.accepted.is_none()) {
                open.push(*line);
            }
        }
        if open.is_empty() { Err(Refusal::VoucherUsed) } else { Ok(open) }
    }

    /// The number of a replica's store, if the replica is known.
    fn store_of(&self, replica: ReplicaId) -> Result<Option<StoreNumber>, StorageError> {
        if let Some(author) = self.authors.get(replica) {
            return Ok(Some(author.credential.store));
        }
        let rows = self.database.directory()?.into_iter().filter(|row| row.replica == replica);
        let mut credentials = rows.filter_map(|row| crate::enrolment::credential_of(&row, &self.charter));
        Ok(credentials.next().map(|credential| credential.store))
    }
}

impl Replica {
    /// A voucher for what an offer of ours gives a store of one member's points, to be shown until
    /// `until_ms`, or until our own lease ends; `None` if there is no such offer, or this is no hub that
    /// may write. One entry can offer to several stores, and of several members.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn voucher(
        &self,
        (offer, to): (OfferId, ReplicaId),
        member: MemberId,
        until_ms: u64,
    ) -> Result<Option<SignedVoucher>, StorageError> {
        let me = &self.me().credential;
        if me.role != Role::Hub || offer.tag() != Some(me.replica.tag()) || self.stopped.is_some() {
            return Ok(None);
        }
        let entry = self.state.entry(self.state.my_number, offer.seq())?;
        let kin = self.state.database.kin(member)?;
        let lines = entry.iter().flat_map(postings).filter_map(|posting| match *posting {
            Posting::Offer { to: receiver, lot, amount, .. }
                if (receiver, lot.asset) == (to, Asset::Points) && kin.contains(&lot.member) =>
            {
                Some(VoucherLine { lot, amount })
            }
            _ => None,
        });
        let lines: Vec<VoucherLine> = lines.collect();
        if lines.is_empty() || lines.len() > Voucher::LINES_MAX {
            return Ok(None);
        }
        let until_ms = self.lease().map_or(until_ms, |lease| until_ms.min(lease.ends_ms()));
        let voucher = Voucher { offer, to, lines, until_ms };
        Ok(Some(SignedVoucher::issue(&self.key, self.me().signed.clone(), &voucher)))
    }
}
