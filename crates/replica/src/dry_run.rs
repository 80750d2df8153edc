//! What a version of the programme would have made of sales that were made under another.

use std::{collections::BTreeMap, sync::Arc};

use purser_journal::{DetailLine, Fact, SaleDetail, SaleFact};
use purser_ledger::{Asset, Posting};
use purser_programme::{
    Basket, Buyer, Deal, History, Line, Occasion, Parts, Payment, Programme, Quote, QuoteRefused, RuleId,
    StoredValuePayment, Today,
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
    /// Sales at which points had paid that it would not take.
    pub points_refused: u64,
    /// Sales that it cannot price.
    pub refused: u64,
    /// Why, the first of them.
    pub refusal: Option<QuoteRefused>,
}

/// A sale as it was made.
struct PaidSale {
    fact: SaleFact,
    /// Its lines, if they are known here.
    detail: Option<SaleDetail>,
    /// What has paid for it, unless no programme has such a thing.
    payment: Option<Payment>,
}

/// Members that are read at once.
const AT_ONCE: u32 = 500;

impl View {
    /// Prices the sales of some days anew, paid as they were: by the same passes and coupons, by as much stored value
    /// if it comes to so much, by the same points if the version lets them. Receipts that were claimed are left out.
    /// Reads every member's entries.
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
        if self.person(member)? != member {
            return Ok(()); // with the others of that person
        }
        let past = Past::read(self.database(), member)?;
        let in_days = |deal: &&Deal| (from..=until).contains(&deal.date);
        let deals: Vec<Deal> = past.deals().filter(in_days).cloned().collect();
        if deals.is_empty() {
            return Ok(());
        }
        let person = self.person_of(member, programme)?;
        let mut difference = Difference::default();
        for deal in deals {
            let Some(PaidSale { fact: sale, detail, payment }) = self.sale_as_paid(deal.at.1, programme)?
            else {
                continue;
            };
            let Some(payment) = payment else {
                run.refused += 1;
                continue;
            };
            run.without_lines += u64::from(detail.is_none());
            let occasion =
                occasion(programme, &past, &deal, &sale, person, self.time_of_day(deal.at.0.wall_ms).0);
            match price(programme, &goods(&sale, detail.as_ref()), &occasion, &payment) {
                Ok(quote) => {
                    run.points_refused += u64::from(quote.points.0 != payment.points);
                    difference.add(&sale, &quote);
                }
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

    fn sale_as_paid(&mut self, entry: EntryId, programme: &Programme) -> Result<Option<PaidSale>, Refusal> {
        let sale = SaleId::created_by(entry);
        let Some(entry) = self.created(sale)? else { return Ok(None) };
        let used: Vec<(Asset, i64)> = postings(&entry).filter_map(drawn).collect();
        let fact = entry.facts.into_iter().find_map(|fact| match fact {
            Fact::Sale(fact) => Some(*fact),
            _ => None,
        });
        let Some(fact) = fact else { return Ok(None) };
        let known = self.programmes()?;
        let all = || [programme].into_iter().chain(known.iter().map(Arc::as_ref));
        let passes = all().flat_map(|it| &it.passes).map(|pass| (Asset::Pass(pass.id.kind()), &pass.id));
        let coupons = all().flat_map(|it| &it.coupons).map(|it| (Asset::Coupon(it.id.kind()), &it.id));
        let (passes, coupons) = (named(&used, passes), named(&used, coupons));
        let pieces = used.iter().filter(|(asset, _)| matches!(asset, Asset::Pass(_) | Asset::Coupon(_)));
        let pieces: i64 = pieces.map(|(_, times)| times).sum();
        let are_all_named = usize::try_from(pieces) == Ok(passes.len() + coupons.len());
        let payment = Payment {
            passes,
            coupons,
            points: fact.points_redeemed,
            stored_value: stored_value(&fact),
            voucher: fact.voucher.unwrap_or_default(),
            is_claim: false,
        };
        let detail = self.sale_detail(sale)?;
        Ok(Some(PaidSale { fact, detail, payment: are_all_named.then_some(payment) }))
    }
}

/// What a posting has drawn beside points.
fn drawn(posting: &Posting) -> Option<(Asset, i64)> {
    match *posting {
        Posting::Debit { lot, amount } if lot.asset != Asset::Points => Some((lot.asset, amount)),
        _ => None,
    }
}

/// The ids of what was used, one for each time.
fn named<'a>(used: &[(Asset, i64)], rules: impl Iterator<Item = (Asset, &'a RuleId)>) -> Vec<RuleId> {
    let rules: BTreeMap<Asset, &RuleId> = rules.collect();
    let of = |(asset, times): &(Asset, i64)| {
        let times = usize::try_from(*times).unwrap_or(0);
        rules.get(asset).into_iter().flat_map(move |id| std::iter::repeat_n((*id).clone(), times))
    };
    used.iter().flat_map(of).collect()
}

/// Stored value that has paid: so much was there.
fn stored_value(sale: &SaleFact) -> Option<StoredValuePayment> {
    let held = Parts { principal: sale.principal.unwrap_or_default(), bonus: sale.bonus.unwrap_or_default() };
    let payment = StoredValuePayment { most: held.sum(), held, today: Today::default() };
    (held.sum() > Fen(0)).then_some(payment)
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
    payment: &Payment,
) -> Result<Quote, QuoteRefused> {
    match programme.quote(goods, occasion, payment) {
        Err(QuoteRefused::Points(_)) => {
            programme.quote(goods, occasion, &Payment { points: 0, ..payment.clone() })
        }
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
