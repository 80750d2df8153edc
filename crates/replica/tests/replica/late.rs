//! What a replica wrote after it was put out is kept, and counts if somebody says so.

use purser_documents::Field;
use purser_journal::{AcceptedLate, Entry, Fact, LateSettledFact};
use purser_ledger::Asset;
use purser_replica::{LateChoice, LateKind, Merging, Outcome, Redemption, RunLimit, Undertaking};
use purser_types::{Coded, MemberId, ReplicaId};

use crate::{
    city::{City, DAY_MS, Store, assert_equal, basket, book, field, settle, tell, yuan},
    forger::Forger,
};

fn fence(hub: &mut Store, replica: ReplicaId) {
    hub.does(Undertaking::Fence { replica, reason: "flooded".into() }).unwrap();
}

fn choice(replica: ReplicaId, seq: u64, accept: bool) -> Undertaking {
    let (reason, by) = ("receipts were found".into(), "Zhao Min".into());
    Undertaking::SettleLate(LateChoice { replica, seq, accept, reason, by })
}

/// (credited, debited, owed)
fn accepts(hub: &mut Store, replica: ReplicaId, seq: u64) -> (i64, i64, i64) {
    match hub.does(choice(replica, seq, true)).unwrap().outcome {
        Outcome::LateSettled { accepted: true, credited, debited, owed } => (credited, debited, owed),
        other => panic!("{other:?}"),
    }
}

fn reclaims(hub: &mut Store, replica: ReplicaId) -> i64 {
    match hub.does(Undertaking::Reclaim { replica }).unwrap().outcome {
        Outcome::Reclaimed { points, .. } => points,
        other => panic!("{other:?}"),
    }
}

/// Carries what `gone` wrote too late to the hub, in runs of one seal each.
fn deliver(gone: &Store, hub: &mut Store) {
    while let Some(run) = late_run(gone, hub, gone.id()) {
        let intake = hub.takes_in(run).unwrap();
        assert_eq!(intake.kept, intake.sealed);
    }
}

fn late_run(from: &Store, to: &Store, author: ReplicaId) -> Option<purser_replica::Run> {
    let kept = to.author(author).map_or(0, |author| author.kept_head().seq);
    from.run_after(author, kept, RunLimit { entries: 1, bytes: 1 }).unwrap()
}

/// A store with 300 points of a member that is put out, and goes on: 3 sells for ¥40 and takes 100
/// points, 4 registers another member with a card, 5 sells for ¥7 to that one.
fn lost() -> (City, [Store; 3], [MemberId; 2]) {
    let (city, [mut hub, mut gone, mut two]) = City::of();
    let member = gone.register("Wang");
    gone.earns(member, 300);
    settle(&mut [&mut hub, &mut gone, &mut two]);
    fence(&mut hub, gone.id());
    gone.sells(member, yuan(40), 100);
    let (late_member, _) = gone.register_with_card("Li", true);
    gone.earns(late_member, 7);
    deliver(&gone, &mut hub);
    tell(&hub, &mut two);
    (city, [hub, gone, two], [member, late_member])
}

fn is_sound(city: &City, hub: &mut Store, two: &mut Store) {
    tell(hub, two);
    assert_equal(&[hub, two]);
    let before = [hub.digest(), two.digest()];
    hub.rebuild().unwrap();
    two.rebuild().unwrap();
    assert_eq!([hub.digest(), two.digest()], before);
    city.assert_sound(&[0, 2]);
    book(city, 0).check_conservation().unwrap();
    assert_eq!((hub.alarm_codes(), two.alarm_codes()), (vec![], vec![]));
}

