//! Profiles through journals: concurrent edits, changes that wait, changes that are poison.

use purser_documents::{CardState, Edit, Field, MemberDocument};
use purser_journal::Fact;
use purser_replica::Undertaking;
use purser_types::{Coded, MemberId};

use crate::{
    city::{City, Store, assert_equal, field, id_of, settle, tell},
    forger::Forger,
};

fn edit(store: &mut Store, member: MemberId, edits: Vec<Edit>) {
    store.does(Undertaking::EditProfile { member, edits }).unwrap();
}

fn row(city: &City, number: u32, member: MemberId) -> (String, String, u32) {
    let row = city.view(number).member(member).unwrap().unwrap();
    (row.name, row.phone, row.conflicts)
}

#[test]
fn concurrent_edits_of_one_field_are_kept_until_settled() {
    let (city, [mut hub, mut one, mut two]) = City::of();
    let member = one.register("Wang");
    settle(&mut [&mut hub, &mut one, &mut two]);
    edit(&mut one, member, vec![field(Field::Phone, "13800138001")]);
    edit(&mut two, member, vec![field(Field::Phone, "13800138002"), field(Field::Name, "Wang Li")]);
    settle(&mut [&mut hub, &mut one, &mut two]);
    assert_equal(&[&hub, &one, &two]);
    let (name, phone, conflicts) = row(&city, 0, member);
    assert_eq!((name.as_str(), conflicts), ("Wang Li", 1));
    assert!(phone.starts_with("1380013800"));
    edit(&mut hub, member, vec![field(Field::Phone, "13800138003")]);
    settle(&mut [&mut hub, &mut one, &mut two]);
    assert_eq!(row(&city, 1, member), ("Wang Li".into(), "13800138003".into(), 0));
    assert_equal(&[&hub, &one, &two]);
}

#[test]
fn a_lost_card_stays_lost_whoever_says_otherwise_at_the_same_time() {
    let (city, [mut hub, mut one, mut two]) = City::of();
    let (_, card) = one.register_with_card("Wang", true);
    let card = card.unwrap();
    let change = |store: &mut Store, state| {
        store.does(Undertaking::ChangeCard { card, state }).unwrap();
    };
    change(&mut one, CardState::Frozen);
    settle(&mut [&mut hub, &mut one, &mut two]);
    change(&mut one, CardState::Lost);
    change(&mut two, CardState::Active);
    settle(&mut [&mut hub, &mut one, &mut two]);
    assert_equal(&[&hub, &one, &two]);
    assert_eq!(city.view(0).card(card).unwrap().unwrap().state, "lost");
    change(&mut hub, CardState::Active);
    settle(&mut [&mut hub, &mut one, &mut two]);
    assert_eq!(city.view(2).card(card).unwrap().unwrap().state, "active");
}

#[test]
fn a_card_that_is_void_stays_void() {
    let (city, [mut store]) = City::of();
    for state in [CardState::Cancelled, CardState::Replaced] {
        let card = store.register_with_card("Wang", true).1.unwrap();
        let change = |to| Undertaking::ChangeCard { card, state: to };
        for found_again in [CardState::Lost, CardState::Active, state] {
            store.does(change(found_again)).unwrap();
        }
        for other in CardState::ALL.iter().filter(|other| **other != state) {
            assert_eq!(store.refuses(change(*other)), "card_void", "{state} to {other}");
        }
        assert_eq!(city.view(0).card(card).unwrap().unwrap().state, state.as_str());
    }
}

/// Edits at a store that lacks what others built on; then what was missing arrives.
#[test]
fn changes_that_wait_show_up_once_their_past_is_there_although_the_profile_was_edited_meanwhile() {
    let (city, [mut hub, mut one, mut two]) = City::of();
    let member = hub.register("Wang");
    settle(&mut [&mut hub, &mut one, &mut two]);
    edit(&mut one, member, vec![field(Field::Phone, "13800138001")]);
    tell(&one, &mut two);
    edit(&mut two, member, vec![field(Field::Name, "Wang Li")]); // builds on the edit of store 1
    let late = two.run_for(&hub, two.id()).unwrap();
    hub.takes_in(late).unwrap();
    assert_eq!(row(&city, 0, member), ("Wang".into(), String::new(), 0));
    edit(&mut hub, member, vec![field(Field::Address, "1 Quancheng Road")]);
    tell(&one, &mut hub);
    assert_eq!(row(&city, 0, member), ("Wang Li".into(), "13800138001".into(), 0));
    settle(&mut [&mut hub, &mut one, &mut two]);
    assert_equal(&[&hub, &one, &two]);
    city.assert_sound(&[0, 1, 2]);
}

