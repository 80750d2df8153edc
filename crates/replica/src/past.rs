use std::collections::{BTreeMap, BTreeSet};

use purser_journal::{
    AwardMade, Entry, Fact, Gift, GrantFact, LateSettledFact, ReturnFact, SaleFact, TopUpBackFact, TopUpFact,
};
use purser_ledger::{Asset, Posting};
use purser_programme::{Deal, Grant, History, Today, Worth};
use purser_storage::{Database, StorageError};
use purser_types::{BusinessDate, EntryId, Fen, Hlc, MemberId, SaleId};

use crate::fold::postings;

/// What of a member's past a programme asks about: read from the member's entries, and the same whatever order
/// they came in.
#[derive(Debug, Clone, Default)]
pub(crate) struct Past {
    /// Purchases less what was given back, and tiers that were granted.
    pub(crate) history: History,
    /// The days of purchases that were not given back altogether, the first one first.
    pub(crate) purchases: Vec<BusinessDate>,
    /// Coupons that purchases have brought and that were not taken back since, by who has bought.
    pub(crate) awarded: Vec<(MemberId, AwardMade)>,
    /// Activities, each with its day.
    pub(crate) activities: Vec<(String, BusinessDate)>,
    /// What was done with stored value, by day.
    stored: BTreeMap<BusinessDate, Today>,
    sales: BTreeMap<SaleId, Sale>,
    top_ups: BTreeMap<SaleId, (BusinessDate, Fen)>,
    top_ups_back: BTreeMap<EntryId, (BusinessDate, SaleId, Fen)>,
    /// By the entry that tells: one that several hubs have accepted counts once.
    returns: BTreeMap<SaleId, BTreeMap<Option<EntryId>, Back>>,
}

/// A purchase as it was made.
#[derive(Debug, Clone)]
struct Sale {
    member: MemberId,
    deal: Deal,
    /// The day on which it was entered.
    date: BusinessDate,
    gross: Fen,
    stored: Fen,
    is_claim: bool,
    awards: Vec<AwardMade>,
}

/// A return, and the uses of passes that it gave back.
#[derive(Debug, Clone)]
struct Back {
    fact: ReturnFact,
    uses: BTreeMap<Asset, i64>,
}

/// What came back of a sale so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct BackSoFar {
    /// In all.
    pub(crate) worth: Worth,
    /// Pieces of each line, as far as lines were named.
    pub(crate) pieces: Vec<u32>,
    /// Uses of passes.
    pub(crate) uses: BTreeMap<Asset, i64>,
}

/// So many entries of a member are looked at, the latest: more than anybody makes in years.
const ENTRIES_MAX: u32 = 5_000;

impl Past {
    /// What the tables know of a person, by whatever member.
    pub(crate) fn read(database: &Database, member: MemberId) -> Result<Self, StorageError> {
        let mut past = Self::default();
        for member in database.kin(member)? {
            for row in database.dealings(member, ENTRIES_MAX)? {
                let bytes = database.counted_entry(row.author, row.seq)?;
                if let Some(entry) = bytes.and_then(|bytes| Entry::from_bytes(&bytes).ok()) {
                    past.add(member, &entry);
                }
            }
        }
        past.settle();
        Ok(past)
    }

    /// The same once this has come back too.
    pub(crate) fn after(&self, fact: &ReturnFact) -> Self {
        let mut past = self.clone();
        let back = Back { fact: fact.clone(), uses: BTreeMap::new() };
        past.returns.entry(fact.sale).or_default().insert(None, back);
        past.settle();
        past
    }

    /// Purchases that were not given back altogether.
    pub(crate) fn orders(&self) -> u64 {
        self.history.deals.len() as u64
    }

    /// Every purchase as it was made, but those that were claimed later.
    pub(crate) fn deals(&self) -> impl Iterator<Item = &Deal> {
        self.sales.values().filter(|sale| !sale.is_claim).map(|sale| &sale.deal)
    }

    /// What was done with stored value on a day.
    pub(crate) fn stored_on(&self, date: BusinessDate) -> Today {
        self.stored.get(&date).copied().unwrap_or_default()
    }