#[test]
fn all_late_entries_are_kept_at_the_hub_and_change_nothing() {
    let (city, [mut hub, gone, mut two], [member, late_member]) = lost();
    let late = city.view(0).late(None, 10).unwrap();
    let told: Vec<_> = late.iter().map(|entry| (entry.replica, entry.store.0, entry.seq)).collect();
    assert_eq!(told, [(gone.id(), 1, 3), (gone.id(), 1, 4), (gone.id(), 1, 5)]);
    let LateKind::Sale(sale) = &late[0].kind else { panic!("{:?}", late[0]) };
    assert_eq!((sale.gross, sale.points_earned, sale.points_redeemed), (yuan(40), 40, 100));
    assert!(matches!(late[1].kind, LateKind::Profile));
    assert_eq!((late[1].member, late[1].card.is_some()), (Some(late_member), true));
    assert_eq!(city.view(0).late(Some(purser_types::StoreNumber(2)), 10).unwrap().len(), 0);
    assert_eq!((hub.points(member), hub.points(late_member)), (300, 0));
    // They are known after a restart, too, and are not taken twice.
    hub = hub.reopened(&city, 0);
    let again = hub.takes_in(gone.run_after(gone.id(), 2, crate::city::ALL).unwrap().unwrap()).unwrap();
    assert_eq!((again.known, again.kept, again.late), (2, 5, 0));
    is_sound(&city, &mut hub, &mut two);
}

#[test]
fn reclaimed_before_or_after_an_accepted_sale_counts_once() {
    let mut ends = Vec::new();
    for reclaim_first in [true, false] {
        let (city, [mut hub, gone, mut two], [member, late_member]) = lost();
        hub.later(purser_replica::LEASE_MS + DAY_MS);
        if reclaim_first {
            assert_eq!(reclaims(&mut hub, gone.id()), 300);
            assert_eq!(accepts(&mut hub, gone.id(), 3), (40, 100, 0));
        } else {
            // Nothing of that lot is the hub's yet but what this very sale earns before.
            let (credited, debited, owed) = accepts(&mut hub, gone.id(), 3);
            assert_eq!((credited, debited + owed), (40, 100));
            assert_eq!(hub.points(member), 240);
            assert_eq!(reclaims(&mut hub, gone.id()), 300);
        }
        accepts(&mut hub, gone.id(), 5);
        accepts(&mut hub, gone.id(), 4);
        assert_eq!((hub.points(member), hub.here(member)), (240, 240));
        assert_eq!((hub.points(late_member), hub.here(late_member)), (7, 7));
        assert_eq!(hub.refuses(choice(gone.id(), 3, true)), "late_settled");
        assert_eq!(hub.refuses(choice(gone.id(), 3, false)), "late_settled");
        assert_eq!(city.view(0).late_count().unwrap(), 0);
        is_sound(&city, &mut hub, &mut two);
        let member_row = city.view(2).member(late_member).unwrap().unwrap();
        assert_eq!((member_row.name.as_str(), two.points(late_member)), ("Li", 7));
        let sums = city.view(2).figures_of_all().unwrap();
        assert_eq!((sums.sales, sums.points_earned, sums.points_redeemed), (3, 347, 100));
        ends.push((two.points(member), sums.gross_fen));
    }
    assert_eq!(ends[0], ends[1]);
}

#[test]
fn what_is_written_off_never_counts() {
    let (city, [mut hub, gone, mut two], [member, _]) = lost();
    let reply = hub.does(choice(gone.id(), 3, false)).unwrap();
    assert!(matches!(reply.outcome, Outcome::LateSettled { accepted: false, credited: 0, .. }));
    assert_eq!(hub.refuses(choice(gone.id(), 3, true)), "late_settled");
    assert_eq!((hub.points(member), city.view(0).late_count().unwrap()), (300, 2));
    is_sound(&city, &mut hub, &mut two);
}

#[test]
fn arrivals_in_any_order_end_equal() {
    let (city, [mut hub, gone, two], _) = lost();
    for seq in [5, 3, 4] {
        accepts(&mut hub, gone.id(), seq);
    }
    let journals = [hub.id(), gone.id(), two.id()];
    for (number, order) in [(3, [0, 1, 2]), (4, [1, 2, 0]), (5, [2, 0, 1])] {
        let mut newcomer = city.open(number);
        for place in order {
            // The hub's journal alone names an author of whom nothing else is known yet.
            if let Some(run) = hub.run_for(&newcomer, journals[place]) {
                newcomer.takes_in(run).unwrap();
            }
        }
        assert_equal(&[&hub, &newcomer]);
        let profile = city.view(number).members(MemberId::CHAIN, 10).unwrap();
        assert_eq!(profile.len(), 2);
        city.assert_sound(&[number]);
    }
}

