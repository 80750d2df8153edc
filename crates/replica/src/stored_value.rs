//! Stored value paid in, and given back in money.

use purser_journal::{Fact, TopUpBackFact, TopUpFact};
use purser_ledger::{Asset, Lot, Posting};
use purser_programme::{Parts, QuoteRefused, RuleId};
use purser_types::{Fen, MemberId, SaleId};

use crate::{
    Refusal, TopUp, TopUpReturn, Transaction,
    checkout::credit,
    draft::{Draft, Plan},
    drawing::{debits, draw_or_refuse, too_few},
    pricing::Register,
    state::State,
    words::check_person,
};

impl Transaction<'_> {
    /// Pays stored value in: the bonus is the programme's.
    pub(crate) fn plan_top_up(&mut self, top_up: &TopUp) -> Result<Plan, Refusal> {
        let TopUp { member, till, check, amount, issue, seller, approved_by } = top_up;
        let receipt = self.receipt(till, check)?;
        let wanted = (*member, *amount, issue.as_ref().map(RuleId::as_str));
        let same = |fact: &Fact| matches!(fact, Fact::TopUp(done) if (done.member, done.principal, done.issue.as_deref()) == wanted);
        for (what, person) in [("seller", seller), ("approved_by", approved_by)] {
            person.as_ref().map_or(Ok(()), |person| check_person(what, person))?;
        }
        if let Some(done) = self.repeats(till, check, same)? {
            return Ok(done);
        }
        self.replica.state.require_member(*member)?;
        let register = self.register(receipt.date);
        let scheme = register.programme.stored_value.as_ref().ok_or(QuoteRefused::NoStoredValue)?;
        let held = register.stored_value(*member)?.sum();
        let (parts, card) = match issue {
            None => (scheme.top_up(*amount, approved_by.is_some(), held), None),
            Some(issue) => {
                let (parts, card) = self.card_of(&register, issue, *amount)?;
                (scheme.add(parts, held), Some(card))
            }
        };
        let parts = parts.map_err(QuoteRefused::StoredValue)?;
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
            issue: issue.as_ref().map(RuleId::to_string),
        };
        let postings = Fact::Postings(postings.into_iter().flatten().chain(card).collect());
        Ok(Plan::Write(Draft::of([Fact::TopUp(fact), postings])))
    }

    /// What a card of a limited issue brings, and the right to sell one, if one is to be had here.
    fn card_of(
        &self,
        register: &Register<'_>,
        issue: &RuleId,
        amount: Fen,
    ) -> Result<(Parts, Posting), Refusal> {
        self.require_lease()?;
        let rule = register.programme.card_issues.iter().find(|rule| rule.id == *issue);
        let rule = rule.ok_or_else(|| Refusal::UnknownRule(issue.clone()))?;
        if amount != rule.amount {
            return Err(Refusal::OutOfRange { what: "amount", range: "what a card of the issue costs" });
        }
        let lot = Lot::stock(rule.kind());
        let mut known = register.holdings(MemberId::CHAIN, lot.asset)?;
        // Whatever else a journal calls a right to sell one: hubs issue them in this lot.
        known.retain(|holding| holding.lot == lot);
        match draw_or_refuse(MemberId::CHAIN, lot.asset, &known, 1, register.date) {
            Ok(_) => Ok((rule.parts(), Posting::Debit { lot, amount: 1 })),
            Err(Refusal::BalanceTooSmall { .. }) => Err(Refusal::OutOfStock { here: 0, wanted: 1 }),
            Err(refusal) => Err(refusal),
        }
    }

    /// Gives stored value back in money, as far as it is still there: the bonus that it brought goes in proportion.
    pub(crate) fn plan_top_up_back(&mut self, back: &TopUpReturn) -> Result<Plan, Refusal> {
        let TopUpReturn { top_up, till, check, amount } = back;
        let receipt = self.receipt(till, check)?;
        let same = |fact: &Fact| matches!(fact, Fact::TopUpBack(done) if (done.top_up, done.principal) == (*top_up, *amount));
        if let Some(done) = self.repeats(till, check, same)? {
            return Ok(done);
        }
        self.require_lease()?;
        if amount.0 < 1 {
            return Err(Refusal::OutOfRange { what: "amount", range: "above 0.00" });
        }
        let fact = self.replica.state.top_up(*top_up).map_err(|refusal| self.or_on_the_way(refusal))?;
        let TopUpFact { member, principal, bonus, .. } = fact;
        let register = self.register(receipt.date);
        let scheme = register.programme.stored_value.as_ref().ok_or(QuoteRefused::NoStoredValue)?;
        let lot = Lot { member, asset: Asset::Refundable(*top_up), expires_on: None };
        let (left, here) = self.replica.state.refundable(lot, principal.0, receipt.date)?;
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
            postings.extend(debits(lines));
        }
        let Parts { principal, bonus } = parts;
        let fact = TopUpBackFact { member, receipt, top_up: *top_up, principal, bonus };
        Ok(Plan::Write(Draft::of([Fact::TopUpBack(fact), Fact::Postings(postings)])))
    }
}

impl State {
    /// A top-up, read from the entry that it is named after.
    fn top_up(&self, top_up: SaleId) -> Result<TopUpFact, Refusal> {
        let (_, entry) = self.created(top_up)?;
        let fact = entry.facts.into_iter().find_map(|fact| match fact {
            Fact::TopUp(fact) => Some(fact),
            _ => None,
        });
        fact.ok_or(Refusal::UnknownSale(top_up))
    }
}
