use std::collections::BTreeMap;

use purser_journal::{AwardMade, DetailLine, Entry, Fact, HeldAfter, SaleDetail, SaleFact, TakenOff};
use purser_ledger::{AMOUNT_MAX, Asset, Lot, Posting, balance};
use purser_programme::{Deal, Outcome, Quote, QuotedLine, RuleId};
use purser_storage::StorageError;
use purser_types::mutant::{Mutant, is_on};
use purser_types::{BusinessDate, Fen, Hlc, SaleId};

use crate::{
    Basket, BasketLine, Redemption, Refusal, Transaction,
    allowance::advanced,
    awards::{lot_of, new_awards},
    draft::{Draft, Plan},
    drawing::{check_receipt, draw_tenders},
    fold::postings,
    person::referred,
    pricing::{Customer, Register, Wish},
};

/// A basket as it was priced.
struct Priced {
    quote: Quote,
    /// Coupons that it brings.
    awards: Vec<AwardMade>,
    /// Points for who has brought the buyer.
    referral: Option<(Lot, i64)>,
}

impl Transaction<'_> {
    /// One atomic entry: the sale, what it redeems and earns, what of it can be returned, and
    /// where the policy wants the new rights to be.
    pub(crate) fn plan_checkout(&mut self, basket: &Basket) -> Result<Plan, Refusal> {
        if let Some(done) = self.same_check(basket)? {
            return Ok(Plan::Done { seq: done });
        }
        check_figures(basket)?;
        if basket.spends() {
            self.require_lease()?;
        }
        self.replica.state.require_member(basket.member)?;
        let today = self.replica.state.date_at(self.now.wall_ms);
        self.check_claim(basket, today)?;
        let date = basket.claimed_of.unwrap_or(today);
        let programme = self.replica.state.programmes.on(date).clone();
        let person = self.replica.state.person(basket.member, &programme)?;
        let register = self.register(date);
        let customer = register.customer(basket.member, person)?;
        let redeemed = self.points_wanted(basket)?;
        let wish = Wish { points: redeemed, tenders: &basket.tenders, is_claim: basket.claimed_of.is_some() };
        let quote = register.price(&basket.goods(), Some(&customer), wish)?;
        let priced = self.with_gifts(quote, &register, &customer, basket)?;
        let postings = self.sale_postings(basket, &priced, &customer, &register, today)?;
        let detail = detail(basket, &priced, &customer, &register)?;
        let fact = self.sale_fact(basket, &priced, &customer, &postings, today);
        let fact = SaleFact { basket: detail.as_deref().map(SaleDetail::hash), ..fact };
        let version = Some(register.programme.version);
        let facts = vec![Fact::Sale(Box::new(fact)), Fact::Postings(postings)];
        Ok(Plan::Write(Draft { facts, version, detail }))
    }

    /// The register of this store on a day.
    pub(crate) fn register(&self, date: BusinessDate) -> Register<'_> {
        let state = &self.replica.state;
        Register {
            database: &state.database,
            here: state.my_number,
            programme: state.programmes.on(date).clone(),
            store: state.mine().credential.store,
            date,
            hour: state.zone.time_of_day(self.now.wall_ms).0,
        }
    }

    /// The entry that used this receipt number before, if it closed the same basket: a till
    /// whose answer got lost asks again, sometimes under a new request id.
    fn same_check(&self, basket: &Basket) -> Result<Option<u64>, Refusal> {
        let state = &self.replica.state;
        if is_on(Mutant::ForgetsChecks) {
            return Ok(None);
        }
        self.done_before(&basket.till, &basket.check, |entry| {
            let detail = state.database.detail(state.my_number, entry.seq)?;
            Ok(closes(entry, detail.as_deref(), basket))
        })
    }

    /// Whether points of a receipt can be claimed.
    fn check_claim(&self, basket: &Basket, today: BusinessDate) -> Result<(), Refusal> {
        let Some(sold) = basket.claimed_of else { return Ok(()) };
        if basket.spends() {
            return Err(Refusal::OutOfRange { what: "payment", range: "none: a claim was paid before" });
        }
        let programme = self.replica.state.programmes.on(sold);
        match programme.claim {
            Some(claim) if claim.is_open(sold, today) => Ok(()),
            _ => Err(Refusal::ClaimClosed(sold)),
        }
    }

    /// The points that the till wants to use.
    fn points_wanted(&self, basket: &Basket) -> Result<i64, Refusal> {
        match basket.redemption {
            Redemption::None => Ok(0),
            Redemption::Points(points) => Ok(points),
            Redemption::Hold(hold) => {
                let lines = self.replica.state.open_hold(hold, self.now)?;
                let kin = self.replica.state.database.kin(basket.member)?;
                if lines.iter().any(|line| !kin.contains(&line.lot.member)) {
                    return Err(Refusal::HoldOfAnother(hold));
                }
                Ok(lines.iter().map(|line| line.amount).sum())
            }
        }
    }

    /// What a sale brings beside points: coupons for what it completes, and something for who brought the buyer.
    fn with_gifts(
        &self,
        quote: Quote,
        register: &Register<'_>,
        customer: &Customer,
        basket: &Basket,
    ) -> Result<Priced, Refusal> {
        if !(0..=AMOUNT_MAX).contains(&quote.earned.points) {
            return Err(Refusal::OutOfRange {
                what: "gross",
                range: "what earns at most a million million points",
            });
        }
        let paid = Fen(quote.total.0 - quote.points.1.0);
        let at = (Hlc { wall_ms: self.now.wall_ms, counter: u32::MAX }, self.next_entry());
        let deal = Deal { date: register.date, at, paid, points: quote.earned.points };
        let awards = new_awards(&register.programme, &customer.past, deal, self.today());
        let referral = match (&register.programme.referral, basket.claimed_of) {
            (Some(referral), None) => referred(referral, paid, register, customer),
            _ => None,
        };
        Ok(Priced { quote, awards, referral })
    }

    /// Every posting of the sale: what is earned comes first, for what is redeemed may draw on it.
    fn sale_postings(
        &self,
        basket: &Basket,
        priced: &Priced,
        customer: &Customer,
        register: &Register<'_>,
        today: BusinessDate,
    ) -> Result<Vec<Posting>, Refusal> {
        let quote = &priced.quote;
        let earned = Lot { member: basket.member, asset: Asset::Points, expires_on: quote.earned.until };
        let earned = (earned, quote.earned.points);
        let mut drawn = self.plan_redemption(basket, &customer.points, earned, today)?;
        let advanced = advanced(&drawn);
        drawn.extend(draw_tenders(quote, basket, register)?);
        let mut postings = credit(earned).into_iter().collect::<Vec<_>>();
        postings.extend(drawn);
        let sale = SaleId::created_by(self.next_entry());
        let refundable = Lot { member: basket.member, asset: Asset::Refundable(sale), expires_on: None };
        postings.extend(credit((refundable, quote.gross.0)));
        postings.extend(priced.awards.iter().filter_map(|award| credit((lot_of(award, basket.member)?, 1))));
        postings.extend(priced.referral.and_then(credit));
        // What is owed for the member anywhere comes first: see settle_advances.
        let is_owed = advanced > 0 || self.replica.state.database.is_advanced(basket.member)?;
        if !is_owed {
            postings.extend(self.offers_after(basket.member, &customer.points, &postings, today)?);
        }
        Ok(postings)
    }

    fn sale_fact(
        &self,
        basket: &Basket,
        priced: &Priced,
        customer: &Customer,
        postings: &[Posting],
        today: BusinessDate,
    ) -> SaleFact {
        let quote = &priced.quote;
        let (redeemed, worth) = quote.points;
        let captured = if matches!(basket.redemption, Redemption::Hold(_)) { 0 } else { redeemed };
        let earns = Fen(quote.lines.iter().map(|line| line.earns.0).sum());
        let advanced = advanced(postings);
        let some = |amount: Fen| Some(amount).filter(|amount| amount.0 > 0);
        let awards = priced.awards.clone();
        let points_after = balance(&customer.points, today).saturating_sub(captured);
        SaleFact {
            member: basket.member,
            store: self.replica.me().credential.store,
            till: basket.till.clone(),
            check: basket.check.clone(),
            date: today,
            gross: quote.gross,
            discount: worth,
            points_earned: quote.earned.points + i64::from(is_on(Mutant::WritesWrongReceipts)),
            points_redeemed: redeemed,
            points_after: points_after.saturating_add(quote.earned.points),
            basket: None,
            points_advanced: (advanced > 0).then_some(advanced),
            off: some(Fen(quote.gross.0 - quote.total.0)),
            principal: some(quote.stored_value.principal),
            bonus: some(quote.stored_value.bonus),
            earns: Some(earns).filter(|earns| *earns != quote.total),
            awards: Some(awards).filter(|awards| !awards.is_empty()),
            claimed_of: basket.claimed_of,
            voucher: some(quote.voucher),
        }
    }
}

