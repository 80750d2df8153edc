//! Enrolled authors whose software lies. Every replica comes to the same: the lie is set aside,
//! honest ones go on, and nobody falls over.

use purser_journal::{AccountFact, ActFact, Fact, ReturnFact, SaleFact, StaffRole};
use purser_ledger::{Asset, Lot, Posting};
use purser_replica::{Alarm, Policy, Run, Undertaking};
use purser_types::{BusinessDate, CardIssuer, Coded, Fen, HoldId, MemberId, OfferId, SaleId, StoreNumber};

use crate::{
    city::{City, Store, acquaint, assert_equal, id_of, settle, tell},
    forger::{Forger, credit, points_of},
};

/// A hub and two stores who know a member with 100 points at store 1.
fn honest() -> (City, [Store; 3], MemberId) {
    let city = City::found();
    let (mut hub, mut one, mut two) = (city.open(0), city.open_with(1, Policy::Hub), city.open(2));
    acquaint(&mut [&mut hub, &mut one, &mut two]);
    let member = one.register("Wang");
    one.earns(member, 100);
    settle(&mut [&mut hub, &mut one, &mut two]);
    (city, [hub, one, two], member)
}

fn unsound(store: &mut Store, run: Run) -> u64 {
    store.takes_in(run).unwrap();
    match store.take_alarms().as_slice() {
        [Alarm::Unsound { seq, .. }] => *seq,
        other => panic!("{other:?}"),
    }
}

/// Entries 1 and 2 stand; 3 spends more than there is after a posting that could stand; 4 follows.
fn overspender(city: &City, member: MemberId) -> Forger {
    let mut forger = Forger::enrolled(city, 5);
    let (lot, other) = (points_of(member), Lot { expires_on: None, ..points_of(member) });
    forger.posts(vec![credit(lot, 50)]);
    forger.posts(vec![Posting::Debit { lot, amount: 20 }]);
    let offer = forger.next_offer();
    forger.posts(vec![
        credit(other, 1_000),
        Posting::Offer { offer, to: id_of(2), lot: other, amount: 500 },
        Posting::Debit { lot, amount: 31 },
    ]);
    forger.posts(vec![credit(lot, 50)]);
    forger
}

#[test]
fn an_overspender_is_set_aside_from_there_on_alike_everywhere() {
    let (city, [mut hub, mut one, mut two], member) = honest();
    let forger = overspender(&city, member);
    // One run, entry by entry, or cut before the lie; the rest by relay.
    assert_eq!(unsound(&mut hub, forger.journal()), 3);
    for seq in 1..=2 {
        one.takes_in(forger.run(seq, seq)).unwrap();
    }
    assert_eq!(unsound(&mut one, forger.run(3, 4)), 3);
    two.takes_in(forger.run(1, 2)).unwrap();
    let mut third = city.open(3);
    tell(&hub, &mut third);
    tell(&one, &mut third);
    for store in [&hub, &one, &two, &third] {
        assert_eq!((store.known(forger.id), store.points(member)), (2, 130));
    }
    settle(&mut [&mut hub, &mut one, &mut two, &mut third]);
    assert_equal(&[&hub, &one, &two, &third]);
    city.assert_sound(&[0, 1, 2, 3]);
    assert_eq!(hub.takes_in(forger.run(3, 4)).unwrap_err().code(), "author_set_aside");
    assert_eq!(two.here(member), 0, "nothing of the lie was taken up");
}

/// What a lie would have offered must leave nothing behind: it would stand in the way of offers.
#[test]
fn a_lie_full_of_offers_does_not_keep_honest_offers_from_being_taken_up() {
    let (city, [_, mut one, mut two], member) = honest();
    let mut forger = Forger::enrolled(&city, 5);
    let offer = forger.next_offer();
    let lots = (0..600)
        .map(|day| Lot { expires_on: Some(BusinessDate::from_days(30_000 + day)), ..points_of(member) });
    let mut postings: Vec<Posting> = lots
        .flat_map(|lot| [credit(lot, 1), Posting::Offer { offer, to: id_of(2), lot, amount: 1 }])
        .collect();
    postings.push(Posting::Debit { lot: points_of(member), amount: 1 });
    forger.posts(postings);
    assert_eq!(unsound(&mut two, forger.journal()), 1);
    one.lends(2, member, 100);
    tell(&one, &mut two);
    assert_eq!(two.here(member), 100);
    city.assert_sound(&[2]);
}

