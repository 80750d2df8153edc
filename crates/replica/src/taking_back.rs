use std::collections::BTreeMap;

use purser_journal::{DetailLine, Entry, Fact, LineReturned, ReturnFact, SaleDetail, SaleFact};
use purser_ledger::{AMOUNT_MAX, Asset, Lot, Posting, balance, part_of};
use purser_programme::{Parts, Returned, RuleId, Sold, SoldLine, Worth, worth_of};
use purser_storage::{AuthorNumber, StorageError};
use purser_types::{BusinessDate, Fen, SaleId};

use crate::{
    GoodsBack, Refusal, TakeBack, Transaction,
    awards::{lost_awards, lot_of},
    draft::{Draft, Plan},
    drawing::{check_receipt, too_few},
    fold::postings,
    past::{BackSoFar, Past},
    state::State,
};

/// A sale as its entry tells it.
struct SaleEntry {
    author: AuthorNumber,
    entry: Entry,
    fact: SaleFact,
}

/// What comes back now, and what came back before.
struct Part {
    sold: Sold,
    so_far: BackSoFar,
    now: Worth,
    lines: Option<Vec<LineReturned>>,
    /// Uses of passes that come back, once this has.
    uses: BTreeMap<Asset, i64>,
}

impl Transaction<'_> {
    /// Takes part of a sale back: points that it redeemed go back into their lots, stored value to what paid,
    /// points that it earned are taken back, each in proportion. What may still be returned of a sale is an
    /// asset of which all rights are in one hand, so that hand knows what came back before.
    pub(crate) fn plan_return(&mut self, back: &TakeBack) -> Result<Plan, Refusal> {
        check_receipt(&back.till, &back.check)?;
        if let Some(done) = self.repeats(&back.till, &back.check, |fact| is_same(fact, back))? {
            return Ok(done);
        }
        self.require_lease()?;
        let sale = self.replica.state.sale_entry(back.sale).map_err(|refusal| self.or_on_the_way(refusal))?;
        let past = Past::read(&self.replica.state.database, sale.fact.member)?;
        let part = self.part(&sale, back, past.returned_of(back.sale))?;
        let returned = part.sold.returned(part.so_far.worth, part.now);
        if returned.points.max(returned.earned) > AMOUNT_MAX {
            return Err(Refusal::UnknownSale(back.sale));
        }
        let mut fact = self.return_fact(back, &sale.fact, &part, &returned)?;
        let lost = lost_awards(&self.replica.state.programmes, &past.after(&fact), fact.date);
        let member = sale.fact.member;
        let lot = Lot { member, asset: Asset::Refundable(back.sale), expires_on: None };
        let mut postings = vec![Posting::Debit { lot, amount: fact.gross.0 }];
        postings.extend(reversal(&sale, &part, &returned));
        let lots = lost.iter().filter_map(|(of, award)| lot_of(award, *of));
        postings.extend(lots.map(|lot| Posting::Clawback { lot, amount: 1 }));
        let lost: Vec<_> = lost.into_iter().map(|(_, award)| award).collect();
        fact.awards_back = Some(lost).filter(|lost| !lost.is_empty());
        Ok(Plan::Write(Draft::of([Fact::Return(Box::new(fact)), Fact::Postings(postings)])))
    }

    fn return_fact(
        &self,
        back: &TakeBack,
        sale: &SaleFact,
        part: &Part,
        returned: &Returned,
    ) -> Result<ReturnFact, Refusal> {
        let (member, date) = (sale.member, self.today());
        let points = self.replica.state.holdings_here(member, Asset::Points, date)?;
        let points_after = balance(&points, date).saturating_add(returned.points);
        let some = |amount: Fen| Some(amount).filter(|amount| amount.0 > 0);
        let Parts { principal, bonus } = returned.stored_value;
        Ok(ReturnFact {
            sale: back.sale,
            member,
            store: self.replica.me().credential.store,
            till: back.till.clone(),
            check: back.check.clone(),
            date,
            gross: part.now.gross,
            refund: returned.money,
            points_restored: returned.points,
            points_clawed_back: returned.earned,
            points_after: points_after.saturating_sub(returned.earned),
            price: Some(returned.price).filter(|price| *price != part.now.gross),
            earns: Some(returned.earns).filter(|earns| *earns != returned.price),
            principal: some(principal),
            bonus: some(bonus),
            lines: part.lines.clone(),
            awards_back: None,
        })
    }

    /// What comes back, if so much may and the rights to it are here.
    fn part(&self, sale: &SaleEntry, back: &TakeBack, mut so_far: BackSoFar) -> Result<Part, Refusal> {
        let state = &self.replica.state;
        let (member, sold) = (sale.fact.member, sold(&sale.fact));
        let all = sold.all.gross.0;
        let lot = Lot { member, asset: Asset::Refundable(back.sale), expires_on: None };
        let (left, here) = state.refundable(lot, all, self.today())?;
        let told = so_far.worth.gross.0;
        so_far.worth.gross = Fen(told.max(all - here).min(all));
        let detail = state.sold_detail(sale)?;
        let now = worth_of_goods((back.sale, &back.goods), &sold, &so_far, detail.as_ref())?;
        let (lines, uses) = match (&back.goods, &detail) {
            (GoodsBack::Lines(lines), Some(detail)) => {
                (Some(lines.clone()), uses_of(detail, &so_far.pieces, &by_place(lines)?))
            }
            _ => (None, so_far.uses.clone()),
        };
        let wanted = now.gross;
        if wanted.0 < 1 {
            return Err(Refusal::OutOfRange { what: "gross", range: "above 0.00" });
        }
        if wanted.0 > left {
            return Err(Refusal::ReturnTooLarge { left: Fen(left), wanted });
        }
        if wanted.0 > here {
            return Err(too_few(member, lot.asset, here, left, wanted.0));
        }
        // The rights are here, and of the journals of those who had them before not everything.
        if told < all - here {
            return Err(Refusal::ReturnsOnTheWay(back.sale));
        }
        Ok(Part { sold, so_far, now, lines, uses })
    }

    /// A sale that is not here may come: the journal in which it is named ends before it, or is not known at all, and
    /// no hub is there to know better.
    pub(crate) fn or_on_the_way(&self, refusal: Refusal) -> Refusal {
        let Refusal::UnknownSale(sale) = refusal else { return refusal };
        let state = &self.replica.state;
        let author =
            sale.tag().and_then(|tag| state.authors.tagged(tag)).and_then(|it| state.authors.get(it));
        let is_alone = self.replica.hub.is_none() && !self.replica.is_hub();
        match author {
            // Of who was put out nothing more comes.
            Some(author) if state.fence_of(author.credential.replica).is_ok_and(|fence| fence.is_some()) => {
                refusal
            }
            Some(author) if sale.seq() > author.head.seq => {
                Refusal::SaleOnTheWay { sale, store: Some(author.credential.store) }
            }
            None if is_alone => Refusal::SaleOnTheWay { sale, store: None },
            _ => refusal,
        }
    }
}

