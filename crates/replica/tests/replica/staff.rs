//! Accounts and what staff do, as the journals tell them.

use purser_journal::{AccountFact, StaffRole};
use purser_replica::{About, AccountChange, ActsAsked, Settings, Undertaking};
use purser_types::StoreNumber;

use crate::city::{City, Store, acquaint, assert_equal, settle, tell};

fn account(store: Option<u32>, name: &str, role: StaffRole, verifier: Option<&str>) -> Undertaking {
    let (name, person) = (name.to_owned(), "李雷".to_owned());
    let verifier = verifier.map(str::to_owned);
    Undertaking::SetAccount(AccountFact { store: store.map(StoreNumber), name, person, role, verifier })
}

fn known(city: &City, number: u32, name: &str) -> Option<(StaffRole, Option<String>)> {
    city.view(number).account(name).unwrap().map(|row| (row.role, row.verifier))
}

fn city() -> (City, [Store; 3]) {
    let city = City::found();
    let [hub, store] = [0, 1].map(|number| city.open_for(number, Settings::default()));
    let other_hub = city.open_for(1000, Settings::default());
    (city, [hub, store, other_hub])
}

#[test]
fn the_latest_word_on_an_account_counts_in_whatever_order_it_comes() {
    let (city, [mut hub, mut store, mut other_hub]) = city();
    acquaint(&mut [&mut hub, &mut store, &mut other_hub]);
    hub.does(account(None, "li", StaffRole::Cashier, Some("one"))).unwrap();
    other_hub.later(1_000);
    other_hub.does(account(None, "li", StaffRole::Manager, None)).unwrap();
    // What was said first comes last.
    tell(&other_hub, &mut store);
    assert_eq!(known(&city, 1, "li"), Some((StaffRole::Manager, None)));
    tell(&hub, &mut store);
    assert_eq!(known(&city, 1, "li"), Some((StaffRole::Manager, None)));
    settle(&mut [&mut hub, &mut store, &mut other_hub]);
    assert_equal(&[&hub, &store, &other_hub]);
    city.assert_sound(&[0, 1, 1000]);
}

#[test]
fn a_store_has_accounts_of_its_own_and_those_of_the_city() {
    let (city, [mut hub, mut store, mut other_hub]) = city();
    acquaint(&mut [&mut hub, &mut store, &mut other_hub]);
    assert_eq!(store.refuses(account(None, "li", StaffRole::Cashier, None)), "out_of_range");
    assert_eq!(store.refuses(account(Some(1), "li", StaffRole::HeadOffice, None)), "out_of_range");
    assert_eq!(store.refuses(account(Some(2), "li", StaffRole::Cashier, None)), "out_of_range");
    let own = city.plain_credential(1).store.0;
    store.does(account(Some(own), "li", StaffRole::Cashier, Some("own"))).unwrap();
    hub.does(account(None, "zhao", StaffRole::HeadOffice, Some("city"))).unwrap();
    settle(&mut [&mut hub, &mut store, &mut other_hub]);
    assert_eq!(known(&city, 1, "li"), Some((StaffRole::Cashier, Some("own".into()))));
    assert_eq!(known(&city, 1, "zhao"), Some((StaffRole::HeadOffice, Some("city".into()))));
    // Whoever steals the store's machine comes in there only.
    assert_eq!(known(&city, 0, "li"), None);
}

