//! Rights to spend move from hand to hand and are spent once.

use proptest::prelude::*;
use purser_ledger::{Asset, Totals};
use purser_replica::{Order, Policy, Redemption, Undertaking};
use purser_types::{Coded, MemberId};

use crate::city::{City, Store, acquaint, assert_equal, book, id_of, settle, tell, yuan};

fn lend(to: u32, member: MemberId, amount: i64) -> Undertaking {
    Undertaking::Lend { to: id_of(to), member, asset: Asset::Points, amount }
}

/// Three replicas that know each other; the member's points are at store 1.
fn city_with(points: i64) -> (City, [Store; 3], MemberId) {
    let (city, [mut hub, mut one, mut two]) = City::of();
    let member = one.register("Wang");
    one.earns(member, points);
    acquaint(&mut [&mut hub, &mut one, &mut two]);
    (city, [hub, one, two], member)
}

#[test]
fn who_asks_gets_what_there_is_and_no_more() {
    let (_city, [mut hub, mut one, _], member) = city_with(300);
    assert_eq!(one.lends(0, member, 100), 100);
    assert_eq!(
        (one.here(member), one.points(member)),
        (200, 300),
        "what is on its way is still the member's"
    );
    assert!(one.rights_on_their_way(member, Asset::Points).unwrap());
    assert_eq!(one.lends(0, member, i64::MAX), 200);
    assert_eq!(one.refuses(lend(0, member, 1)), "nothing_to_lend");
    settle(&mut [&mut hub, &mut one]);
    assert_eq!((hub.here(member), hub.points(member), one.points(member)), (300, 300, 300));
    assert!(!one.rights_on_their_way(member, Asset::Points).unwrap());
}

#[test]
fn nobody_lends_to_strangers_to_itself_or_less_than_nothing() {
    let (_city, [_, mut one, _], member) = city_with(300);
    for (to, amount, code) in [
        (77, 100, "unknown_replica"),
        (1, 100, "unknown_replica"),
        (2, 0, "nothing_to_lend"),
        (2, -5, "nothing_to_lend"),
        (2, i64::MIN, "nothing_to_lend"),
    ] {
        assert_eq!(one.refuses(lend(to, member, amount)), code);
    }
    assert_eq!(one.refuses(lend(2, MemberId::from_i64(4711).unwrap(), 5)), "nothing_to_lend");
}

#[test]
fn an_offer_is_taken_up_once_also_after_a_restart() {
    let (city, [hub, mut one, mut two], member) = city_with(300);
    one.lends(2, member, 300);
    let offer = one.run_for(&two, one.id()).unwrap();
    drop(hub);
    // Taken in without a chance to accept: as if the process died right after.
    let now = two.now;
    let mut transaction = two.begin(now).unwrap();
    let _intake = transaction.take_in(offer.clone(), offer.author).unwrap();
    drop(transaction);
    assert_eq!(two.here(member), 0);
    let mut two = two.reopened(&city, 2);
    two.takes_in(offer.clone()).unwrap();
    assert_eq!(two.here(member), 300);
    let head = two.me().head;
    let mut two = two.reopened(&city, 2);
    assert_eq!(two.takes_in(offer).unwrap().fresh, 0);
    two.commit();
    assert_eq!((two.here(member), two.me().head), (300, head));
    two.sells(member, yuan(3), 300);
}

#[test]
fn two_stores_race_for_the_last_points_and_one_wins() {
    let (city, [mut hub, mut one, mut two], member) = city_with(300);
    one.lends(0, member, 300);
    settle(&mut [&mut hub, &mut one, &mut two]);
    // Both ask the hub; each then tries to spend, cut off from the other.
    assert_eq!(hub.lends(1, member, 300), 300);
    assert_eq!(hub.refuses(lend(2, member, 300)), "nothing_to_lend");
    tell(&hub, &mut one);
    tell(&hub, &mut two);
    one.sells(member, yuan(3), 300);
    let lost = two.buys(member, yuan(3), Redemption::Points(300)).unwrap_err();
    assert_eq!(lost.code(), "insufficient_rights_here");
    settle(&mut [&mut hub, &mut one, &mut two]);
    assert_equal(&[&hub, &one, &two]);
    assert_eq!(hub.points(member), 3);
    book(&city, 2).check_conservation().unwrap();
}

#[test]
fn a_loan_asked_for_twice_is_given_once() {
    let (_city, [_, mut one, _], member) = city_with(300);
    let order =
        Order { request: Some(crate::city::request("ask 1", "100")), undertaking: lend(2, member, 100) };
    assert_eq!(one.order(&order).unwrap().lent(), 100);
    let again = one.order(&order).unwrap();
    assert_eq!((again.lent(), again.repeated), (100, true));
    assert_eq!(one.here(member), 200);
}

#[test]
fn what_is_on_its_way_is_not_given_again_under_another_name() {
    let (_city, [_, mut one, mut two], member) = city_with(300);
    let asks =
        |name| Order { request: Some(crate::city::request(name, "100")), undertaking: lend(2, member, 100) };
    assert_eq!(one.order(&asks("round 1")).unwrap().lent(), 100);
    assert_eq!(one.order(&asks("round 2")).unwrap_err().code(), "nothing_to_lend");
    tell(&one, &mut two);
    tell(&two, &mut one);
    assert_eq!(one.order(&asks("round 3")).unwrap().lent(), 100);
    tell(&one, &mut two);
    assert_eq!((one.here(member), two.here(member)), (100, 200));
}

