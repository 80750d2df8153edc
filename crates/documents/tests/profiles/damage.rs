//! Real changes, damaged, with the checksum made right again, among honest ones.

use std::collections::BTreeMap;

use proptest::prelude::*;
use purser_documents::{CardState, ChangeFault as Fault, Edit, Field, MemberDocument, Outcome};

use crate::{
    forgery::with_right_checksum,
    stores::{Stored, Stores, load, report, set, store},
};

/// An honest history that ends with a change of store 2 which settles a conflict, sets,
/// removes and adds: every kind of operation, over values of every store.
fn history() -> (Vec<Stored>, Stored) {
    let mut stores = Stores::with_member(3);
    stores.edit(0, &[set(Field::Name, "王晓明"), set(Field::Phone, "13800138000")]);
    stores.edit(1, &[set(Field::Name, "王小铭"), Edit::AddTag("tea".to_owned())]);
    stores.meet();
    let untag = Edit::RemoveTag("tea".to_owned());
    stores.edit(2, &[set(Field::Name, "王筱明"), untag, report(CardState::Lost), set(Field::Sex, "m")]);
    let last = stores.changes.pop().unwrap();
    (stores.changes, last)
}

/// Applies a damaged change beside honest ones and checks that they are unharmed.
fn apply_beside(honest: &[Stored], damaged: &[u8]) -> Outcome {
    let before = load(honest);
    let mut document = before.clone();
    let outcome = document.apply(store(2), damaged);
    if outcome != Outcome::Applied {
        assert_eq!(document.heads(), before.heads());
        assert_eq!(document.profile(), before.profile());
    }
    let damaged = (store(2), damaged.to_vec());
    let at_once = load([&damaged].into_iter().chain(honest));
    assert_eq!((at_once.heads(), at_once.profile()), (document.heads(), document.profile()));
    assert_eq!((at_once.set_aside(), at_once.waiting()), (document.set_aside(), document.waiting()));
    outcome
}

#[test]
fn no_flipped_bit_gets_through_to_the_honest_changes() {
    let (honest, (_, last)) = history();
    let mut reached: BTreeMap<String, usize> = BTreeMap::new();
    for bit in 8 * 8..last.len() * 8 {
        let mut damaged = last.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        let outcome = apply_beside(&honest, &with_right_checksum(damaged));
        *reached.entry(format!("{outcome:?}")).or_default() += 1;
    }
    // What was reached, so that a change of the format does not make this test say nothing.
    for fault in
        [Fault::Impersonated, Fault::OutOfPlace, Fault::SequenceGap, Fault::UnknownForm, Fault::Unreadable]
    {
        let reached = reached.get(&format!("{:?}", Outcome::SetAside(fault)));
        assert!(reached.is_some_and(|&count| count > 5), "{fault:?} {reached:?}");
    }
    assert!(reached["Applied"] > 10 && reached["Waiting"] > 10, "{reached:?}");
    // Everything that Automerge would stumble over is found before it is applied.
    assert_eq!(reached.get("SetAside(Poisonous)"), None, "{reached:?}");
}

#[test]
fn a_wrong_checksum_and_a_cut_are_found() {
    let (honest, (_, last)) = history();
    let unreadable = Outcome::SetAside(Fault::Unreadable);
    let mut damaged = last.clone();
    *damaged.last_mut().unwrap() ^= 1;
    assert_eq!(apply_beside(&honest, &damaged), unreadable);
    for len in 0..last.len() {
        assert_eq!(apply_beside(&honest, &last[..len]), unreadable, "{len}");
    }
    assert_eq!(apply_beside(&honest, &[&last[..], &[0]].concat()), unreadable);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn damage_of_any_kind_stays_with_the_damaged(
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..5),
    ) {
        let (honest, (_, mut damaged)) = history();
        let body = damaged.len() - 11;
        for (place, byte) in damage {
            damaged[11 + place.index(body)] = byte;
        }
        apply_beside(&honest, &with_right_checksum(damaged));
    }

    #[test]
    fn anything_at_all_can_be_handed_in(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let outcome = MemberDocument::empty().apply(store(0), &bytes);
        let found = matches!(outcome, Outcome::SetAside(Fault::Unreadable | Fault::Compressed));
        prop_assert!(found, "{outcome:?}");
    }
}