fn sale_fact(member: MemberId, store: StoreNumber) -> SaleFact {
    SaleFact {
        member,
        store,
        till: "1".into(),
        check: "1".into(),
        date: BusinessDate::end_of_year(2026),
        gross: Fen(100),
        discount: Fen(0),
        points_earned: 1,
        points_redeemed: 0,
        points_after: 1,
        basket: None,
        points_advanced: None,
        off: None,
        principal: None,
        bonus: None,
        earns: None,
        awards: None,
        claimed_of: None,
        voucher: None,
    }
}

fn return_fact(sale: SaleId, member: MemberId, store: StoreNumber) -> ReturnFact {
    ReturnFact {
        sale,
        member,
        store,
        till: "1".into(),
        check: "1".into(),
        date: BusinessDate::end_of_year(2026),
        gross: Fen(100),
        refund: Fen(100),
        points_restored: 0,
        points_clawed_back: 0,
        points_after: 0,
        price: None,
        earns: None,
        principal: None,
        bonus: None,
        lines: None,
        awards_back: None,
    }
}

fn account(store: Option<StoreNumber>, name: &str, role: StaffRole) -> Vec<Fact> {
    let (name, person, verifier) = (name.to_owned(), "李雷".to_owned(), Some("$argon2id$".to_owned()));
    vec![Fact::Account(AccountFact { store, name, person, role, verifier })]
}

/// What the format can say and no author may.
fn lies(member: MemberId) -> Vec<Vec<Fact>> {
    let lot = points_of(member);
    let hold = HoldId::from_i64(77).unwrap();
    let own = StoreNumber(5);
    let foreign_card =
        CardIssuer { chain_prefix: 6688, store: StoreNumber(2), life: 0 }.card(999_999).unwrap();
    let posting = |posting| vec![Fact::Postings(vec![posting])];
    let fact = |change: fn(&mut SaleFact)| {
        let mut fact = sale_fact(MemberId::from_i64(9).unwrap(), StoreNumber(5));
        change(&mut fact);
        vec![Fact::Sale(Box::new(fact))]
    };
    vec![
        posting(Posting::Settle { hold, lot, captured: 0 }),
        posting(Posting::Hold { hold, lot, amount: 1, deadline_ms: u64::MAX }),
        posting(credit(lot, 0)),
        posting(credit(lot, i64::MIN)),
        posting(credit(lot, i64::MAX)),
        posting(Posting::Advance { lot, amount: 1 }),
        vec![Fact::Profile { member: MemberId::CHAIN, change: vec![1] }],
        vec![Fact::CardIssued { member, card: foreign_card }],
        vec![Fact::Address("x".repeat(100_000))],
        vec![Fact::Address("host name:1".into())],
        fact(|sale| sale.store = StoreNumber(2)),
        fact(|sale| sale.gross = Fen(-1)),
        fact(|sale| sale.discount = Fen(101)),
        fact(|sale| sale.points_earned = i64::MIN),
        fact(|sale| sale.member = MemberId::CHAIN),
        fact(|sale| sale.till = "x".repeat(100_000)),
        vec![Fact::Return(Box::new(return_fact(SaleId::from_i64(0).unwrap(), member, own)))],
        vec![Fact::Sale(Box::new(sale_fact(member, own))), Fact::Sale(Box::new(sale_fact(member, own)))],
        vec![Fact::Enrolled { credential: City::found().credential(8), invitation: [0; 16] }],
        account(None, "li", StaffRole::Cashier),
        account(Some(own), "li", StaffRole::HeadOffice),
        account(Some(own), "li", StaffRole::Auditor),
        account(Some(StoreNumber(2)), "li", StaffRole::Manager),
        account(Some(own), "Li Lei", StaffRole::Manager),
        vec![Fact::Act(ActFact { by: "a\u{202e}b".into(), act: "sign_in".into(), about: String::new() })],
        vec![Fact::Act(ActFact { by: String::new(), act: "sign_in".into(), about: String::new() })],
    ]
}

