use purser_journal::{Entry, Fact, SaleFact};
use purser_ledger::{AMOUNT_MAX, Asset, Drawn, Holding, Lot, Posting, balance, draw, spendable_here};
use purser_storage::StorageError;
use purser_types::mutant::{Mutant, is_on};
use purser_types::{BusinessDate, HoldId, MemberId, SaleId};

use crate::{
    Basket, Redemption, Refusal, RightsCause, Transaction,
    allowance::advanced,
    draft::{Draft, Plan},
    fold::postings,
    holdings::holdings,
    state::State,
};

impl Transaction<'_> {
    /// One atomic entry: the sale, what it redeems and earns, what of it can be returned, and
    /// where the policy wants the new rights to be.
    pub(crate) fn plan_checkout(&mut self, basket: &Basket) -> Result<Plan, Refusal> {
        if let Some(done) = self.same_check(basket)? {
            return Ok(Plan::Done { seq: done });
        }
        check_figures(basket)?;
        if basket.redemption.spends() {
            self.require_lease()?;
        }
        self.replica.state.require_member(basket.member)?;
        let rule = self.replica.settings.rule;
        let today = self.replica.state.date_at(self.now.wall_ms);
        let known = self.replica.state.holdings_here(basket.member, Asset::Points)?;

        let earned = rule.points_for(basket.gross);
        if !(0..=AMOUNT_MAX).contains(&earned) {
            return Err(Refusal::OutOfRange {
                what: "gross",
                range: "what earns at most a million million points",
            });
        }
        let lot = Lot {
            member: basket.member,
            asset: Asset::Points,
            expires_on: Some(rule.points_expire_on(today)),
        };
        let (drawn, redeemed) = self.plan_redemption(basket, &known, (lot, earned), today)?;
        let discount = rule.discount(redeemed, basket.gross)?;
        let mut postings = Vec::new();
        if earned > 0 {
            // First: what is redeemed may draw on it.
            postings.push(Posting::Credit { lot, amount: earned });
        }
        let advanced = advanced(&drawn);
        postings.extend(drawn);
        let sale = SaleId::created_by(self.next_entry());
        if basket.gross.0 > 0 {
            let lot = Lot { member: basket.member, asset: Asset::Refundable(sale), expires_on: None };
            postings.push(Posting::Credit { lot, amount: basket.gross.0 });
        }
        // What is owed for the member anywhere comes first: see settle_advances.
        let is_owed = advanced > 0 || self.replica.state.database.is_advanced(basket.member)?;
        if !is_owed {
            postings.extend(self.offers_after(basket.member, &known, &postings, today)?);
        }
        let captured = if matches!(basket.redemption, Redemption::Hold(_)) { 0 } else { redeemed };
        let fact = SaleFact {
            member: basket.member,
            store: self.replica.me().credential.store,
            till: basket.till.clone(),
            check: basket.check.clone(),
            date: today,
            gross: basket.gross,
            discount,
            points_earned: earned + i64::from(is_on(Mutant::WritesWrongReceipts)),
            points_redeemed: redeemed,
            points_after: balance(&known, today).saturating_sub(captured).saturating_add(earned),
            basket: basket.lines,
            points_advanced: (advanced > 0).then_some(advanced),
        };
        Ok(Plan::Write(Draft::of([Fact::Sale(fact), Fact::Postings(postings)])))
    }

    /// The entry that used this receipt number before, if it closed the same basket: a till
    /// whose answer got lost asks again, sometimes under a new request id.
    fn same_check(&self, basket: &Basket) -> Result<Option<u64>, Refusal> {
        let state = &self.replica.state;
        if is_on(Mutant::ForgetsChecks) {
            return Ok(None);
        }
        let Some((author, seq)) = state.database.check(&basket.till, &basket.check)? else {
            return Ok(None);
        };
        let entry = state.entry(author, seq)?;
        let same = author == state.my_number && entry.is_some_and(|entry| closes(&entry, basket));
        if same {
            return Ok(Some(seq));
        }
        Err(Refusal::CheckReused { till: basket.till.clone(), check: basket.check.clone() })
    }

    /// What pays for the redemption. Where the rights here do not suffice, and the member's balance
    /// does, what this very basket earns helps out: those are rights too, and nobody else has them.
    fn plan_redemption(
        &self,
        basket: &Basket,
        known: &[Holding],
        earned: (Lot, i64),
        today: BusinessDate,
    ) -> Result<(Vec<Posting>, i64), Refusal> {
        match basket.redemption {
            Redemption::None | Redemption::Points(0) => Ok((Vec::new(), 0)),
            Redemption::Points(points) => {
                // The rule speaks first: no rights are fetched for what it would refuse.
                self.replica.settings.rule.discount(points, basket.gross)?;
                let lines = match draw(&with_earned(known, earned), points, today) {
                    Drawn::Lines(lines) => lines,
                    _ => match draw_or_refuse(basket.member, known, points, today) {
                        Err(refusal) if self.may_advance => {
                            return Ok((self.plan_advance(refusal, known, today)?, points));
                        }
                        lines => lines?,
                    },
                };
                let debit = |(lot, amount)| Posting::Debit { lot, amount };
                Ok((lines.into_iter().map(debit).collect(), points))
            }
            Redemption::Hold(hold) => self.plan_captured_hold(hold, basket.member),
        }
    }

    fn plan_captured_hold(&self, hold: HoldId, member: MemberId) -> Result<(Vec<Posting>, i64), Refusal> {
        let lines = self.replica.state.open_hold(hold, self.now)?;
        if lines.iter().any(|line| line.lot.member != member) {
            return Err(Refusal::HoldOfAnother(hold));
        }
        let points = lines.iter().map(|line| line.amount).sum();
        let settle =
            |line: &purser_storage::HoldRow| Posting::Settle { hold, lot: line.lot, captured: line.amount };
        Ok((lines.iter().map(settle).collect(), points))
    }
}

