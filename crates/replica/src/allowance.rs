//! Spending beyond the rights held here: what a hub grants a store for that, and the spending.

use purser_journal::{Fact, Role};
use purser_ledger::{AMOUNT_MAX, Asset, Holding, Lot, Posting, draw_in_advance};

use purser_storage::StorageError;
use purser_types::{
    BusinessDate, MemberId, OfferId, ReplicaId,
    mutant::{Mutant, is_on},
};

use crate::{
    AdvanceShort, Refusal, Replica, Transaction, draft::Draft, fold::postings, holdings::holdings,
    state::State,
};

/// Entries of our own that are looked through for what was spent in advance today: more than a till writes.
const ENTRIES_OF_A_DAY_MAX: u64 = 20_000;

/// How a replica stands with what it may spend in advance.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AllowanceStanding {
    /// Points that may be spent in advance here now.
    pub available: i64,
    /// Points that were spent in advance here and are not settled.
    pub used: i64,
    /// Points that were spent in advance anywhere and that nobody holds rights for any more, as far
    /// as known here: what the chain has lost, until their members earn it back.
    pub unbacked: i64,
}

impl Transaction<'_> {
    /// New allowance, given to a store of the city.
    pub(crate) fn plan_allowance(&mut self, to: ReplicaId, points: i64) -> Result<Draft, Refusal> {
        self.require_hub()?;
        if !(1..=AMOUNT_MAX).contains(&points) {
            return Err(Refusal::OutOfRange { what: "points", range: "a whole number above 0" });
        }
        self.require_store(to)?;
        let offer = OfferId::created_by(self.next_entry());
        let (lot, amount) = (Lot::allowance(), points);
        let postings = vec![Posting::Credit { lot, amount }, Posting::Offer { offer, to, lot, amount }];
        Ok(Draft::of([Fact::Postings(postings)]))
    }

    /// Whether rights can be given to that store.
    pub(crate) fn require_store(&self, to: ReplicaId) -> Result<(), Refusal> {
        let state = &self.replica.state;
        let is_store = state.authors.get(to).is_some_and(|author| author.credential.role == Role::Store);
        let known = is_store && to != state.me && state.may_hold(to)?;
        if known { Ok(()) } else { Err(Refusal::UnknownReplica(to)) }
    }

    /// Spends what is here and, in advance, the rest of what `refused` lacks: no more than the
    /// allowance and the limit for one member cover.
    pub(crate) fn plan_advance(
        &self,
        refused: Refusal,
        known: &[Holding],
        today: BusinessDate,
    ) -> Result<Vec<Posting>, Refusal> {
        let Refusal::RightsTooFew { member, asset, cause, here, balance, wanted, .. } = refused else {
            return Err(refused);
        };
        let state = &self.replica.state;
        let allowance = state.database.share(state.my_number, Lot::allowance())?;
        let may_advance = allowance.available + allowance.held > 0 || is_on(Mutant::AdvancesBeyond);
        let Some(drawn) = draw_in_advance(known, wanted, today).filter(|_| may_advance) else {
            return Err(refused);
        };
        let open = state.advanced_here(member)?;
        let limits = state.programmes.on(today).offline;
        let beyond_day = match limits.advance_per_day {
            Some(most) => state.advanced_on(today)?.saturating_add(drawn.advanced()) > most,
            None => false,
        };
        let short = if is_on(Mutant::AdvancesBeyond) {
            None
        } else if open.saturating_add(drawn.advanced()) > limits.advance_per_member {
            Some(AdvanceShort::MemberLimit)
        } else if beyond_day {
            Some(AdvanceShort::DayLimit)
        } else if drawn.advanced() > allowance.available {
            Some(AdvanceShort::UsedUp)
        } else {
            None
        };
        if let Some(short) = short {
            let advance = Some(short);
            return Err(Refusal::RightsTooFew { member, asset, cause, here, balance, wanted, advance });
        }
        let debits = drawn.debits.into_iter().map(|(lot, amount)| Posting::Debit { lot, amount });
        let advances = drawn.advances.into_iter().map(|(lot, amount)| Posting::Advance { lot, amount });
        Ok(debits.chain(advances).collect())
    }
}

impl State {
    /// What is spent in advance here for a member and not settled.
    fn advanced_here(&self, member: MemberId) -> Result<i64, StorageError> {
        let shares = self.database.shares(member, Asset::Points)?.into_iter();
        let mine = shares.filter(|row| row.author == self.my_number);
        Ok(mine.fold(0_i64, |sum, row| sum.saturating_add(row.share.advanced)))
    }

    /// What was spent in advance here on a day: of our own entries the latest tell.
    fn advanced_on(&self, day: BusinessDate) -> Result<i64, StorageError> {
        let head = self.mine().head.seq;
        let mut sum = 0_i64;
        for seq in (head.saturating_sub(ENTRIES_OF_A_DAY_MAX) + 1..=head).rev() {
            let Some(entry) = self.entry(self.my_number, seq)? else { break };
            if self.date_at(entry.hlc.wall_ms) < day {
                break;
            }
            sum = postings(&entry).fold(sum, |sum, posting| sum.saturating_add(advanced_by(posting)));
        }
        Ok(sum)
    }

    /// What is advanced for a member on lots that nobody holds enough rights for.
    fn unbacked(&self, member: MemberId) -> Result<i64, StorageError> {
        let mut shares = self.database.shares(member, Asset::Points)?;
        // Whoever else is the same person is looked at by themselves.
        shares.retain(|row| row.lot.member == member);
        let lots = holdings(&self.database, self.my_number, member, Asset::Points)?.into_iter();
        let of_lot = |holding: Holding| {
            let rows = shares.iter().filter(|row| row.lot == holding.lot);
            let advanced = rows.fold(0_i64, |sum, row| sum.saturating_add(row.share.advanced));
            advanced.min(holding.balance.min(0).saturating_neg())
        };
        Ok(lots.map(of_lot).fold(0, i64::saturating_add))
    }
}

impl Replica {
    /// How this replica stands with what it may spend in advance. Reads what is open only.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn allowance(&self) -> Result<AllowanceStanding, StorageError> {
        const AT_ONCE: u32 = 1_000;
        let state = &self.state;
        let share = state.database.share(state.my_number, Lot::allowance())?;
        let (mut unbacked, mut after) = (0_i64, MemberId::CHAIN);
        loop {
            let members = state.database.members_advanced(after, AT_ONCE)?;
            let Some(last) = members.last() else { break };
            after = *last;
            for member in members {
                unbacked = unbacked.saturating_add(state.unbacked(member)?);
            }
        }
        Ok(AllowanceStanding { available: share.available, used: share.held, unbacked })
    }
}

/// What postings spend in advance.
pub(crate) fn advanced(postings: &[Posting]) -> i64 {
    postings.iter().map(advanced_by).sum()
}

fn advanced_by(posting: &Posting) -> i64 {
    match posting {
        Posting::Advance { amount, .. } => *amount,
        _ => 0,
    }
}