/// A sale that came late can be returned like any other once it counts, exactly.
#[test]
fn goods_of_an_accepted_sale_can_be_taken_back() {
    let (city, [mut hub, gone, mut two], [member, _]) = lost();
    hub.later(purser_replica::LEASE_MS + DAY_MS);
    reclaims(&mut hub, gone.id());
    let sale = purser_types::SaleId::created_by(purser_types::EntryId { replica: gone.id(), seq: 3 });
    assert_eq!(hub.takes_back(sale, yuan(1)).unwrap_err().code(), "unknown_sale");
    accepts(&mut hub, gone.id(), 3);
    assert_eq!(hub.rights(member, Asset::Refundable(sale)), 4_000);
    hub.takes_back(sale, yuan(40)).unwrap();
    assert_eq!(hub.points(member), 300);
    is_sound(&city, &mut hub, &mut two);
}

/// The machine that replaces the store does not use a receipt number again.
#[test]
fn receipt_numbers_of_accepted_sales_are_used_up() {
    let (city, [mut hub, mut gone, mut other]) = City::of();
    let member = gone.register("Wang");
    settle(&mut [&mut hub, &mut gone, &mut other]);
    fence(&mut hub, gone.id());
    gone.does(Undertaking::CheckOut(basket(member, "A-9", yuan(5), Redemption::None))).unwrap();
    deliver(&gone, &mut hub);
    accepts(&mut hub, gone.id(), 2);
    // As if the store's own machine had lived on under a new name.
    tell(&hub, &mut gone);
    let checks = city.view(1).check("1", "A-9").unwrap();
    assert!(checks.is_some());
}

#[test]
fn a_neighbour_that_knew_more_passes_it_on_to_the_hub() {
    let (city, [mut hub, mut gone, mut two]) = City::of();
    let member = gone.register("Wang");
    settle(&mut [&mut hub, &mut gone, &mut two]);
    gone.earns(member, 50);
    gone.earns(member, 60);
    tell(&gone, &mut two);
    fence(&mut hub, gone.id());
    tell(&hub, &mut two);
    assert_eq!(two.author(gone.id()).unwrap().kept_head().seq, 3);
    let run = late_run(&two, &hub, gone.id()).unwrap();
    hub.takes_in(run).unwrap();
    assert_eq!(city.view(0).late_count().unwrap(), 2);
    assert_eq!(accepts(&mut hub, gone.id(), 3), (60, 0, 0));
    is_sound(&city, &mut hub, &mut two);
}

#[test]
fn only_the_hub_that_may_reclaim_settles() {
    let (city, [mut hub, gone, mut two], _) = lost();
    assert_eq!(two.refuses(choice(gone.id(), 3, true)), "not_a_hub");
    assert_eq!(hub.refuses(choice(two.id(), 3, true)), "not_fenced");
    assert_eq!(hub.refuses(choice(gone.id(), 2, true)), "unknown_late");
    assert_eq!(hub.refuses(choice(gone.id(), 6, true)), "unknown_late");
    let Undertaking::SettleLate(nameless) = choice(gone.id(), 3, true) else { unreachable!() };
    let nameless = LateChoice { by: String::new(), ..nameless };
    assert_eq!(hub.refuses(Undertaking::SettleLate(nameless)), "out_of_range");
    let mut other = city.open(1000);
    hub.does(Undertaking::Enrol { credential: city.credential(1000), invitation: [9; 16] }).unwrap();
    settle(&mut [&mut hub, &mut other]);
    assert_eq!(hub.refuses(choice(gone.id(), 3, true)), "not_fenced_at_hub");
    fence(&mut other, gone.id());
    settle(&mut [&mut hub, &mut other]);
    let run = late_run(&hub, &other, gone.id()).unwrap();
    other.takes_in(run).unwrap();
    let mut results: Vec<_> = [&mut hub, &mut other]
        .into_iter()
        .map(|hub| hub.does(choice(gone.id(), 3, true)).map_or_else(|refusal| refusal.code(), |_| "done"))
        .collect();
    results.sort_unstable();
    assert_eq!(results, ["done", "fenced_by_another"]);
    settle(&mut [&mut hub, &mut other, &mut two]);
    assert_equal(&[&hub, &other, &two]);
}