    /// What came back of a sale so far.
    pub(crate) fn returned_of(&self, sale: SaleId) -> BackSoFar {
        let mut so_far = BackSoFar::default();
        for Back { fact, uses } in self.returns_of(sale) {
            let price = fact.price();
            let worth = Worth { gross: fact.gross, price, earns: fact.earns.unwrap_or(price) };
            so_far.worth = so_far.worth.and(worth);
            for (asset, amount) in uses {
                let sum = so_far.uses.entry(*asset).or_default();
                *sum = i64::saturating_add(*sum, *amount);
            }
            for line in fact.lines.iter().flatten() {
                let place = (line.line as usize).saturating_sub(1);
                if so_far.pieces.len() <= place {
                    so_far.pieces.resize(place.saturating_add(1).min(LINES_MAX), 0);
                }
                if let Some(sum) = so_far.pieces.get_mut(place) {
                    *sum = u32::saturating_add(*sum, line.pieces);
                }
            }
        }
        so_far
    }

    fn returns_of(&self, sale: SaleId) -> impl Iterator<Item = &Back> {
        self.returns.get(&sale).into_iter().flat_map(BTreeMap::values)
    }

    fn add(&mut self, member: MemberId, entry: &Entry) {
        for fact in &entry.facts {
            match fact {
                Fact::LateSettled(LateSettledFact { accepted: Some(accepted), .. }) => {
                    // Nothing is settled within what was settled.
                    let Ok(late) = Entry::from_bytes(&accepted.entry) else { continue };
                    late.facts.iter().for_each(|fact| self.add_fact(member, &late, entry, fact));
                }
                fact => self.add_fact(member, entry, entry, fact),
            }
        }
    }

    /// `posted` is the entry whose postings count for the fact.
    fn add_fact(&mut self, member: MemberId, entry: &Entry, posted: &Entry, fact: &Fact) {
        let at = (entry.hlc, entry.id());
        match fact {
            Fact::Sale(sale) if sale.member == member => self.add_sale(at, sale),
            Fact::Return(back) if back.member == member => {
                let (fact, uses) = (back.as_ref().clone(), uses_given_back(posted));
                self.returns.entry(back.sale).or_default().insert(Some(at.1), Back { fact, uses });
            }
            Fact::TopUp(TopUpFact { member: of, receipt, principal, .. }) if *of == member => {
                self.top_ups.insert(SaleId::created_by(at.1), (receipt.date, *principal));
            }
            Fact::TopUpBack(TopUpBackFact { member: of, receipt, top_up, principal, .. })
                if *of == member =>
            {
                self.top_ups_back.insert(at.1, (receipt.date, *top_up, *principal));
            }
            Fact::Grant(grant) if grant.member == member => self.add_grant(at, grant),
            _ => {}
        }
    }

    fn add_sale(&mut self, at: (Hlc, EntryId), sale: &SaleFact) {
        let day = sale.claimed_of.unwrap_or(sale.date);
        let sold = Sale {
            member: sale.member,
            deal: Deal { date: day, at, paid: sale.paid(), points: sale.points_earned },
            date: sale.date,
            gross: sale.gross,
            stored: sum([sale.principal, sale.bonus]),
            is_claim: sale.claimed_of.is_some(),
            awards: sale.awards.clone().unwrap_or_default(),
        };
        self.sales.insert(SaleId::created_by(at.1), sold);
    }

    fn add_grant(&mut self, at: (Hlc, EntryId), grant: &GrantFact) {
        match &grant.gift {
            Gift::Tier { tier, until } => {
                if let Ok(tier) = tier.parse() {
                    self.history.grants.insert(Grant { date: grant.date, at, tier, until: *until });
                }
            }
            Gift::Activity { activity, .. } => self.activities.push((activity.clone(), grant.date)),
            Gift::Coupon { .. } | Gift::PassUses { .. } | Gift::Code { .. } => {}
        }
    }