#[test]
fn what_cannot_be_is_set_aside_and_the_replica_lives() {
    let (city, [_, mut one, _], member) = honest();
    for (number, facts) in (20..).zip(lies(member)) {
        let mut forger = Forger::enrolled(&city, number);
        let credential =
            purser_journal::Credential { store: StoreNumber(5), ..city.plain_credential(number) };
        forger.credential = purser_journal::SignedCredential::issue(&crate::city::authority(), &credential);
        let told = format!("{facts:?}");
        forger.writes(facts);
        one.takes_in(forger.journal()).unwrap();
        assert_eq!(one.alarm_codes(), ["alarm_unsound"], "{}", &told[..told.len().min(200)]);
        assert_eq!(one.known(forger.id), 0);
    }
    one.earns(member, 10);
    assert_eq!(one.points(member), 110);
    let mut one = one.reopened(&city, 1);
    one.earns(member, 10);
    assert_eq!(one.points(member), 120);
    city.assert_sound(&[1]);
}

/// Numbers that no table can hold: not an entry at all, so nobody can have relayed it.
#[test]
fn ids_below_zero_and_days_without_end_are_no_entry() {
    let (city, [_, mut one, _], _) = honest();
    let member = MemberId::from_i64(0x1122_3344_5566_7788).unwrap();
    let day = BusinessDate::from_days(i32::MAX - 1);
    let lot = Lot { expires_on: Some(day), ..points_of(member) };
    for (sound, wrong) in [
        (vec![0x1b, 0x11, 0x22, 0x33], vec![0x3b, 0x11, 0x22, 0x33]),
        (vec![0x1a, 0x7f, 0xff, 0xff, 0xfe], vec![0x1a, 0x7f, 0xff, 0xff, 0xff]),
    ] {
        let mut forger = Forger::enrolled(&city, 5);
        forger.posts(vec![credit(lot, 1)]);
        let at = forger.entries[0].windows(sound.len()).position(|bytes| bytes == sound).unwrap();
        forger.entries[0][at..at + wrong.len()].copy_from_slice(&wrong);
        let fault = one.takes_in(forger.journal()).unwrap_err();
        assert_eq!((fault.code(), fault.blames_sender()), ("malformed_bytes", true));
        assert_eq!((one.known(forger.id), one.alarm_codes()), (0, vec![]));
    }
}

/// Acceptances of what was never given, told before or after the journal that should have given it.
#[test]
fn a_forged_acceptance_raises_the_alarm_whichever_journal_comes_first() {
    for (amount, offers) in [(70, false), (70, true)] {
        for forger_first in [true, false] {
            let (city, [_, _, mut two], member) = honest();
            let (mut giver, mut forger) = (Forger::enrolled(&city, 5), Forger::enrolled(&city, 6));
            let lot = points_of(member);
            giver.posts(vec![credit(lot, 100)]);
            let offer = giver.next_offer();
            let given = Posting::Offer { offer, to: forger.id, lot, amount: 30 };
            giver.posts(if offers { vec![given] } else { vec![credit(lot, 1)] });
            giver.posts(vec![credit(lot, 1)]);
            forger.posts(vec![Posting::Accept { offer, lot, amount }]);
            let mut runs = [forger.journal(), giver.journal()];
            if !forger_first {
                runs.reverse();
            }
            for run in runs {
                two.takes_in(run).unwrap();
            }
            assert_eq!(two.take_alarms(), [Alarm::ForgedAcceptance { by: forger.id, offer }]);
        }
    }
}