#[test]
fn what_is_kept_has_a_bound_and_beyond_it_somebody_is_told() {
    let city = City::found();
    let mut hub = city.open(0);
    let mut gone = Forger::enrolled(&city, 1);
    gone.writes(vec![Fact::Address("10.0.0.1:7000".into())]);
    hub.takes_in(gone.journal()).unwrap();
    fence(&mut hub, gone.id);
    for _ in 0..21_000 {
        gone.writes(vec![]);
    }
    let (mut first, mut kept) = (2, 0);
    while first < 21_000 {
        let last = first + 4_999;
        let intake = hub.takes_in(gone.run(first, last.min(21_001))).unwrap();
        kept = intake.kept;
        first = last + 1;
        if intake.kept < intake.sealed {
            break;
        }
    }
    assert_eq!((kept, hub.known(gone.id)), (20_001, 1));
    assert_eq!(hub.alarm_codes(), ["alarm_too_much_late"]);
}

#[test]
fn a_settlement_that_holds_another_entry_sets_its_author_aside() {
    let (city, [_, gone, _], [member, _]) = lost();
    let entry = gone.run_after(gone.id(), 2, crate::city::ALL).unwrap().unwrap().entries[0].clone();
    let settled = |seq, entry: &[u8], hash, number| LateSettledFact {
        replica: gone.id(),
        seq,
        hash,
        reason: "r".into(),
        by: "b".into(),
        accepted: Some(AcceptedLate { entry: entry.to_vec(), credential: city.credential(number) }),
    };
    let hash = Entry::hash(&entry);
    let other = Forger::enrolled(&city, 1).draft(vec![Fact::LateSettled(settled(3, &entry, hash, 1))]);
    let other = Entry { seq: 3, ..other }.to_bytes();
    let forged = [
        (0, settled(4, &entry, hash, 1)),
        (0, settled(3, &entry, crate::forger::nobodys_hash(), 1)),
        (0, settled(3, &entry, hash, 2)),
        (0, settled(3, &entry[1..], hash, 1)),
        (0, settled(3, &other, Entry::hash(&other), 1)),
        (2, settled(3, &entry, hash, 1)),
    ];
    for (number, settled) in forged {
        let city = City::found();
        let mut store = city.open(5);
        let mut hub = Forger::enrolled(&city, number);
        hub.writes(vec![Fact::LateSettled(settled)]);
        store.takes_in(hub.journal()).unwrap();
        assert_eq!(store.alarm_codes(), ["alarm_unsound"]);
        assert_eq!((store.known(hub.id), store.points(member)), (0, 0));
    }
}

#[test]
fn a_late_profile_change_meets_what_was_written_meanwhile() {
    let (city, [mut hub, mut gone, mut two]) = City::of();
    let member = gone.register("Wang");
    settle(&mut [&mut hub, &mut gone, &mut two]);
    fence(&mut hub, gone.id());
    let edit = |name| Undertaking::EditProfile { member, edits: vec![field(Field::Phone, name)] };
    gone.does(edit("13800138000")).unwrap();
    two.does(edit("13900139000")).unwrap();
    settle(&mut [&mut hub, &mut two]);
    deliver(&gone, &mut hub);
    accepts(&mut hub, gone.id(), 2);
    tell(&hub, &mut two);
    assert_equal(&[&hub, &two]);
    assert_eq!(city.view(2).member(member).unwrap().unwrap().conflicts, 1);
    assert_eq!(city.view(2).profile(member).unwrap(), city.view(0).profile(member).unwrap());
    is_sound(&city, &mut hub, &mut two);
}

#[test]
fn a_merge_of_a_replica_that_was_out_counts_once_it_is_accepted() {
    let (city, [mut hub, mut gone, mut two]) = City::of();
    let [first, second] = ["Wang", "Wang Xiaoming"].map(|name| gone.register(name));
    settle(&mut [&mut hub, &mut gone, &mut two]);
    fence(&mut hub, gone.id());
    let (reason, by) = ("the same phone".to_owned(), "wu".to_owned());
    gone.does(Undertaking::Merge(Merging { member: second, into: Some(first), reason, by })).unwrap();
    let seq = gone.known(gone.id());
    deliver(&gone, &mut hub);
    assert_eq!(city.view(0).kin(second).unwrap(), [second]);
    hub.does(choice(gone.id(), seq, true)).unwrap();
    is_sound(&city, &mut hub, &mut two);
    for number in [0, 2] {
        assert_eq!(city.view(number).kin(second).unwrap(), [first, second]);
    }
}
