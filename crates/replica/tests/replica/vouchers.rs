//! A member carries rights to a store that is cut off.

use purser_journal::{SignedVoucher, Voucher, VoucherLine};
use purser_ledger::Asset;
use purser_replica::{Order, Outcome, Redemption, Undertaking};
use purser_types::{MemberId, OfferId, ReplicaId};

use crate::{
    city::{City, DAY_MS, Store, acquaint, assert_equal, book, id_of, key_of, request, settle, tell, yuan},
    forger::points_of,
};

/// A hub with all of a member's 500 points, and two stores that know of them and are cut off now.
fn city() -> (City, [Store; 3], MemberId) {
    let (city, [mut hub, mut one, mut two]) = City::of();
    let member = hub.register("Wang");
    hub.earns(member, 500);
    acquaint(&mut [&mut hub, &mut one, &mut two]);
    (city, [hub, one, two], member)
}

fn carry(hub: &mut Store, to: u32, member: MemberId, points: i64) -> SignedVoucher {
    let reply = hub.does(Undertaking::Carry { to: id_of(to), member, points }).unwrap();
    assert_eq!(reply.lent(), points);
    voucher(hub, (OfferId::created_by(reply.entry), id_of(to)), member)
}

fn voucher(hub: &Store, offer: (OfferId, ReplicaId), member: MemberId) -> SignedVoucher {
    hub.voucher(offer, member, hub.now.wall_ms + DAY_MS).unwrap().unwrap()
}

fn shown(voucher: &SignedVoucher) -> Undertaking {
    // As a till gets it.
    Undertaking::TakeUp { voucher: Box::new(voucher.to_string().parse().unwrap()) }
}

#[test]
fn what_is_carried_is_spent_while_the_line_is_down_and_the_journals_meet_later() {
    let (city, [mut hub, mut one, mut two], member) = city();
    let voucher = carry(&mut hub, 1, member, 300);
    assert_eq!((hub.here(member), hub.points(member)), (200, 500));
    let reply = one.does(shown(&voucher)).unwrap();
    assert!(matches!(reply.outcome, Outcome::Reclaimed { points: 300, .. }), "{reply:?}");
    assert_eq!((one.here(member), one.points(member)), (300, 500));
    one.buys(member, yuan(3), Redemption::Points(300)).unwrap();
    assert_eq!(one.refuses(shown(&voucher)), "voucher_used");
    let mut one = one.reopened(&city, 1);
    assert_eq!(one.refuses(shown(&voucher)), "voucher_used");

    settle(&mut [&mut hub, &mut one, &mut two]);
    assert_equal(&[&hub, &one, &two]);
    assert_eq!((two.points(member), hub.here(member)), (203, 200));
    assert_eq!(one.refuses(shown(&voucher)), "voucher_used");
    for store in [&mut hub, &mut one, &mut two] {
        assert_eq!(store.alarm_codes(), Vec::<&str>::new());
    }
    book(&city, 2).check_conservation().unwrap();
    city.assert_sound(&[0, 1, 2]);
    two.rebuild().unwrap();
    assert_equal(&[&hub, &one, &two]);
}

#[test]
fn a_store_that_has_the_offer_already_does_not_take_it_up_again() {
    let (_city, [mut hub, mut one, _], member) = city();
    let voucher = carry(&mut hub, 1, member, 300);
    tell(&hub, &mut one);
    assert_eq!(one.here(member), 300);
    assert_eq!(one.refuses(shown(&voucher)), "voucher_used");
    assert_eq!(one.here(member), 300);
}

#[test]
fn a_repeated_request_gets_its_first_answer() {
    let (_city, [mut hub, mut one, _], member) = city();
    let voucher = carry(&mut hub, 1, member, 300);
    let order = |key| Order { request: Some(request(key, "voucher")), undertaking: shown(&voucher) };
    let first = one.order(&order("a")).unwrap();
    let again = one.order(&order("a")).unwrap();
    assert_eq!((again.entry, again.outcome, again.repeated), (first.entry, first.outcome, true));
    assert!(one.order(&order("b")).is_err());
    assert_eq!(one.here(member), 300);
}

#[test]
fn a_crash_before_the_commit_takes_nothing_up() {
    let (city, [mut hub, mut one, _], member) = city();
    let voucher = carry(&mut hub, 1, member, 300);
    let now = one.now;
    let mut transaction = one.begin(now).unwrap();
    let order = Order { request: None, undertaking: shown(&voucher) };
    let _gated = transaction.execute(&order).unwrap();
    drop(transaction);
    let mut one = one.reopened(&city, 1);
    assert_eq!(one.here(member), 0);
    one.does(shown(&voucher)).unwrap();
    assert_eq!((one.here(member), one.refuses(shown(&voucher))), (300, "voucher_used"));
}

#[test]
fn it_is_good_at_its_store_and_until_its_end_only() {
    let (_city, [mut hub, mut one, mut two], member) = city();
    let voucher = carry(&mut hub, 1, member, 300);
    let refused = two.does(shown(&voucher)).unwrap_err();
    assert!(refused.to_string().contains("store 1"), "{refused}");
    assert_eq!(two.refuses(shown(&voucher)), "voucher_for_another_store");
    assert_eq!(hub.refuses(shown(&voucher)), "voucher_for_another_store");
    one.later(DAY_MS + 1);
    assert_eq!(one.refuses(shown(&voucher)), "voucher_expired");
    one.commit();
    // Nor does setting the clock back help.
    one.now.wall_ms -= DAY_MS / 2;
    assert_eq!(one.refuses(shown(&voucher)), "voucher_expired");
}