#[test]
fn a_poisoned_change_among_honest_ones_is_left_out_alike_everywhere() {
    let (city, [mut hub, mut one, mut two]) = City::of();
    let member = hub.register("Wang");
    settle(&mut [&mut hub, &mut one, &mut two]);
    let mut forger = Forger::enrolled(&city, 5);
    let honest = MemberDocument::empty().edit(forger.id, 1_000, &[field(Field::Notes, "hello")]).unwrap().0;
    let mut torn = honest.clone();
    *torn.last_mut().unwrap() ^= 1;
    let others = MemberDocument::empty().edit(id_of(1), 1_000, &[field(Field::Name, "Thief")]).unwrap().0;
    let another = MemberDocument::empty().edit(forger.id, 1_000, &[field(Field::Name, "Thief")]).unwrap().0;
    for change in [torn, vec![], vec![0; 200], others, honest, another] {
        forger.writes(vec![Fact::Profile { member, change }]);
    }
    hub.takes_in(forger.journal()).unwrap();
    assert!(hub.alarm_codes().iter().all(|code| *code == "alarm_poisoned_profile"));
    for seq in 1..=6 {
        two.takes_in(forger.run(seq, seq)).unwrap();
        edit(&mut two, member, vec![field(Field::Address, &format!("{seq} Quancheng Road"))]);
    }
    edit(&mut one, member, vec![field(Field::Phone, "13800138001")]);
    settle(&mut [&mut hub, &mut one, &mut two]);
    assert_equal(&[&hub, &one, &two]);
    assert_eq!(row(&city, 2, member), ("Wang".into(), "13800138001".into(), 0));
    assert_eq!(hub.author(forger.id).unwrap().quarantine, None);
    city.assert_sound(&[0, 1, 2]);
}

#[test]
fn edits_that_cannot_be_are_refused_and_leave_the_profile() {
    let (city, [mut store]) = City::of();
    let member = store.register("Wang");
    let (digest, head) = (store.digest(), store.me().head);
    let refused = [
        vec![],
        vec![field(Field::Phone, "call me")],
        vec![field(Field::Name, "Wang")],
        vec![field(Field::Name, "Li"), field(Field::BirthDate, "2026-02-30")],
    ];
    for edits in refused {
        let refusal = store.does(Undertaking::EditProfile { member, edits: edits.clone() }).unwrap_err();
        assert!(matches!(refusal, purser_replica::Refusal::Profile(_)), "{edits:?}: {refusal}");
    }
    let nobody = MemberId::from_i64(4711).unwrap();
    assert_eq!(store.refuses(Undertaking::EditProfile { member: nobody, edits: vec![] }), "unknown_member");
    assert_eq!(store.refuses(Undertaking::IssueCard { member: nobody }), "unknown_member");
    assert_eq!((store.digest(), store.me().head), (digest, head));
    edit(&mut store, member, vec![field(Field::Name, "Wang Li")]);
    assert_eq!(row(&city, 0, member).0, "Wang Li");
}

#[test]
fn cards_are_numbered_apart_and_on_after_a_restart() {
    let (city, [mut hub, mut one, mut two]) = City::of();
    let member = one.register("Wang");
    settle(&mut [&mut hub, &mut one, &mut two]);
    let issue = |store: &mut Store| match store.does(Undertaking::IssueCard { member }).unwrap().outcome {
        purser_replica::Outcome::Member(_, card) => card.unwrap(),
        other => panic!("{other:?}"),
    };
    let mut cards = vec![issue(&mut one), issue(&mut one), issue(&mut two)];
    settle(&mut [&mut hub, &mut one, &mut two]);
    let mut one = one.reopened(&city, 1);
    cards.push(issue(&mut one));
    settle(&mut [&mut hub, &mut one, &mut two]);
    cards.sort_unstable();
    cards.dedup();
    assert_eq!(cards.len(), 4);
    for card in cards {
        assert_eq!(city.view(0).card(card).unwrap().unwrap().member, member);
    }
    let profile = city.view(2).profile(member).unwrap();
    assert_eq!(profile.cards.len(), 4);
    assert_eq!(store_code(&mut two), "unknown_card");
}

fn store_code(store: &mut Store) -> &'static str {
    let issuer =
        purser_types::CardIssuer { chain_prefix: 6688, store: purser_types::StoreNumber(7), life: 0 };
    let undertaking = Undertaking::ChangeCard { card: issuer.card(1).unwrap(), state: CardState::Lost };
    store.does(undertaking).unwrap_err().code()
}
