//! Questions for rights that overtake the journals they build on: the line is up, so nobody is refused.

use purser_documents::{Edit, Field};
use purser_replica::{Basket, Outcome, Policy, Redemption, Tenders, Undertaking};
use purser_simulations::City;
use purser_sync::Frame;
use purser_types::{Fen, MemberId};

use crate::yard::Yard;

const HUB: usize = 0;
const STORE: usize = 1;

/// A hub to which rights go, a store, and a member of it.
fn town(city: &City) -> (Yard, MemberId) {
    let mut yard = Yard::new(city, 2, 1);
    yard.connect(1, (HUB, STORE));
    yard.wait(100);
    let name = Edit::SetField { field: Field::Name, value: Some("王芳".to_owned()) };
    let register = Undertaking::Register { edits: vec![name], with_card: false };
    let Outcome::Member(member, _) = yard.does(STORE, register) else { panic!("no member") };
    yard.wait(100);
    (yard, member)
}

fn buys(member: MemberId, fen: i64) -> Undertaking {
    Undertaking::CheckOut(Basket {
        member,
        till: "1".into(),
        check: fen.to_string(),
        gross: Fen(fen),
        redemption: Redemption::None,
        lines: Vec::new(),
        tenders: Tenders::default(),
        claimed_of: None,
    })
}

fn holds(member: MemberId, points: i64) -> Undertaking {
    Undertaking::Hold { member, points, lasts_ms: 60_000 }
}

fn held(yard: &mut Yard) -> Option<i64> {
    match yard.answer()?.unwrap() {
        Outcome::Held { points, .. } => Some(points),
        other => panic!("{other:?}"),
    }
}

fn is_journal(frame: &Frame) -> bool {
    matches!(frame, Frame::Runs { .. })
}

/// The hub does not know that the points are its own by now.
#[test]
fn a_question_overtakes_the_offer_of_what_it_asks_for() {
    let city = City::found(Policy::Hub).unwrap();
    let (mut yard, member) = town(&city);
    yard.does(STORE, buys(member, 20_000));
    yard.order(STORE, holds(member, 100));
    yard.deliver(|frame| !is_journal(frame));
    assert_eq!(held(&mut yard), None);
    yard.wait(1_000);
    assert_eq!(held(&mut yard), Some(100));
}

/// The hub does not know that what it lent was taken up and spent.
#[test]
fn a_question_overtakes_the_news_that_the_last_loan_was_taken_up() {
    let city = City::found(Policy::Hub).unwrap();
    let (mut yard, member) = town(&city);
    yard.does(STORE, buys(member, 20_000));
    yard.wait(1_000);
    yard.order(STORE, holds(member, 100));
    // Everything goes to the store, and of its own journal nothing to the hub.
    let store = yard.replica(STORE).id();
    let is_of_store = move |frame: &Frame| match frame {
        Frame::Runs { runs, .. } => runs.iter().any(|run| run.author == store),
        _ => false,
    };
    yard.deliver(|frame| !is_of_store(frame));
    assert_eq!(held(&mut yard), Some(100));
    yard.order(STORE, holds(member, 60));
    // The question and the journal come in one turn, in which questions are answered first.
    yard.deliver_at_once(HUB);
    yard.deliver(|_| true);
    assert_eq!(held(&mut yard), None);
    yard.wait(1_000);
    assert_eq!(held(&mut yard), Some(60));
}
