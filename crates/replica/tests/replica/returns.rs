//! Taking goods back restores what the sale did: exactly, in parts, anywhere, once.

use purser_ledger::Asset;
use purser_replica::{Redemption, Undertaking};
use purser_types::{Coded, Fen, MemberId, SaleId};

use crate::city::{City, DAY_MS, Store, acquaint, assert_equal, book, id_of, settle, yuan};

fn returns(store: &mut Store, sale: SaleId, gross: Fen) -> Result<(Fen, i64, i64), &'static str> {
    let reply = store.takes_back(sale, gross).map_err(|refusal| refusal.code())?;
    match reply.outcome {
        purser_replica::Outcome::Return(fact) => {
            Ok((fact.refund, fact.points_restored, fact.points_clawed_back))
        }
        other => panic!("{other:?}"),
    }
}

fn lots(city: &City, store: &Store, member: MemberId) -> Vec<(Option<String>, i64)> {
    let today = store.zone().date_at(store.now.wall_ms);
    let lots = city.view(0).balance(member, Asset::Points, today).unwrap().lots;
    let lots = lots.into_iter().filter(|holding| holding.balance != 0);
    lots.map(|holding| (holding.lot.expires_on.map(|day| day.to_string()), holding.balance)).collect()
}

/// A member with points in two lots.
fn saver() -> (City, Store, MemberId) {
    let (city, [mut store]) = City::of();
    let member = store.register("Wang");
    store.earns(member, 250);
    store.later(305 * DAY_MS);
    store.earns(member, 470);
    (city, store, member)
}

#[test]
fn a_full_return_restores_the_member_exactly() {
    let (city, mut store, member) = saver();
    let before = lots(&city, &store, member);
    let sale = store.sells(member, Fen(3_333), 600);
    assert_ne!(lots(&city, &store, member), before);
    assert_eq!(returns(&mut store, sale, Fen(3_333)), Ok((Fen(2_733), 600, 33)));
    assert_eq!(lots(&city, &store, member), before);
    assert_eq!(returns(&mut store, sale, Fen(1)), Err("return_too_large"));
}

#[test]
fn part_returns_are_one_return() {
    let (city, mut store, member) = saver();
    let before = lots(&city, &store, member);
    let sale = store.sells(member, Fen(3_333), 600);
    let mut sum = (0, 0, 0);
    for part in [1, 999, 1_000, 1, 1_332] {
        let (refund, restored, clawed_back) = returns(&mut store, sale, Fen(part)).unwrap();
        sum = (sum.0 + refund.0, sum.1 + restored, sum.2 + clawed_back);
    }
    assert_eq!(sum, (2_733, 600, 33));
    assert_eq!(lots(&city, &store, member), before);
}

#[test]
fn no_more_comes_back_than_was_sold() {
    let (_city, mut store, member) = saver();
    let sale = store.earns(member, 30);
    for gross in [Fen(0), Fen(-1), Fen(i64::MIN)] {
        assert_eq!(returns(&mut store, sale, gross), Err("out_of_range"));
    }
    assert_eq!(returns(&mut store, sale, Fen(3_001)), Err("return_too_large"));
    assert_eq!(returns(&mut store, sale, Fen(i64::MAX)), Err("return_too_large"));
    assert!(returns(&mut store, sale, Fen(2_000)).is_ok());
    assert_eq!(returns(&mut store, sale, Fen(1_001)), Err("return_too_large"));
    assert!(returns(&mut store, sale, Fen(1_000)).is_ok());
    let unknown = SaleId::from_i64(4711).unwrap();
    assert_eq!(returns(&mut store, unknown, Fen(1)), Err("unknown_sale"));
    let not_a_sale = SaleId::created_by(purser_types::EntryId { replica: id_of(0), seq: 1 });
    assert_eq!(returns(&mut store, not_a_sale, Fen(1)), Err("unknown_sale"));
}

