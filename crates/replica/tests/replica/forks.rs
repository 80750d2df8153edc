//! Authors who tell two stories: whoever gets the proof sets them aside, and a hub's fence says which
//! story counts.

use purser_journal::{Fact, ForkProof, Seal};
use purser_ledger::Posting;
use purser_replica::{IntakeFault, Undertaking};
use purser_types::{Digest, MemberId};

use crate::{
    city::{City, Store, assert_equal, tell},
    forger::{Forger, credit, points_of},
};

fn member() -> MemberId {
    MemberId::from_i64(5).unwrap()
}

/// One author, two journals: they part after the second entry. The first story has three more entries,
/// the other one `longer` more.
fn two_stories(city: &City, longer: usize) -> (Forger, Forger) {
    let mut one = Forger::enrolled(city, 1);
    let lot = points_of(member());
    one.posts(vec![credit(lot, 10)]);
    one.posts(vec![credit(lot, 20)]);
    let mut other = one.clone();
    for amount in [100, 200, 300] {
        one.posts(vec![credit(lot, amount)]);
    }
    for _ in 0..longer {
        other.posts(vec![Posting::Credit { lot, amount: 7 }]);
    }
    (one, other)
}

fn notes(store: &mut Store, proof: &ForkProof) -> bool {
    let now = store.now;
    let mut transaction = store.begin(now).unwrap();
    let holds = transaction.note_proof(proof).unwrap();
    let _proof = transaction.commit().unwrap();
    holds
}

fn is_aside(store: &Store, author: purser_types::ReplicaId) -> bool {
    store.author(author).is_some_and(|author| author.quarantine.is_some())
}

#[test]
fn whoever_finds_two_stories_can_prove_it_to_those_who_know_one_or_none() {
    for longer in [1, 3, 6] {
        let city = City::found();
        let (one, other) = two_stories(&city, longer);
        let [mut finder, mut knows_one, mut knows_other, mut knows_none] = [2, 3, 4, 5].map(|n| city.open(n));
        finder.takes_in(one.journal()).unwrap();
        knows_one.takes_in(one.journal()).unwrap();
        knows_other.takes_in(other.journal()).unwrap();
        // The other story may come whole, or from where the stories part, and be the shorter one.
        let run = other.run(1, other.entries.len() as u64);
        let fault = finder.takes_in(run).unwrap_err();
        assert!(matches!(fault, IntakeFault::Forked { .. }) && !fault.blames_sender(), "{fault}");
        let proofs = finder.take_forks();
        assert_eq!((proofs.len(), finder.alarm_codes()), (1, vec!["alarm_forked"]));
        for store in [&mut knows_one, &mut knows_other, &mut knows_none] {
            assert!(notes(store, &proofs[0]));
            assert!(is_aside(store, one.id));
            assert_eq!(store.alarm_codes(), ["alarm_forked"]);
            // It goes on from there, once.
            assert_eq!(store.take_forks(), proofs);
            assert!(notes(store, &proofs[0]));
            assert_eq!((store.take_forks().len(), store.forks().unwrap().len()), (0, 1));
        }
        let reopened = knows_none.reopened(&city, 5);
        assert!(is_aside(&reopened, one.id));
        assert_eq!(reopened.forks().unwrap(), proofs);
        city.assert_sound(&[2, 3, 4, 5]);
    }
}

#[test]
fn a_forged_proof_proves_nothing() {
    let city = City::found();
    let (one, other) = two_stories(&city, 3);
    let mut finder = city.open(2);
    finder.takes_in(one.journal()).unwrap();
    finder.takes_in(other.journal()).unwrap_err();
    let proof = finder.take_forks().remove(0);
    let mut victim = city.open(3);
    let mut forged = Vec::new();
    forged.push(ForkProof { other: proof.one.clone(), ..proof.clone() });
    forged.push(ForkProof { seq: proof.seq + 1, ..proof.clone() });
    forged.push(ForkProof { credential: city.credential(2), ..proof.clone() });
    let mut story = proof.other.clone();
    story.hash = Digest::of(b"made up");
    forged.push(ForkProof { other: story.clone(), ..proof.clone() });
    story.seal = Seal { signature: [1; 64], ..story.seal };
    forged.push(ForkProof { other: story, ..proof.clone() });
    for forged in forged {
        assert!(!notes(&mut victim, &forged));
    }
    assert!(!is_aside(&victim, one.id) && victim.take_forks().is_empty());
    assert_eq!(victim.alarm_codes(), Vec::<&str>::new());
    assert!(notes(&mut victim, &proof));
}

