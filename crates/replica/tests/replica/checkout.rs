//! Closing sales: what is earned, what is redeemed, and what is refused.

use std::sync::Arc;

use purser_ledger::Asset;
use purser_programme::Programme;
use purser_replica::{Basket, Outcome, Policy, Redemption, Refusal, RightsCause, Settings, Undertaking};
use purser_storage::Database;
use purser_types::{Coded, Fen, MemberId};

use crate::city::{City, DAY_MS, Store, acquaint, basket, settle, yuan};

fn sale_of(reply: purser_replica::Reply) -> purser_journal::SaleFact {
    match reply.outcome {
        Outcome::Sale(_, sale) => *sale,
        other => panic!("{other:?}"),
    }
}

#[test]
fn points_for_full_yuan_and_the_balance_after() {
    let (_city, [mut store]) = City::of();
    let member = store.register("Wang");
    let mut expected = 0;
    for (fen, earned) in [(0, 0), (99, 0), (100, 1), (12_345, 123), (1_000_000_000_000, 10_000_000_000)] {
        let sale = sale_of(store.buys(member, Fen(fen), Redemption::None).unwrap());
        expected += earned;
        assert_eq!((sale.points_earned, sale.points_after, sale.discount), (earned, expected, Fen(0)));
    }
    assert_eq!(store.points(member), expected);
}

#[test]
fn a_redemption_takes_what_it_says_and_earns_on_the_goods() {
    let (_city, [mut store]) = City::of();
    let member = store.register("Wang");
    store.earns(member, 550);
    let sale = sale_of(store.buys(member, Fen(2_050), Redemption::Points(500)).unwrap());
    assert_eq!((sale.discount, sale.points_redeemed, sale.points_earned), (Fen(500), 500, 20));
    assert_eq!((sale.points_after, store.points(member)), (70, 70));
    let all = sale_of(store.buys(member, Fen(100), Redemption::Points(0)).unwrap());
    assert_eq!((all.points_redeemed, all.points_after), (0, 71));
}

#[test]
fn what_cannot_be_is_refused_and_leaves_no_trace() {
    let (_city, [mut store]) = City::of();
    let member = store.register("Wang");
    store.earns(member, 500);
    let (digest, head) = (store.digest(), store.me().head);
    let none = Redemption::None;
    let good = basket(member, "T-7", yuan(3), none);
    let nobody = MemberId::from_i64(4711).unwrap();
    let wrong = [
        (Basket { member: nobody, ..good.clone() }, "unknown_member"),
        (Basket { gross: Fen(-1), ..good.clone() }, "out_of_range"),
        (Basket { gross: Fen(i64::MIN), ..good.clone() }, "out_of_range"),
        (Basket { gross: Fen(1_000_000_000_001), ..good.clone() }, "out_of_range"),
        (Basket { gross: Fen(i64::MAX), ..good.clone() }, "out_of_range"),
        (Basket { till: String::new(), ..good.clone() }, "out_of_range"),
        (Basket { till: "x".repeat(17), ..good.clone() }, "out_of_range"),
        (Basket { till: "收银".into(), ..good.clone() }, "out_of_range"),
        (Basket { check: "a b".into(), ..good.clone() }, "out_of_range"),
        (Basket { check: "x".repeat(49), ..good.clone() }, "out_of_range"),
        (Basket { redemption: Redemption::Points(150), ..good.clone() }, "redemption_not_in_steps"),
        (Basket { redemption: Redemption::Points(-100), ..good.clone() }, "redemption_not_in_steps"),
        (Basket { redemption: Redemption::Points(i64::MAX), ..good.clone() }, "redemption_not_in_steps"),
        (Basket { redemption: Redemption::Points(400), ..good.clone() }, "redemption_exceeds_goods"),
        (Basket { redemption: Redemption::Points(600), gross: yuan(9), ..good }, "insufficient_balance"),
    ];
    for (basket, code) in wrong {
        assert_eq!(store.refuses(Undertaking::CheckOut(basket.clone())), code, "{basket:?}");
    }
    assert_eq!((store.digest(), store.me().head), (digest, head));
}

#[test]
fn a_generous_rule_cannot_bring_the_replica_down() {
    let city = City::found();
    let programme = Arc::new(Programme::basic_with(1_000));
    let mut store = city.open_for(1, Settings { programme, ..Settings::default() });
    let member = store.register("Wang");
    assert_eq!(
        store.buys(member, Fen(1_000_000_000_000), Redemption::None).unwrap_err().code(),
        "out_of_range"
    );
    let best = store.buys(member, Fen(100_000_000_000), Redemption::None).unwrap();
    assert_eq!(sale_of(best).points_earned, 1_000_000_000_000);
}

#[test]
fn what_expires_first_is_spent_first_and_expired_points_not_at_all() {
    let (_city, [mut store]) = City::of();
    let member = store.register("Wang");
    store.earns(member, 300);
    store.later(305 * DAY_MS); // 2027-01-01: the first expire at the end of 2027, these a year later
    store.earns(member, 200);
    store.sells(member, Fen(400), 400);
    let lots = lots(&store, member);
    assert_eq!(lots, [("2027-12-31".to_owned(), 0), ("2028-12-31".to_owned(), 104)]);
    store.later(365 * DAY_MS); // 2028-01-01
    assert_eq!(store.points(member), 104);
    store.later(366 * DAY_MS); // 2029-01-01
    assert_eq!(store.points(member), 0);
    assert_eq!(
        store.buys(member, yuan(5), Redemption::Points(100)).unwrap_err().code(),
        "insufficient_balance"
    );
}

fn lots(store: &Store, member: MemberId) -> Vec<(String, i64)> {
    let rows = Database::open_reader(&store.path).unwrap();
    let rows = rows.shares(member, Asset::Points).unwrap();
    rows.iter().map(|row| (row.lot.expires_on.unwrap().to_string(), row.share.available)).collect()
}

#[test]
fn too_few_points_and_rights_elsewhere_are_told_apart() {
    let (_city, [mut hub, mut one, mut two]) = City::of();
    let member = one.register("Wang");
    one.earns(member, 300);
    settle(&mut [&mut hub, &mut one, &mut two]);
    assert_eq!(two.points(member), 300);
    let refusal = two.buys(member, yuan(9), Redemption::Points(200)).unwrap_err();
    let told = match refusal {
        Refusal::RightsTooFew { here, balance, wanted, cause, .. } => (here, balance, wanted, cause),
        other => panic!("{other}"),
    };
    assert_eq!(told, (0, 300, 200, RightsCause::NotAsked));
    let too_many = two.buys(member, yuan(9), Redemption::Points(400)).unwrap_err();
    assert!(matches!(too_many, Refusal::BalanceTooSmall { balance: 300, wanted: 400, .. }), "{too_many}");
    one.sells(member, yuan(3), 300);
}

#[test]
fn new_points_go_where_the_policy_says_while_a_hub_is_there() {
    let city = City::found();
    let mut hub = city.open(0);
    let mut store = city.open_with(1, Policy::Hub);
    acquaint(&mut [&mut hub, &mut store]);
    let member = store.register("Wang");
    store.earns(member, 100);
    settle(&mut [&mut hub, &mut store]);
    assert_eq!((store.here(member), hub.here(member)), (100, 0), "without a hub nothing moves");
    let hub_id = hub.id();
    store.set_hub(Some(hub_id));
    store.sells(member, yuan(50), 100);
    settle(&mut [&mut hub, &mut store]);
    assert_eq!((store.here(member), hub.here(member)), (0, 50));
    assert_eq!((store.points(member), hub.points(member)), (50, 50));
}
