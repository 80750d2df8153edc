//! The line of one store is cut, both ways or one way only.

use std::time::Duration;

use purser_demo::Line;

use super::{
    till::{Till, assert_comparable, assert_refused_honestly},
    town::{Points, Town, await_off_line, eventually, median, points, register},
};

/// Sales for a median.
const SALES_TIMED: usize = 25;
/// A refusal that waits for nobody; the till's patience with others is 2 s.
const AT_ONCE: Duration = Duration::from_secs(1);

/// Sells at both stores in turns; gives the median times.
fn time_sales(tills: &mut [Till; 2], member: &str) -> [Duration; 2] {
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..SALES_TIMED {
        for (till, times) in tills.iter_mut().zip(&mut times) {
            times.push(till.sell(member, 1).took);
        }
    }
    times.map(median)
}

fn a_store_works_on_while_its_line_is(cut: fn(&Line)) {
    let town = Town::found(2);
    let member = register(&town.stores[0], "李伟");
    let passer_by = register(&town.stores[0], "Passer-by");
    town.settle();
    let mut tills = [0, 1].map(|store| Till::at(&town.stores[store], "1"));
    tills[0].sell(&member, 300);
    tills[1].sell(&member, 500);
    town.settle();
    assert_eq!(points(&town.stores[0], &member), Points { balance: 800, here: 300 });

    cut(&town.lines[0]);
    // Nobody has noticed yet: what is asked for gets no answer.
    let [troubled, untroubled] = time_sales(&mut tills, &passer_by);
    assert_comparable(troubled, untroubled);
    let refused = tills[0].redeem(&member, 10, 600);
    assert_refused_honestly(&refused, 300, 800, 600, &["no_answer", "off_line"]);
    let served = tills[0].redeem(&member, 10, 300);
    assert_eq!(served.status, 201, "what is here can be spent: {}", served.body);
    assert_eq!(served.body["points_after"], 510);

    // Now it is known, and nobody is asked any more.
    let noticed = await_off_line(&town.stores[0]);
    println!("noticed after {noticed:?}");
    let refusals: Vec<_> = (0..3).map(|_| tills[0].redeem(&member, 10, 500)).collect();
    for refused in &refusals {
        assert_refused_honestly(refused, 10, 510, 500, &["off_line"]);
    }
    let quickest = refusals.iter().map(|refused| refused.took).min().unwrap();
    assert!(quickest < AT_ONCE, "{quickest:?} to say what was known at once");
    let [troubled, untroubled] = time_sales(&mut tills, &passer_by);
    assert_comparable(troubled, untroubled);

    town.lines[0].heal();
    println!("agreed after {:?}", town.settle());
    town.assert_balance(&member, 510);
    town.assert_balance(&passer_by, 4 * i64::try_from(SALES_TIMED).unwrap());
    eventually("the rest can be redeemed here again", || tills[0].redeem(&member, 10, 500).is_success());
    town.settle();
    town.assert_balance(&member, 20);
    town.audit();
}

#[test]
fn a_store_works_on_while_its_line_is_cut() {
    a_store_works_on_while_its_line_is(Line::cut);
}

#[test]
fn a_store_works_on_while_it_hears_nothing() {
    a_store_works_on_while_its_line_is(Line::cut_towards_store);
}

#[test]
fn a_store_works_on_while_nobody_hears_it() {
    a_store_works_on_while_its_line_is(Line::cut_towards_hub);
}
