//! What was done, in figures by day, store and person.

use purser_replica::{DayFigures, Redemption, Undertaking};
use purser_types::BusinessDate;

use crate::city::{City, Store, acquaint, assert_equal, basket, settle, yuan};

fn by(person: &str, undertaking: Undertaking) -> Undertaking {
    Undertaking::By { person: person.to_owned(), undertaking: Box::new(undertaking) }
}

fn figures(city: &City, number: u32) -> Vec<DayFigures> {
    let day = BusinessDate::from_days;
    city.view(number).figures(day(0), day(40_000)).unwrap()
}

#[test]
fn what_was_done_stands_under_its_day_its_store_and_who_did_it() {
    let (city, [mut hub, mut one, mut two]): (_, [Store; 3]) = City::of();
    acquaint(&mut [&mut hub, &mut one, &mut two]);
    let member = one.register("Wang");
    let sale = one.earns(member, 300);
    one.does(by("li", Undertaking::CheckOut(basket(member, "c1", yuan(50), Redemption::Points(100)))))
        .unwrap();
    one.does(by("li", Undertaking::CheckOut(basket(member, "c2", yuan(20), Redemption::None)))).unwrap();
    one.takes_back(sale, yuan(300)).unwrap();
    two.later(86_400_000);
    two.register("Li");
    settle(&mut [&mut hub, &mut one, &mut two]);
    assert_equal(&[&hub, &one, &two]);

    let rows = figures(&city, 0);
    let told: Vec<_> = rows
        .iter()
        .map(|row| {
            (row.store.0, row.by.as_str(), row.figures.sales, row.figures.gross_fen, row.figures.members)
        })
        .collect();
    assert_eq!(told, [(1, "", 1, 30_000, 1), (1, "li", 2, 7_000, 0), (2, "", 0, 0, 1)]);
    let li = rows[1].figures;
    assert_eq!((li.points_redeemed, li.discount_fen, li.points_earned), (100, 100, 50 + 20));
    assert_eq!((rows[0].figures.returns, rows[0].figures.returned_fen), (1, 30_000));
    assert_eq!((rows[0].figures.taken_fen, li.taken_fen), (0, 6_900), "what came back was not kept");
    assert_eq!(rows[2].date, rows[1].date.plus_days(1));
    assert_eq!(figures(&city, 2), rows);
    let sums = city.view(0).figures_of_all().unwrap();
    assert_eq!((sums.sales, sums.gross_fen, sums.members, sums.returns), (3, 37_000, 2, 1));
    city.assert_sound(&[0, 1, 2]);
}