#[test]
fn an_acceptance_ahead_of_its_offer_is_no_forgery() {
    let (city, [_, _, mut two], member) = honest();
    let (mut giver, mut taker) = (Forger::enrolled(&city, 5), Forger::enrolled(&city, 6));
    let lot = points_of(member);
    let offer = giver.next_offer();
    giver.posts(vec![credit(lot, 100), Posting::Offer { offer, to: taker.id, lot, amount: 30 }]);
    taker.posts(vec![Posting::Accept { offer, lot, amount: 30 }]);
    two.takes_in(taker.journal()).unwrap();
    assert_eq!(two.points(member), 100);
    two.takes_in(giver.journal()).unwrap();
    assert_eq!((two.points(member), two.alarm_codes()), (200, vec![]));
}

#[test]
fn an_acceptance_of_our_own_next_offer_is_found_when_we_get_there() {
    let (city, [_, mut one, _], member) = honest();
    let mut forger = Forger::enrolled(&city, 6);
    let offer = OfferId::created_by(purser_types::EntryId { replica: one.id(), seq: 5 });
    forger.posts(vec![Posting::Accept { offer, lot: points_of(member), amount: 30 }]);
    one.takes_in(forger.journal()).unwrap();
    assert_eq!(one.alarm_codes(), Vec::<&str>::new());
    one.earns(member, 1);
    one.earns(member, 1);
    assert_eq!(one.alarm_codes(), ["alarm_forged_acceptance"]);
}

/// Rights far beyond what one posting may move, given by a forger and then asked for.
#[test]
fn absurd_rights_cannot_bring_a_lender_down() {
    let (city, [mut hub, mut one, _], member) = honest();
    let mut forger = Forger::enrolled(&city, 5);
    let (lot, amount) = (points_of(member), 1_000_000_000_000);
    for _ in 0..3 {
        let offer = forger.next_offer();
        forger.posts(vec![credit(lot, amount), Posting::Offer { offer, to: one.id(), lot, amount }]);
    }
    one.takes_in(forger.journal()).unwrap();
    assert_eq!(one.here(member), 3 * amount + 100);
    let lend = Undertaking::Lend { to: hub.id(), member, asset: Asset::Points, amount: i64::MAX };
    assert_eq!(one.does(lend).unwrap().lent(), amount);
    hub.register("Li");
    one.set_hub(Some(hub.id()));
    one.earns(member, 1);
    settle(&mut [&mut hub, &mut one]);
    assert_equal(&[&hub, &one]);
}

/// A sale that says more than it is worth, brought back at an honest store.
#[test]
fn a_forged_sale_brought_back_gives_no_more_than_it_was() {
    let (city, [_, mut one, _], member) = honest();
    let mut forger = Forger::enrolled(&city, 5);
    let sale = SaleId::created_by(forger.draft(vec![]).id());
    let lot = Lot { member, asset: Asset::Refundable(sale), expires_on: None };
    let (offer, amount) = (forger.next_offer(), 1_000_000_000_000);
    let fact = SaleFact { check: "77".into(), ..sale_fact(member, StoreNumber(5)) };
    let earned = (0..4).map(|_| credit(points_of(member), amount));
    let given = [credit(lot, amount), Posting::Offer { offer, to: one.id(), lot, amount }];
    forger.writes(vec![Fact::Sale(Box::new(fact)), Fact::Postings(earned.chain(given).collect())]);
    one.takes_in(forger.journal()).unwrap();
    for gross in [amount, 101] {
        assert_eq!(one.takes_back(sale, Fen(gross)).unwrap_err().code(), "return_too_large", "{gross}");
    }
    let purser_replica::Outcome::Return(back) = one.takes_back(sale, Fen(100)).unwrap().outcome else {
        panic!()
    };
    assert_eq!((back.refund, back.points_clawed_back), (Fen(100), 1));
}