/// A credit of something, if it is anything.
pub(crate) fn credit((lot, amount): (Lot, i64)) -> Option<Posting> {
    (amount > 0).then_some(Posting::Credit { lot, amount })
}

/// What the entry leaves out, if the till told the lines.
fn detail(
    basket: &Basket,
    priced: &Priced,
    customer: &Customer,
    register: &Register<'_>,
) -> Result<Option<Vec<u8>>, Refusal> {
    if basket.lines.is_empty() {
        return Ok(None);
    }
    let quote = &priced.quote;
    let passes: Vec<&RuleId> = basket.tenders.passes.iter().collect();
    let line = |(place, (told, quoted)): (usize, (&BasketLine, &QuotedLine))| DetailLine {
        by_passes: paid_by_passes(quote, &passes, place),
        article: told.line.article.clone(),
        name: told.name.clone(),
        category: told.line.category.clone(),
        flags: told.line.flags.iter().cloned().collect(),
        quantity: told.line.quantity,
        unit_price: told.line.unit_price,
        price: quoted.price,
        earns: quoted.earns,
    };
    let taken_off = quote.steps.iter().filter(|step| matches!(step.outcome, Outcome::Off(_)));
    let taken_off = taken_off.map(|step| TakenOff { rule: step.rule.to_string(), off: step.outcome.sum() });
    let detail = SaleDetail {
        lines: basket.lines.iter().zip(&quote.lines).enumerate().map(line).collect(),
        taken_off: taken_off.collect(),
        cut: quote.cut,
        tier: register.programme.tiers[customer.standing.tier].id.to_string(),
        hour: register.hour,
        after: held_after(priced, customer, register)?,
    };
    let bytes = detail.to_bytes();
    if bytes.len() > SaleDetail::BYTES_MAX {
        return Err(Refusal::OutOfRange { what: "lines", range: "fewer, or with shorter names" });
    }
    Ok(Some(bytes))
}