impl State {
    /// What is known of a member's lots of one asset, with our own rights.
    pub(crate) fn holdings_here(&self, member: MemberId, asset: Asset) -> Result<Vec<Holding>, StorageError> {
        holdings(&self.database, self.my_number, member, asset)
    }

    pub(crate) fn require_member(&self, member: MemberId) -> Result<(), Refusal> {
        if self.database.has_member(member)? { Ok(()) } else { Err(Refusal::UnknownMember(member)) }
    }
}

/// The lots as they are once the basket's own points are credited. The balance is that of
/// before: a basket may not pay for itself.
fn with_earned(known: &[Holding], (lot, earned): (Lot, i64)) -> Vec<Holding> {
    let mut holdings = known.to_vec();
    match holdings.iter_mut().find(|holding| holding.lot == lot) {
        Some(holding) => holding.available_here = holding.available_here.saturating_add(earned),
        None => holdings.push(Holding { lot, available_here: earned, balance: 0, held: 0 }),
    }
    holdings
}

/// Draws points, or says what stands against it.
pub(crate) fn draw_or_refuse(
    member: MemberId,
    known: &[Holding],
    wanted: i64,
    today: BusinessDate,
) -> Result<Vec<(Lot, i64)>, Refusal> {
    match draw(known, wanted, today) {
        Drawn::Lines(lines) => Ok(lines),
        Drawn::BalanceTooSmall { balance } => Err(Refusal::BalanceTooSmall { balance, wanted }),
        Drawn::RightsTooFew { .. } => {
            let (here, balance) = (spendable_here(known, today), balance(known, today));
            Err(too_few(member, Asset::Points, here, balance, wanted))
        }
    }
}

/// The refusal for rights that are elsewhere, before anybody was asked for them.
pub(crate) fn too_few(member: MemberId, asset: Asset, here: i64, balance: i64, wanted: i64) -> Refusal {
    Refusal::RightsTooFew {
        member,
        asset,
        cause: RightsCause::NotAsked,
        here,
        balance,
        wanted,
        advance: None,
    }
}

fn check_figures(basket: &Basket) -> Result<(), Refusal> {
    if !(0..=AMOUNT_MAX).contains(&basket.gross.0) {
        return Err(Refusal::OutOfRange { what: "gross", range: "0.00 to 10000000000.00" });
    }
    check_receipt(&basket.till, &basket.check)
}

/// Tills and receipt numbers are short printable texts.
pub(crate) fn check_receipt(till: &str, check: &str) -> Result<(), Refusal> {
    let printable = |text: &str, most| {
        (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
    };
    if !printable(till, 16) {
        return Err(Refusal::OutOfRange { what: "till", range: "1 to 16 printable ASCII characters" });
    }
    if !printable(check, 48) {
        return Err(Refusal::OutOfRange { what: "check", range: "1 to 48 printable ASCII characters" });
    }
    Ok(())
}

/// Whether an entry is the sale of that very basket.
fn closes(entry: &Entry, basket: &Basket) -> bool {
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
    redemption && sale.member == basket.member && sale.gross == basket.gross && sale.basket == basket.lines
}
