//! What is sold ahead: stored value and passes.

use purser_journal::{Fact, PassSoldFact, TopUpFact};
use purser_ledger::{Asset, Lot};
use purser_programme::QuoteRefused;

use crate::{
    PassSale, Refusal, TopUp, Transaction,
    checkout::credit,
    draft::{Draft, Plan},
    words::check_person,
};

impl Transaction<'_> {
    /// Pays stored value in: the bonus is the programme's.
    pub(crate) fn plan_top_up(&mut self, top_up: &TopUp) -> Result<Plan, Refusal> {
        let TopUp { member, till, check, amount, seller, approved_by } = top_up;
        let receipt = self.receipt(till, check)?;
        let done = self.done_before(till, check, |entry| {
            let same = |fact: &Fact| matches!(fact, Fact::TopUp(done) if (done.member, done.principal) == (*member, *amount));
            Ok(entry.facts.iter().any(same))
        })?;
        if let Some(seq) = done {
            return Ok(Plan::Done { seq });
        }
        for person in [seller, approved_by].into_iter().flatten() {
            check_person(person)?;
        }
        self.replica.state.require_member(*member)?;
        let register = self.register(receipt.date);
        let scheme = register.programme.stored_value.as_ref().ok_or(QuoteRefused::NoStoredValue)?;
        let held = register.stored_value(*member)?.sum();
        let parts = scheme.top_up(*amount, approved_by.is_some(), held).map_err(QuoteRefused::StoredValue)?;
        let lot = |asset| Lot { member: *member, asset, expires_on: None };
        let postings = [
            credit((lot(Asset::WalletPrincipal), parts.principal.0)),
            credit((lot(Asset::WalletBonus), parts.bonus.0)),
        ];
        let fact = TopUpFact {
            member: *member,
            receipt,
            principal: parts.principal,
            bonus: parts.bonus,
            seller: seller.clone(),
            approved_by: approved_by.clone(),
        };
        let postings = Fact::Postings(postings.into_iter().flatten().collect());
        Ok(Plan::Write(Draft::of([Fact::TopUp(fact), postings])))
    }

    /// Sells a pass at the programme's price.
    pub(crate) fn plan_pass_sale(&mut self, sale: &PassSale) -> Result<Plan, Refusal> {
        let PassSale { member, till, check, pass: id, seller } = sale;
        let receipt = self.receipt(till, check)?;
        let done = self.done_before(till, check, |entry| {
            let same = |fact: &Fact| matches!(fact, Fact::PassSold(done) if (done.member, done.pass.as_str()) == (*member, id.as_str()));
            Ok(entry.facts.iter().any(same))
        })?;
        if let Some(seq) = done {
            return Ok(Plan::Done { seq });
        }
        if let Some(seller) = seller {
            check_person(seller)?;
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
        let postings = Fact::Postings(credit((lot, uses)).into_iter().collect());
        Ok(Plan::Write(Draft::of([Fact::PassSold(fact), postings])))
    }
}