#[test]
fn a_store_that_gets_the_proof_against_itself_stops() {
    let city = City::found();
    let (one, other) = two_stories(&city, 3);
    let mut finder = city.open(2);
    finder.takes_in(one.journal()).unwrap();
    finder.takes_in(other.journal()).unwrap_err();
    let proof = finder.take_forks().remove(0);
    let mut itself = city.open(1);
    assert!(notes(&mut itself, &proof));
    assert!(itself.stopped().is_some());
    assert!(itself.reopened(&city, 1).stopped().is_some());
}

/// After the fence all come to the story that its hub knew, whichever they knew, and whatever comes first.
#[test]
fn a_fence_brings_everybody_to_one_story() {
    for longer in [1, 3, 6] {
        for proof_first in [true, false] {
            let city = City::found();
            let (one, other) = two_stories(&city, longer);
            let [mut hub, mut right, mut wrong, mut none] = [0, 3, 4, 5].map(|n| city.open(n));
            let last = other.entries.len() as u64;
            hub.takes_in(one.journal()).unwrap();
            right.takes_in(one.run(1, 3)).unwrap();
            wrong.takes_in(other.journal()).unwrap();
            if proof_first {
                hub.takes_in(other.run(1, last)).unwrap_err();
                let proof = hub.take_forks().remove(0);
                for store in [&mut right, &mut wrong, &mut none] {
                    assert!(notes(store, &proof));
                }
            }
            hub.does(Undertaking::Fence { replica: one.id, reason: "two machines".into() }).unwrap();
            for store in [&mut right, &mut wrong, &mut none] {
                // The author's journal comes before or after the fence.
                if proof_first {
                    let _ = store.takes_in(hub.run_for(store, hub.id()).unwrap());
                }
                for _ in 0..4 {
                    tell(&hub, store);
                    // What is left of the other story does not come back.
                    let _ = store.takes_in(other.run(1, last));
                }
                assert_eq!((store.known(one.id), store.points(member())), (5, 630), "{longer} {proof_first}");
            }
            assert_equal(&[&hub, &right, &wrong, &none]);
            for store in [&mut right, &mut wrong, &mut none] {
                let before = store.digest();
                store.rebuild().unwrap();
                assert_eq!(store.digest(), before);
            }
            city.assert_sound(&[0, 3, 4, 5]);
        }
    }
}

/// Each of two hubs names another story before it hears of the other's fence: everybody comes to one, and
/// whoever first came to the other goes back.
#[test]
fn two_fences_that_name_two_stories_end_at_one() {
    for first in [0, 1] {
        let city = City::found();
        let (one, other) = two_stories(&city, 3);
        let [mut hub, mut other_hub, mut store] = [0, 1000, 3].map(|number| city.open(number));
        hub.takes_in(one.journal()).unwrap();
        other_hub.takes_in(other.journal()).unwrap();
        store.takes_in([&one, &other][first].journal()).unwrap();
        for hub in [&mut hub, &mut other_hub] {
            hub.does(Undertaking::Fence { replica: one.id, reason: "two machines".into() }).unwrap();
        }
        let (sooner, later) =
            if first == 0 { (&mut other_hub, &mut hub) } else { (&mut hub, &mut other_hub) };
        while tell(sooner, &mut store) {}
        while tell(later, &mut store) {}
        for _ in 0..3 {
            tell(&hub, &mut other_hub);
            tell(&other_hub, &mut hub);
            tell(&hub, &mut store);
            tell(&other_hub, &mut store);
        }
        assert_equal(&[&hub, &other_hub, &store]);
        city.assert_sound(&[0, 1000, 3]);
    }
}

