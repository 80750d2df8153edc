//! What comes back is in proportion, and in the end all of it.

use proptest::{collection::vec, prelude::*};
use purser_programme::{NotReturned, Parts, Payment, Returned, Sold, SoldLine};
use purser_types::Fen;

use crate::basket::{DEPARTMENT_STORE, PHARMACY, buyer, id, line, of, on, programme};

fn sum(all: &[Returned]) -> Returned {
    all.iter().fold(Returned::default(), |sum, one| Returned {
        price: Fen(sum.price.0 + one.price.0),
        points: sum.points + one.points,
        points_worth: Fen(sum.points_worth.0 + one.points_worth.0),
        stored_value: Parts {
            principal: Fen(sum.stored_value.principal.0 + one.stored_value.principal.0),
            bonus: Fen(sum.stored_value.bonus.0 + one.stored_value.bonus.0),
        },
        money: Fen(sum.money.0 + one.money.0),
        earned: sum.earned + one.earned,
        used: [sum.used, one.used.clone()].concat(),
    })
}

#[test]
fn half_of_a_sale_brings_half_of_it_back() {
    let store = programme(DEPARTMENT_STORE);
    let basket = of(&[line("100", &[]), line("100", &[])]);
    let payment = Payment { points: 200, ..Payment::default() };
    let quote = store.quote(&basket, &on("2026-03-10", buyer("ordinary")), &payment).unwrap();
    let sold = Sold::of(&quote, &[1, 1]);
    let half = sold.returned(&[], &[1]).unwrap();
    assert_eq!((half.price, half.points, half.money, half.earned), (Fen(10_000), 100, Fen(9_000), 10));
    assert_eq!(sold.returned(&[1], &[0, 1]).unwrap(), half);
    assert_eq!(sold.returned(&[1], &[1]), Err(NotReturned::TooMany { line: 1, bought: 1, returned: 2 }));
    assert_eq!(sold.returned(&[], &[0, 0, 1]), Err(NotReturned::NoLine(3)));
}

#[test]
fn goods_that_have_earned_nothing_take_no_points_back() {
    let pharmacy = programme(PHARMACY);
    let basket = of(&[line("30", &[]), line("6", &["special-price"])]);
    let today = on("2026-03-09", buyer("ordinary"));
    let sold = Sold::of(&pharmacy.quote(&basket, &today, &Payment::default()).unwrap(), &[1, 1]);
    let [special, other] = [[0, 1], [1, 0]].map(|pieces| sold.returned(&[], &pieces).unwrap());
    assert_eq!((special.money, special.earned), (Fen(600), 0));
    assert_eq!((other.money, other.earned), (Fen(2_700), 27));
}

/// Lines, and what paid for them: points, principal, bonus, money in some proportion.
fn any_sold() -> impl Strategy<Value = Sold> {
    let amount = || prop_oneof![Just(0), 1..30_i64, 1..1_000_000_i64];
    (
        vec((1..9_u32, amount(), any::<bool>()), 1..8),
        [amount(), amount(), amount(), amount()],
        0..5_000_i64,
        0..9_000_i64,
    )
        .prop_map(|(lines, shares, points, earned)| {
            let total: i64 = lines.iter().map(|(_, paid, _)| paid).sum();
            let all: i64 = shares.iter().sum::<i64>().max(1);
            let part = |place: usize| {
                i64::try_from(i128::from(total) * i128::from(shares[place]) / i128::from(all)).unwrap()
            };
            let (worth, principal, bonus) = (part(0), part(1), part(2));
            Sold {
                lines: lines
                    .into_iter()
                    .map(|(pieces, paid, earns)| SoldLine {
                        pieces,
                        price: Fen(paid),
                        earns: Fen(if earns { paid } else { 0 }),
                    })
                    .collect(),
                points: (if worth > 0 { points } else { 0 }, Fen(worth)),
                stored_value: Parts { principal: Fen(principal), bonus: Fen(bonus) },
                money: Fen(total - worth - principal - bonus),
                earned,
                used: vec![id("wash"), id("wash")],
            }
        })
}

proptest! {
    #[test]
    fn however_it_is_returned_all_comes_back_and_nothing_more(
        sold in any_sold(),
        steps in vec((any::<prop::sample::Index>(), 1..9_u32), 0..12),
    ) {
        let mut before = vec![0; sold.lines.len()];
        let mut returns = Vec::new();
        let rest = |before: &[u32]| -> Vec<u32> {
            sold.lines.iter().zip(before).map(|(line, before)| line.pieces - before).collect()
        };
        for (at, pieces) in steps {
            let at = at.index(before.len());
            let mut part = vec![0; before.len()];
            part[at] = pieces.min(rest(&before)[at]);
            returns.push(sold.returned(&before, &part).unwrap());
            before[at] += part[at];
        }
        returns.push(sold.returned(&before, &rest(&before)).unwrap());
        for part in &returns {
            let Returned { price, points, points_worth, stored_value, money, earned, .. } = *part;
            let amounts = [price.0, points, points_worth.0, stored_value.principal.0, stored_value.bonus.0, money.0, earned];
            prop_assert!(amounts.iter().all(|amount| *amount >= 0), "{part:?}");
            prop_assert_eq!(price.0, points_worth.0 + stored_value.sum().0 + money.0);
        }
        let all = sum(&returns);
        let (points, worth) = sold.points;
        prop_assert_eq!((all.points, all.points_worth, all.earned), (points, worth, sold.earned));
        prop_assert_eq!((all.stored_value, all.money), (sold.stored_value, sold.money));
        prop_assert_eq!(all.used, sold.used);
    }
}
