//! Versions of the programme that are published, and what they bring.

use std::sync::Arc;

use purser_journal::{ProgrammePaper, SignedProgramme};
use purser_ledger::Lot;
use purser_programme::Programme;
use purser_replica::{Policy, Settings, Undertaking};
use purser_types::MemberId;

use crate::city::{City, DAY_MS, Store, acquaint, authority, settle};

const TEA_HOUSE: &str = include_str!("../../../../programmes/tea-house.toml");
const POINTS_CLUB: &str = include_str!("../../../../programmes/points-club.toml");

/// The order to publish a document.
fn publication(city: &City, document: &str) -> Undertaking {
    let Programme { version, in_force_from, .. } = Programme::read(document).unwrap();
    let scope = city.founding(0).charter.scope;
    let paper = ProgrammePaper { scope, version, in_force_from, document: document.to_owned() };
    Undertaking::Publish(Box::new(SignedProgramme::sign(&authority(), &paper)))
}

fn with_cards(version: u32, cards: u32) -> String {
    let issue = format!(
        "[[card_issue]]\nid = \"spring-500\"\nname = {{ zh = \"春茶卡\", en = \"Spring\" }}\namount = \"500\"\ncards = {cards}\n"
    );
    format!("{TEA_HOUSE}\n{issue}").replacen("version = 1", &format!("version = {version}"), 1)
}

fn cards_left(store: &Store) -> i64 {
    let issue = &Programme::read(&with_cards(1, 1)).unwrap().card_issues[0];
    store.rights(MemberId::CHAIN, Lot::stock(issue.kind()).asset)
}

#[test]
fn a_version_brings_the_cards_that_none_before_it_has_brought() {
    let (city, [mut hub]) = City::of();
    for (version, cards, left) in [(1, 3, 3), (2, 5, 5), (3, 2, 5), (4, 5, 5), (5, 6, 6)] {
        hub.does(publication(&city, &with_cards(version, cards))).unwrap();
        assert_eq!(cards_left(&hub), left, "version {version}");
    }
    // Asked again it is done before, and brings nothing.
    hub.does(publication(&city, &with_cards(5, 6))).unwrap();
    assert_eq!(cards_left(&hub), 6);
}

/// Two hubs that cannot see each other publish two texts under one number: all sell by the same, and all are told.
#[test]
fn two_texts_under_one_number_are_told_of() {
    let city = City::found();
    let settings = Settings::default;
    let (mut hub, mut store) = (city.open_for(0, settings()), city.open_for(1, settings()));
    let mut other_hub = city.open_for(1000, settings());
    acquaint(&mut [&mut hub, &mut other_hub, &mut store]);
    hub.does(publication(&city, &with_cards(1, 3))).unwrap();
    other_hub.does(publication(&city, &with_cards(1, 4))).unwrap();
    settle(&mut [&mut hub, &mut other_hub, &mut store]);
    for replica in [&mut hub, &mut other_hub, &mut store] {
        assert_eq!(replica.alarm_codes(), ["alarm_two_programmes", "alarm_cards_issued_twice"]);
    }
    let cards = [0, 1000, 1].map(|number| {
        let programmes = city.view(number).programmes().unwrap();
        programmes[0].card_issues[0].cards
    });
    assert!(cards.windows(2).all(|pair| pair[0] == pair[1]), "{cards:?}");
}

/// The same cards come from two hubs that do not know of each other's versions: nothing prevents it, and all are told.
#[test]
fn cards_that_two_hubs_have_issued_are_told_of() {
    for at_one_hub in [1, 2] {
        let city = City::found();
        let (mut hub, mut other_hub) =
            (city.open_for(0, Settings::default()), city.open_for(1000, Settings::default()));
        acquaint(&mut [&mut hub, &mut other_hub]);
        hub.does(publication(&city, &with_cards(1, 3))).unwrap();
        settle(&mut [&mut hub, &mut other_hub]);
        assert_eq!(hub.alarm_codes(), [""; 0]);
        // The same version, or one that would have brought only two.
        hub.does(publication(&city, &with_cards(2, 5))).unwrap();
        other_hub.does(publication(&city, &with_cards(1 + at_one_hub, 5))).unwrap();
        settle(&mut [&mut hub, &mut other_hub]);
        for replica in [&mut hub, &mut other_hub] {
            assert_eq!(replica.alarm_codes(), ["alarm_cards_issued_twice"]);
        }
    }
}

/// Points that purchases have given more time move to where the policy wants them, like any others.
#[test]
fn prolonged_points_follow_the_policy() {
    let city = City::found();
    let programme = Arc::new(Programme::read(&POINTS_CLUB.replace("months = 24", "months = 6")).unwrap());
    let settings = || Settings { programme: Arc::clone(&programme), policy: Policy::Hub };
    let (mut hub, mut store) = (city.open_for(0, settings()), city.open_for(1, settings()));
    acquaint(&mut [&mut hub, &mut store]);
    let member = store.register("Wang");
    // Without a hub in sight the points stay where they were earned.
    store.set_hub(None);
    store.earns(member, 100);
    for _ in 0..3 {
        store.later(100 * DAY_MS);
        hub.later(100 * DAY_MS);
        store.earns(member, 1);
    }
    assert_eq!((store.here(member), store.points(member)), (203, 203));
    let (id, now) = (hub.id(), store.now);
    store.set_hub(Some(id));
    store.note_hub_met(now);
    store.earns(member, 1);
    settle(&mut [&mut hub, &mut store]);
    assert_eq!((store.here(member), hub.here(member)), (0, 204));
}
