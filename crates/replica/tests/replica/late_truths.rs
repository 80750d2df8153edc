//! Journals of which something else was believed before the fence that counts was known.

use purser_journal::Fact;
use purser_ledger::Posting;
use purser_replica::Undertaking;
use purser_types::{MemberId, ReplicaId};

use crate::{
    city::{City, Store, assert_equal, id_of, tell},
    forger::{Forger, credit, points_of},
};

fn member() -> MemberId {
    MemberId::from_i64(5).unwrap()
}

/// An author with an offer as its first entry but one, and more points after that.
fn giver(city: &City) -> Forger {
    let mut giver = Forger::enrolled(city, 1);
    let lot = points_of(member());
    giver.posts(vec![credit(lot, 100)]);
    let offer = Posting::Offer { offer: giver.next_offer(), to: id_of(9), lot, amount: 10 };
    giver.posts(vec![offer]);
    giver
}

fn with_credits(mut author: Forger, amount: i64, count: usize) -> Forger {
    for _ in 0..count {
        author.posts(vec![credit(points_of(member()), amount)]);
    }
    author
}

fn fence(hub: &mut Store, replica: ReplicaId) {
    hub.does(Undertaking::Fence { replica, reason: "two machines".into() }).unwrap();
}

/// Between beginning a journal anew and folding all without it, the tables still hold what it had said.
#[test]
fn a_journal_that_begins_anew_is_not_folded_in_the_same_transaction() {
    let city = City::found();
    let [mut hub, mut store] = [0, 3].map(|number| city.open(number));
    let (right, wrong) = (with_credits(giver(&city), 7, 4), with_credits(giver(&city), 9, 2));
    hub.takes_in(right.journal()).unwrap();
    store.takes_in(wrong.journal()).unwrap();
    fence(&mut hub, right.id);
    store.takes_in(hub.run_for(&store, hub.id()).unwrap()).unwrap();
    let now = store.now;
    let mut transaction = store.begin(now).unwrap();
    for _ in 0..2 {
        assert!(transaction.take_in(right.journal(), hub.id()).is_err());
    }
    let _proof = transaction.commit().unwrap();
    assert!(store.take_begun_anew());
    tell(&hub, &mut store);
    assert_equal(&[&hub, &store]);
    city.assert_sound(&[0, 3]);
}

/// What one who is out tells is taken in only as far as it shows the entry that counts: else it could tell
/// ever new beginnings to those who know none.
#[test]
fn who_is_out_tells_nobody_a_new_beginning() {
    let city = City::found();
    let [mut hub, mut newcomer] = [0, 3].map(|number| city.open(number));
    let (right, wrong) = (with_credits(giver(&city), 7, 4), with_credits(giver(&city), 9, 2));
    hub.takes_in(right.journal()).unwrap();
    fence(&mut hub, right.id);
    newcomer.takes_in(hub.run_for(&newcomer, hub.id()).unwrap()).unwrap();
    newcomer.takes_in_from(right.id, wrong.journal()).unwrap_err();
    newcomer.takes_in_from(right.id, right.run(1, 5)).unwrap_err();
    assert_eq!(newcomer.known(right.id), 0);
    // The whole of it shows that entry, whoever tells it; also to who has come to believe another story.
    newcomer.takes_in_from(right.id, right.journal()).unwrap();
    assert_equal(&[&hub, &newcomer]);
    let mut other = city.open(4);
    other.takes_in(wrong.journal()).unwrap();
    other.takes_in(hub.run_for(&other, hub.id()).unwrap()).unwrap();
    other.takes_in_from(right.id, right.journal()).unwrap_err();
    assert_eq!(other.known(right.id), 0);
    other.takes_in_from(right.id, right.journal()).unwrap();
    assert_equal(&[&hub, &other]);
}

/// An entry that cannot stand was told to one store only; everybody else has another in its place.
#[test]
fn whoever_was_told_what_cannot_stand_comes_to_what_the_hub_has() {
    for fence_first in [false, true] {
        let city = City::found();
        let [mut hub, mut store] = [0, 3].map(|number| city.open(number));
        let right = with_credits(giver(&city), 7, 4);
        let mut wrong = giver(&city);
        wrong.posts(vec![Posting::Debit { lot: points_of(member()), amount: 5_000 }]);
        hub.takes_in(right.journal()).unwrap();
        fence(&mut hub, right.id);
        let fenced = hub.run_for(&store, hub.id()).unwrap();
        if fence_first {
            store.takes_in(fenced).unwrap();
            let _ = store.takes_in(wrong.journal());
        } else {
            let _ = store.takes_in(wrong.journal());
            store.takes_in(fenced).unwrap();
            // Peers were told that no more of it is wanted.
            assert!(store.take_begun_anew());
        }
        for _ in 0..3 {
            if let Some(run) = hub.run_for(&store, right.id) {
                let _ = store.takes_in(run);
            }
        }
        assert_equal(&[&hub, &store]);
        city.assert_sound(&[0, 3]);
    }
}

/// A fence that does not count after all had cut off a journal that was set aside for something else.
#[test]
fn what_comes_back_of_a_journal_that_is_set_aside_is_folded() {
    let city = City::found();
    let [mut everybody, mut store] = [2, 3].map(|number| city.open(number));
    let mut author = with_credits(giver(&city), 7, 2);
    author.posts(vec![Posting::Debit { lot: points_of(member()), amount: 5_000 }]);
    for store in [&mut everybody, &mut store] {
        let _ = store.takes_in(author.run(1, 4));
        let _ = store.takes_in(author.run(5, 5));
        assert_eq!(store.known(author.id), 4);
    }
    let [mut one, mut other] = [0, 1000].map(|number| Forger::enrolled(&city, number));
    let put_out = |of: &Forger, after_seq| Fact::Fenced {
        replica: of.id,
        after_seq,
        reason: "x".into(),
        after_hash: None,
    };
    one.writes(vec![put_out(&author, 2)]);
    other.writes(vec![put_out(&one, 0)]);
    store.takes_in(one.journal()).unwrap();
    assert_eq!(store.known(author.id), 2);
    store.takes_in(other.journal()).unwrap();
    everybody.takes_in(other.journal()).unwrap();
    everybody.takes_in(one.journal()).unwrap();
    assert_eq!((store.known(author.id), everybody.known(author.id)), (4, 4));
    assert_equal(&[&store, &everybody]);
    for store in [&store, &everybody] {
        assert!(store.author(author.id).is_some_and(|author| author.quarantine.is_some()));
    }
}
