use purser_types::BusinessDate;

use crate::{Holding, Lot};

/// How an amount can be drawn when some of the rights are elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InAdvance {
    /// What is spent by rights held here, by lot.
    pub debits: Vec<(Lot, i64)>,
    /// What is spent of rights held elsewhere, by lot: at most what is known to be there.
    pub advances: Vec<(Lot, i64)>,
}

impl InAdvance {
    /// What is advanced in all.
    pub fn advanced(&self) -> i64 {
        self.advances.iter().fold(0_i64, |sum, (_, amount)| sum.saturating_add(*amount))
    }
}

/// Draws `wanted` on `today`: first what is here, then of what is elsewhere as much as is
/// missing; of both what expires first. `None` if the balance known here does not cover it.
pub fn draw_in_advance(holdings: &[Holding], wanted: i64, today: BusinessDate) -> Option<InAdvance> {
    if crate::balance(holdings, today) < wanted {
        return None;
    }
    let mut live: Vec<&Holding> = holdings.iter().filter(|holding| holding.is_live(today)).collect();
    live.sort_by_key(|holding| holding.order());
    let mut missing = wanted;
    let mut draw = |from: fn(&Holding) -> i64| {
        let lines = live.iter().map(|holding| {
            let amount = from(holding).min(missing).max(0);
            missing -= amount;
            (holding.lot, amount)
        });
        lines.filter(|(_, amount)| *amount > 0).collect::<Vec<_>>()
    };
    let debits = draw(|holding| holding.available_here);
    let advances = draw(|holding| holding.unheld().saturating_sub(holding.available_here.max(0)));
    (missing == 0).then_some(InAdvance { debits, advances })
}

#[cfg(test)]
mod tests {
    use purser_types::MemberId;

    use super::*;
    use crate::Asset;

    fn holding(year: i32, available_here: i64, balance: i64) -> Holding {
        let expires_on = Some(BusinessDate::end_of_year(year));
        let lot = Lot { member: MemberId::CHAIN, asset: Asset::Points, expires_on };
        Holding { available_here, balance, ..Holding::none(lot) }
    }

    fn drawn(holdings: &[Holding], wanted: i64) -> Option<(Vec<i64>, Vec<i64>)> {
        let amounts = |lines: Vec<(Lot, i64)>| lines.into_iter().map(|(_, amount)| amount).collect();
        let drawn = draw_in_advance(holdings, wanted, "2026-06-01".parse().unwrap())?;
        Some((amounts(drawn.debits), amounts(drawn.advances)))
    }

    #[test]
    fn what_is_here_goes_first_and_of_the_rest_what_expires_first() {
        let lots = [holding(2028, 40, 100), holding(2027, 10, 60), holding(2025, 500, 500)];
        assert_eq!(drawn(&lots, 50), Some((vec![10, 40], vec![])));
        assert_eq!(drawn(&lots, 120), Some((vec![10, 40], vec![50, 20])));
        assert_eq!(drawn(&lots, 160), Some((vec![10, 40], vec![50, 60])));
        assert_eq!(drawn(&lots, 161), None);
    }

    #[test]
    fn what_is_owed_already_is_not_advanced_again() {
        assert_eq!(drawn(&[holding(2027, -50, 50)], 50), Some((vec![], vec![50])));
        assert_eq!(drawn(&[holding(2027, -50, 50)], 51), None);
        let held = Holding { held: 80, ..holding(2027, 0, 100) };
        assert_eq!(drawn(&[held], 20), Some((vec![], vec![20])));
        assert_eq!(drawn(&[held], 30), None);
    }
}