impl State {
    /// The entry that a sale, a top-up or the sale of a pass is named after, and its author.
    pub(crate) fn created(&self, sale: SaleId) -> Result<(AuthorNumber, Entry), Refusal> {
        let author = sale.tag().and_then(|tag| self.authors.tagged(tag)).and_then(|it| self.authors.get(it));
        let author = author.ok_or(Refusal::UnknownSale(sale))?.number;
        let entry = self.entry(author, sale.seq())?.ok_or(Refusal::UnknownSale(sale))?;
        Ok((author, entry))
    }

    /// What may come back of what was sold for `whole`: in all, and by the rights here. Rights beyond that come of a
    /// forged sale: they are worth nothing.
    pub(crate) fn refundable(
        &self,
        lot: Lot,
        whole: i64,
        today: BusinessDate,
    ) -> Result<(i64, i64), StorageError> {
        let known = self.holdings_here(lot.member, lot.asset, today)?;
        let holding = known.iter().find(|holding| holding.lot == lot);
        Ok(holding.map_or((0, 0), |it| (it.balance.min(whole), it.available_here.min(whole))))
    }

    /// A sale, read from the entry that it is named after.
    fn sale_entry(&self, sale: SaleId) -> Result<SaleEntry, Refusal> {
        let (author, entry) = self.created(sale)?;
        let fact = entry.facts.iter().find_map(|fact| match fact {
            Fact::Sale(fact) => Some(fact.as_ref().clone()),
            _ => None,
        });
        let fact = fact.ok_or(Refusal::UnknownSale(sale))?;
        Ok(SaleEntry { author, entry, fact })
    }

