//! How details of sales come to hubs when lines break at the wrong moment.

use purser_documents::{Edit, Field};
use purser_programme::Line;
use purser_replica::{Basket, BasketLine, Outcome, Policy, Redemption, Tenders, Undertaking};
use purser_simulations::City;
use purser_sync::Frame;
use purser_types::{Fen, MemberId};

use crate::yard::Yard;

const HUBS: [usize; 2] = [0, 1];
const STORE: usize = 2;

fn lacks(yard: &Yard, at: usize) -> usize {
    let store = yard.replica(STORE).id();
    yard.replica(at).details_wanted(store, 0, 10).unwrap().len()
}

fn basket(member: MemberId) -> Basket {
    let line = Line { article: "a".into(), quantity: 1, unit_price: Fen(5_000), ..Line::default() };
    Basket {
        member,
        till: "1".into(),
        check: "1".into(),
        gross: Fen(5_000),
        redemption: Redemption::None,
        lines: vec![BasketLine { name: "板蓝根".into(), line }],
        tenders: Tenders::default(),
        claimed_of: None,
    }
}

/// A hub asks another for details that this one has not got either, and gets them once it has.
#[test]
fn a_hub_asks_again_for_what_the_other_had_not_got() {
    let city = City::found(Policy::KeepWhereEarned).unwrap();
    let mut yard = Yard::new(&city, 3, 2);
    let name = Edit::SetField { field: Field::Name, value: Some("王芳".to_owned()) };
    let register = Undertaking::Register { edits: vec![name], with_card: false };
    let Outcome::Member(member, _) = yard.does(STORE, register) else { panic!("no member") };
    yard.does(STORE, Undertaking::CheckOut(basket(member)));
    // The store's line breaks after its journal went, and before the details did.
    yard.connect(1, (HUBS[0], STORE));
    yard.deliver(|frame| !matches!(frame, Frame::Wanted { .. }));
    yard.disconnect(1);
    yard.connect(2, HUBS.into());
    yard.wait(1_000);
    assert_eq!(HUBS.map(|hub| lacks(&yard, hub)), [1, 1]);
    yard.connect(3, (HUBS[0], STORE));
    yard.wait(1_000);
    assert_eq!(HUBS.map(|hub| lacks(&yard, hub)), [0, 1]);
    yard.wait(60_000);
    assert_eq!(HUBS.map(|hub| lacks(&yard, hub)), [0, 0]);
}
