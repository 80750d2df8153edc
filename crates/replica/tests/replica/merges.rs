//! One person registered twice, at two stores: put together, spent at both, taken apart again.

use purser_documents::Field;
use purser_journal::MergeFact;
use purser_ledger::Asset;
use purser_replica::{Policy, Redemption, Undertaking};
use purser_types::MemberId;

use crate::city::{City, Store, acquaint, assert_equal, basket, field, id_of, settle, tell, yuan};

fn merge(member: MemberId, into: Option<MemberId>) -> Undertaking {
    Undertaking::Merge(MergeFact { member, into, reason: "the same phone".into(), by: "wu".into() })
}

fn register(store: &mut Store, name: &str) -> MemberId {
    let edits = vec![field(Field::Name, name), field(Field::Phone, "13800138000")];
    match store.does(Undertaking::Register { edits, with_card: true }).unwrap().outcome {
        purser_replica::Outcome::Member(member, _) => member,
        other => panic!("{other:?}"),
    }
}

/// A person with 300 points as registered at the first store, and 200 as registered at the second.
fn twice() -> (City, [Store; 3], [MemberId; 2]) {
    let (city, [mut hub, mut one, mut two]): (_, [Store; 3]) = City::of();
    acquaint(&mut [&mut hub, &mut one, &mut two]);
    let members = [register(&mut one, "王小明"), register(&mut two, "王晓明")];
    one.earns(members[0], 300);
    two.earns(members[1], 200);
    settle(&mut [&mut hub, &mut one, &mut two]);
    (city, [hub, one, two], members)
}

fn points(city: &City, number: u32, member: MemberId) -> (i64, i64) {
    let mut view = city.view(number);
    let balance = view.balance(member, Asset::Points, view.date_at(0)).unwrap();
    (balance.balance, balance.here)
}

#[test]
fn what_either_has_counts_for_both_and_no_point_is_lost() {
    let (city, [mut hub, mut one, mut two], [first, second]) = twice();
    let alike = city.view(0).alike(10).unwrap();
    assert_eq!((alike.len(), alike[0].len()), (1, 2), "they are found when the stores meet");
    one.does(merge(second, Some(first))).unwrap();
    settle(&mut [&mut hub, &mut one, &mut two]);
    assert_equal(&[&hub, &one, &two]);
    for number in 0..3 {
        assert_eq!(points(&city, number, first).0, 500);
        assert_eq!(points(&city, number, second).0, 500);
        assert_eq!(city.view(number).person(second).unwrap(), first);
        assert!(city.view(number).alike(10).unwrap().is_empty(), "they are settled");
    }
    // By whichever member the person is served.
    let sale = |member, check: &str, points| {
        Undertaking::CheckOut(basket(member, check, yuan(20), Redemption::Points(points)))
    };
    one.does(sale(second, "m1", 300)).unwrap();
    two.does(sale(first, "m2", 200)).unwrap();
    assert_eq!(two.refuses(sale(second, "m3", 100)), "insufficient_rights_here");
    settle(&mut [&mut hub, &mut one, &mut two]);
    assert_eq!(points(&city, 0, first).0, 20 + 20);
    assert_eq!(one.refuses(sale(second, "m4", 100)), "insufficient_balance");
    let history = |member| city.view(2).history(member, None, 50).unwrap();
    let seen = history(first);
    assert_eq!(
        seen.iter().map(|it| it.place).collect::<Vec<_>>(),
        history(second).iter().map(|it| it.place).collect::<Vec<_>>()
    );
    let change: i64 = seen.iter().flat_map(|it| &it.changes).map(|(_, change)| change).sum();
    assert_eq!(change, 40, "all of it is the person's");
    city.assert_sound(&[0, 1, 2]);
}

#[test]
fn stores_that_do_not_know_yet_never_spend_the_same_right() {
    let (city, [mut hub, mut one, mut two], [first, second]) = twice();
    one.does(merge(second, Some(first))).unwrap();
    let all = |member, check: &str, points| {
        Undertaking::CheckOut(basket(member, check, yuan(20), Redemption::Points(points)))
    };
    assert_eq!(one.refuses(all(first, "n0", 500)), "insufficient_rights_here", "the others are not here");
    one.does(all(first, "n1", 300)).unwrap();
    two.does(all(second, "n2", 200)).unwrap();
    settle(&mut [&mut hub, &mut one, &mut two]);
    assert_equal(&[&hub, &one, &two]);
    assert_eq!(points(&city, 0, first).0, 20 + 20);
    city.assert_sound(&[0, 1, 2]);
}

#[test]
fn a_merge_is_taken_back_and_the_latest_word_counts() {
    let (city, [mut hub, mut one, mut two], [first, second]) = twice();
    one.does(merge(second, Some(first))).unwrap();
    settle(&mut [&mut hub, &mut one, &mut two]);
    two.later(1_000);
    two.does(merge(second, None)).unwrap();
    settle(&mut [&mut hub, &mut one, &mut two]);
    assert_eq!((points(&city, 0, first).0, points(&city, 0, second).0), (300, 200));
    assert_eq!(two.refuses(merge(second, None)), "out_of_range", "nobody was merged");
    // What was said first comes last.
    let (city, [mut hub, mut one, mut two], [first, second]) = twice();
    one.does(merge(second, Some(first))).unwrap();
    tell(&one, &mut hub);
    hub.later(1_000);
    hub.does(merge(second, None)).unwrap();
    tell(&hub, &mut two);
    tell(&one, &mut two);
    assert_eq!(city.view(2).person(second).unwrap(), second);
    settle(&mut [&mut hub, &mut one, &mut two]);
    assert_equal(&[&hub, &one, &two]);
}