    /// Puts together what the facts say, each of which may have come first.
    fn settle(&mut self) {
        self.purchases = self.sales.values().map(|sale| sale.deal.date).collect();
        self.purchases.sort_unstable();
        self.history.deals =
            self.sales.iter().filter_map(|(id, sale)| self.standing_deal(*id, sale)).collect();
        let of_sale =
            |sale: &Sale| sale.awards.iter().map(|award| (sale.member, award.clone())).collect::<Vec<_>>();
        self.awarded = self.sales.values().flat_map(of_sale).collect();
        self.awarded.sort_by_key(|(_, award)| (award.coupon.clone(), award.day));
        let taken_back = self
            .returns
            .values()
            .flat_map(BTreeMap::values)
            .flat_map(|back| back.fact.awards_back.iter().flatten());
        for award in taken_back {
            if let Some(place) = self.awarded.iter().position(|(_, made)| made == award) {
                self.awarded.remove(place);
            }
        }
        self.settle_stored();
    }

    /// A purchase less what came back of it; nothing of one that came back altogether, or was of no value.
    fn standing_deal(&self, id: SaleId, sale: &Sale) -> Option<Deal> {
        let (mut deal, mut gross) = (sale.deal.clone(), sale.gross.0);
        for Back { fact, .. } in self.returns_of(id) {
            gross = gross.saturating_sub(fact.gross.0);
            let paid = sum([Some(fact.refund), fact.principal, fact.bonus]);
            deal.paid.0 = deal.paid.0.saturating_sub(paid.0);
            deal.points = deal.points.saturating_sub(fact.points_clawed_back);
        }
        deal.paid.0 = deal.paid.0.max(0);
        deal.points = deal.points.max(0);
        (gross > 0).then_some(deal)
    }

    /// What of a day came back on that day was not done on it; what came back later has no other day to lower.
    fn settle_stored(&mut self) {
        self.stored.clear();
        for (date, principal) in self.top_ups.values() {
            let today = self.stored.entry(*date).or_default();
            today.topped_up.0 = today.topped_up.0.saturating_add(principal.0);
        }
        for (date, top_up, principal) in self.top_ups_back.values() {
            if self.top_ups.get(top_up).is_some_and(|(of, _)| of == date) {
                let today = self.stored.entry(*date).or_default();
                today.topped_up.0 = today.topped_up.0.saturating_sub(principal.0);
            }
        }
        for (id, sale) in &self.sales {
            let returns = self.returns_of(*id);
            let same_day = returns.filter(|back| back.fact.date == sale.date);
            let back = same_day
                .fold(0_i64, |all, back| all.saturating_add(sum([back.fact.principal, back.fact.bonus]).0));
            let today = self.stored.entry(sale.date).or_default();
            today.spent.0 = today.spent.0.saturating_add(sale.stored.0.saturating_sub(back).max(0));
        }
        self.stored.values_mut().for_each(|today| today.topped_up.0 = today.topped_up.0.max(0));
    }
}

/// As many lines as a basket may have.
const LINES_MAX: usize = purser_programme::Basket::LINES_MAX;

/// Uses of passes that a return gives back: to the buyer, by whatever member.
fn uses_given_back(entry: &Entry) -> BTreeMap<Asset, i64> {
    let mut uses: BTreeMap<Asset, i64> = BTreeMap::new();
    for posting in postings(entry) {
        if let Posting::Credit { lot, amount } = posting
            && matches!(lot.asset, Asset::Pass(_))
        {
            let sum = uses.entry(lot.asset).or_default();
            *sum = sum.saturating_add(*amount);
        }
    }
    uses
}

/// The keys within which awards come but once.
pub(crate) fn periods(
    awards: &[(MemberId, AwardMade)],
    programme: &purser_programme::Programme,
) -> BTreeSet<(String, i32)> {
    let period = |(_, award): &(MemberId, AwardMade)| {
        Some((award.coupon.clone(), programme.award_period(&award.coupon, award.day)?))
    };
    awards.iter().filter_map(period).collect()
}

fn sum<const N: usize>(amounts: [Option<Fen>; N]) -> Fen {
    Fen(amounts.into_iter().flatten().fold(0_i64, |sum, amount| sum.saturating_add(amount.0)))
}
