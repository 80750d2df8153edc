//! One person registered twice, at two stores: put together, spent at both, taken apart again.

use std::{collections::BTreeSet, sync::Arc};

use purser_documents::Field;
use purser_journal::{Fact, MergeFact};
use purser_ledger::Asset;
use purser_programme::Programme;
use purser_replica::{
    Merging, Outcome, Policy, Redemption, Settings, Tenders, TopUp, TopUpReturn, Undertaking, Wanted,
};
use purser_types::MemberId;

use crate::{
    city::{City, DAY_MS, MORNING, Store, acquaint, assert_equal, basket, field, id_of, settle, tell, yuan},
    forger::Forger,
};

fn merge(member: MemberId, into: Option<MemberId>) -> Undertaking {
    Undertaking::Merge(Merging { member, into, reason: "the same phone".into(), by: "wu".into() })
}

fn register(store: &mut Store, name: &str) -> MemberId {
    let edits = vec![field(Field::Name, name), field(Field::Phone, "13800138000")];
    match store.does(Undertaking::Register { edits, with_card: true }).unwrap().outcome {
        Outcome::Member(member, _) => member,
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

fn known(store: &Store) -> purser_storage::Database {
    purser_storage::Database::open_reader(&store.path).unwrap()
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
    let unsaid = Merging { member: first, into: Some(second), reason: String::new(), by: "wu".into() };
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
            Outcome::Held { hold, .. } => hold,
            other => panic!("{other:?}"),
        };
    let sale = Undertaking::CheckOut(basket(first, "h1", yuan(50), Redemption::Hold(held)));
    let reply = two.does(sale).unwrap();
    let Outcome::Sale(sale, _) = reply.outcome else { panic!() };
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

#[test]
fn both_cards_used_elsewhere_move_their_points_once() {
    let city = City::found();
    let [mut hub, mut one, mut two] = [0, 1, 2].map(|number| city.open_with(number, Policy::Spread));
    acquaint(&mut [&mut hub, &mut one, &mut two]);
    let [first, second] = [register(&mut one, "王小明"), register(&mut two, "王晓明")];
    one.earns(first, 500);
    settle(&mut [&mut hub, &mut one, &mut two]);
    one.does(merge(second, Some(first))).unwrap();
    settle(&mut [&mut hub, &mut one, &mut two]);
    one.set_hub(Some(id_of(0)));
    for member in [first, second, second, second] {
        two.earns(member, 10);
    }
    // Both are seen elsewhere in one run.
    assert!(tell(&two, &mut one));
    settle(&mut [&mut hub, &mut one, &mut two]);
    assert_equal(&[&hub, &one, &two]);
    assert_eq!(points(&city, 0, first).0, 540);
    city.assert_sound(&[0, 1, 2]);
}

#[test]
fn a_clock_that_is_ahead_has_not_the_last_word() {
    let (city, [mut hub, mut one, mut two], [first, second]) = twice();
    one.later(600_000);
    one.does(merge(second, Some(first))).unwrap();
    settle(&mut [&mut hub, &mut one, &mut two]);
    two.does(merge(second, None)).unwrap();
    settle(&mut [&mut hub, &mut one, &mut two]);
    for number in 0..3 {
        assert_eq!(city.view(number).kin(second).unwrap(), [second]);
    }
    assert_equal(&[&hub, &one, &two]);
}

/// Somebody's software says that so many are one person: nobody believes it, and everybody keeps what is theirs.
#[test]
fn a_crowd_is_nobody() {
    let (city, [mut hub, mut one, mut two], [first, second]) = twice();
    let mut forger = Forger::enrolled(&city, 3);
    let mut says = |member: MemberId, into: MemberId, turn| {
        let (reason, by) = ("so".to_owned(), "me".to_owned());
        forger.writes(vec![Fact::Merge(MergeFact { member, into: Some(into), reason, by, turn })]);
    };
    let invented = |number: i64| MemberId::from_i64(0x7000_0000 + number).unwrap();
    (0..40).for_each(|number| says(invented(number), first, 1_000));
    (0..70).for_each(|number| says(invented(1_000 + number), invented(1_001 + number), 1_000));
    says(second, first, 1_000);
    for store in [&mut hub, &mut one, &mut two] {
        store.takes_in(forger.journal()).unwrap();
    }
    // 42 are believed to be one person.
    assert_eq!(points(&city, 1, second).0, 500);
    (40..70).for_each(|number| {
        let (reason, by) = ("so".to_owned(), "me".to_owned());
        let into = Some(first);
        let fact = MergeFact { member: invented(number), into, reason, by, turn: 1_000 };
        forger.writes(vec![Fact::Merge(fact)]);
    });
    for store in [&mut hub, &mut one, &mut two] {
        let known = store.known(forger.id);
        store.takes_in(forger.run(known + 1, forger.entries.len() as u64)).unwrap();
    }
    let chain = [1_000, 1_001, 1_069].map(invented);
    for member in [first, second, chain[0], chain[1], chain[2], invented(3)] {
        let kin = known(&one).kin(member).unwrap();
        assert_eq!(kin, [member], "alone");
    }
    assert_eq!(two.points(second), 200);
    two.does(Undertaking::CheckOut(basket(second, "f1", yuan(20), Redemption::Points(200)))).unwrap();
    // What a store could claim last is taken back at a hub.
    assert_eq!(one.refuses(merge(second, None)), "out_of_range");
    settle(&mut [&mut hub, &mut one, &mut two]);
    hub.does(merge(second, None)).unwrap();
    settle(&mut [&mut hub, &mut one, &mut two]);
    assert_eq!(known(&one).merged_into(second).unwrap(), None);
    assert_equal(&[&hub, &one, &two]);
}

/// A city that sells by everything there is, with the two members of a person.
fn twice_by(document: &str) -> (City, [Store; 3], [MemberId; 2]) {
    let (city, programme) = (City::found(), Arc::new(Programme::read(document).unwrap()));
    let settings = || Settings { programme: Arc::clone(&programme), policy: Policy::KeepWhereEarned };
    let [mut hub, mut one, mut two] = [0, 1, 2].map(|number| city.open_for(number, settings()));
    acquaint(&mut [&mut hub, &mut one, &mut two]);
    let members = [register(&mut one, "王小明"), register(&mut two, "王晓明")];
    (city, [hub, one, two], members)
}

const EVERYTHING: &str = include_str!("everything.toml");

#[test]
fn a_merge_may_come_ahead_of_whom_it_names() {
    const THE_REST: &str = include_str!("the_rest.toml");
    let (city, [mut hub, mut one, mut two], [first, second]) = twice_by(THE_REST);
    tell(&two, &mut one);
    one.does(merge(first, Some(second))).unwrap();
    hub.takes_in(one.run_for(&hub, one.id()).unwrap()).unwrap();
    let lacks = hub.known(two.id());
    assert!(lacks < two.known(two.id()), "the second member is not known there");
    let mut view = city.view(0);
    view.sells_by(Arc::new(Programme::read(THE_REST).unwrap()));
    view.standing(first, MORNING.wall_ms).unwrap();
    assert_eq!(view.kin(first).unwrap(), [first]);
    hub.earns(first, 30);
    settle(&mut [&mut hub, &mut one, &mut two]);
    assert_equal(&[&hub, &one, &two]);
    assert_eq!(city.view(0).kin(first).unwrap(), [second, first]);
}

#[test]
fn a_person_has_the_birthday_that_either_profile_tells() {
    const THE_REST: &str = include_str!("the_rest.toml");
    for into_first in [true, false] {
        let (city, [mut hub, mut one, mut two], [first, second]) = twice_by(THE_REST);
        let born = vec![field(Field::BirthDate, "1990-03-20")];
        two.does(Undertaking::EditProfile { member: second, edits: born }).unwrap();
        settle(&mut [&mut hub, &mut one, &mut two]);
        let (from, into) = if into_first { (second, first) } else { (first, second) };
        one.does(merge(from, Some(into))).unwrap();
        let stranger = one.register("Li");
        let costs = [first, second, stranger].map(|member| {
            let mut view = city.view(1);
            view.sells_by(Arc::new(Programme::read(THE_REST).unwrap()));
            let line = purser_programme::Line {
                article: "a".into(),
                category: String::new(),
                flags: BTreeSet::new(),
                quantity: 1,
                unit_price: yuan(100),
            };
            let goods = purser_programme::Basket { lines: vec![line] };
            let wanted = Wanted { goods, member: Some(member), points: 0, tenders: Tenders::default() };
            view.quote(&wanted, MORNING.wall_ms).unwrap().quote.total
        });
        assert!(costs[0] == costs[1] && costs[0] < costs[2], "{into_first}: {costs:?}");
    }
}

#[test]
fn what_one_owes_of_a_day_the_other_has() {
    let (city, [mut hub, mut one, mut two], [first, second]) = twice();
    let sale = one.earns(first, 100);
    one.does(merge(second, Some(first))).unwrap();
    settle(&mut [&mut hub, &mut one, &mut two]);
    one.does(Undertaking::CheckOut(basket(first, "o1", yuan(4), Redemption::Points(400)))).unwrap();
    one.takes_back(sale, yuan(100)).unwrap();
    assert_eq!(one.points(first), 200 + 4 - 100);
    settle(&mut [&mut hub, &mut one, &mut two]);
    // On the last day of all of them nothing is left, and nothing is owed.
    let mut view = city.view(1);
    let later = view.date_at(MORNING.wall_ms + 800 * DAY_MS);
    let balance = view.balance(first, Asset::Points, later).unwrap();
    assert_eq!(balance.balance, 0, "{:?}", balance.lots);
}

#[test]
fn ones_own_is_drawn_first_so_that_a_merge_taken_back_leaves_each_their_own() {
    let (city, [mut hub, mut one, mut two], [first, second]) = twice_by(EVERYTHING);
    let pays_in = |store: &mut Store, member| {
        let (till, check, amount) = ("1".to_owned(), format!("T{member}"), yuan(100));
        let top_up = TopUp { member, till, check, amount, issue: None, seller: None, approved_by: None };
        match store.does(Undertaking::TopUp(top_up)).unwrap().outcome {
            Outcome::TopUp(top_up, _) => top_up,
            other => panic!("{other:?}"),
        }
    };
    tell(&two, &mut one);
    let [_, top_up] = [first, second].map(|member| pays_in(&mut one, member));
    one.does(merge(second, Some(first))).unwrap();
    let back = TopUpReturn { top_up, till: "1".into(), check: "B".into(), amount: yuan(100) };
    one.does(Undertaking::TakeTopUpBack(back)).unwrap();
    one.does(merge(second, None)).unwrap();
    settle(&mut [&mut hub, &mut one, &mut two]);
    let mut view = city.view(0);
    let today = view.date_at(MORNING.wall_ms);
    let mut left = |member| view.balance(member, Asset::WalletPrincipal, today).unwrap().balance;
    assert_eq!((left(first), left(second)), (yuan(100).0, 0));
    // So it is with points, whoever has the lower number.
    for (check, member, other) in [("p1", first, second), ("p2", second, first)] {
        for each in [first, second] {
            one.earns(each, 300);
        }
        let [mine, others] = [member, other].map(|member| one.points(member));
        one.does(merge(second, Some(first))).unwrap();
        one.does(Undertaking::CheckOut(basket(member, check, yuan(9), Redemption::Points(50)))).unwrap();
        one.does(merge(second, None)).unwrap();
        assert!(one.points(member) < mine && one.points(other) == others, "{check}");
    }
}