    /// The detail of a sale, where it is known and adds up to what the sale's entry says.
    fn sold_detail(&self, sale: &SaleEntry) -> Result<Option<SaleDetail>, Refusal> {
        let bytes = self.database.detail(sale.author, sale.entry.seq)?;
        let detail = bytes.and_then(|bytes| SaleDetail::from_bytes(&bytes).ok());
        let all = sold(&sale.fact).all;
        Ok(detail.filter(|detail| {
            let lines = sold_lines(detail);
            let sum = lines.iter().fold(Worth::default(), |sum, line| sum.and(line.worth));
            let is_sound = |line: &SoldLine| {
                let Worth { gross, price, earns } = line.worth;
                let within = 0..=gross.0;
                line.pieces > 0 && gross.0 >= 0 && within.contains(&price.0) && within.contains(&earns.0)
            };
            lines.len() <= LINES_MAX && lines.iter().all(is_sound) && sum == all
        }))
    }
}

/// What goods of a sale are worth that come back after others.
pub(crate) fn worth_of_goods(
    (sale, goods): (SaleId, &GoodsBack),
    sold: &Sold,
    so_far: &BackSoFar,
    detail: Option<&SaleDetail>,
) -> Result<Worth, Refusal> {
    match goods {
        GoodsBack::Gross(gross) => Ok(sold.part(so_far.worth, *gross)),
        GoodsBack::Lines(lines) => {
            let detail = detail.ok_or(Refusal::LinesElsewhere(sale))?;
            Ok(worth_of(&sold_lines(detail), &so_far.pieces, &by_place(lines)?)?)
        }
    }
}

fn sold_lines(detail: &SaleDetail) -> Vec<SoldLine> {
    let line = |line: &DetailLine| {
        let gross = Fen(line.unit_price.0.saturating_mul(line.quantity.into()));
        let worth = Worth { gross, price: line.price, earns: line.earns };
        SoldLine { pieces: line.quantity, worth }
    };
    detail.lines.iter().map(line).collect()
}

/// Uses of passes that have come back once these pieces have: of each line in proportion, in the end all of them.
fn uses_of(detail: &SaleDetail, before: &[u32], pieces: &[u32]) -> BTreeMap<Asset, i64> {
    let mut uses: BTreeMap<Asset, i64> = BTreeMap::new();
    let count = |of: &[u32], place: usize| of.get(place).copied().unwrap_or(0);
    for (place, line) in detail.lines.iter().enumerate() {
        let back = count(before, place).saturating_add(count(pieces, place)).min(line.quantity);
        let used = i64::try_from(line.by_passes.len()).unwrap_or(0);
        let back = share(used, back.into(), line.quantity.into());
        let ids = line.by_passes.iter().take(usize::try_from(back).unwrap_or(0));
        for id in ids.filter_map(|id| id.parse::<RuleId>().ok()) {
            *uses.entry(Asset::Pass(id.kind())).or_default() += 1;
        }
    }
    uses
}

/// What was paid and earned.
pub(crate) fn sold(sale: &SaleFact) -> Sold {
    let price = sale.price();
    let part = |amount: Option<Fen>| amount.unwrap_or_default();
    Sold {
        all: Worth { gross: sale.gross, price, earns: sale.earns.unwrap_or(price) },
        points: (sale.points_redeemed, sale.discount),
        stored_value: Parts { principal: part(sale.principal), bonus: part(sale.bonus) },
        money: sale.money(),
        earned: sale.points_earned,
    }
}