#[test]
fn goods_paid_by_points_give_points_back_and_no_money() {
    let (_city, mut store, member) = saver();
    let sale = store.sells(member, yuan(7), 700);
    assert_eq!(store.points(member), 27);
    assert_eq!(returns(&mut store, sale, yuan(7)), Ok((Fen(0), 700, 7)));
    assert_eq!(store.points(member), 720);
}

#[test]
fn a_hold_captured_in_a_checkout_comes_back_too() {
    let (city, mut store, member) = saver();
    let before = lots(&city, &store, member);
    let hold = store.holds(member, 300, 60_000);
    let reply = store.buys(member, yuan(10), Redemption::Hold(hold)).unwrap();
    let sale = SaleId::created_by(reply.entry);
    assert_eq!(returns(&mut store, sale, yuan(10)), Ok((Fen(700), 300, 10)));
    assert_eq!(lots(&city, &store, member), before);
}

#[test]
fn buying_spending_and_returning_leaves_a_debt_that_is_repaid() {
    let (_city, [mut store]) = City::of();
    let member = store.register("Wang");
    let sale = store.earns(member, 500);
    store.sells(member, yuan(5), 500);
    assert_eq!(store.points(member), 5);
    assert_eq!(returns(&mut store, sale, yuan(500)), Ok((yuan(500), 0, 500)));
    assert_eq!(store.points(member), -495);
    let refused =
        |store: &mut Store| store.buys(member, yuan(9), Redemption::Points(100)).unwrap_err().code();
    assert_eq!(refused(&mut store), "insufficient_balance");
    store.earns(member, 594);
    assert_eq!((store.points(member), refused(&mut store)), (99, "insufficient_balance"));
    store.earns(member, 1);
    store.sells(member, yuan(1), 100);
    assert_eq!(store.points(member), 1);
}

#[test]
fn a_debt_elsewhere_stops_spending_here_once_it_is_known() {
    let (_city, [mut hub, mut store]) = City::of();
    acquaint(&mut [&mut hub, &mut store]);
    let member = store.register("Wang");
    let sale = store.earns(member, 500);
    assert_eq!(store.lends(0, member, 500), 500);
    settle(&mut [&mut hub, &mut store]);
    returns(&mut store, sale, yuan(500)).unwrap();
    settle(&mut [&mut hub, &mut store]);
    assert_eq!((hub.here(member), hub.points(member)), (500, 0));
    let refusal = hub.buys(member, yuan(9), Redemption::Points(100)).unwrap_err();
    assert_eq!(refusal.code(), "insufficient_balance");
}

#[test]
fn a_return_follows_the_right_to_it() {
    let (city, [mut hub, mut one, mut two]) = City::of();
    acquaint(&mut [&mut hub, &mut one, &mut two]);
    let member = one.register("Wang");
    let sale = one.earns(member, 90);
    returns(&mut one, sale, yuan(30)).unwrap();
    settle(&mut [&mut hub, &mut one, &mut two]);
    assert_eq!(returns(&mut two, sale, yuan(30)), Err("insufficient_rights_here"));
    let asset = Asset::Refundable(sale);
    let lend = Undertaking::Lend { to: id_of(2), member, asset, amount: 1 };
    assert_eq!(one.does(lend).unwrap().lent(), 6_000, "the whole right goes into one hand");
    assert_eq!(returns(&mut one, sale, yuan(30)), Err("insufficient_rights_here"));
    settle(&mut [&mut hub, &mut one, &mut two]);
    assert_eq!(returns(&mut two, sale, yuan(61)), Err("return_too_large"));
    assert_eq!(returns(&mut two, sale, yuan(60)), Ok((yuan(60), 0, 60)));
    settle(&mut [&mut hub, &mut one, &mut two]);
    assert_equal(&[&hub, &one, &two]);
    assert_eq!(hub.points(member), 0);
    assert_eq!(returns(&mut one, sale, Fen(1)), Err("return_too_large"));
    book(&city, 0).check_conservation().unwrap();
}