#[test]
fn merged_both_ways_at_once_they_are_one_person_everywhere() {
    let (city, [mut hub, mut one, mut two], [first, second]) = twice();
    one.does(merge(second, Some(first))).unwrap();
    two.does(merge(first, Some(second))).unwrap();
    settle(&mut [&mut hub, &mut one, &mut two]);
    assert_equal(&[&hub, &one, &two]);
    for number in 0..3 {
        let view = city.view(number);
        assert_eq!(view.person(first).unwrap(), view.person(second).unwrap());
        assert_eq!(view.kin(first).unwrap().len(), 2);
        assert_eq!(points(&city, number, first).0, 500);
    }
    city.assert_sound(&[0, 1, 2]);
}

#[test]
fn nobody_is_merged_with_themselves_or_with_nobody() {
    let (_city, [_, mut one, _], [first, second]) = twice();
    assert_eq!(one.refuses(merge(first, Some(first))), "out_of_range");
    assert_eq!(one.refuses(merge(first, Some(MemberId::from_i64(77).unwrap()))), "unknown_member");
    let unsaid = MergeFact { member: first, into: Some(second), reason: String::new(), by: "wu".into() };
    assert_eq!(one.refuses(Undertaking::Merge(unsaid)), "out_of_range");
    one.does(merge(first, Some(second))).unwrap();
    assert_eq!(one.refuses(merge(second, Some(first))), "out_of_range", "they are one already");
}

#[test]
fn what_one_has_pays_for_the_other_and_comes_back_whole() {
    let (city, [mut hub, mut one, mut two], [first, second]) = twice();
    one.does(merge(first, Some(second))).unwrap();
    settle(&mut [&mut hub, &mut one, &mut two]);
    // A hold of the points that the other was registered with, for this one; a sale by it, all of it returned.
    let held =
        match two.does(Undertaking::Hold { member: first, points: 100, lasts_ms: 60_000 }).unwrap().outcome {
            purser_replica::Outcome::Held { hold, .. } => hold,
            other => panic!("{other:?}"),
        };
    let sale = Undertaking::CheckOut(basket(first, "h1", yuan(50), Redemption::Hold(held)));
    let reply = two.does(sale).unwrap();
    let purser_replica::Outcome::Sale(sale, _) = reply.outcome else { panic!() };
    assert_eq!(two.points(first), 500 - 100 + 50);
    two.takes_back(sale, yuan(50)).unwrap();
    assert_eq!((two.points(first), two.points(second)), (500, 500), "what was drawn from either comes back");
    settle(&mut [&mut hub, &mut one, &mut two]);
    assert_equal(&[&hub, &one, &two]);
    city.assert_sound(&[0, 1, 2]);
}

#[test]
fn what_is_spent_of_the_others_points_is_not_offered_on() {
    let city = City::found();
    let [mut hub, mut one, mut two] = [0, 1, 2].map(|number| city.open_with(number, Policy::Spread));
    acquaint(&mut [&mut hub, &mut one, &mut two]);
    let [first, second] = [register(&mut one, "王小明"), register(&mut two, "王晓明")];
    one.earns(first, 500);
    for _ in 0..3 {
        two.earns(second, 10);
    }
    settle(&mut [&mut hub, &mut one, &mut two]);
    one.does(merge(second, Some(first))).unwrap();
    one.set_hub(Some(id_of(0)));
    // Served by the name that is known at the other store, where the policy wants what is left.
    let sale = basket(second, "f1", yuan(20), Redemption::Points(500));
    one.does(Undertaking::CheckOut(sale)).unwrap();
    settle(&mut [&mut hub, &mut one, &mut two]);
    assert_equal(&[&hub, &one, &two]);
    assert_eq!(points(&city, 0, first).0, 20 + 30);
    // Whoever asks by one name is told of the rights under the other.
    let rights = two.rights_by_replica(second, Asset::Points).unwrap();
    assert_eq!(rights.iter().map(|(_, points)| points).sum::<i64>(), 50);
    city.assert_sound(&[0, 1, 2]);
}

#[test]
fn who_was_merged_is_taken_apart_before_being_merged_again() {
    let (_city, [mut hub, mut one, mut two], [first, second]) = twice();
    let third = one.register("third");
    settle(&mut [&mut hub, &mut one, &mut two]);
    one.does(merge(second, Some(first))).unwrap();
    assert_eq!(one.refuses(merge(second, Some(third))), "out_of_range", "first would fall out unseen");
    assert_eq!(one.refuses(merge(first, None)), "out_of_range", "first was merged into nobody");
    one.does(merge(second, None)).unwrap();
    one.does(merge(second, Some(third))).unwrap();
}
