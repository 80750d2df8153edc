//! Replicas that a hub puts out: what came before stays, what comes after is kept aside.

use purser_journal::Fact;
use purser_ledger::Posting;
use purser_replica::{Order, Redemption, Undertaking};
use purser_types::{Coded, MemberId, ReplicaId};

use crate::{
    city::{City, Store, assert_equal, book, id_of, request, settle, tell, yuan},
    forger::{Forger, points_of},
};

fn fence(hub: &mut Store, replica: ReplicaId) {
    hub.does(Undertaking::Fence { replica, reason: "stolen".into() }).unwrap();
}

/// A hub, a store that is lost, and another; 300 points at the lost one, known to the hub, and
/// 40 more that the hub has not heard of.
fn lost() -> (City, [Store; 3], MemberId) {
    let (city, [mut hub, mut gone, mut two]) = City::of();
    let member = gone.register("Wang");
    gone.earns(member, 300);
    settle(&mut [&mut hub, &mut gone]);
    gone.sells(member, yuan(40), 100);
    tell(&gone, &mut two);
    (city, [hub, gone, two], member)
}

#[test]
fn those_who_knew_more_and_those_who_did_not_end_equal() {
    let (city, [mut hub, gone, mut two], member) = lost();
    assert_eq!((hub.points(member), two.points(member)), (300, 240));
    fence(&mut hub, gone.id());
    tell(&hub, &mut two);
    assert_equal(&[&hub, &two]);
    assert_eq!((two.points(member), two.known(gone.id())), (300, 2));
    assert!(two.is_fenced(gone.id()).unwrap());
    book(&city, 2).check_conservation().unwrap();
    city.assert_sound(&[0, 2]);
    let mut two = two.reopened(&city, 2);
    two.commit();
    assert_eq!(two.digest(), hub.digest());
}

#[test]
fn late_entries_are_kept_aside_wherever_they_turn_up() {
    let (city, [mut hub, gone, mut two], _) = lost();
    fence(&mut hub, gone.id());
    let late = hub.takes_in(gone.run_for(&hub, gone.id()).unwrap()).unwrap();
    assert_eq!((late.known, late.sealed, late.fresh), (2, 3, 0));
    tell(&hub, &mut two);
    assert_equal(&[&hub, &two]);
    let aside =
        |number| purser_storage::Database::open_reader(&city.database(number)).unwrap().set_aside_count();
    assert_eq!((aside(0).unwrap(), aside(2).unwrap()), (1, 1));
    city.assert_sound(&[0, 2]);
}

#[test]
fn fence_and_late_entries_may_come_in_one_transaction_in_either_order() {
    for fence_first in [true, false] {
        let (city, [mut hub, gone, mut two], _) = lost();
        fence(&mut hub, gone.id());
        let mut runs = [hub.run_for(&two, hub.id()).unwrap(), gone.run_for(&hub, gone.id()).unwrap()];
        if !fence_first {
            runs.reverse();
        }
        let mut third = city.open(3);
        third.takes_in(hub.run_for(&third, gone.id()).unwrap()).unwrap();
        for store in [&mut two, &mut third] {
            let now = store.now;
            let mut transaction = store.begin(now).unwrap();
            for run in &runs {
                let _ = transaction.take_in(run.clone(), hub.id()).unwrap();
            }
            let _proof = transaction.commit().unwrap();
        }
        assert_equal(&[&hub, &two, &third]);
    }
}

/// The fence falls between two seals that a relay has: a newcomer still gets what counts.
#[test]
fn what_counts_of_a_fenced_journal_reaches_newcomers_from_any_relay() {
    let (city, [mut hub, gone, two], member) = lost();
    drop(two);
    // A relay that took everything in as one run and so has one seal, after the fence.
    let mut relay = city.open(3);
    relay.takes_in(gone.run_for(&relay, gone.id()).unwrap()).unwrap();
    fence(&mut hub, gone.id());
    tell(&hub, &mut relay);
    assert_equal(&[&hub, &relay]);
    let mut newcomer = city.open(4);
    tell(&relay, &mut newcomer);
    tell(&relay, &mut newcomer);
    assert_eq!((newcomer.known(gone.id()), newcomer.points(member)), (2, 300));
    assert_equal(&[&hub, &relay, &newcomer]);
    city.assert_sound(&[3, 4]);
}

#[test]
fn a_fenced_replica_refuses_to_write_also_after_a_restart() {
    let (city, [mut hub, mut gone, _], member) = lost();
    gone.holds(member, 100, 1_000);
    fence(&mut hub, gone.id());
    tell(&hub, &mut gone);
    let head = gone.me().head;
    assert_eq!(gone.alarm_codes(), ["alarm_fenced"]);
    for reopen in [false, true] {
        gone = if reopen { gone.reopened(&city, 1) } else { gone };
        assert!(gone.stopped().is_some());
        assert_eq!(gone.buys(member, yuan(1), Redemption::None).unwrap_err().code(), "replica_stopped");
        gone.later(5_000);
        gone.tick();
        assert_eq!((gone.me().head, gone.next_deadline_ms().unwrap()), (head, None));
    }
}

