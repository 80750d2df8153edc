//! Accounts and what staff do, as the journals tell them.

use purser_journal::{AccountFact, StaffRole};
use purser_replica::{Settings, Undertaking};
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
        let acts: Vec<(String, String)> =
            city.view(number).acts(None, 10).unwrap().into_iter().map(|(act, _)| (act.by, act.act)).collect();
        assert_eq!(acts.len(), 3, "{acts:?}");
        assert_eq!(acts[0], ("-".into(), "sign_in".into()));
        assert_eq!(acts[1].1, "sign_in_refused");
        assert!(acts[1].0.len() <= 128 && acts[1].0.chars().all(|c| c == 'x'), "{:?}", acts[1]);
        assert_eq!(acts[2], ("li".into(), "register_member".into()));
    }
    assert_equal(&[&hub, &store, &other_hub]);
    city.assert_sound(&[0, 1, 1000]);
}
