//! One effect for each request, and for each receipt of a till.

use purser_replica::{GoodsBack, Order, Redemption, TakeBack, Undertaking};
use purser_types::{Coded, Fen};

use crate::city::{City, Store, basket, request, yuan};

fn close(
    store: &mut Store,
    key: &str,
    body: &str,
    check: &str,
    gross: Fen,
) -> Result<(u64, bool), &'static str> {
    let member = purser_types::MemberId::created_by(purser_types::EntryId { replica: store.id(), seq: 1 });
    let undertaking = Undertaking::CheckOut(basket(member, check, gross, Redemption::None));
    let reply = store.order(&Order { request: Some(request(key, body)), undertaking });
    reply.map(|reply| (reply.entry.seq, reply.repeated)).map_err(|refusal| refusal.code())
}

#[test]
fn a_repeated_request_gets_the_first_reply_also_after_a_restart() {
    let (city, [mut store]) = City::of();
    let member = store.register("Wang");
    let undertaking = Undertaking::CheckOut(basket(member, "T-7", yuan(30), Redemption::None));
    let order = Order { request: Some(request("k", "b")), undertaking };
    let first = store.order(&order).unwrap();
    let again = store.order(&order).unwrap();
    assert!(!first.repeated && again.repeated);
    assert_eq!((first.entry, &first.outcome), (again.entry, &again.outcome));
    store.later(5_000);
    let mut store = store.reopened(&city, 0);
    let after = store.order(&order).unwrap();
    assert_eq!((first.entry, &first.outcome, true), (after.entry, &after.outcome, after.repeated));
    assert_eq!(store.points(member), 30);
}

#[test]
fn a_repetition_within_one_transaction_is_one() {
    let (_city, [mut store]) = City::of();
    let member = store.register("Wang");
    let undertaking = Undertaking::CheckOut(basket(member, "T-7", yuan(30), Redemption::None));
    let order = Order { request: Some(request("k", "b")), undertaking };
    let now = store.now;
    let mut transaction = store.begin(now).unwrap();
    let replies = [(); 2].map(|()| transaction.execute(&order).unwrap());
    let proof = transaction.commit().unwrap();
    let [first, again] = replies.map(|reply| reply.release(&proof));
    assert_eq!((first.entry, again.repeated), (again.entry, true));
    assert_eq!(store.points(member), 30);
}

#[test]
fn a_key_with_another_body_is_refused_and_the_first_stays() {
    let (_city, [mut store]) = City::of();
    let member = store.register("Wang");
    assert_eq!(close(&mut store, "k", "one", "T-7", yuan(30)), Ok((2, false)));
    assert_eq!(close(&mut store, "k", "other", "T-8", yuan(40)), Err("idempotency_key_reused"));
    assert_eq!(close(&mut store, "k", "one", "T-7", yuan(30)), Ok((2, true)));
    assert_eq!(store.points(member), 30);
}

#[test]
fn a_receipt_closes_one_basket_whatever_the_key() {
    let (city, [mut store]) = City::of();
    let member = store.register("Wang");
    assert_eq!(close(&mut store, "k1", "one", "T-7", yuan(30)), Ok((2, false)));
    assert_eq!(close(&mut store, "k2", "one", "T-7", yuan(30)), Ok((2, true)));
    let mut store = store.reopened(&city, 0);
    assert_eq!(close(&mut store, "k3", "one", "T-7", yuan(30)), Ok((2, true)));
    assert_eq!(close(&mut store, "k4", "other", "T-7", yuan(31)), Err("check_number_reused"));
    let sale = store.earns(member, 1);
    let back = TakeBack { sale, till: "1".into(), check: "T-7".into(), goods: GoodsBack::Gross(yuan(1)) };
    assert_eq!(store.refuses(Undertaking::TakeBack(back)), "check_number_reused");
    assert_eq!(store.points(member), 31);
}

#[test]
fn a_receipt_tells_points_from_a_hold() {
    let (_city, [mut store]) = City::of();
    let member = store.register("Wang");
    store.earns(member, 500);
    let points = basket(member, "T-7", yuan(10), Redemption::Points(100));
    let entry = store.does(Undertaking::CheckOut(points.clone())).unwrap().entry;
    let hold = store.holds(member, 100, 60_000);
    let held = basket(member, "T-7", yuan(10), Redemption::Hold(hold));
    assert_eq!(store.refuses(Undertaking::CheckOut(held.clone())), "check_number_reused");
    assert_eq!(store.does(Undertaking::CheckOut(points)).unwrap().entry, entry);
    let captured = Undertaking::CheckOut(purser_replica::Basket { check: "T-8".into(), ..held });
    let first = store.does(captured.clone()).unwrap();
    assert_eq!(store.does(captured).unwrap().entry, first.entry);
    assert_eq!(store.points(member), 500 - 200 + 20);
}

#[test]
fn a_return_is_taken_back_once_whatever_the_key() {
    let (city, [mut store]) = City::of();
    let member = store.register("Wang");
    let sale = store.earns(member, 100);
    let back =
        |gross| TakeBack { sale, till: "2".into(), check: "T-9".into(), goods: GoodsBack::Gross(gross) };
    let order = |key: &str, gross| Order {
        request: Some(request(key, "back")),
        undertaking: Undertaking::TakeBack(back(gross)),
    };
    let first = store.order(&order("k1", yuan(40))).unwrap();
    assert_eq!(store.order(&order("k1", yuan(40))).unwrap().entry, first.entry);
    let mut store = store.reopened(&city, 0);
    assert_eq!(store.order(&order("k2", yuan(40))).unwrap().entry, first.entry);
    assert_eq!(store.order(&order("k3", yuan(41))).unwrap_err().code(), "check_number_reused");
    assert_eq!(store.points(member), 60);
}

#[test]
fn what_was_refused_can_succeed_later_under_the_same_key() {
    let (_city, [mut store]) = City::of();
    let member = store.register("Wang");
    let undertaking = Undertaking::CheckOut(basket(member, "T-7", yuan(10), Redemption::Points(100)));
    let order = Order { request: Some(request("k", "b")), undertaking };
    assert_eq!(store.order(&order).unwrap_err().code(), "insufficient_balance");
    store.earns(member, 100);
    assert!(!store.order(&order).unwrap().repeated);
    assert!(store.order(&order).unwrap().repeated);
    assert_eq!(store.points(member), 10);
}