/// A till whose answer got lost just before the fence is told what has become of its sale.
#[test]
fn a_fenced_replica_still_repeats_its_answers() {
    let (_city, [mut hub, mut gone, _], _) = lost();
    let undertaking = Undertaking::Register { edits: Vec::new(), with_card: true };
    let order = Order { request: Some(request("reg-1", "Wang")), undertaking };
    let first = gone.order(&order).unwrap();
    fence(&mut hub, gone.id());
    tell(&hub, &mut gone);
    assert_eq!(gone.order(&order).unwrap().entry, first.entry);
}

#[test]
fn a_replica_that_learns_of_its_fence_takes_nothing_up_any_more() {
    let (_city, [mut hub, mut gone, _], member) = lost();
    let lender = hub.register("Zhao");
    hub.earns(lender, 100);
    hub.lends(1, lender, 100);
    fence(&mut hub, gone.id());
    let head = gone.me().head;
    tell(&hub, &mut gone);
    assert_eq!((gone.me().head, gone.here(lender), gone.points(member)), (head, 0, 240));
}

/// An offer after the fence is cut before anybody takes it up.
#[test]
fn what_was_offered_after_the_fence_was_not_offered() {
    let (city, [mut hub, mut gone, mut two], member) = lost();
    two.register("Li");
    settle(&mut [&mut two, &mut gone]);
    gone.lends(2, member, 50);
    fence(&mut hub, gone.id());
    let (offer, fenced) = (gone.run_for(&two, gone.id()).unwrap(), hub.run_for(&two, hub.id()).unwrap());
    let now = two.now;
    let mut transaction = two.begin(now).unwrap();
    let _ = transaction.take_in(offer, hub.id()).unwrap();
    let _ = transaction.take_in(fenced, hub.id()).unwrap();
    let _proof = transaction.commit().unwrap();
    assert_eq!((two.here(member), two.alarm_codes()), (0, vec![]));
    settle(&mut [&mut hub, &mut two]);
    assert_equal(&[&hub, &two]);
    book(&city, 2).check_conservation().unwrap();
}

#[test]
fn only_hubs_fence_and_not_themselves_nor_strangers() {
    let (city, [mut hub, gone, mut two], _) = lost();
    let fence = |replica, reason: &str| Undertaking::Fence { replica, reason: reason.into() };
    assert_eq!(two.refuses(fence(gone.id(), "x")), "not_a_hub");
    assert_eq!(hub.refuses(fence(hub.id(), "x")), "fence_of_self");
    assert_eq!(hub.refuses(fence(id_of(77), "x")), "unknown_replica");
    assert_eq!(hub.refuses(fence(gone.id(), "")), "out_of_range");
    assert_eq!(hub.refuses(fence(gone.id(), &"x".repeat(501))), "out_of_range");
    let mut forger = Forger::enrolled(&city, 5);
    forger.writes(vec![Fact::Fenced {
        replica: hub.id(),
        after_seq: 0,
        reason: "x".into(),
        after_hash: None,
    }]);
    hub.takes_in(forger.journal()).unwrap();
    assert_eq!(hub.alarm_codes(), ["alarm_unsound"]);
    assert!(!hub.is_fenced(hub.id()).unwrap());
}

#[test]
fn of_two_fences_the_earlier_counts_in_any_order() {
    let city = City::found();
    let mut digests = Vec::new();
    for earlier_first in [true, false] {
        let mut store = city.open(if earlier_first { 2 } else { 3 });
        let (mut hub, mut other) = (Forger::enrolled(&city, 0), Forger::enrolled(&city, 1000));
        let mut gone = Forger::enrolled(&city, 1);
        let lot = points_of(MemberId::from_i64(5).unwrap());
        for _ in 0..5 {
            gone.posts(vec![Posting::Credit { lot, amount: 10 }]);
        }
        hub.writes(vec![Fact::Fenced {
            replica: gone.id,
            after_seq: 4,
            reason: "x".into(),
            after_hash: None,
        }]);
        other.writes(vec![Fact::Fenced {
            replica: gone.id,
            after_seq: 2,
            reason: "x".into(),
            after_hash: None,
        }]);
        let mut runs = vec![hub.journal(), gone.journal(), other.journal()];
        if earlier_first {
            runs.reverse();
        }
        for run in runs {
            store.takes_in(run).unwrap();
        }
        assert_eq!(store.known(gone.id), 2);
        digests.push(store.digest());
    }
    assert_eq!(digests[0], digests[1]);
}

#[test]
fn an_enrolled_replica_that_never_wrote_can_be_fenced() {
    let (city, [mut hub, _, _], _) = lost();
    let credential = city.credential(7);
    let enrol = Undertaking::Enrol { credential, invitation: [1; 16] };
    hub.order(&Order { request: None, undertaking: enrol }).unwrap();
    fence(&mut hub, id_of(7));
    let mut late = city.open(7);
    let member = late.register("Li");
    let intake = hub.takes_in(late.run_for(&hub, late.id()).unwrap()).unwrap();
    assert_eq!((intake.known, intake.fresh, hub.points(member)), (0, 0, 0));
}