/// Stores would make everybody fold all anew as often as they liked, by ever new stories.
#[test]
fn only_a_hub_makes_anybody_begin_anew() {
    let city = City::found();
    let (one, other) = two_stories(&city, 1);
    let [mut hub, mut store] = [0, 3].map(|number| city.open(number));
    hub.takes_in(one.journal()).unwrap();
    store.takes_in(one.run(1, 4)).unwrap();
    hub.does(Undertaking::Fence { replica: one.id, reason: "two machines".into() }).unwrap();
    store.takes_in(hub.run_for(&store, hub.id()).unwrap()).unwrap();
    let run = other.run(1, other.entries.len() as u64);
    for peer in [one.id, city.open(7).id()] {
        store.takes_in_from(peer, run.clone()).unwrap_err();
        assert_eq!(store.known(one.id), 4);
    }
    // A hub may have the one that counts, for all that is known here.
    store.takes_in_from(hub.id(), run).unwrap_err();
    assert_eq!(store.known(one.id), 0);
    tell(&hub, &mut store);
    assert_equal(&[&hub, &store]);
}

fn fenced(by: &mut Forger, at: u64, of: &Forger, after_seq: u64) {
    by.hlc.wall_ms += at;
    let fence = Fact::Fenced { replica: of.id, after_seq, reason: "x".into(), after_hash: None };
    by.writes(vec![fence]);
    by.hlc.wall_ms -= at;
}

/// All orders of so many things.
fn orders(count: usize) -> Vec<Vec<usize>> {
    if count == 0 {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for shorter in orders(count - 1) {
        for place in 0..=shorter.len() {
            let mut order = shorter.clone();
            order.insert(place, count - 1);
            all.push(order);
        }
    }
    all
}

/// Hubs put each other out, each by an entry that the other's fence cuts off; and each puts a store
/// out. Whatever order the journals come in, entry by entry, everybody comes to the same.
#[test]
fn hubs_that_put_each_other_out_end_alike_in_any_order() {
    let lot = points_of(member());
    for hubs in [2, 3] {
        let city = City::found();
        let mut all: Vec<Forger> = [0, 1000, 2000].map(|number| Forger::enrolled(&city, number)).to_vec();
        all.truncate(hubs);
        let mut gone = Forger::enrolled(&city, 1);
        for _ in 0..6 {
            gone.posts(vec![credit(lot, 10)]);
        }
        let earlier = all.clone();
        for (place, hub) in all.iter_mut().enumerate() {
            hub.posts(vec![credit(lot, 1)]);
            // Written as second entry, after the one that the others let count.
            let next = &earlier[(place + 1) % hubs];
            let at = [30, 10, 20][place];
            fenced(hub, at, next, 1);
            fenced(hub, at, &gone, 2 + place as u64);
        }
        let mut runs = Vec::new();
        for author in all.iter().chain([&gone]) {
            runs.push((author.run(1, 1), author.run(2, author.entries.len() as u64)));
        }
        let mut ends: Vec<(Digest, Vec<u64>)> = Vec::new();
        for (number, order) in (100..).zip(orders(runs.len())) {
            let mut store = city.open(number);
            for part in [0, 1] {
                for place in &order {
                    let (first, rest) = &runs[*place];
                    store.takes_in(if part == 0 { first.clone() } else { rest.clone() }).unwrap();
                }
            }
            let known = all.iter().chain([&gone]).map(|author| store.known(author.id)).collect();
            ends.push((store.digest(), known));
            let before = store.digest();
            store.rebuild().unwrap();
            assert_eq!(store.digest(), before);
            city.assert_sound(&[number]);
        }
        assert!(ends.windows(2).all(|pair| pair[0] == pair[1]), "{ends:?}");
        // None is believed against another: all are out, and what they wrote then puts nobody else out.
        let known = &ends[0].1;
        assert_eq!(known[..hubs], vec![1; hubs], "{known:?}");
        assert_eq!(known[hubs], 6, "{known:?}");
    }
}