/// The passes that have paid for pieces of a line: each use is a step of the quote, and takes off one piece.
fn paid_by_passes(quote: &Quote, passes: &[&RuleId], place: usize) -> Vec<String> {
    let uses = quote.steps.iter().take(passes.len()).filter(|step| passes.contains(&&step.rule));
    let here = uses.filter(|step| matches!(&step.outcome, Outcome::Off(off) if off[place].0 > 0));
    here.map(|step| step.rule.to_string()).collect()
}

/// What the member holds after it beside points, as far as known here.
fn held_after(
    priced: &Priced,
    customer: &Customer,
    register: &Register<'_>,
) -> Result<Vec<HeldAfter>, StorageError> {
    let (quote, programme) = (&priced.quote, &register.programme);
    let used = |kind: u32| quote.used.iter().filter(|id| id.kind() == kind).count();
    let passes = programme.passes.iter().map(|pass| (Asset::Pass(pass.id.kind()), used(pass.id.kind())));
    let coupons =
        programme.coupons.iter().map(|coupon| (Asset::Coupon(coupon.id.kind()), used(coupon.id.kind())));
    let counted = |(asset, used): (Asset, usize)| (asset, i64::try_from(used).unwrap_or(i64::MAX));
    let mut spent: Vec<(Asset, i64)> = passes.chain(coupons).map(counted).collect();
    if programme.stored_value.is_some() {
        spent.push((Asset::WalletPrincipal, quote.stored_value.principal.0));
        spent.push((Asset::WalletBonus, quote.stored_value.bonus.0));
    }
    let mut after = Vec::new();
    for (asset, spent) in spent {
        let brings =
            |award: &&AwardMade| lot_of(award, customer.member).is_some_and(|lot| lot.asset == asset);
        let new = priced.awards.iter().filter(brings).count();
        let lots = register.holdings(customer.member, asset)?;
        let amount = balance(&lots, register.date).saturating_sub(spent);
        let amount = amount.saturating_add(i64::try_from(new).unwrap_or(0));
        let live = lots.iter().filter(|lot| lot.is_live(register.date) && lot.unheld() > 0);
        let until = live.filter_map(|lot| lot.until).min();
        if amount != 0 {
            after.push(HeldAfter { asset, amount, until });
        }
    }
    Ok(after)
}

