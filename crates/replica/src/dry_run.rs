//! What a version of the programme would have made of sales that were made under another.

use purser_journal::{DetailLine, Fact, SaleDetail, SaleFact};
use purser_ledger::{Asset, Posting};
use purser_programme::{
    Basket, Buyer, Deal, History, Line, Occasion, Payment, Programme, Quote, QuoteRefused,
};
use purser_types::{BusinessDate, EntryId, Fen, Hlc, MemberId, SaleId};

use crate::{Refusal, View, fold::postings, past::Past, person::Person};

/// What sales came to, and what they would have come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Difference {
    /// Sales that both can price.
    pub sales: u64,
    /// What was to be paid.
    pub price: (Fen, Fen),
    /// Points earned.
    pub points: (i64, i64),
}

/// What a version would have made of past sales: each pair is what was and what would have been.
#[derive(Debug, Clone, Default)]
pub struct DryRun {
    /// All of them.
    pub total: Difference,
    /// By member, of those whose sales would have come to something else.
    pub members: Vec<(MemberId, Difference)>,
    /// Sales whose lines are not known here: priced as one thing of which the programme knows nothing.
    pub without_lines: u64,
    /// Sales that were paid with passes, coupons or stored value as well, which are left out.
    pub paid_otherwise: u64,
    /// Sales that it cannot price.
    pub refused: u64,
    /// Why, the first of them.
    pub refusal: Option<QuoteRefused>,
}

/// Members that are read at once.
const AT_ONCE: u32 = 500;

impl View {
    /// Prices the sales of some days anew. Points that were redeemed are redeemed again if the version lets them;
    /// sales that were paid with anything else but money, and receipts that were claimed, are left out. Reads every member's entries.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn dry_run(
        &mut self,
        programme: &Programme,
        days: (BusinessDate, BusinessDate),
    ) -> Result<DryRun, Refusal> {
        let mut run = DryRun::default();
        let mut after = MemberId::CHAIN;
        loop {
            let members = self.members(after, AT_ONCE)?;
            let Some(last) = members.last() else { return Ok(run) };
            after = last.member;
            for row in members {
                self.add_member(&mut run, programme, row.member, days)?;
            }
        }
    }

    fn add_member(
        &mut self,
        run: &mut DryRun,
        programme: &Programme,
        member: MemberId,
        (from, until): (BusinessDate, BusinessDate),
    ) -> Result<(), Refusal> {
        let past = Past::read(self.database(), member)?;
        let in_days = |deal: &&Deal| (from..=until).contains(&deal.date);
        let deals: Vec<Deal> = past.deals().filter(in_days).cloned().collect();
        if deals.is_empty() {
            return Ok(());
        }
        let person =
            if programme.asks_birthday() { Person::of(&self.profile(member)?) } else { Person::default() };
        let mut difference = Difference::default();
        for deal in deals {
            let Some((sale, detail, is_plain)) = self.sale_with_detail(deal.at.1)? else { continue };
            if !is_plain {
                run.paid_otherwise += 1;
                continue;
            }
            run.without_lines += u64::from(detail.is_none());
            let occasion =
                occasion(programme, &past, &deal, &sale, person, self.time_of_day(deal.at.0.wall_ms).0);
            match price(programme, &goods(&sale, detail.as_ref()), &occasion, sale.points_redeemed) {
                Ok(quote) => difference.add(&sale, &quote),
                Err(refused) => {
                    run.refused += 1;
                    run.refusal.get_or_insert(refused);
                }
            }
        }
        run.total.and(difference);
        if difference.is_any() {
            run.members.push((member, difference));
        }
        Ok(())
    }

    fn sale_with_detail(
        &mut self,
        entry: EntryId,
    ) -> Result<Option<(SaleFact, Option<SaleDetail>, bool)>, Refusal> {
        let sale = SaleId::created_by(entry);
        let Some(entry) = self.created(sale)? else { return Ok(None) };
        let draws = |posting: &Posting| match *posting {
            Posting::Debit { lot, .. } => !matches!(lot.asset, Asset::Points),
            _ => false,
        };
        let is_plain = !postings(&entry).any(draws);
        let fact = entry.facts.into_iter().find_map(|fact| match fact {
            Fact::Sale(fact) => Some(*fact),
            _ => None,
        });
        let detail = self.sale_detail(sale)?;
        Ok(fact.map(|fact| (fact, detail, is_plain)))
    }
}

/// As it would have been: the tier by what was bought before.
fn occasion(
    programme: &Programme,
    past: &Past,
    deal: &Deal,
    sale: &SaleFact,
    person: Person,
    hour: u32,
) -> Occasion {
    let before = |of: &(Hlc, EntryId), date: BusinessDate| (date, *of) < (deal.date, deal.at);
    let History { deals, grants } = &past.history;
    let history = History {
        deals: deals.iter().filter(|other| before(&other.at, other.date)).cloned().collect(),
        grants: grants.iter().filter(|grant| before(&grant.at, grant.date)).cloned().collect(),
    };
    let tier = programme.standing(&history, deal.date).tier;
    let points = sale.points_after.saturating_sub(sale.points_earned).saturating_add(sale.points_redeemed);
    let buyer = Buyer {
        tier: programme.tiers[tier].id.clone(),
        birthday: person.birthday,
        orders: history.deals.len() as u64,
        points,
    };
    Occasion { date: deal.date, hour, store: sale.store, buyer: Some(buyer) }
}

fn goods(sale: &SaleFact, detail: Option<&SaleDetail>) -> Basket {
    let line = |line: &DetailLine| Line {
        article: line.article.clone(),
        category: line.category.clone(),
        flags: line.flags.iter().cloned().collect(),
        quantity: line.quantity,
        unit_price: line.unit_price,
    };
    let whole = || vec![Line { quantity: 1, unit_price: sale.gross, ..Line::default() }];
    Basket { lines: detail.map_or_else(whole, |detail| detail.lines.iter().map(line).collect()) }
}

fn price(
    programme: &Programme,
    goods: &Basket,
    occasion: &Occasion,
    points: i64,
) -> Result<Quote, QuoteRefused> {
    let with_points = Payment { points, ..Payment::default() };
    match programme.quote(goods, occasion, &with_points) {
        Err(QuoteRefused::Points(_)) => programme.quote(goods, occasion, &Payment::default()),
        quote => quote,
    }
}

impl Difference {
    fn add(&mut self, sale: &SaleFact, quote: &Quote) {
        let price = (sale.price(), quote.total);
        self.and(Difference { sales: 1, price, points: (sale.points_earned, quote.earned.points) });
    }

    fn and(&mut self, other: Difference) {
        self.sales += other.sales;
        self.price.0.0 = self.price.0.0.saturating_add(other.price.0.0);
        self.price.1.0 = self.price.1.0.saturating_add(other.price.1.0);
        self.points.0 = self.points.0.saturating_add(other.points.0);
        self.points.1 = self.points.1.saturating_add(other.points.1);
    }

    /// Whether anything would have come out otherwise.
    fn is_any(&self) -> bool {
        self.price.0 != self.price.1 || self.points.0 != self.points.1
    }
}
