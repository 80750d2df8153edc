use std::collections::{BTreeMap, BTreeSet};

use purser_journal::{Entry, Fact, Gift, GrantFact, LateSettledFact, ReturnFact, SaleFact, TopUpFact};
use purser_programme::{Deal, Grant, History, Today, Worth};
use purser_storage::{Database, StorageError};
use purser_types::{BusinessDate, EntryId, Fen, Hlc, MemberId, SaleId};

/// What of a member's past a programme asks about: read from the member's entries, and the same whatever order
/// they came in.
#[derive(Debug, Clone, Default)]
pub(crate) struct Past {
    /// Purchases less what was given back, and tiers that were granted.
    pub(crate) history: History,
    /// The days of purchases, the first one first.
    pub(crate) purchases: Vec<BusinessDate>,
    /// Coupons that purchases have brought, each with the day of the purchase.
    pub(crate) awarded: BTreeSet<(String, BusinessDate)>,
    /// Activities, each with its day.
    pub(crate) activities: Vec<(String, BusinessDate)>,
    /// What was done with stored value, by day.
    stored: BTreeMap<BusinessDate, Today>,
    sales: BTreeMap<SaleId, Deal>,
    grosses: BTreeMap<SaleId, i64>,
    claimed: BTreeSet<SaleId>,
    returns: BTreeMap<SaleId, Vec<ReturnFact>>,
}

/// So many entries of a member are looked at, the latest: more than anybody makes in a life.
const ENTRIES_MAX: u32 = 20_000;

impl Past {
    /// What the tables know of a member.
    pub(crate) fn read(database: &Database, member: MemberId) -> Result<Self, StorageError> {
        let mut past = Self::default();
        for row in database.dealings(member, ENTRIES_MAX)? {
            let bytes = database.counted_entry(row.author, row.seq)?;
            if let Some(entry) = bytes.and_then(|bytes| Entry::from_bytes(&bytes).ok()) {
                past.add(member, &entry);
            }
        }
        past.settle();
        Ok(past)
    }

    /// Purchases that were not given back altogether.
    pub(crate) fn orders(&self) -> u64 {
        self.history.deals.len() as u64
    }

    /// Every purchase as it was made.
    pub(crate) fn sales(&self) -> impl Iterator<Item = &Deal> {
        self.sales.values()
    }

    /// Whether a sale was priced when it was made, not claimed later.
    pub(crate) fn is_plain(&self, sale: SaleId) -> bool {
        !self.claimed.contains(&sale)
    }

    /// What was done with stored value on a day.
    pub(crate) fn stored_on(&self, date: BusinessDate) -> Today {
        self.stored.get(&date).copied().unwrap_or_default()
    }

    /// What came back of a sale so far, and how many pieces of each line as far as they were named.
    pub(crate) fn returned_of(&self, sale: SaleId) -> (Worth, Vec<u32>) {
        let (mut worth, mut pieces) = (Worth::default(), Vec::new());
        for back in self.returns.get(&sale).into_iter().flatten() {
            let price = back.price();
            worth = worth.and(Worth { gross: back.gross, price, earns: back.earns.unwrap_or(price) });
            for line in back.lines.iter().flatten() {
                let place = (line.line as usize).saturating_sub(1);
                if pieces.len() <= place {
                    pieces.resize(place.saturating_add(1).min(LINES_MAX), 0);
                }
                if let Some(sum) = pieces.get_mut(place) {
                    *sum = u32::saturating_add(*sum, line.pieces);
                }
            }
        }
        (worth, pieces)
    }

    fn add(&mut self, member: MemberId, entry: &Entry) {
        for fact in &entry.facts {
            match fact {
                Fact::LateSettled(LateSettledFact { accepted: Some(accepted), .. }) => {
                    // Nothing is settled within what was settled.
                    let Ok(late) = Entry::from_bytes(&accepted.entry) else { continue };
                    late.facts.iter().for_each(|fact| self.add_fact(member, (late.hlc, late.id()), fact));
                }
                fact => self.add_fact(member, (entry.hlc, entry.id()), fact),
            }
        }
    }

    fn add_fact(&mut self, member: MemberId, at: (Hlc, EntryId), fact: &Fact) {
        match fact {
            Fact::Sale(sale) if sale.member == member => self.add_sale(at, sale),
            Fact::Return(back) if back.member == member => {
                let today = self.stored.entry(back.date).or_default();
                let stored = sum([back.principal, back.bonus]);
                today.spent.0 = today.spent.0.saturating_sub(stored.0).max(0);
                self.returns.entry(back.sale).or_default().push(back.as_ref().clone());
            }
            Fact::TopUp(TopUpFact { member: of, receipt, principal, .. }) if *of == member => {
                let today = self.stored.entry(receipt.date).or_default();
                today.topped_up.0 = today.topped_up.0.saturating_add(principal.0);
            }
            Fact::TopUpBack(back) if back.member == member => {
                let today = self.stored.entry(back.receipt.date).or_default();
                today.topped_up.0 = today.topped_up.0.saturating_sub(back.principal.0).max(0);
            }
            Fact::Grant(grant) if grant.member == member => self.add_grant(at, grant),
            _ => {}
        }
    }

    fn add_sale(&mut self, at: (Hlc, EntryId), sale: &SaleFact) {
        let date = sale.claimed_of.unwrap_or(sale.date);
        let deal = Deal { date, at, paid: sale.paid(), points: sale.points_earned };
        let id = SaleId::created_by(at.1);
        self.sales.insert(id, deal);
        self.grosses.insert(id, sale.gross.0);
        self.claimed.extend(sale.claimed_of.map(|_| id));
        self.purchases.push(date);
        let awards = sale.awards.iter().flatten();
        self.awarded.extend(awards.map(|award| (award.coupon.clone(), award.day)));
        let today = self.stored.entry(sale.date).or_default();
        today.spent.0 = today.spent.0.saturating_add(sum([sale.principal, sale.bonus]).0);
    }

    fn add_grant(&mut self, at: (Hlc, EntryId), grant: &GrantFact) {
        match &grant.gift {
            Gift::Tier { tier, until } => {
                if let Ok(tier) = tier.clone().try_into() {
                    self.history.grants.insert(Grant { date: grant.date, at, tier, until: *until });
                }
            }
            Gift::Activity { activity, .. } => self.activities.push((activity.clone(), grant.date)),
            Gift::Coupon { .. } => {}
        }
    }

    /// Takes from each purchase what came back of it.
    fn settle(&mut self) {
        self.purchases.sort_unstable();
        for (sale, deal) in &self.sales {
            let mut deal = deal.clone();
            let mut gross = self.grosses.get(sale).copied().unwrap_or(0);
            let returns = self.returns.get(sale).map_or(&[][..], Vec::as_slice);
            for back in returns {
                gross = gross.saturating_sub(back.gross.0);
                let paid = sum([Some(back.refund), back.principal, back.bonus]);
                deal.paid.0 = deal.paid.0.saturating_sub(paid.0).max(0);
                deal.points = deal.points.saturating_sub(back.points_clawed_back).max(0);
            }
            if gross > 0 || returns.is_empty() {
                self.history.deals.insert(deal);
            }
        }
    }
}

/// As many lines as a basket may have.
const LINES_MAX: usize = purser_programme::Basket::LINES_MAX;

fn sum<const N: usize>(amounts: [Option<Fen>; N]) -> Fen {
    Fen(amounts.into_iter().flatten().fold(0_i64, |sum, amount| sum.saturating_add(amount.0)))
}