fn check_figures(basket: &Basket) -> Result<(), Refusal> {
    if !(0..=AMOUNT_MAX).contains(&basket.gross.0) {
        return Err(Refusal::OutOfRange { what: "gross", range: "0.00 to 10000000000.00" });
    }
    let lines = basket.lines.iter().fold(0_i64, |sum, line| sum.saturating_add(line.line.gross().0));
    if !basket.lines.is_empty() && lines != basket.gross.0 {
        return Err(Refusal::OutOfRange { what: "gross", range: "what the lines come to" });
    }
    check_receipt(&basket.till, &basket.check)
}

/// Whether an entry is the sale of that very basket.
fn closes(entry: &Entry, detail: Option<&[u8]>, basket: &Basket) -> bool {
    let sale = entry.facts.iter().find_map(|fact| match fact {
        Fact::Sale(sale) => Some(sale),
        _ => None,
    });
    let Some(sale) = sale else { return false };
    let captured = postings(entry).find_map(|posting| match posting {
        Posting::Settle { hold, .. } => Some(*hold),
        _ => None,
    });
    let redemption = match basket.redemption {
        Redemption::None => sale.points_redeemed == 0,
        Redemption::Points(points) => captured.is_none() && sale.points_redeemed == points,
        Redemption::Hold(hold) => captured == Some(hold),
    };
    let wants_stored = basket.tenders.stored_value.is_some_and(|most| most > Fen(0));
    let has_stored = sale.principal.is_some() || sale.bonus.is_some();
    // Nothing was left for it to pay.
    let stored_value = wants_stored == has_stored || (wants_stored && sale.paid() == Fen(0));
    let voucher =
        basket.tenders.voucher.unwrap_or_default().min(sale.money()) == sale.voucher.unwrap_or_default();
    let tenders = stored_value && voucher && used(entry) == wanted(basket);
    let lines = match (detail, basket.lines.is_empty()) {
        (None, is_whole) => is_whole,
        (Some(bytes), _) => {
            SaleDetail::from_bytes(bytes).is_ok_and(|detail| same_lines(&detail.lines, basket))
        }
    };
    let what = (sale.member, sale.gross, sale.claimed_of);
    redemption && tenders && lines && what == (basket.member, basket.gross, basket.claimed_of)
}

/// Passes and coupons that an entry has drawn, by kind.
fn used(entry: &Entry) -> BTreeMap<Asset, i64> {
    let mut used: BTreeMap<Asset, i64> = BTreeMap::new();
    for posting in postings(entry) {
        if let Posting::Debit { lot, amount } = posting
            && matches!(lot.asset, Asset::Pass(_) | Asset::Coupon(_))
        {
            *used.entry(lot.asset).or_default() += amount;
        }
    }
    used
}

/// Those that a basket is to be paid with.
fn wanted(basket: &Basket) -> BTreeMap<Asset, i64> {
    let passes = basket.tenders.passes.iter().map(|id| Asset::Pass(id.kind()));
    let mut wanted: BTreeMap<Asset, i64> = BTreeMap::new();
    for asset in passes.chain(basket.tenders.coupons.iter().map(|id| Asset::Coupon(id.kind()))) {
        *wanted.entry(asset).or_default() += 1;
    }
    wanted
}

fn same_lines(lines: &[DetailLine], basket: &Basket) -> bool {
    let same = |(kept, told): (&DetailLine, &BasketLine)| {
        let line = &told.line;
        (&kept.article, kept.quantity, kept.unit_price) == (&line.article, line.quantity, line.unit_price)
    };
    lines.len() == basket.lines.len() && lines.iter().zip(&basket.lines).all(same)
}
