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
