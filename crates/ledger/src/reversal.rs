use crate::Lot;

/// The part of some postings' amounts from `before` to `before + now`, counted from their end: what a return
/// gives back of lots that a sale drew on, the last one drawn first, or takes back of lots that it credited.
/// Parts that follow each other give exactly what one would, and all of them everything.
pub fn part_of(lines: &[(Lot, i64)], before: i64, now: i64) -> Vec<(Lot, i64)> {
    let (mut skip, mut left) = (before.max(0), now.max(0));
    let mut parts = Vec::new();
    for &(lot, amount) in lines.iter().rev() {
        let skipped = amount.min(skip);
        skip -= skipped;
        let taken = (amount - skipped).min(left);
        left -= taken;
        if taken > 0 {
            parts.push((lot, taken));
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use purser_types::{BusinessDate, MemberId};

    use super::*;
    use crate::Asset;

    fn lot(year: i32) -> Lot {
        let expires_on = Some(BusinessDate::end_of_year(year));
        Lot { member: MemberId::CHAIN, asset: Asset::Points, expires_on }
    }

    #[test]
    fn what_was_drawn_last_comes_back_first() {
        let drawn = [(lot(2026), 30), (lot(2027), 70)];
        assert_eq!(part_of(&drawn, 0, 50), [(lot(2027), 50)]);
        assert_eq!(part_of(&drawn, 50, 50), [(lot(2027), 20), (lot(2026), 30)]);
        assert_eq!(part_of(&drawn, 100, 50), []);
    }

    proptest! {
        #[test]
        fn parts_add_up_to_everything(
            amounts in prop::collection::vec(1..50_000_i64, 0..4),
            cuts in prop::collection::vec(0..100_000_i64, 0..5),
        ) {
            let lines: Vec<(Lot, i64)> = (2027..).map(lot).zip(amounts).collect();
            let all: i64 = lines.iter().map(|(_, amount)| amount).sum();
            let (mut before, mut sums) = (0, BTreeMap::new());
            for now in cuts.into_iter().map(|cut| cut.min(all)).chain([all]) {
                let now = now.min(all - before);
                for (lot, amount) in part_of(&lines, before, now) {
                    *sums.entry(lot).or_insert(0) += amount;
                }
                before += now;
            }
            prop_assert_eq!(sums, lines.into_iter().collect());
        }
    }
}
