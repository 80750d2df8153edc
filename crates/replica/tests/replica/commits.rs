//! Group commit: all or nothing, on the disk and in memory, and nothing leaves before.

use purser_documents::Field;
use purser_replica::{Order, Undertaking, View};

use crate::city::{City, Store, field, tell, yuan};

fn register(name: &str) -> Order {
    let undertaking = Undertaking::Register { edits: vec![field(Field::Name, name)], with_card: true };
    Order { request: Some(crate::city::request(name, name)), undertaking }
}

#[test]
fn orders_of_one_transaction_build_on_each_other_under_one_seal() {
    let (_city, [mut store]) = City::of();
    let now = store.now;
    let mut transaction = store.begin(now).unwrap();
    let replies = ["Wang", "Li", "Zhao"].map(|name| transaction.execute(&register(name)).unwrap());
    assert!(transaction.own_bytes() > 300);
    let proof = transaction.commit().unwrap();
    let seqs = replies.map(|reply| reply.release(&proof).entry.seq);
    assert_eq!(seqs, [1, 2, 3]);
    let run = store.run_after(store.id(), 0, purser_replica::RunLimit { entries: 1, bytes: 1 }).unwrap();
    assert_eq!(run.unwrap().entries.len(), 3, "there is one seal, after the third");
    assert!(store.run_after(store.id(), 3, crate::city::ALL).unwrap().is_none());
}

/// Everything that a transaction can touch in memory, touched and then dropped.
#[test]
fn a_dropped_transaction_leaves_no_trace() {
    let (city, [mut store, mut other]) = City::of();
    let member = store.register("Wang");
    store.earns(member, 500);
    let stranger = other.register("Li");
    let run = other.run_for(&store, other.id()).unwrap();
    let before = (store.digest(), store.me().head, store.version_vector());
    let now = store.now;
    let mut transaction = store.begin(now).unwrap();
    let _ = transaction.execute(&register("Nobody")).unwrap();
    let edits = vec![field(Field::Name, "Wang the Second")];
    let edit = Undertaking::EditProfile { member, edits };
    let _ = transaction.execute(&Order { request: None, undertaking: edit }).unwrap();
    let _ = transaction.execute(&Order { request: None, undertaking: hold(member) }).unwrap();
    let _ = transaction.take_in(run.clone(), run.author).unwrap();
    transaction.note_fork(other.id(), 1).unwrap();
    drop(transaction);
    assert_eq!((store.digest(), store.me().head, store.version_vector()), before);
    assert_eq!((store.alarm_codes(), store.points(member)), (vec![], 500));
    assert!(store.author(other.id()).is_none());

    // The next order gets the place that was given up, and finds documents as they are.
    let reply = store.order(&register("Nobody")).unwrap();
    assert_eq!((reply.entry.seq, reply.repeated), (3, false));
    let phone = Undertaking::EditProfile { member, edits: vec![field(Field::Phone, "13800138000")] };
    store.does(phone).unwrap();
    let profile = city.view(0).profile(member).unwrap();
    assert_eq!(profile.text(Field::Name), Some("Wang"));
    store.takes_in(run).unwrap();
    assert_eq!(store.points(stranger), 0);
    tell(&store, &mut other);
    tell(&other, &mut store);
    assert_eq!(store.digest(), other.digest());
}

fn hold(member: purser_types::MemberId) -> Undertaking {
    Undertaking::Hold { member, points: 100, lasts_ms: 60_000 }
}

#[test]
fn a_refused_order_leaves_the_others_of_its_transaction() {
    let (_city, [mut store]) = City::of();
    let member = store.register("Wang");
    let now = store.now;
    let mut transaction = store.begin(now).unwrap();
    let refused = transaction.execute(&Order { request: None, undertaking: hold(member) });
    assert!(refused.is_err());
    let kept = transaction.execute(&register("Li")).unwrap();
    let proof = transaction.commit().unwrap();
    assert_eq!(kept.release(&proof).entry.seq, 2);
}

#[test]
#[should_panic(expected = "released by the commit of another transaction")]
fn a_reply_does_not_open_with_anothers_commit() {
    let (_city, [mut store]) = City::of();
    let now = store.now;
    let transaction = store.begin(now).unwrap();
    let earlier = transaction.commit().unwrap();
    let mut transaction = store.begin(now).unwrap();
    let reply = transaction.execute(&register("Wang")).unwrap();
    drop(transaction);
    reply.release(&earlier);
}

#[test]
fn readers_see_nothing_before_the_commit() {
    let (city, [mut store]) = City::of();
    let member = store.register("Wang");
    let mut view = city.view(0);
    let points = |view: &mut View, store: &Store| {
        let today = store.zone().date_at(store.now.wall_ms);
        view.balance(member, purser_ledger::Asset::Points, today).unwrap().balance
    };
    let basket = crate::city::basket(member, "T-7", yuan(5), purser_replica::Redemption::None);
    let now = store.now;
    let mut transaction = store.begin(now).unwrap();
    let undertaking = Undertaking::CheckOut(basket);
    let _ = transaction.execute(&Order { request: None, undertaking }).unwrap();
    let today = view.date_at(now.wall_ms);
    assert_eq!(view.balance(member, purser_ledger::Asset::Points, today).unwrap().balance, 0);
    let _proof = transaction.commit().unwrap();
    assert_eq!(points(&mut view, &store), 5);
}

/// What one seal covers has to travel in one frame: a long transaction is cut by its caller.
#[test]
fn a_run_keeps_to_its_limit_where_seals_allow() {
    let (_city, [mut store]) = City::of();
    let member = store.register("Wang");
    for _ in 0..20 {
        store.earns(member, 1);
    }
    let limit = |entries, bytes| purser_replica::RunLimit { entries, bytes };
    let count = |limit| store.run_after(store.id(), 0, limit).unwrap().unwrap().entries.len();
    assert_eq!(count(limit(5, usize::MAX)), 5);
    assert_eq!(count(limit(100, usize::MAX)), 21);
    assert!((1..10).contains(&count(limit(100, 1_500))));
    assert_eq!(count(limit(100, 0)), 1);
    assert_eq!(count(limit(0, usize::MAX)), 1);
}