/// The postings that undo a part of a sale: what paid goes back into the lots that it came from, and what was
/// earned out of those that it went to.
fn reversal(sale: &SaleEntry, part: &Part, returned: &Returned) -> Vec<Posting> {
    let member = sale.fact.member;
    let before = part.sold.so_far(part.so_far.worth);
    // A sale draws on its buyer alone, by whatever member that person is registered.
    let drawn = |asset: Asset| lots(&sale.entry, |lot| lot.asset == asset, drawn);
    let back = |asset, before: i64, now: i64| part_of(&drawn(asset), before, now);
    let restored = [
        back(Asset::Points, before.points, returned.points),
        back(Asset::WalletPrincipal, before.stored_value.principal.0, returned.stored_value.principal.0),
        back(Asset::WalletBonus, before.stored_value.bonus.0, returned.stored_value.bonus.0),
    ];
    let is_use = |lot: Lot| matches!(lot.asset, Asset::Pass(_));
    let mut used: BTreeMap<Asset, Vec<(Lot, i64)>> = BTreeMap::new();
    for (lot, amount) in lots(&sale.entry, is_use, self::drawn) {
        used.entry(lot.asset).or_default().push((lot, amount));
    }
    let uses = used.iter().flat_map(|(asset, drawn)| {
        let count = |of: &BTreeMap<Asset, i64>| of.get(asset).copied().unwrap_or(0);
        let all: i64 = drawn.iter().map(|(_, amount)| amount).sum();
        let (before, after) = (count(&part.so_far.uses), count(&part.uses));
        part_of(drawn, before, if returned.is_rest { all } else { after } - before)
    });
    let is_coupon = |lot: Lot| matches!(lot.asset, Asset::Coupon(_));
    let coupons = lots(&sale.entry, is_coupon, self::drawn).into_iter().filter(|_| returned.is_rest);
    let earned = lots(&sale.entry, |lot| lot.member == member && lot.asset == Asset::Points, credited);
    let mut taken = part_of(&earned, before.earned, returned.earned);
    // Points of others that the purchase has brought go in proportion.
    for (lot, points) in lots(&sale.entry, |lot| lot.member != member && lot.asset == Asset::Points, credited)
    {
        let up_to = |price: Fen| share(points, price.0, part.sold.all.price.0);
        let after = if returned.is_rest { points } else { up_to(Fen(before.price.0 + returned.price.0)) };
        taken.push((lot, after - up_to(before.price)));
    }
    let credits = restored.into_iter().flatten().chain(uses).chain(coupons);
    let credits = credits.filter(|(_, amount)| *amount > 0);
    let credits = credits.map(|(lot, amount)| Posting::Credit { lot, amount });
    let taken = taken.into_iter().filter(|(_, amount)| *amount > 0);
    credits.chain(taken.map(|(lot, amount)| Posting::Clawback { lot, amount })).collect()
}

/// `part` of `whole` of an amount, the rest cut.
pub(crate) fn share(amount: i64, part: i64, whole: i64) -> i64 {
    let exact = i128::from(amount) * i128::from(part) / i128::from(whole.max(1));
    i64::try_from(exact).unwrap_or(amount)
}

fn lots(
    entry: &Entry,
    of: impl Fn(Lot) -> bool,
    pick: fn(&Posting) -> Option<(Lot, i64)>,
) -> Vec<(Lot, i64)> {
    postings(entry).filter_map(pick).filter(|(lot, _)| of(*lot)).collect()
}

fn drawn(posting: &Posting) -> Option<(Lot, i64)> {
    match *posting {
        Posting::Debit { lot, amount }
        | Posting::Settle { lot, captured: amount, .. }
        | Posting::Advance { lot, amount } => Some((lot, amount)),
        _ => None,
    }
}

fn credited(posting: &Posting) -> Option<(Lot, i64)> {
    match *posting {
        Posting::Credit { lot, amount } => Some((lot, amount)),
        _ => None,
    }
}

/// As many lines as a basket may have.
const LINES_MAX: usize = purser_programme::Basket::LINES_MAX;

/// Pieces by the place of their line.
fn by_place(lines: &[LineReturned]) -> Result<Vec<u32>, Refusal> {
    if lines.len() > LINES_MAX || lines.iter().any(|line| line.pieces == 0) {
        return Err(Refusal::OutOfRange { what: "lines", range: "at most 500, each of a piece at least" });
    }
    let mut pieces = Vec::new();
    for line in lines {
        let place = (line.line as usize).wrapping_sub(1);
        if place >= LINES_MAX {
            return Err(Refusal::OutOfRange { what: "line", range: "1 to the last line of the sale" });
        }
        if pieces.len() <= place {
            pieces.resize(place + 1, 0);
        }
        pieces[place] = u32::saturating_add(pieces[place], line.pieces);
    }
    Ok(pieces)
}

/// Whether a fact is the return that was asked for.
fn is_same(fact: &Fact, back: &TakeBack) -> bool {
    let Fact::Return(done) = fact else { return false };
    let goods = match &back.goods {
        GoodsBack::Gross(gross) => done.lines.is_none() && done.gross == *gross,
        GoodsBack::Lines(lines) => done.lines.as_ref() == Some(lines),
    };
    done.sale == back.sale && goods
}
