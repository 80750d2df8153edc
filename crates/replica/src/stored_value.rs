//! What is sold ahead: stored value and passes.

use purser_journal::{Fact, PassSoldFact, TopUpBackFact, TopUpFact};
use purser_ledger::{Asset, Lot, Posting};
use purser_programme::{Parts, QuoteRefused};
use purser_types::{Fen, SaleId};

use crate::{
    PassSale, Refusal, TopUp, TopUpReturn, Transaction,
    checkout::credit,
    draft::{Draft, Plan},
    drawing::{draw_or_refuse, too_few},
    state::State,
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
        for (what, person) in [("seller", seller), ("approved_by", approved_by)] {
            person.as_ref().map_or(Ok(()), |person| check_person(what, person))?;
        }
        self.replica.state.require_member(*member)?;
        let register = self.register(receipt.date);
        let scheme = register.programme.stored_value.as_ref().ok_or(QuoteRefused::NoStoredValue)?;
        let held = register.stored_value(*member)?.sum();
        let parts = scheme.top_up(*amount, approved_by.is_some(), held).map_err(QuoteRefused::StoredValue)?;
        let lot = |asset| Lot { member: *member, asset, expires_on: None };
        // What may be given back of it is an asset like what may be returned of a sale: in one hand.
        let refundable = Asset::Refundable(SaleId::created_by(self.next_entry()));
        let postings = [
            credit((lot(Asset::WalletPrincipal), parts.principal.0)),
            credit((lot(Asset::WalletBonus), parts.bonus.0)),
            credit((lot(refundable), parts.principal.0)),
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

    /// Gives stored value back in money, as far as it is still there: the bonus that it brought goes in proportion.
    pub(crate) fn plan_top_up_back(&mut self, back: &TopUpReturn) -> Result<Plan, Refusal> {
        let TopUpReturn { top_up, till, check, amount } = back;
        let receipt = self.receipt(till, check)?;
        let done = self.done_before(till, check, |entry| {
            let same = |fact: &Fact| matches!(fact, Fact::TopUpBack(done) if (done.top_up, done.principal) == (*top_up, *amount));
            Ok(entry.facts.iter().any(same))
        })?;
        if let Some(seq) = done {
            return Ok(Plan::Done { seq });
        }
        self.require_lease()?;
        if amount.0 < 1 {
            return Err(Refusal::OutOfRange { what: "amount", range: "above 0.00" });
        }
        let fact = self.replica.state.top_up(*top_up)?;
        let TopUpFact { member, principal, bonus, .. } = fact;
        let register = self.register(receipt.date);
        let scheme = register.programme.stored_value.as_ref().ok_or(QuoteRefused::NoStoredValue)?;
        let lot = Lot { member, asset: Asset::Refundable(*top_up), expires_on: None };
        let known = register.holdings(member, lot.asset)?;
        let refundable = known.iter().find(|holding| holding.lot == lot);
        let (left, here) = refundable.map_or((0, 0), |it| (it.balance, it.available_here));
        let (left, here) = (left.min(principal.0), here.min(principal.0));
        if amount.0 > left {
            return Err(Refusal::ReturnTooLarge { left: Fen(left), wanted: *amount });
        }
        if amount.0 > here {
            return Err(too_few(member, lot.asset, here, left, amount.0));
        }
        let before = Fen(principal.0 - here);
        let parts = scheme
            .give_back(Parts { principal, bonus }, before, *amount)
            .map_err(QuoteRefused::StoredValue)?;
        let mut postings = vec![Posting::Debit { lot, amount: amount.0 }];
        for (asset, amount) in
            [(Asset::WalletPrincipal, parts.principal.0), (Asset::WalletBonus, parts.bonus.0)]
        {
            let known = register.holdings(member, asset)?;
            let lines = draw_or_refuse(member, asset, &known, amount, register.date)?;
            postings.extend(lines.into_iter().map(|(lot, amount)| Posting::Debit { lot, amount }));
        }
        let Parts { principal, bonus } = parts;
        let fact = TopUpBackFact { member, receipt, top_up: *top_up, principal, bonus };
        Ok(Plan::Write(Draft::of([Fact::TopUpBack(fact), Fact::Postings(postings)])))
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
            check_person("seller", seller)?;
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

impl State {
    /// A top-up, read from the entry that it is named after.
    fn top_up(&self, top_up: SaleId) -> Result<TopUpFact, Refusal> {
        let author = top_up.tag().and_then(|tag| self.authors.tagged(tag));
        let author = author.and_then(|author| self.authors.get(author)).map(|author| author.number);
        let entry = author.map(|author| self.entry(author, top_up.seq())).transpose()?.flatten();
        let fact = entry.into_iter().flat_map(|entry| entry.facts).find_map(|fact| match fact {
            Fact::TopUp(fact) => Some(fact),
            _ => None,
        });
        fact.ok_or(Refusal::UnknownSale(top_up))
    }
}
