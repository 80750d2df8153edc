//! What comes back is in proportion, and in the end all of it.

use proptest::{collection::vec, prelude::*};
use purser_programme::{NotReturned, Parts, Payment, Quote, Returned, Sold, SoldLine, Worth, worth_of};
use purser_types::Fen;

use crate::basket::{DEPARTMENT_STORE, PHARMACY, buyer, line, of, on, programme};

fn sum(all: &[Returned]) -> Returned {
    all.iter().fold(Returned::default(), |sum, one| Returned {
        price: Fen(sum.price.0 + one.price.0),
        earns: Fen(sum.earns.0 + one.earns.0),
        points: sum.points + one.points,
        points_worth: Fen(sum.points_worth.0 + one.points_worth.0),
        stored_value: Parts {
            principal: Fen(sum.stored_value.principal.0 + one.stored_value.principal.0),
            bonus: Fen(sum.stored_value.bonus.0 + one.stored_value.bonus.0),
        },
        money: Fen(sum.money.0 + one.money.0),
        earned: sum.earned + one.earned,
        is_rest: sum.is_rest || one.is_rest,
    })
}

fn lines_of(quote: &Quote) -> Vec<SoldLine> {
    quote.lines.iter().map(|line| SoldLine::of(1, line)).collect()
}

#[test]
fn half_of_a_sale_brings_half_of_it_back() {
    let store = programme(DEPARTMENT_STORE);
    let basket = of(&[line("100", &[]), line("100", &[])]);
    let payment = Payment { points: 200, ..Payment::default() };
    let quote = store.quote(&basket, &on("2026-03-10", buyer("ordinary")), &payment).unwrap();
    let (sold, lines) = (Sold::of(&quote), lines_of(&quote));
    let first = worth_of(&lines, &[], &[1]).unwrap();
    let half = sold.returned(Worth::default(), first);
    assert_eq!((half.price, half.points, half.money, half.earned), (Fen(10_000), 100, Fen(9_000), 10));
    let rest = sold.returned(first, worth_of(&lines, &[1], &[0, 1]).unwrap());
    assert_eq!(rest, Returned { is_rest: true, ..half });
    // The same by its value alone, where the lines are not known.
    assert_eq!(sold.returned(Worth::default(), sold.part(Worth::default(), Fen(10_000))), half);
    let too_many = NotReturned::TooMany { line: 1, bought: 1, returned: 2 };
    assert_eq!(worth_of(&lines, &[1], &[1]), Err(too_many));
    assert_eq!(worth_of(&lines, &[], &[0, 0, 1]), Err(NotReturned::NoLine(3)));
}

#[test]
fn goods_that_have_earned_nothing_take_no_points_back() {
    let pharmacy = programme(PHARMACY);
    let basket = of(&[line("30", &[]), line("6", &["special-price"])]);
    let today = on("2026-03-09", buyer("ordinary"));
    let quote = pharmacy.quote(&basket, &today, &Payment::default()).unwrap();
    let (sold, lines) = (Sold::of(&quote), lines_of(&quote));
    let back = |pieces: &[u32]| sold.returned(Worth::default(), worth_of(&lines, &[], pieces).unwrap());
    let (special, other) = (back(&[0, 1]), back(&[1, 0]));
    assert_eq!((special.money, special.earned), (Fen(600), 0));
    assert_eq!((other.money, other.earned), (Fen(2_700), 27));
}

