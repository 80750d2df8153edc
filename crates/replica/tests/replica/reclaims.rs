//! What a replica held that was put out comes back to the hub, once.

use purser_replica::{Outcome, Redemption, Undertaking};
use purser_types::{Coded, MemberId, ReplicaId};

use crate::city::{City, Store, assert_equal, book, settle, tell, yuan};

const DAY_MS: u64 = 86_400_000;

fn fence(hub: &mut Store, replica: ReplicaId) {
    hub.does(Undertaking::Fence { replica, reason: "burnt down".into() }).unwrap();
}

fn reclaim(hub: &mut Store, replica: ReplicaId) -> Result<i64, &'static str> {
    match hub.does(Undertaking::Reclaim { replica }) {
        Ok(reply) => match reply.outcome {
            Outcome::Reclaimed { points, .. } => Ok(points),
            other => panic!("{other:?}"),
        },
        Err(refusal) => Err(refusal.code()),
    }
}

/// A hub, a store that is lost with 300 points, 100 of them in a hold, and another that has
/// offered it 50 more which it never took up.
fn lost() -> (City, [Store; 3], MemberId) {
    let (city, [mut hub, mut gone, mut two]) = City::of();
    let member = gone.register("Wang");
    gone.earns(member, 300);
    gone.holds(member, 100, DAY_MS);
    settle(&mut [&mut hub, &mut gone, &mut two]);
    two.earns(member, 80);
    assert_eq!(two.lends(1, member, 50), 50);
    tell(&two, &mut hub);
    fence(&mut hub, gone.id());
    (city, [hub, gone, two], member)
}

#[test]
fn what_a_lost_store_held_comes_back_once_after_its_lease() {
    let (city, [mut hub, gone, mut two], member) = lost();
    assert_eq!(reclaim(&mut hub, gone.id()), Err("lease_runs"));
    hub.later(purser_replica::LEASE_MS);
    assert_eq!(reclaim(&mut hub, gone.id()), Err("lease_runs"), "a day more for its clock");
    hub.later(DAY_MS);
    assert_eq!(reclaim(&mut hub, gone.id()), Ok(350));
    assert_eq!(reclaim(&mut hub, gone.id()), Err("nothing_to_reclaim"));
    assert_eq!((hub.points(member), hub.here(member)), (380, 350));

    tell(&hub, &mut two);
    assert_equal(&[&hub, &two]);
    assert_eq!(two.points(member), 380);
    hub.buys(member, yuan(10), Redemption::Points(300)).unwrap();
    tell(&hub, &mut two);
    book(&city, 0).check_conservation().unwrap();
    city.assert_sound(&[0, 2]);
    assert_eq!((hub.alarm_codes(), two.alarm_codes()), (vec![], vec![]));
}

#[test]
fn it_is_the_same_whichever_journal_comes_first() {
    let (city, [mut hub, gone, two], _) = lost();
    hub.later(purser_replica::LEASE_MS + DAY_MS);
    reclaim(&mut hub, gone.id()).unwrap();
    // Three newcomers hear of the hub, the lost store and the other in different orders.
    let journals = [hub.id(), gone.id(), two.id()];
    for (number, order) in [(3, [0, 1, 2]), (4, [1, 2, 0]), (5, [2, 0, 1])] {
        let mut newcomer = city.open(number);
        for place in order {
            let run = hub.run_for(&newcomer, journals[place]).unwrap();
            newcomer.takes_in(run).unwrap();
        }
        assert_equal(&[&hub, &newcomer]);
        assert_eq!(newcomer.alarm_codes(), Vec::<&str>::new());
    }
    city.assert_sound(&[0, 3, 4, 5]);
}

#[test]
fn what_is_offered_to_it_later_comes_back_later() {
    let (city, [mut hub, gone, mut two], member) = lost();
    hub.later(purser_replica::LEASE_MS + DAY_MS);
    assert_eq!(reclaim(&mut hub, gone.id()), Ok(350));
    // A store that has not heard of the fence gives it the rest of its rights.
    assert_eq!(two.lends(1, member, 80), 30);
    tell(&two, &mut hub);
    assert_eq!((hub.points(member), hub.here(member)), (380, 350));
    assert_eq!(reclaim(&mut hub, gone.id()), Ok(30));
    tell(&hub, &mut two);
    assert_equal(&[&hub, &two]);
    assert_eq!((two.points(member), hub.here(member)), (380, 380));
    book(&city, 0).check_conservation().unwrap();
}

#[test]
fn of_two_hubs_that_fence_one_takes_back() {
    let (city, [mut hub, gone, mut two], member) = lost();
    let mut other = city.open(1000);
    settle(&mut [&mut hub, &mut two]);
    hub.does(Undertaking::Enrol { credential: city.credential(1000), invitation: [9; 16] }).unwrap();
    tell(&gone, &mut other);
    settle(&mut [&mut hub, &mut other, &mut two]);
    hub.later(purser_replica::LEASE_MS + DAY_MS);
    assert_eq!(reclaim(&mut hub, gone.id()), Err("not_fenced_at_hub"), "the other may be renewing its lease");
    other.later(purser_replica::LEASE_MS);
    fence(&mut other, gone.id());
    settle(&mut [&mut hub, &mut other, &mut two]);
    let mut early = [reclaim(&mut hub, gone.id()), reclaim(&mut other, gone.id())];
    early.sort_unstable();
    assert_eq!(early, [Err("fenced_by_another"), Err("lease_runs")], "from the last fence on");
    for hub in [&mut hub, &mut other] {
        hub.later(purser_replica::LEASE_MS + DAY_MS);
    }
    let mut results = [reclaim(&mut hub, gone.id()), reclaim(&mut other, gone.id())];
    results.sort_unstable();
    assert!(results[0].is_ok(), "{results:?}");
    assert_eq!(results[1], Err("fenced_by_another"));
    settle(&mut [&mut hub, &mut other, &mut two]);
    assert_eq!((two.points(member), hub.here(member) + other.here(member)), (380, 350));
    book(&city, 0).check_conservation().unwrap();
}

#[test]
fn nothing_is_taken_back_from_who_is_not_out() {
    let (_city, [mut hub, mut store]) = City::of();
    let member = store.register("Wang");
    store.earns(member, 10);
    settle(&mut [&mut hub, &mut store]);
    assert_eq!(reclaim(&mut hub, store.id()), Err("not_fenced"));
    assert_eq!(reclaim(&mut store, hub.id()), Err("not_a_hub"));
}