#[test]
fn more_offers_than_one_entry_takes_up() {
    let (_city, [_, mut one, mut two], member) = city_with(700);
    let now = one.now;
    let mut transaction = one.begin(now).unwrap();
    for asked in 1..=700 {
        // What is on its way already counts towards what is asked for.
        let order = Order { request: None, undertaking: lend(2, member, asked) };
        let _ = transaction.execute(&order).unwrap();
    }
    let _proof = transaction.commit().unwrap();
    tell(&one, &mut two);
    assert_eq!(two.here(member), 700);
}

/// What people do, in any order.
#[derive(Debug, Clone)]
enum Deed {
    Earn(usize, i64),
    Spend(usize, i64),
    Hold(usize, i64),
    Lend(usize, usize, i64),
    Tell(usize, usize),
    Restart(usize),
}

fn deed() -> impl Strategy<Value = Deed> {
    let at = || 0..3_usize;
    prop_oneof![
        2 => (at(), 1..400_i64).prop_map(|(at, points)| Deed::Earn(at, points)),
        3 => (at(), 1..4_i64).prop_map(|(at, hundreds)| Deed::Spend(at, hundreds * 100)),
        1 => (at(), 1..200_i64).prop_map(|(at, points)| Deed::Hold(at, points)),
        3 => (at(), at(), 1..300_i64).prop_map(|(from, to, points)| Deed::Lend(from, to, points)),
        4 => (at(), at()).prop_map(|(from, to)| Deed::Tell(from, to)),
        1 => at().prop_map(Deed::Restart),
    ]
}

fn does(city: &City, stores: &mut Vec<Store>, member: MemberId, deed: &Deed) -> i64 {
    match *deed {
        Deed::Earn(at, points) => {
            stores[at].earns(member, points);
            return points;
        }
        Deed::Spend(at, points) => {
            let spent = stores[at].buys(member, yuan(points / 100), Redemption::Points(points));
            return if spent.is_ok() { points / 100 - points } else { 0 };
        }
        Deed::Hold(at, points) => {
            let _ = stores[at].does(Undertaking::Hold { member, points, lasts_ms: 1_000 });
        }
        Deed::Lend(from, to, points) => {
            let _ = stores[from].does(lend(u32::try_from(to).unwrap(), member, points));
        }
        Deed::Tell(from, to) if from != to => {
            let (low, high) = (from.min(to), from.max(to));
            let (head, tail) = stores.split_at_mut(high);
            if from < to {
                tell(&head[low], &mut tail[0])
            } else {
                tell(&tail[0], &mut head[low])
            };
        }
        Deed::Tell(..) => {}
        Deed::Restart(at) => {
            let store = stores.remove(at);
            stores.insert(at, store.reopened(city, u32::try_from(at).unwrap()));
        }
    }
    0
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn whatever_happens_the_sum_is_kept(deeds in prop::collection::vec(deed(), 1..40)) {
        let (city, stores, member) = city_with(300);
        let mut stores = Vec::from(stores);
        let mut owned = 300;
        for deed in &deeds {
            owned += does(&city, &mut stores, member, deed);
            let least = stores.iter().map(|store| store.here(member)).min();
            prop_assert!(least >= Some(0), "a share below zero");
        }
        let mut all: Vec<&mut Store> = stores.iter_mut().collect();
        for store in &mut all {
            store.later(60_000);
            store.tick();
        }
        settle(&mut all);
        assert_equal(&stores.iter().collect::<Vec<_>>());
        prop_assert_eq!(stores[0].points(member), owned);
        let rights: i64 = stores.iter().map(|store| store.here(member)).sum();
        prop_assert_eq!(rights, owned, "nothing is on its way any more");
        prop_assert_eq!(book(&city, 0).check_conservation(), Ok(()));
        let totals = stores[0].totals().unwrap().into_iter().filter(|(_, kind, _)| *kind == 0);
        let available: i128 = totals.map(|(_, _, totals): (_, _, Totals)| totals.available()).sum();
        prop_assert_eq!(available, i128::from(owned));
    }
}

#[test]
fn a_policy_may_send_points_away_and_the_next_sale_brings_more() {
    let city = City::found();
    let mut hub = city.open(0);
    let mut store = city.open_with(1, Policy::Hub);
    acquaint(&mut [&mut hub, &mut store]);
    let member = store.register("Wang");
    store.set_hub(Some(id_of(0)));
    for visit in 1..=3 {
        store.earns(member, 100);
        settle(&mut [&mut hub, &mut store]);
        assert_eq!((store.here(member), hub.here(member)), (0, visit * 100));
    }
    // A hub that is set aside gets nothing any more.
    let now = store.now;
    let mut transaction = store.begin(now).unwrap();
    transaction.note_fork(id_of(0), 1).unwrap();
    let _proof = transaction.commit().unwrap();
    store.earns(member, 100);
    assert_eq!(store.here(member), 100);
}