#[test]
fn what_no_hub_has_signed_is_forged() {
    let (city, [mut hub, mut one, _], member) = city();
    carry(&mut hub, 1, member, 300);
    let offer = OfferId::created_by(purser_types::EntryId { replica: hub.id(), seq: 900 });
    let lines = vec![VoucherLine { lot: points_of(member), amount: 300 }];
    let forged = Voucher { offer, to: one.id(), lines, until_ms: u64::MAX };
    for number in [1, 2] {
        let signed = SignedVoucher::issue(&key_of(number), city.credential(number), &forged);
        assert_eq!(one.refuses(shown(&signed)), "voucher_forged");
    }
    let signed = SignedVoucher::issue(&key_of(2), city.credential(0), &forged);
    assert_eq!(one.refuses(shown(&signed)), "voucher_forged");
    assert_eq!(one.here(member), 0);
}

#[test]
fn a_hub_that_was_put_out_is_not_believed() {
    let (city, [mut hub, mut one, mut two], member) = city();
    let mut other = city.open(1000);
    settle(&mut [&mut hub, &mut other, &mut one, &mut two]);
    other.does(Undertaking::Announce { address: "10.0.0.2:7000".into() }).unwrap();
    settle(&mut [&mut hub, &mut other, &mut one, &mut two]);
    let voucher = carry(&mut hub, 1, member, 300);
    other.does(Undertaking::Fence { replica: id_of(0), reason: "stolen".into() }).unwrap();
    tell(&other, &mut one);
    assert_eq!(one.refuses(shown(&voucher)), "voucher_forged");
    assert_eq!(one.here(member), 0);
}

/// The hub's database was put back after it had signed: its journal never made that offer.
#[test]
fn a_voucher_of_a_hub_that_was_rolled_back_raises_the_alarm_once_its_journal_is_known() {
    let (city, [mut hub, mut one, two], member) = city();
    let path = city.database(0);
    hub.commit();
    drop(hub);
    let copy = path.with_extension("old");
    std::fs::copy(&path, &copy).unwrap();
    let mut hub = city.open(0);
    hub.now = two.now;
    let voucher = carry(&mut hub, 1, member, 300);
    drop(hub);
    for ending in ["-wal", "-shm"] {
        let _gone = std::fs::remove_file(format!("{}{ending}", path.display()));
    }
    std::fs::copy(&copy, &path).unwrap();
    let mut hub = city.open(0);
    one.does(shown(&voucher)).unwrap();
    assert_eq!(one.alarm_codes(), Vec::<&str>::new(), "its journal may be behind");
    hub.register("Somebody else");
    tell(&hub, &mut one);
    assert_eq!(one.alarm_codes(), ["alarm_forged_acceptance"]);
    tell(&one, &mut hub);
    assert_eq!(hub.alarm_codes(), ["alarm_forged_acceptance"]);
    // A second voucher of that kind is not believed where the journal is known.
    assert_eq!(one.refuses(shown(&voucher)), "voucher_forged");
}

#[test]
fn whole_rewards_of_what_the_member_has_elsewhere_and_three_codes_at_a_time() {
    let (city, [mut hub, mut one, mut two], member) = city();
    let to = |to, points| Undertaking::Carry { to: id_of(to), member, points };
    assert_eq!(one.refuses(to(2, 100)), "not_a_hub");
    assert_eq!(hub.refuses(to(0, 100)), "unknown_replica");
    assert_eq!(hub.refuses(to(1, 150)), "redemption_not_in_steps");
    assert_eq!(hub.refuses(to(1, 0)), "out_of_range");
    assert_eq!(hub.refuses(to(1, -100)), "out_of_range");
    assert_eq!(hub.refuses(to(1, 600)), "insufficient_balance");
    for _ in 0..3 {
        carry(&mut hub, 1, member, 100);
    }
    assert_eq!(hub.refuses(to(1, 100)), "vouchers_open");
    assert_eq!(city.view(0).open_offers(member).unwrap().len(), 3);
    settle(&mut [&mut hub, &mut one, &mut two]);
    assert_eq!(city.view(0).open_offers(member).unwrap(), []);
    // What is there already need not be carried there.
    assert_eq!(hub.refuses(to(1, 300)), "insufficient_balance");
    carry(&mut hub, 1, member, 200);
    // Rights that other stores hold are waited for.
    two.earns(member, 400);
    settle(&mut [&mut hub, &mut one, &mut two]);
    assert_eq!(hub.refuses(to(1, 400)), "insufficient_rights_here");
}

#[test]
fn only_a_hubs_offers_of_points_have_vouchers() {
    let (_city, [mut hub, mut one, _], member) = city();
    carry(&mut hub, 1, member, 300);
    let me = hub.id();
    let named = |replica, seq| (OfferId::created_by(purser_types::EntryId { replica, seq }), id_of(1));
    assert!(hub.voucher(named(me, 1), member, 9).unwrap().is_none());
    assert!(hub.voucher(named(me, 9_999), member, 9).unwrap().is_none());
    assert!(hub.voucher(named(one.id(), 1), member, 9).unwrap().is_none());
    // Nor is what one store gets, or one member has, another's.
    let reply = hub.does(Undertaking::Carry { to: id_of(1), member, points: 100 }).unwrap();
    let offer = OfferId::created_by(reply.entry);
    assert!(hub.voucher((offer, id_of(2)), member, 9).unwrap().is_none());
    let other = hub.register("Li");
    assert!(hub.voucher((offer, id_of(1)), other, 9).unwrap().is_none());
    tell(&hub, &mut one);
    let lent = Undertaking::Lend { to: id_of(0), member, asset: Asset::Points, amount: 50 };
    let reply = one.does(lent).unwrap();
    assert!(one.voucher((OfferId::created_by(reply.entry), id_of(0)), member, 9).unwrap().is_none());
}