/// A member with more lots than fit into one entry.
#[test]
fn thousands_of_lots_make_no_entry_that_nobody_can_read() {
    let (city, [mut hub, mut one, _], member) = honest();
    hub.register("Li");
    settle(&mut [&mut hub, &mut one]);
    let mut forger = Forger::enrolled(&city, 5);
    for batch in 0..10 {
        let offer = forger.next_offer();
        let days = (batch * 1_000..(batch + 1) * 1_000).map(|day| BusinessDate::from_days(30_000 + day));
        let lots = days.map(|day| Lot { expires_on: Some(day), ..points_of(member) });
        let given = |lot| [credit(lot, 1), Posting::Offer { offer, to: id_of(1), lot, amount: 1 }];
        forger.posts(lots.flat_map(given).collect());
    }
    one.takes_in(forger.journal()).unwrap();
    one.commit();
    assert_eq!(one.here(member), 10_100);
    one.set_hub(Some(hub.id()));
    one.earns(member, 10);
    assert_eq!(one.lends(0, member, 6_000), 1_000);
    assert_eq!(one.refuses(Undertaking::Hold { member, points: 8_000, lasts_ms: 1_000 }), "out_of_range");
    let head = one.me().head.seq;
    settle(&mut [&mut hub, &mut one]);
    assert_eq!(hub.known(one.id()), head);
    assert_equal(&[&hub, &one]);
}

/// A card of another store's numbers cannot use these numbers up, nor come before the holder's.
#[test]
fn nobody_takes_another_stores_card_numbers() {
    let (city, [mut hub, mut one, _], _) = honest();
    let (holder, card) = one.register_with_card("Li", true);
    let mut claims = purser_documents::MemberDocument::empty();
    let forger_id = id_of(5);
    let last = CardIssuer { chain_prefix: 6688, store: StoreNumber(1), life: 0 }.card(999_999).unwrap();
    let active = purser_documents::CardState::Active;
    let edits = [last, card.unwrap()].map(|card| purser_documents::Edit::SetCard { card, state: active });
    let change = claims.edit(forger_id, 1_000, &edits).unwrap().0;
    let mut forger = Forger::enrolled(&city, 5);
    let thief = MemberId::from_i64(1).unwrap();
    forger.writes(vec![Fact::Profile { member: thief, change }]);
    hub.takes_in(forger.journal()).unwrap();
    one.takes_in(forger.journal()).unwrap();
    settle(&mut [&mut hub, &mut one]);
    assert_equal(&[&hub, &one]);
    for number in [0, 1] {
        assert_eq!(city.view(number).card(card.unwrap()).unwrap().unwrap().member, holder);
    }
    assert!(one.register_with_card("Zhao", true).1.is_some());
}

#[test]
fn two_hubs_may_enrol_the_same_replica_in_any_order() {
    let city = City::found();
    let (mut hub, mut other) = (Forger::enrolled(&city, 0), Forger::enrolled(&city, 1000));
    hub.writes(vec![Fact::Enrolled { credential: city.credential(7), invitation: [1; 16] }]);
    other.writes(vec![Fact::Enrolled { credential: city.credential(7), invitation: [2; 16] }]);
    for (number, runs) in [(2, [hub.journal(), other.journal()]), (3, [other.journal(), hub.journal()])] {
        let mut store = city.open(number);
        for run in runs {
            store.takes_in(run).unwrap();
        }
        assert_eq!(store.neighbours().unwrap().len(), 1);
        city.assert_sound(&[number]);
    }
}

#[test]
fn an_invitation_serves_one_replica_whatever_else_that_one_uses() {
    let (city, [mut hub, _, _], _) = honest();
    let mut enrol = |number, invitation: u8| {
        let invitation = [invitation; 16];
        let undertaking = Undertaking::Enrol { credential: city.credential(number), invitation };
        hub.does(undertaking).map(|reply| reply.entry.seq).map_err(|refusal| refusal.code())
    };
    let first = enrol(7, 1).unwrap();
    assert_eq!(enrol(7, 1), Ok(first));
    assert_eq!(enrol(8, 1), Err("invitation_used"));
    assert!(enrol(7, 2).is_ok());
    assert_eq!(enrol(8, 1), Err("invitation_used"));
}
