use purser_journal::{AccountFact, ActFact, CodesFact, StaffRole};
use purser_types::{BusinessDate, CardNumber, Digest, Hlc, ReplicaId, StoreNumber};

use super::*;

/// What people have typed: none of it is told.
const TYPED: &str = "typed by Wang Xiaoming";

fn entry(facts: Vec<Fact>) -> Entry {
    let (replica, previous) = (ReplicaId([7; 16]), Digest::of(b"before"));
    Entry { replica, seq: 9, previous, hlc: Hlc::default(), programme_version: 3, request: None, facts }
}

fn told(facts: Vec<Fact>) -> (&'static str, Value) {
    let event = Event::of(&entry(facts)).unwrap();
    let data = Value::Object(event.data);
    assert!(!data.to_string().contains(TYPED), "{data}");
    (event.kind.name(), data)
}

fn day() -> BusinessDate {
    "2026-08-01".parse().unwrap()
}

fn receipt() -> Receipt {
    Receipt { store: StoreNumber(12), till: "1".into(), check: "2".into(), date: day() }
}

/// A member whom another entry has created.
fn member() -> MemberId {
    MemberId::from_i64(1 << 40).unwrap()
}

fn grant(gift: Gift) -> Fact {
    let (reason, by) = (TYPED.to_owned(), TYPED.to_owned());
    Fact::Grant(GrantFact { member: member(), date: day(), gift, reason, by })
}

#[test]
fn what_is_sold_ahead_is_told_without_who_sold_it() {
    let top_up = TopUpFact {
        member: member(),
        receipt: receipt(),
        principal: Fen(500_000),
        bonus: Fen(50_050),
        seller: Some(TYPED.to_owned()),
        approved_by: Some(TYPED.to_owned()),
        issue: None,
    };
    let (kind, data) = told(vec![Fact::TopUp(top_up)]);
    assert_eq!(
        (kind, &data["principal"], &data["bonus"]),
        ("stored_value.topped_up", &json!("5000.00"), &json!("500.50"))
    );
    assert_eq!(
        (&data["till"], &data["check"], &data["date"]),
        (&json!("1"), &json!("2"), &json!("2026-08-01"))
    );
    assert_eq!(data["top_up"], SaleId::created_by(entry(Vec::new()).id()).to_string());

    let (member, seller) = (member(), Some(TYPED.to_owned()));
    let sold = PassSoldFact {
        member,
        receipt: receipt(),
        pass: "wash-10".into(),
        uses: 10,
        price: Fen(30_000),
        seller,
    };
    let (kind, data) = told(vec![Fact::PassSold(sold)]);
    assert_eq!((kind, &data["pass"], &data["price"]), ("pass.sold", &json!("wash-10"), &json!("300.00")));
}

#[test]
fn what_is_given_is_told_without_the_reason() {
    let lot = purser_ledger::Lot { member: member(), asset: Asset::Points, expires_on: None };
    let credit = Fact::Postings(vec![Posting::Credit { lot, amount: 50 }]);
    let activity = Gift::Activity { activity: "birthday".into(), points: 50 };
    let (kind, data) = told(vec![grant(activity), credit]);
    assert_eq!(
        (kind, &data["gift"], &data["points_change"]),
        ("grant.given", &json!("activity"), &json!(50))
    );
    let (_, data) = told(vec![grant(Gift::Tier { tier: "gold".into(), until: None })]);
    assert_eq!(
        (&data["tier"], &data["until"], &data["points_change"]),
        (&json!("gold"), &json!(null), &json!(0))
    );

    let (reason, by) = (TYPED.to_owned(), TYPED.to_owned());
    let codes = CodesFact { date: day(), coupon: "c".into(), proofs: vec![1; 32], until: day(), reason, by };
    assert_eq!(told(vec![Fact::Codes(codes)]).0, "coupon.codes_issued");
    let fenced = Fact::Fenced {
        replica: ReplicaId([8; 16]),
        after_seq: 4,
        reason: TYPED.to_owned(),
        after_hash: None,
    };
    assert_eq!(told(vec![fenced]).1["after_entry"], 4);
}

#[test]
fn registering_changing_and_a_further_card_are_told_apart() {
    let card: CardNumber = "66880012013456786".parse().unwrap();
    let profile = |member| Fact::Profile { member, change: TYPED.as_bytes().to_vec() };
    let issued = |member| Fact::CardIssued { member, card };
    let created = MemberId::created_by(entry(Vec::new()).id());
    assert_eq!(
        told(vec![profile(created), issued(created)]),
        ("member.registered", json!({"member": created.to_string(), "with_card": true}))
    );
    assert_eq!(told(vec![profile(member())]).0, "member.changed");
    let (kind, data) = told(vec![profile(member()), issued(member())]);
    assert_eq!((kind, &data["card"]), ("card.issued", &json!("6688 **** 6786")));
}

#[test]
fn holds_that_end_by_themselves_are_told_together() {
    let of = |expires_on| purser_ledger::Lot { member: member(), asset: Asset::Points, expires_on };
    let hold = |raw| HoldId::from_i64(raw).unwrap();
    let settle = |raw, lot, captured| Posting::Settle { hold: hold(raw), lot, captured };
    let ended = vec![settle(5, of(None), 20), settle(5, of(Some(day())), 30), settle(6, of(None), 0)];
    let (kind, data) = told(vec![Fact::Postings(ended)]);
    assert_eq!(kind, "points.settled");
    let captured: Vec<&Value> =
        data["holds"].as_array().unwrap().iter().map(|hold| &hold["points_captured"]).collect();
    assert_eq!(captured, [&json!(50), &json!(0)]);
}

#[test]
fn accounts_acts_addresses_and_moving_rights_are_nobodys_business() {
    let lot = purser_ledger::Lot { member: member(), asset: Asset::Points, expires_on: None };
    let account = AccountFact {
        store: None,
        name: "li".into(),
        person: TYPED.into(),
        role: StaffRole::Cashier,
        verifier: None,
    };
    let act = ActFact { by: "li".into(), act: "sign_in".into(), about: TYPED.into() };
    let offer = Posting::Offer {
        offer: purser_types::OfferId::from_i64(4).unwrap(),
        to: ReplicaId([8; 16]),
        lot,
        amount: 5,
    };
    for fact in
        [Fact::Account(account), Fact::Act(act), Fact::Address("h:1".into()), Fact::Postings(vec![offer])]
    {
        assert_eq!(Event::of(&entry(vec![fact])), None);
    }
}