#[test]
fn entries_say_who_had_them_written_and_audits_show_it_everywhere() {
    let (city, [mut hub, mut store, mut other_hub]) = city();
    acquaint(&mut [&mut hub, &mut store, &mut other_hub]);
    let edits = vec![crate::city::field(purser_documents::Field::Name, "Wang")];
    let undertaking = Box::new(Undertaking::Register { edits, with_card: true });
    store.does(Undertaking::By { person: "li".into(), undertaking }).unwrap();
    let typed = "x\u{202e}\u{0}".repeat(300);
    store.does(Undertaking::Note { by: typed, act: "sign_in_refused", about: "\u{202e}".into() }).unwrap();
    store.does(Undertaking::Note { by: String::new(), act: "sign_in", about: String::new() }).unwrap();
    settle(&mut [&mut hub, &mut store, &mut other_hub]);
    for number in [0, 1] {
        let acts: Vec<(String, String)> = city
            .view(number)
            .acts(&ActsAsked::default(), 10)
            .unwrap()
            .into_iter()
            .map(|(act, _)| (act.by, act.act))
            .collect();
        assert_eq!(acts.len(), 3, "{acts:?}");
        assert_eq!(acts[0], ("-".into(), "sign_in".into()));
        assert_eq!(acts[1].1, "sign_in_refused");
        assert!(acts[1].0.len() <= 128 && acts[1].0.chars().all(|c| c == 'x'), "{:?}", acts[1]);
        assert_eq!(acts[2], ("li".into(), "register_member".into()));
    }
    assert_equal(&[&hub, &store, &other_hub]);
    city.assert_sound(&[0, 1, 1000]);
}

/// A store with its managers wu and qin, and the cashier li; the hub has told it of zhao.
fn staffed(city: &City) -> [Store; 2] {
    let [mut hub, mut store] = [0, 1].map(|number| city.open_for(number, Settings::default()));
    acquaint(&mut [&mut hub, &mut store]);
    hub.does(account(None, "zhao", StaffRole::HeadOffice, Some("z"))).unwrap();
    let own = Some(city.plain_credential(1).store.0);
    for (name, role) in [("wu", StaffRole::Manager), ("qin", StaffRole::Manager), ("li", StaffRole::Cashier)]
    {
        store.does(account(own, name, role, Some(name))).unwrap();
    }
    settle(&mut [&mut hub, &mut store]);
    [hub, store]
}

fn by(person: &str, change: AccountChange) -> Undertaking {
    let undertaking = Box::new(Undertaking::ChangeAccount(change));
    Undertaking::By { person: person.into(), undertaking }
}

fn open(name: &str, role: StaffRole) -> AccountChange {
    let (name, person) = (name.to_owned(), "陈静".to_owned());
    AccountChange::Open { name, person, role, verifier: "new".into() }
}

#[test]
fn a_new_account_takes_nobodys_place() {
    let city = City::found();
    let [mut hub, mut store] = staffed(&city);
    for name in ["wu", "li", "zhao"] {
        assert_eq!(store.refuses(by("wu", open(name, StaffRole::Cashier))), "account_taken", "{name}");
    }
    assert_eq!(known(&city, 1, "wu"), Some((StaffRole::Manager, Some("wu".into()))));
    store.does(by("wu", AccountChange::Close { name: "li".into() })).unwrap();
    assert_eq!(store.refuses(by("wu", open("li", StaffRole::Cashier))), "account_taken", "who left had it");
    // An account of the city would stand before the store's.
    assert_eq!(hub.refuses(by("zhao", open("qin", StaffRole::Auditor))), "account_taken");
    store.does(by("wu", open("chen", StaffRole::Cashier))).unwrap();
    assert_eq!(known(&city, 1, "chen"), Some((StaffRole::Cashier, Some("new".into()))));
    assert_eq!(store.refuses(by("wu", open("boss", StaffRole::HeadOffice))), "out_of_range");
}

