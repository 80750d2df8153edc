use std::collections::BTreeMap;

use purser_types::BusinessDate;
use purser_types::mutant::{Mutant, is_on};

use crate::Lot;

/// What is known here of one lot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holding {
    /// The lot.
    pub lot: Lot,
    /// What this replica may spend of it.
    pub available_here: i64,
    /// What all replicas together own of it as far as known here: available, held, on its way.
    pub balance: i64,
    /// What of the balance is set aside in holds, anywhere.
    pub held: i64,
    /// The last day on which it can be spent, if there is one: that of the lot, unless the scheme prolongs it.
    pub until: Option<BusinessDate>,
}

impl Holding {
    /// Nothing so far of a lot.
    pub fn none(lot: Lot) -> Self {
        Self { lot, available_here: 0, balance: 0, held: 0, until: lot.expires_on }
    }

    /// Whether it can be spent on that day.
    pub fn is_live(&self, today: BusinessDate) -> bool {
        self.until.is_none_or(|last| today <= last)
    }

    /// What is drawn first: what ends first, and last what never ends. Of several members who are one person, whose
    /// comes first is the order of the list: sort stably.
    pub fn order(&self) -> impl Ord + use<> {
        (self.until.is_none(), self.until, self.lot.expires_on)
    }

    /// The balance without what is in holds.
    pub fn unheld(&self) -> i64 {
        self.balance.saturating_sub(self.held)
    }
}

/// How an amount can be drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Drawn {
    /// From these lots, soonest expiry first; the amounts sum to what was wanted.
    Lines(Vec<(Lot, i64)>),
    /// The member does not have as much, as far as known here.
    BalanceTooSmall {
        /// What the member has, holds not counted.
        balance: i64,
    },
    /// The member has enough, but this replica holds rights to less.
    RightsTooFew {
        /// What can be spent here now.
        here: i64,
    },
}

/// Draws `wanted` from `holdings` on `today`: the lot that expires first is used first, one
/// that never expires last. Needs rights here and a balance known here of at least as much.
pub fn draw(holdings: &[Holding], wanted: i64, today: BusinessDate) -> Drawn {
    let balance = balance(holdings, today);
    if balance < wanted {
        return Drawn::BalanceTooSmall { balance };
    }
    let mut live: Vec<&Holding> = holdings.iter().filter(|h| h.is_live(today) && spendable(h) > 0).collect();
    live.sort_by_key(|h| h.order());
    let mut missing = wanted;
    let mut lines = Vec::new();
    for holding in live {
        let amount = spendable(holding).min(missing);
        if amount > 0 {
            lines.push((holding.lot, amount));
            missing -= amount;
        }
    }
    if missing > 0 { Drawn::RightsTooFew { here: wanted - missing } } else { Drawn::Lines(lines) }
}

/// What can be drawn of a lot here.
fn spendable(holding: &Holding) -> i64 {
    if is_on(Mutant::SpendsElsewhere) { holding.unheld() } else { holding.available_here }
}

/// What the member can spend in all on `today` as far as known here, holds not counted.
/// Below zero after a return took back more than was left: such a debt does not expire. What several members who are
/// one person have of one day is one: what one of them owes of it, another has.
pub fn balance(holdings: &[Holding], today: BusinessDate) -> i64 {
    let mut by_day: BTreeMap<Option<BusinessDate>, (i64, bool)> = BTreeMap::new();
    for holding in holdings {
        let (sum, is_live) = by_day.entry(holding.lot.expires_on).or_default();
        *sum = sum.saturating_add(holding.unheld());
        *is_live |= holding.is_live(today);
    }
    let counted = by_day.into_values().filter(|(sum, is_live)| *is_live || *sum < 0);
    counted.fold(0_i64, |all, (sum, _)| all.saturating_add(sum))
}

/// What can be spent at this replica on `today`: its rights, or the balance if that is less.
pub fn spendable_here(holdings: &[Holding], today: BusinessDate) -> i64 {
    let live = holdings.iter().filter(|h| h.is_live(today));
    let rights = live.fold(0_i64, |sum, h| sum.saturating_add(h.available_here.max(0)));
    rights.min(balance(holdings, today)).max(0)
}

#[cfg(test)]
mod tests {
    use purser_types::MemberId;

    use super::*;
    use crate::Asset;

    fn holding(expires: Option<&str>, available_here: i64, balance: i64) -> Holding {
        let expires_on = expires.map(|day| day.parse().unwrap());
        let lot = Lot { member: MemberId::CHAIN, asset: Asset::Points, expires_on };
        Holding { available_here, balance, ..Holding::none(lot) }
    }

    fn amounts(drawn: Drawn) -> Vec<i64> {
        match drawn {
            Drawn::Lines(lines) => lines.into_iter().map(|(_, amount)| amount).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn soonest_expiry_first_never_expiring_last_expired_not_at_all() {
        let today = "2026-06-01".parse().unwrap();
        let lots = [
            holding(None, 50, 50),
            holding(Some("2027-12-31"), 40, 40),
            holding(Some("2026-06-01"), 30, 30),
            holding(Some("2026-05-31"), 20, 20),
        ];
        assert_eq!(amounts(draw(&lots, 75, today)), [30, 40, 5]);
        assert_eq!(draw(&lots, 121, today), Drawn::BalanceTooSmall { balance: 120 });
    }

    #[test]
    fn rights_and_balance_are_both_needed() {
        let today = "2026-06-01".parse().unwrap();
        let elsewhere = [holding(None, 40, 100)];
        assert_eq!(draw(&elsewhere, 60, today), Drawn::RightsTooFew { here: 40 });
        let owed = [holding(None, 40, 40), holding(Some("2027-12-31"), 0, -25)];
        assert_eq!(draw(&owed, 20, today), Drawn::BalanceTooSmall { balance: 15 });
        assert_eq!(spendable_here(&owed, today), 15);
    }

    #[test]
    fn points_expire_and_debts_do_not() {
        let today = "2028-01-01".parse().unwrap();
        let earned = holding(Some("2028-12-31"), 1_000, 1_000);
        let owed = holding(Some("2027-12-31"), 0, -1_000);
        assert_eq!(balance(&[earned, owed], today), 0);
        assert_eq!(draw(&[earned, owed], 100, today), Drawn::BalanceTooSmall { balance: 0 });
        let kept = holding(Some("2027-12-31"), 400, 400);
        assert_eq!(balance(&[earned, kept], today), 1_000);
    }
}
