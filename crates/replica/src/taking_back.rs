use purser_journal::{Entry, Fact, ReturnFact, SaleFact};
use purser_ledger::{AMOUNT_MAX, Asset, Lot, Posting, SaleEffects, balance, reverse};
use purser_types::{Fen, SaleId};

use crate::{
    Refusal, TakeBack, Transaction,
    checkout::{check_receipt, too_few},
    draft::{Draft, Plan},
    fold::postings,
    state::State,
};

impl Transaction<'_> {
    /// Takes part of a sale back: points that it redeemed go back into their lots, points that
    /// it earned are taken back, each in proportion. What may still be returned of a sale is an
    /// asset of which all rights are in one hand, so that hand knows how much was returned.
    pub(crate) fn plan_return(&mut self, back: &TakeBack) -> Result<Plan, Refusal> {
        check_receipt(&back.till, &back.check)?;
        if let Some(done) = self.same_return(back)? {
            return Ok(Plan::Done { seq: done });
        }
        self.require_lease()?;
        let (sale, effects) = self.replica.state.sale_effects(back.sale)?;
        let lot = Lot { member: sale.member, asset: Asset::Refundable(back.sale), expires_on: None };
        let known = self.replica.state.holdings_here(sale.member, lot.asset)?;
        let today = self.replica.state.date_at(self.now.wall_ms);
        let (left, here) = known
            .iter()
            .find(|holding| holding.lot == lot)
            .map_or((0, 0), |holding| (holding.balance, holding.available_here));
        // Rights beyond the sale's own value come of a forged sale: they are worth nothing.
        let (left, here) = (left.min(effects.gross_fen), here.min(effects.gross_fen));
        if back.gross.0 < 1 {
            return Err(Refusal::OutOfRange { what: "gross", range: "above 0.00" });
        }
        if back.gross.0 > left {
            return Err(Refusal::ReturnTooLarge { left: Fen(left), wanted: back.gross });
        }
        if back.gross.0 > here {
            return Err(too_few(sale.member, lot.asset, here, left, back.gross.0));
        }
        let reversal = reverse(&effects, effects.gross_fen - here, back.gross.0);
        let mut postings = vec![Posting::Debit { lot, amount: back.gross.0 }];
        let restored: i64 = reversal.restored.iter().map(|(_, amount)| amount).sum();
        let clawed_back: i64 = reversal.clawed_back.iter().map(|(_, amount)| amount).sum();
        if restored.max(clawed_back) > AMOUNT_MAX {
            return Err(Refusal::UnknownSale(back.sale));
        }
        postings.extend(reversal.restored.into_iter().map(|(lot, amount)| Posting::Credit { lot, amount }));
        postings
            .extend(reversal.clawed_back.into_iter().map(|(lot, amount)| Posting::Clawback { lot, amount }));
        let points = self.replica.state.holdings_here(sale.member, Asset::Points)?;
        let fact = ReturnFact {
            sale: back.sale,
            member: sale.member,
            store: self.replica.me().credential.store,
            till: back.till.clone(),
            check: back.check.clone(),
            date: today,
            gross: back.gross,
            refund: Fen(reversal.refund_fen),
            points_restored: restored,
            points_clawed_back: clawed_back,
            points_after: balance(&points, today).saturating_add(restored).saturating_sub(clawed_back),
        };
        Ok(Plan::Write(Draft::of([Fact::Return(fact), Fact::Postings(postings)])))
    }

    /// The entry of ours that took the same back under this receipt number.
    fn same_return(&self, back: &TakeBack) -> Result<Option<u64>, Refusal> {
        let state = &self.replica.state;
        let Some((author, seq)) = state.database.check(&back.till, &back.check)? else { return Ok(None) };
        let entry = state.entry(author, seq)?;
        let same = entry.is_some_and(|entry| {
            entry.facts.iter().any(|fact| {
                matches!(fact, Fact::Return(done) if done.sale == back.sale && done.gross == back.gross)
            })
        });
        if same && author == state.my_number {
            return Ok(Some(seq));
        }
        Err(Refusal::CheckReused { till: back.till.clone(), check: back.check.clone() })
    }
}

impl State {
    /// What a sale did to its member, read from the entry that the sale is named after.
    fn sale_effects(&self, sale: SaleId) -> Result<(SaleFact, SaleEffects), Refusal> {
        let author = sale.tag().and_then(|tag| self.authors.tagged(tag));
        let author = author.and_then(|author| self.authors.get(author));
        let entry = match author {
            Some(author) => self.entry(author.number, sale.seq())?,
            None => None,
        };
        let entry = entry.ok_or(Refusal::UnknownSale(sale))?;
        let fact = entry.facts.iter().find_map(|fact| match fact {
            Fact::Sale(fact) => Some(fact.clone()),
            _ => None,
        });
        let fact = fact.ok_or(Refusal::UnknownSale(sale))?;
        let effects = effects(&fact, &entry);
        Ok((fact, effects))
    }
}

fn effects(sale: &SaleFact, entry: &Entry) -> SaleEffects {
    let mut effects =
        SaleEffects { gross_fen: sale.gross.0, paid_fen: sale.paid().0, ..SaleEffects::default() };
    for posting in postings(entry) {
        match *posting {
            Posting::Credit { lot, amount } if lot.asset == Asset::Points => {
                effects.earned.push((lot, amount));
            }
            Posting::Debit { lot, amount }
            | Posting::Settle { lot, captured: amount, .. }
            | Posting::Advance { lot, amount }
                if lot.asset == Asset::Points =>
            {
                effects.redeemed.push((lot, amount));
            }
            _ => {}
        }
    }
    effects
}
