use purser_types::Fen;

/// Splits an amount in proportion to weights, to the fen: the parts add up to it. What is left over after
/// whole fen goes to the largest remainders, the first of equal ones (Hamilton's method). Nothing goes to a
/// weight of zero; all zero split nothing.
pub(crate) fn apportion(amount: Fen, weights: &[Fen]) -> Vec<Fen> {
    let all: i128 = weights.iter().map(|weight| i128::from(weight.0.max(0))).sum();
    if all == 0 {
        return vec![Fen(0); weights.len()];
    }
    let exact = |weight: &Fen| i128::from(amount.0) * i128::from(weight.0.max(0));
    let mut parts: Vec<i128> = weights.iter().map(|weight| exact(weight).div_euclid(all)).collect();
    let left = i128::from(amount.0) - parts.iter().sum::<i128>();
    let mut order: Vec<usize> = (0..weights.len()).filter(|place| weights[*place].0 > 0).collect();
    order.sort_by_key(|place| std::cmp::Reverse(exact(&weights[*place]).rem_euclid(all)));
    order.iter().take(usize::try_from(left).unwrap_or(0)).for_each(|place| parts[*place] += 1);
    parts.into_iter().map(|part| Fen(i64::try_from(part).unwrap_or(0))).collect()
}

/// Splits an amount in proportion to weights of which it is a part, so that whoever splits a larger part
/// gives nobody less: parts of parts add up. (Webster's method, which Hamilton's lacks this of; Balinski and
/// Young, *Fair Representation*.) The parts add up to the amount, none is more than its weight.
pub(crate) fn part_of_each(amount: Fen, weights: &[Fen]) -> Vec<Fen> {
    let has_turn = |place: usize, fen: i64| turns_up_to(weights, place, fen) <= i128::from(amount.0);
    let part = |place: usize| {
        let (mut least, mut most) = (0, weights[place].0.max(0));
        while least < most {
            let middle = least + (most - least + 1) / 2;
            if has_turn(place, middle) { least = middle } else { most = middle - 1 }
        }
        Fen(least)
    };
    (0..weights.len()).map(part).collect()
}

/// How many fen have had their turn once that fen of that weight has: the turn of fen n of weight w comes at
/// (2n - 1) / 2w, and where two come at once, that of the first weight.
fn turns_up_to(weights: &[Fen], place: usize, fen: i64) -> i128 {
    let (turn, weight) = (2 * i128::from(fen) - 1, i128::from(weights[place].0));
    let before = weights.iter().enumerate().map(|(other, of)| {
        // Fen m of weight v comes no later than this one: (2m - 1) w <= (2n - 1) v; earlier, if it is behind.
        let reach = turn * i128::from(of.0.max(0)) + weight;
        let count =
            if other <= place { reach.div_euclid(2 * weight) } else { (reach - 1).div_euclid(2 * weight) };
        count.clamp(0, i128::from(of.0.max(0)))
    });
    before.sum()
}

/// `part` of `whole` of an amount, the rest cut; all of it for all, nothing of nothing.
pub(crate) fn share(amount: i64, part: i64, whole: i64) -> i64 {
    if whole == 0 {
        return 0;
    }
    i64::try_from(i128::from(amount) * i128::from(part) / i128::from(whole)).unwrap_or(0)
}

/// The sum of amounts.
pub(crate) fn total(amounts: impl IntoIterator<Item = Fen>) -> Fen {
    Fen(amounts.into_iter().fold(0_i64, |sum, amount| sum.saturating_add(amount.0)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_largest_remainder_gets_the_fen_that_is_left() {
        let parts = |amount, weights: &[i64]| {
            let weights: Vec<Fen> = weights.iter().copied().map(Fen).collect();
            apportion(Fen(amount), &weights).into_iter().map(|part| part.0).collect::<Vec<_>>()
        };
        assert_eq!(parts(100, &[1, 1, 1]), [34, 33, 33]);
        assert_eq!(parts(10, &[0, 7, 3]), [0, 7, 3]);
        assert_eq!(parts(1, &[2, 5, 5]), [0, 1, 0]);
        assert_eq!(parts(5, &[0, 0]), [0, 0]);
    }

    proptest! {
        #[test]
        fn parts_of_parts_add_up_and_none_shrinks(
            weights in prop::collection::vec(prop_oneof![Just(0), 1..50_i64, 1..5_000_000_i64], 1..5),
            (one, other) in (0..1_000_001_i64, 0..1_000_001_i64),
        ) {
            let all: i64 = weights.iter().sum();
            let fen: Vec<Fen> = weights.iter().copied().map(Fen).collect();
            let share = |millionth: i64| Fen(i64::try_from(i128::from(all) * i128::from(millionth) / 1_000_000).unwrap());
            let (less, more) = (share(one.min(other)), share(one.max(other)));
            let (before, after) = (part_of_each(less, &fen), part_of_each(more, &fen));
            prop_assert_eq!((total(before.clone()), total(after.clone())), (less, more));
            prop_assert!(before.iter().zip(&after).all(|(before, after)| before <= after));
            prop_assert!(after.iter().zip(&fen).all(|(part, weight)| part <= weight));
            prop_assert_eq!(part_of_each(Fen(all), &fen), fen);
        }

        #[test]
        fn parts_add_up_and_none_is_more_than_a_fen_off(
            amount in 0..1_000_000_000_i64,
            weights in prop::collection::vec(0..1_000_000_i64, 1..40),
        ) {
            let all: i64 = weights.iter().sum();
            let fen: Vec<Fen> = weights.iter().copied().map(Fen).collect();
            let parts = apportion(Fen(amount), &fen);
            prop_assert_eq!(total(parts.iter().copied()).0, if all > 0 { amount } else { 0 });
            for (part, weight) in parts.iter().zip(&weights).filter(|_| all > 0) {
                let off = i128::from(part.0) * i128::from(all) - i128::from(amount) * i128::from(*weight);
                prop_assert!(off.abs() < i128::from(all));
            }
        }
    }
}
