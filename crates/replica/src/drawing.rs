//! Drawing what a member holds: points, stored value, passes and coupons, by the rights held here.

use purser_ledger::{Asset, Drawn, Holding, Lot, Posting, balance, draw, spendable_here};
use purser_programme::Quote;
use purser_storage::StorageError;
use purser_types::{BusinessDate, HoldId, MemberId};

use crate::{
    Basket, Redemption, Refusal, RightsCause, Transaction, holdings::living_holdings, pricing::Register,
    state::State,
};

impl Transaction<'_> {
    /// What pays for the redemption. Where the rights here do not suffice, and the member's balance
    /// does, what this very basket earns helps out: those are rights too, and nobody else has them.
    pub(crate) fn plan_redemption(
        &self,
        basket: &Basket,
        known: &[Holding],
        earned: (Lot, i64),
        today: BusinessDate,
    ) -> Result<Vec<Posting>, Refusal> {
        match basket.redemption {
            Redemption::None | Redemption::Points(0) => Ok(Vec::new()),
            Redemption::Points(points) => {
                let lines = match draw(&with_earned(known, earned), points, today) {
                    Drawn::Lines(lines) => lines,
                    _ => match draw_or_refuse(basket.member, Asset::Points, known, points, today) {
                        Err(refusal) if self.may_advance => {
                            return self.plan_advance(refusal, known, today);
                        }
                        lines => lines?,
                    },
                };
                Ok(debits(lines))
            }
            Redemption::Hold(hold) => self.plan_captured_hold(hold),
        }
    }

    fn plan_captured_hold(&self, hold: HoldId) -> Result<Vec<Posting>, Refusal> {
        let lines = self.replica.state.open_hold(hold, self.now)?;
        let settle =
            |line: &purser_storage::HoldRow| Posting::Settle { hold, lot: line.lot, captured: line.amount };
        Ok(lines.iter().map(settle).collect())
    }
}

impl State {
    /// What is known of a member's lots of one asset, with our own rights.
    pub(crate) fn holdings_here(
        &self,
        member: MemberId,
        asset: Asset,
        today: BusinessDate,
    ) -> Result<Vec<Holding>, StorageError> {
        let programme = self.programmes.on(today);
        living_holdings(&self.database, self.my_number, (member, asset), programme)
    }

    pub(crate) fn require_member(&self, member: MemberId) -> Result<(), Refusal> {
        if self.database.has_member(member)? { Ok(()) } else { Err(Refusal::UnknownMember(member)) }
    }
}

/// What pays beside points and money: stored value, uses of passes, coupons.
pub(crate) fn draw_tenders(
    quote: &Quote,
    basket: &Basket,
    register: &Register<'_>,
) -> Result<Vec<Posting>, Refusal> {
    let mut wanted = vec![
        (Asset::WalletPrincipal, quote.stored_value.principal.0),
        (Asset::WalletBonus, quote.stored_value.bonus.0),
    ];
    let passes = basket.tenders.passes.iter().map(|id| Asset::Pass(id.kind()));
    for asset in passes.chain(basket.tenders.coupons.iter().map(|id| Asset::Coupon(id.kind()))) {
        match wanted.iter_mut().find(|(of, _)| *of == asset) {
            Some((_, count)) => *count += 1,
            None => wanted.push((asset, 1)),
        }
    }
    let mut drawn = Vec::new();
    for (asset, amount) in wanted.into_iter().filter(|(_, amount)| *amount > 0) {
        let known = register.holdings(basket.member, asset)?;
        let lines = draw_or_refuse(basket.member, asset, &known, amount, register.date)?;
        drawn.extend(debits(lines));
    }
    Ok(drawn)
}

/// The lots as they are once the basket's own points are credited. The balance is that of
/// before: a basket may not pay for itself.
fn with_earned(known: &[Holding], (lot, earned): (Lot, i64)) -> Vec<Holding> {
    let mut holdings = known.to_vec();
    match holdings.iter_mut().find(|holding| holding.lot == lot) {
        Some(holding) => holding.available_here = holding.available_here.saturating_add(earned),
        None => holdings.push(Holding { available_here: earned, ..Holding::none(lot) }),
    }
    holdings
}

/// What was drawn goes to somebody else, with the days that it is good for.
pub(crate) fn hand_over(lines: Vec<(Lot, i64)>, to: MemberId) -> Vec<Posting> {
    let moved = lines.into_iter().flat_map(|(lot, amount)| {
        let theirs = Lot { member: to, ..lot };
        [Posting::Debit { lot, amount }, Posting::Credit { lot: theirs, amount }]
    });
    moved.collect()
}

/// What was drawn is spent.
pub(crate) fn debits(lines: Vec<(Lot, i64)>) -> Vec<Posting> {
    lines.into_iter().map(|(lot, amount)| Posting::Debit { lot, amount }).collect()
}

/// Draws an amount, or says what stands against it.
pub(crate) fn draw_or_refuse(
    member: MemberId,
    asset: Asset,
    known: &[Holding],
    wanted: i64,
    today: BusinessDate,
) -> Result<Vec<(Lot, i64)>, Refusal> {
    match draw(known, wanted, today) {
        Drawn::Lines(lines) => Ok(lines),
        Drawn::BalanceTooSmall { balance } => Err(Refusal::BalanceTooSmall { asset, balance, wanted }),
        Drawn::RightsTooFew { .. } => {
            let (here, balance) = (spendable_here(known, today), balance(known, today));
            Err(too_few(member, asset, here, balance, wanted))
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
