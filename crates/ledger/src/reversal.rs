use crate::Lot;

/// What a sale did to its member, as its journal entry tells it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SaleEffects {
    /// The gross value, in fen: what can be returned in all.
    pub gross_fen: i64,
    /// What was paid other than by points, in fen.
    pub paid_fen: i64,
    /// What the sale credited, by lot.
    pub earned: Vec<(Lot, i64)>,
    /// What the sale drew, by lot.
    pub redeemed: Vec<(Lot, i64)>,
}

/// What a return of part of a sale does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reversal {
    /// Money to give back, in fen.
    pub refund_fen: i64,
    /// What goes back into the lots that the sale drew on.
    pub restored: Vec<(Lot, i64)>,
    /// What is taken back from the lots that the sale credited.
    pub clawed_back: Vec<(Lot, i64)>,
}

/// Reverses the part of a sale from `before_fen` to `before_fen + now_fen` of its gross value,
/// in proportion. Each figure is rounded down *of what has been returned in all*, so that
/// several part returns give exactly what one would, and a full return restores everything.
///
/// `0 ≤ before_fen`, `0 < now_fen` and `before_fen + now_fen ≤ gross_fen` are the caller's to hold.
pub fn reverse(sale: &SaleEffects, before_fen: i64, now_fen: i64) -> Reversal {
    let after_fen = before_fen + now_fen;
    let part = |amount: i64| {
        portion(amount, after_fen, sale.gross_fen) - portion(amount, before_fen, sale.gross_fen)
    };
    let parts = |lines: &[(Lot, i64)]| {
        let lines = lines.iter().map(|&(lot, amount)| (lot, part(amount)));
        lines.filter(|(_, amount)| *amount > 0).collect()
    };
    Reversal {
        refund_fen: part(sale.paid_fen),
        restored: parts(&sale.redeemed),
        clawed_back: parts(&sale.earned),
    }
}

/// `amount × part ÷ whole`, rounded down.
fn portion(amount: i64, part: i64, whole: i64) -> i64 {
    let exact = i128::from(amount) * i128::from(part) / i128::from(whole.max(1));
    i64::try_from(exact).unwrap_or(amount)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use purser_types::{BusinessDate, MemberId};

    use super::*;
    use crate::Asset;

    fn lot(year: i32) -> Lot {
        let expires_on = Some(BusinessDate::end_of_year(year));
        Lot { member: MemberId::CHAIN, asset: Asset::Points, expires_on }
    }

    fn sum(of: &[Reversal], pick: impl Fn(&Reversal) -> &Vec<(Lot, i64)>, lot: Lot) -> i64 {
        let lines = of.iter().flat_map(|reversal| pick(reversal).iter());
        lines.filter(|(of, _)| *of == lot).map(|(_, amount)| amount).sum()
    }

    proptest! {
        #[test]
        fn part_returns_add_up_to_the_whole_sale(
            gross_fen in 1..10_000_000_i64,
            paid_share in 0..=100_i64,
            earned in 0..100_000_i64,
            redeemed in prop::collection::vec(1..50_000_i64, 0..3),
            cuts in prop::collection::vec(0..10_000_000_i64, 0..5),
        ) {
            let redeemed: Vec<_> = (2027..).map(lot).zip(redeemed).collect();
            let sale = SaleEffects {
                gross_fen,
                paid_fen: gross_fen * paid_share / 100,
                earned: vec![(lot(2026), earned)],
                redeemed: redeemed.clone(),
            };
            let mut ends: Vec<i64> = cuts.into_iter().map(|cut| cut % gross_fen).collect();
            ends.push(gross_fen);
            ends.sort_unstable();
            let mut before = 0;
            let mut parts = Vec::new();
            for end in ends {
                if end > before {
                    parts.push(reverse(&sale, before, end - before));
                    before = end;
                }
            }
            let whole = reverse(&sale, 0, gross_fen);
            prop_assert_eq!(parts.iter().map(|part| part.refund_fen).sum::<i64>(), sale.paid_fen);
            prop_assert_eq!(whole.refund_fen, sale.paid_fen);
            prop_assert_eq!(sum(&parts, |part| &part.clawed_back, lot(2026)), earned);
            for (lot, amount) in redeemed {
                prop_assert_eq!(sum(&parts, |part| &part.restored, lot), amount);
            }
        }
    }
}
