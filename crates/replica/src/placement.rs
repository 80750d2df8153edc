//! Moving rights to where the policy wants them.

use std::collections::{BTreeMap, BTreeSet};

use purser_escrow::{Policy, Standpoint, Visit};
use purser_journal::{Fact, Role};
use purser_ledger::{AMOUNT_MAX, Asset, Holding, Lot, Posting};
use purser_storage::StorageError;
use purser_types::{BusinessDate, Hlc, MemberId, OfferId, ReplicaId};

use crate::{Transaction, draft::Draft, holdings::PointsLife, lending::LINES_AT_ONCE, state::State};

/// How many of a member's latest visits its habit is read from.
const VISITS: u32 = 30;

/// Members whose habits one transaction looks at: tills wait for so long.
const MEMBERS_AT_ONCE: usize = 200;

/// Entries of one transaction that follow members: what one seal covers travels in one frame.
const FOLLOWING_ENTRIES: usize = 20;

impl Transaction<'_> {
    /// The offers of a checkout: of all that will be available here after `postings`, what the
    /// policy wants elsewhere now that the member has been here.
    pub(crate) fn offers_after(
        &self,
        member: MemberId,
        known: &[Holding],
        postings: &[Posting],
        today: BusinessDate,
    ) -> Result<Vec<Posting>, StorageError> {
        let Some(hub) = self.hub_to_move_rights()? else { return Ok(Vec::new()) };
        let mut mine: BTreeMap<Lot, i64> = known.iter().map(|h| (h.lot, h.available_here)).collect();
        for posting in postings {
            let (lot, change) = match *posting {
                Posting::Credit { lot, amount } => (lot, amount),
                Posting::Debit { lot, amount } => (lot, -amount),
                _ => continue,
            };
            // The lots of whoever is the same person are known; what is earned now is the member's.
            let is_theirs = lot.member == member || mine.contains_key(&lot);
            if is_theirs && lot.asset == Asset::Points {
                *mine.entry(lot).or_default() += change;
            }
        }
        let now = Hlc { wall_ms: self.now.wall_ms, counter: 0 };
        let mut visits = vec![Visit { at: self.replica.state.me, hlc: now }];
        visits.extend(self.replica.state.visits(member)?);
        self.offers(member, &mine, &visits, hub, today)
    }

    /// Members were seen elsewhere: what we hold of their rights goes to where the policy wants it
    /// now, in entries of our own.
    pub(crate) fn follow_members(&mut self) -> Result<(), StorageError> {
        let seen = std::mem::take(&mut self.replica.state.noted.seen_elsewhere);
        if seen.is_empty() || self.replica.stopped.is_some() {
            return Ok(());
        }
        self.replica.state.flush()?;
        let Some(hub) = self.hub_to_move_rights()? else { return Ok(()) };
        if !self.replica.state.holds_points()? {
            return Ok(());
        }
        let today = self.replica.state.date_at(self.now.wall_ms);
        // Who is seen by two names is one person, whose points go the same way once.
        let people = seen.into_iter().map(|member| self.replica.state.database.person(member));
        let mut seen = people.collect::<Result<BTreeSet<_>, _>>()?.into_iter();
        let mut looked_at = 0;
        for _ in 0..FOLLOWING_ENTRIES {
            let mut offers = Vec::new();
            while offers.len() < LINES_AT_ONCE
                && looked_at < MEMBERS_AT_ONCE
                && let Some(member) = seen.next()
            {
                let state = &self.replica.state;
                let mine = state.my_points(member)?;
                // What is owed for a member comes first: see settle_advances.
                if !mine.is_empty() && !state.database.is_advanced(member)? {
                    looked_at += 1;
                    offers.extend(self.offers(member, &mine, &state.visits(member)?, hub, today)?);
                }
            }
            if offers.is_empty() {
                break;
            }
            self.append(Draft::of([Fact::Postings(offers)]))?;
        }
        self.replica.state.noted.seen_elsewhere = seen.collect();
        Ok(())
    }

    /// A hub without which no rights move: one that is connected now, or this replica itself.
    fn hub_to_move_rights(&self) -> Result<Option<ReplicaId>, StorageError> {
        let replica = &self.replica;
        if replica.settings.policy == Policy::KeepWhereEarned || !replica.lease_is_live(self.now) {
            return Ok(None);
        }
        let state = &replica.state;
        let hub = if replica.me().credential.role == Role::Hub { Some(state.me) } else { replica.hub };
        match hub {
            Some(hub) if state.may_hold(hub)? => Ok(Some(hub)),
            _ => Ok(None),
        }
    }

    /// The offers that bring about, as far as it is ours to give, what the policy wants: what
    /// expires first goes where it is most likely to be spent. `mine` is what we can give.
    fn offers(
        &self,
        member: MemberId,
        mine: &BTreeMap<Lot, i64>,
        visits: &[Visit],
        hub: ReplicaId,
        today: BusinessDate,
    ) -> Result<Vec<Posting>, StorageError> {
        let (state, settings) = (&self.replica.state, &self.replica.settings);
        let life = PointsLife::read(&state.database, member, state.programmes.on(today))?;
        let spare = mine.iter().filter(|(lot, amount)| **amount > 0 && life.lives(**lot, today));
        let mut spare: Vec<(Lot, i64)> = spare.map(|(lot, amount)| (*lot, *amount)).collect();
        spare.sort_by_key(|(lot, _)| (lot.expires_on.is_none(), *lot));
        spare.truncate(LINES_AT_ONCE);
        let mut held = state.points_held(member, |lot| life.lives(lot, today))?;
        held.insert(state.me, spare.iter().fold(0_i64, |sum, (_, amount)| sum.saturating_add(*amount)));
        let held: Vec<(ReplicaId, i64)> = held.into_iter().collect();
        let reward = state.programmes.on(today).smallest_reward();
        let moves = settings.policy.moves(Standpoint { hub: Some(hub), visits, held: &held, reward });
        let offer = OfferId::created_by(self.next_entry());
        let mut offers = Vec::new();
        for step in moves.into_iter().filter(|step| step.from == state.me) {
            let mut left = step.amount;
            for (lot, available) in &mut spare {
                let amount = left.min(*available).min(AMOUNT_MAX);
                if amount > 0 {
                    (left, *available) = (left - amount, *available - amount);
                    offers.push(Posting::Offer { offer, to: step.to, lot: *lot, amount });
                }
            }
        }
        offers.truncate(LINES_AT_ONCE);
        Ok(offers)
    }
}