#[test]
fn nobody_demotes_or_closes_themselves_nor_the_last_manager() {
    let city = City::found();
    let [_hub, mut store] = staffed(&city);
    let role = |name: &str, role| AccountChange::SetRole { name: name.into(), role };
    let close = |name: &str| AccountChange::Close { name: name.into() };
    assert_eq!(store.refuses(by("wu", role("wu", StaffRole::Cashier))), "account_own");
    assert_eq!(store.refuses(by("wu", close("wu"))), "account_own");
    // Of the city's accounts a store changes none, and of others it knows nothing.
    for name in ["zhao", "nobody"] {
        assert_eq!(store.refuses(by("wu", close(name))), "account_unknown", "{name}");
        let verifier = "mine".to_owned();
        let password = AccountChange::SetPassword { name: name.into(), verifier };
        assert_eq!(store.refuses(by("wu", password)), "account_unknown", "{name}");
    }
    store.does(by("wu", role("qin", StaffRole::Cashier))).unwrap();
    assert_eq!(store.refuses(by("zhao", role("wu", StaffRole::Cashier))), "account_last_manager");
    assert_eq!(store.refuses(by("zhao", close("wu"))), "account_last_manager");
    store.does(by("zhao", role("li", StaffRole::Manager))).unwrap();
    store.does(by("zhao", close("wu"))).unwrap();
    assert_eq!(known(&city, 1, "wu"), Some((StaffRole::Manager, None)));
    let verifier = "again".to_owned();
    store.does(by("li", AccountChange::SetPassword { name: "wu".into(), verifier })).unwrap();
    assert_eq!(known(&city, 1, "wu"), Some((StaffRole::Manager, Some("again".into()))));
    city.assert_sound(&[0, 1]);
}

#[test]
fn an_act_says_what_it_was_about() {
    let city = City::found();
    let [_hub, mut store] = staffed(&city);
    let edits = vec![crate::city::field(purser_documents::Field::Name, "Wang")];
    let undertaking = Box::new(Undertaking::Register { edits, with_card: true });
    store.does(Undertaking::By { person: "li".into(), undertaking }).unwrap();
    store.does(by("wu", AccountChange::SetRole { name: "li".into(), role: StaffRole::Manager })).unwrap();
    let mut view = city.view(1);
    let acts = view.acts(&ActsAsked::default(), 10).unwrap();
    let told: Vec<About> = acts.iter().filter_map(|(act, _)| About::read(&act.about)).collect();
    assert_eq!((told[0].account.as_deref(), told[0].role), (Some("li"), Some(StaffRole::Manager)));
    let member = told[1].member.unwrap();
    assert!(view.member(member).unwrap().is_some());
    assert_eq!(told[1].fields, [purser_documents::Field::Name]);
    assert_eq!(told[1].card.as_ref().unwrap().0.len(), 4);
    assert!(acts.iter().all(|(act, _)| !act.about.contains("Wang")), "{acts:?}");
}

#[test]
fn acts_are_found_by_person_and_by_day_page_by_page() {
    let city = City::found();
    let [_hub, mut store] = staffed(&city);
    for (who, nth) in ["li", "wu", "li", "li"].into_iter().zip(1..) {
        let note = Undertaking::Note { by: who.into(), act: "sign_in", about: format!("{nth}") };
        store.does(note).unwrap();
        store.later(86_400_000);
    }
    let mut view = city.view(1);
    let mut asked = |asked: ActsAsked<'_>| -> Vec<String> {
        view.acts(&asked, 2).unwrap().into_iter().map(|(act, _)| act.about).collect()
    };
    assert_eq!(asked(ActsAsked::default()), ["4", "3"]);
    assert_eq!(asked(ActsAsked { by: Some("li"), ..ActsAsked::default() }), ["4", "3"]);
    assert_eq!(asked(ActsAsked { by: Some("wu"), ..ActsAsked::default() }), ["2"]);
    let mut view = city.view(1);
    let first = view.acts(&ActsAsked { by: Some("li"), ..ActsAsked::default() }, 2).unwrap();
    let before = first.last().map(|(act, _)| act.place);
    let older = view.acts(&ActsAsked { before, by: Some("li"), day: None }, 2).unwrap();
    assert_eq!(older.iter().map(|(act, _)| act.about.as_str()).collect::<Vec<_>>(), ["1"]);
    let day = Some(view.date_at(first[1].0.place.wall_ms));
    let of_day = view.acts(&ActsAsked { day, ..ActsAsked::default() }, 2).unwrap();
    assert_eq!(of_day.iter().map(|(act, _)| act.about.as_str()).collect::<Vec<_>>(), ["3"]);
}