/// Lines, and what paid for them: points, principal, bonus, money in some proportion.
fn any_sold() -> impl Strategy<Value = (Sold, Vec<SoldLine>)> {
    let amount = || prop_oneof![Just(0), 1..30_i64, 1..1_000_000_i64];
    (
        vec((1..9_u32, amount(), 0..1_000_i64, any::<bool>()), 1..8),
        [amount(), amount(), amount(), amount()],
        0..5_000_i64,
        0..9_000_i64,
    )
        .prop_map(|(lines, shares, points, earned)| {
            let line = |(pieces, price, off, earns): (u32, i64, i64, bool)| {
                let worth = Worth {
                    gross: Fen(price + off),
                    price: Fen(price),
                    earns: Fen(if earns { price } else { 0 }),
                };
                SoldLine { pieces, worth }
            };
            let lines: Vec<SoldLine> = lines.into_iter().map(line).collect();
            let all = lines.iter().fold(Worth::default(), |sum, line| sum.and(line.worth));
            let shared: i64 = shares.iter().sum::<i64>().max(1);
            let part = |place: usize| {
                let part = i128::from(all.price.0) * i128::from(shares[place]) / i128::from(shared);
                i64::try_from(part).unwrap()
            };
            let (worth, principal, bonus) = (part(0), part(1), part(2));
            let sold = Sold {
                all,
                points: (if worth > 0 { points } else { 0 }, Fen(worth)),
                stored_value: Parts { principal: Fen(principal), bonus: Fen(bonus) },
                money: Fen(all.price.0 - worth - principal - bonus),
                earned,
            };
            (sold, lines)
        })
}

fn check(sold: &Sold, returns: &[Returned]) -> Result<(), TestCaseError> {
    for part in returns {
        let Returned { price, points, points_worth, stored_value, money, earned, .. } = *part;
        let Parts { principal, bonus } = stored_value;
        let amounts = [price.0, points, points_worth.0, principal.0, bonus.0, money.0, earned];
        prop_assert!(amounts.iter().all(|amount| *amount >= 0), "{part:?}");
        prop_assert_eq!(price.0, points_worth.0 + stored_value.sum().0 + money.0);
    }
    let all = sum(returns);
    let (points, worth) = sold.points;
    prop_assert_eq!((all.points, all.points_worth, all.earned), (points, worth, sold.earned));
    prop_assert_eq!((all.stored_value, all.money), (sold.stored_value, sold.money));
    let rests = returns.iter().filter(|part| part.is_rest).count();
    prop_assert!(rests == 1 || sold.all.gross == Fen(0));
    Ok(())
}

proptest! {
    #[test]
    fn however_it_is_returned_all_comes_back_and_nothing_more(
        (sold, lines) in any_sold(),
        steps in vec((any::<prop::sample::Index>(), 1..9_u32), 0..12),
    ) {
        let mut before = vec![0; lines.len()];
        let (mut gone, mut returns) = (Worth::default(), Vec::new());
        let rest = |before: &[u32]| -> Vec<u32> {
            lines.iter().zip(before).map(|(line, before)| line.pieces - before).collect()
        };
        let mut parts = Vec::new();
        for (at, pieces) in steps {
            let at = at.index(before.len());
            let mut part = vec![0; before.len()];
            part[at] = pieces.min(rest(&before)[at]);
            parts.push((before.clone(), part.clone()));
            before[at] += part[at];
        }
        parts.push((before.clone(), rest(&before)));
        for (before, part) in parts {
            let now = worth_of(&lines, &before, &part).unwrap();
            if now.gross > Fen(0) {
                returns.push(sold.returned(gone, now));
                gone = gone.and(now);
            }
        }
        if sold.all.gross > Fen(0) {
            check(&sold, &returns)?;
        }
    }

    /// Parts by their value, and parts by their lines, one after the other.
    #[test]
    fn parts_by_value_give_no_more_and_no_less(
        (sold, lines) in any_sold(),
        first in (0..8_usize, 1..9_u32),
        cuts in vec(1..1_000_000_i64, 0..6),
    ) {
        prop_assume!(sold.all.gross > Fen(0));
        let (mut gone, mut returns) = (Worth::default(), Vec::new());
        let (place, pieces) = first;
        let mut part = vec![0; lines.len()];
        part[place % lines.len()] = pieces.min(lines[place % lines.len()].pieces);
        let mut wanted = vec![worth_of(&lines, &[], &part).unwrap()];
        loop {
            for now in wanted.drain(..).filter(|now| now.gross > Fen(0)) {
                returns.push(sold.returned(gone, now));
                gone = gone.and(now);
            }
            let left = sold.all.gross.0 - gone.gross.0;
            if left == 0 {
                break;
            }
            let cut = cuts.get(returns.len()).map_or(left, |cut| 1 + cut % left);
            wanted.push(sold.part(gone, Fen(cut)));
        }
        check(&sold, &returns)?;
    }
}