impl State {
    /// The member's latest visits, but for those to replicas that cannot be given rights.
    fn visits(&self, member: MemberId) -> Result<Vec<Visit>, StorageError> {
        let mut visits = Vec::new();
        for row in self.database.latest_sales(member, VISITS)? {
            let hlc = Hlc { wall_ms: row.wall_ms, counter: 0 };
            visits.extend(self.authors.numbered(row.author).map(|at| Visit { at, hlc }));
        }
        let been: BTreeSet<ReplicaId> = visits.iter().map(|visit| visit.at).collect();
        for at in been {
            if !self.may_hold(at)? {
                visits.retain(|visit| visit.at != at);
            }
        }
        Ok(visits)
    }

    /// Whether we hold rights to anybody's points.
    fn holds_points(&self) -> Result<bool, StorageError> {
        let (kind, _) = Asset::Points.as_key();
        Ok(self.database.totals(self.my_number, kind)?.available() > 0)
    }

    /// What we can give of a member's points.
    fn my_points(&self, member: MemberId) -> Result<BTreeMap<Lot, i64>, StorageError> {
        let rows = self.database.shares(member, Asset::Points)?.into_iter();
        let mine = rows.filter(|row| row.author == self.my_number && row.share.available > 0);
        Ok(mine.map(|row| (row.lot, row.share.available)).collect())
    }

    /// How many of a member's points each replica can spend, with what is on its way to it.
    fn points_held(
        &self,
        member: MemberId,
        lives: impl Fn(Lot) -> bool,
    ) -> Result<BTreeMap<ReplicaId, i64>, StorageError> {
        let mut held: BTreeMap<ReplicaId, i64> = BTreeMap::new();
        let mut add = |at: Option<ReplicaId>, amount: i64| {
            if let Some(at) = at {
                let sum = held.entry(at).or_default();
                *sum = sum.saturating_add(amount);
            }
        };

        for row in self.database.shares(member, Asset::Points)? {
            if lives(row.lot) && !row.is_fenced {
                add(self.authors.numbered(row.author), row.share.available.max(0));
            }
        }
        for row in self.database.offers_unsettled(member, Asset::Points)? {
            match (row.offered, row.accepted) {
                (Some((_, amount)), None) if lives(row.lot) && self.may_hold(row.receiver)? => {
                    add(Some(row.receiver), amount);
                }
                // Taken up ahead of what the giver's journal tells here.
                (None, Some(amount)) if lives(row.lot) => {
                    add(row.offer.tag().and_then(|tag| self.authors.tagged(tag)), amount.saturating_neg());
                }
                _ => {}
            }
        }
        Ok(held)
    }
}
