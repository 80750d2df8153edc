//! Passes sold, and uses that are left of them taken back.

use purser_journal::{Fact, PassBackFact, PassSoldFact};
use purser_ledger::{AMOUNT_MAX, Asset, Holding, Lot, Posting};
use purser_programme::{QuoteRefused, RuleId, ValueRefused};
use purser_types::{Fen, SaleId};

use crate::{
    PassReturn, PassSale, Refusal, Transaction,
    checkout::credit,
    draft::{Draft, Plan},
    drawing::{debits, draw_or_refuse, too_few},
    fold::postings,
    state::State,
    taking_back::share,
    words::check_person,
};

/// A pass as it was sold.
struct SoldPass {
    fact: PassSoldFact,
    lot: Lot,
}

impl Transaction<'_> {
    /// Sells a pass at the programme's price.
    pub(crate) fn plan_pass_sale(&mut self, sale: &PassSale) -> Result<Plan, Refusal> {
        let PassSale { member, till, check, pass: id, seller } = sale;
        let receipt = self.receipt(till, check)?;
        let same = |fact: &Fact| matches!(fact, Fact::PassSold(done) if (done.member, done.pass.as_str()) == (*member, id.as_str()));
        if let Some(seller) = seller {
            check_person("seller", seller)?;
        }
        if let Some(done) = self.repeats(till, check, same)? {
            return Ok(done);
        }
        self.replica.state.require_member(*member)?;
        let programme = self.replica.state.programmes.on(receipt.date);
        let pass = programme.passes.iter().find(|pass| pass.id == *id);
        let pass = pass.ok_or_else(|| QuoteRefused::UnknownCoupon(id.clone()))?;
        let (uses, price) = (i64::from(pass.uses), pass.price);
        let expires_on = Some(pass.valid.last_day(receipt.date));
        let lot = Lot { member: *member, asset: Asset::Pass(id.kind()), expires_on };
        let (pass, seller) = (id.to_string(), seller.clone());
        let fact = PassSoldFact { member: *member, receipt, pass, uses, price, seller };
        // What may be given back for it is an asset like what may be returned of a sale: in one hand.
        let asset = Asset::Refundable(SaleId::created_by(self.next_entry()));
        let refundable = Lot { member: *member, asset, expires_on: None };
        let postings = [credit((lot, uses)), credit((refundable, price.0))].into_iter().flatten();
        Ok(Plan::Write(Draft::of([Fact::PassSold(fact), Fact::Postings(postings.collect())])))
    }

    /// Takes uses of a pass back that are left, for their part of what it had cost; all that are left at the most.
    pub(crate) fn plan_pass_back(&mut self, back: &PassReturn) -> Result<Plan, Refusal> {
        let PassReturn { pass_sale, till, check, uses } = back;
        let receipt = self.receipt(till, check)?;
        let same = |fact: &Fact| matches!(fact, Fact::PassBack(done) if (done.pass_sale, done.uses) == (*pass_sale, *uses));
        if let Some(done) = self.repeats(till, check, same)? {
            return Ok(done);
        }
        self.require_lease()?;
        let state = &self.replica.state;
        let SoldPass { fact: sold, lot } =
            state.sold_pass(*pass_sale).map_err(|refusal| self.or_on_the_way(refusal))?;
        if !(1..=sold.uses).contains(uses) {
            return Err(Refusal::OutOfRange { what: "uses", range: "1 to what the pass was sold with" });
        }
        let id: Option<RuleId> = sold.pass.parse().ok();
        // The rule of today; of a pass that is not sold any more, the last that there was.
        let newest = state.programmes.on(receipt.date).passes.iter();
        let rules = newest.chain(state.programmes.all().flat_map(|programme| &programme.passes));
        let rule = id.and_then(|id| rules.into_iter().find(|rule| rule.id == id));
        if rule.is_none_or(|rule| rule.no_cash_out) {
            return Err(QuoteRefused::StoredValue(ValueRefused::NoCashOut).into());
        }
        let refundable = Lot { member: sold.member, asset: Asset::Refundable(*pass_sale), expires_on: None };
        let price = self.refund(&sold, refundable, *uses)?;
        let mut known = self.replica.state.holdings_here(sold.member, lot.asset, receipt.date)?;
        let elsewhere = |holding: &Holding| holding.unheld().saturating_sub(holding.available_here).max(0);
        let sold_lot = known.iter().find(|holding| holding.lot == lot).copied().unwrap_or(Holding::none(lot));
        let ends_before =
            |holding: &&Holding| holding.order() < sold_lot.order() && holding.is_live(receipt.date);
        let ending_before: i64 = known.iter().filter(ends_before).map(elsewhere).sum();
        known.retain(|holding| holding.lot == lot);
        let drawn = match draw_or_refuse(sold.member, lot.asset, &known, *uses, receipt.date) {
            // Whoever lends gives first what ends first.
            Err(Refusal::RightsTooFew { here, balance, .. }) => {
                let (elsewhere, wanted) = (ending_before, uses.saturating_add(ending_before));
                return Err(too_few(sold.member, lot.asset, here, balance.saturating_add(elsewhere), wanted));
            }
            drawn => drawn?,
        };
        let money = Some(Posting::Debit { lot: refundable, amount: price.0 }).filter(|_| price.0 > 0);
        let postings = money.into_iter().chain(debits(drawn)).collect();
        let PassSoldFact { member, pass, .. } = sold;
        let fact = PassBackFact { member, receipt, pass_sale: *pass_sale, pass, uses: *uses, price };
        Ok(Plan::Write(Draft::of([Fact::PassBack(fact), Fact::Postings(postings)])))
    }

    /// What so many uses more bring back of the price: in the end, all of it.
    fn refund(&self, sold: &PassSoldFact, lot: Lot, uses: i64) -> Result<Fen, Refusal> {
        let (left, here) = self.replica.state.refundable(lot, sold.price.0, self.today())?;
        let back_for = |uses: i64| share(sold.price.0, uses.min(sold.uses), sold.uses);
        // All of it is in one hand: whoever has it knows what came back before, whatever else is known here.
        let before = uses_for(sold.price.0 - if here > 0 { here } else { left.max(0) }, sold);
        let wanted = back_for(before.saturating_add(uses)) - back_for(before);
        if before.saturating_add(uses) > sold.uses {
            return Err(Refusal::ReturnTooLarge { left: Fen(left), wanted: Fen(back_for(uses)) });
        }
        if wanted > here {
            return Err(too_few(sold.member, lot.asset, here, left, wanted));
        }
        Ok(Fen(wanted))
    }
}

impl State {
    /// A pass, read from the entry that sold it.
    fn sold_pass(&self, sale: SaleId) -> Result<SoldPass, Refusal> {
        let (_, entry) = self.created(sale)?;
        let fact = entry.facts.iter().find_map(|fact| match fact {
            Fact::PassSold(fact) if (1..=AMOUNT_MAX).contains(&fact.uses) => Some(fact.clone()),
            _ => None,
        });
        let fact = fact.ok_or(Refusal::UnknownSale(sale))?;
        let lot = postings(&entry).find_map(|posting| match posting {
            Posting::Credit { lot, .. } if matches!(lot.asset, Asset::Pass(_)) => Some(*lot),
            _ => None,
        });
        let lot = lot.filter(|lot| lot.member == fact.member).ok_or(Refusal::UnknownSale(sale))?;
        Ok(SoldPass { fact, lot })
    }
}

/// How many uses have brought so much of the price back.
fn uses_for(price: i64, sold: &PassSoldFact) -> i64 {
    let (price, uses, whole) = (i128::from(price), i128::from(sold.uses), i128::from(sold.price.0.max(1)));
    i64::try_from((price * uses + whole - 1) / whole).unwrap_or(sold.uses)
}
