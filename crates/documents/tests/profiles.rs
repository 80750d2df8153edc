//! Profiles edited at several stores at once, and changes that are damaged or not what they claim.

use proptest::prelude::*;
use purser_documents::{
    CardState, ChangeFault, Channel, Consent, Edit, EditError, Field, MemberDocument, Outcome,
};
use purser_types::{CardIssuer, CardNumber, ReplicaId, StoreNumber};
use sha2::{Digest as _, Sha256};

fn store(index: u8) -> ReplicaId {
    ReplicaId([index + 1; 16])
}

fn card() -> CardNumber {
    CardIssuer { chain_prefix: 6688, store: StoreNumber(1), life: 0 }.card(1).unwrap()
}

fn set(field: Field, value: &str) -> Edit {
    Edit::SetField { field, value: Some(value.to_owned()) }
}

fn state(state: CardState) -> Edit {
    Edit::SetCard { card: card(), state }
}

/// A document at each of some stores, and every change made so far.
struct Chain {
    documents: Vec<MemberDocument>,
    changes: Vec<(ReplicaId, Vec<u8>)>,
    time_ms: u64,
}

impl Chain {
    fn of(stores: usize) -> Self {
        Self { documents: vec![MemberDocument::empty(); stores], changes: Vec::new(), time_ms: 0 }
    }

    fn edit(&mut self, at: u8, edits: &[Edit]) {
        self.time_ms += 1_000;
        match self.documents[usize::from(at)].edit(store(at), self.time_ms, edits) {
            Ok(change) => self.changes.push((store(at), change.into_bytes())),
            Err(error) => assert_eq!(error, EditError::Unchanged),
        }
    }

    fn deliver_all(&mut self) {
        for document in &mut self.documents {
            for (author, change) in &self.changes {
                let outcome = document.apply(*author, change);
                assert!(matches!(outcome, Outcome::Applied | Outcome::Duplicate), "{outcome:?}");
            }
        }
    }

    fn load(&self, order: &[usize]) -> purser_documents::Loaded {
        let changes = order.iter().map(|index| &self.changes[*index]);
        MemberDocument::from_changes(changes.map(|(author, change)| (*author, change.as_slice())))
    }
}

#[test]
fn different_fields_both_survive_and_one_field_keeps_both_values_until_settled() {
    let mut chain = Chain::of(2);
    chain.edit(0, &[set(Field::Name, "王小明"), set(Field::Phone, "13800138000"), state(CardState::Active)]);
    chain.deliver_all();
    chain.edit(0, &[set(Field::Address, "泺源大街 1 号"), set(Field::Name, "王晓明")]);
    chain.edit(1, &[set(Field::Sex, "m"), set(Field::Name, "王小铭")]);
    chain.deliver_all();
    let profile = chain.documents[0].profile();
    assert_eq!(profile, chain.documents[1].profile());
    assert_eq!(profile.fields[&Field::Address].value, "泺源大街 1 号");
    assert_eq!(profile.fields[&Field::Sex].value, "m");
    let name = &profile.fields[&Field::Name];
    assert_eq!(name.conflicts.len(), 2);
    assert!(name.conflicts.contains(&name.value));
    assert_eq!(profile.conflict_count(), 1);

    chain.edit(1, &[set(Field::Name, "王晓明")]);
    chain.deliver_all();
    assert_eq!(chain.documents[0].profile().conflict_count(), 0);
    assert_eq!(chain.documents[0].profile().name(), "王晓明");
}

#[test]
fn a_lost_card_never_comes_back_by_a_merge_but_by_being_found() {
    let mut chain = Chain::of(2);
    chain.edit(0, &[state(CardState::Frozen)]);
    chain.deliver_all();
    chain.edit(0, &[state(CardState::Lost)]);
    chain.edit(1, &[state(CardState::Active)]);
    chain.deliver_all();
    assert_eq!(chain.documents[1].profile().cards[&card()], CardState::Lost);
    chain.edit(1, &[state(CardState::Active)]);
    chain.deliver_all();
    assert_eq!(chain.documents[0].profile().cards[&card()], CardState::Active);
}

#[test]
fn a_withdrawn_consent_is_not_merged_away_and_tags_add_up() {
    let mut chain = Chain::of(2);
    let wish = |consent| Edit::SetConsent { channel: Channel::Sms, consent };
    chain.edit(0, &[wish(Consent::Granted)]);
    chain.deliver_all();
    chain.edit(0, &[wish(Consent::Withdrawn), Edit::AddTag("tea".into())]);
    chain.edit(1, &[wish(Consent::Granted), Edit::AddTag("books".into())]);
    let car = Edit::SetVehicle { plate: "鲁A12345".into(), model: "Polo".into() };
    chain.edit(1, &[car]);
    chain.deliver_all();
    let profile = chain.documents[0].profile();
    assert_eq!(profile.consents[&Channel::Sms], Consent::Withdrawn);
    assert_eq!(profile.tags.iter().collect::<Vec<_>>(), ["books", "tea"]);
    assert_eq!(profile.vehicles["鲁A12345"], "Polo");
    chain.edit(0, &[Edit::RemoveTag("tea".into()), Edit::RemoveVehicle { plate: "鲁A12345".into() }]);
    assert_eq!(chain.documents[0].profile().tags.len(), 1);
    assert!(chain.documents[0].profile().vehicles.is_empty());
}

#[test]
fn what_lacks_its_dependencies_waits_and_a_restart_goes_on() {
    let mut chain = Chain::of(1);
    for name in ["A", "B", "C"] {
        chain.edit(0, &[set(Field::Name, name)]);
    }
    let gap = chain.load(&[0, 2]);
    assert_eq!((gap.waiting.len(), gap.document.profile().name()), (1, "A"));
    let (author, third) = &chain.changes[2];
    let mut behind = chain.load(&[0]).document;
    assert_eq!(behind.apply(*author, third), Outcome::Waiting);
    assert_eq!(behind.profile().name(), "A");

    let mut restarted = chain.load(&[2, 0, 1]).document;
    restarted.edit(store(0), 9_000, &[set(Field::Name, "D")]).unwrap();
    assert_eq!(restarted.profile().name(), "D");
    assert_eq!(restarted.heads().len(), 1);
}

#[test]
fn a_change_is_its_authors_own_and_of_bounded_size() {
    let mut chain = Chain::of(1);
    chain.edit(0, &[set(Field::Name, "A")]);
    let (_, change) = chain.changes[0].clone();
    let mut other = MemberDocument::empty();
    assert_eq!(other.apply(store(1), &change), Outcome::SetAside(ChangeFault::Impersonation(store(1))));
    let long = vec![0; 70_000];
    assert_eq!(other.apply(store(0), &long), Outcome::SetAside(ChangeFault::TooLong(70_000)));
    let mut packed = change.clone();
    packed[8] = 2;
    assert_eq!(other.apply(store(0), &packed), Outcome::SetAside(ChangeFault::NotPlain));
    assert!(matches!(other.apply(store(0), &change[..20]), Outcome::SetAside(ChangeFault::Malformed(_))));
    assert!(other.profile().fields.is_empty());
}

#[test]
fn one_actor_with_two_histories_does_not_harm_the_others() {
    let mut chain = Chain::of(2);
    chain.edit(0, &[set(Field::Name, "A")]);
    chain.edit(1, &[set(Field::Sex, "f")]);
    let clone = MemberDocument::empty().edit(store(0), 5_000, &[set(Field::Name, "clone")]).unwrap();
    chain.changes.push((store(0), clone.into_bytes()));
    let loaded = chain.load(&[0, 1, 2]);
    assert_eq!(loaded.set_aside.len(), 1);
    assert_eq!(loaded.document.profile().fields[&Field::Sex].value, "f");
    assert_eq!(loaded.document.profile(), chain.load(&[2, 1, 0]).document.profile());
}

fn any_edit() -> impl Strategy<Value = Edit> {
    let texts = prop_oneof![Just(Some("甲".to_owned())), Just(Some("乙".to_owned())), Just(None)];
    let fields = prop_oneof![Just(Field::Name), Just(Field::Address), Just(Field::Notes)];
    let states = prop::sample::select(CardState::ALL.to_vec());
    prop_oneof![
        (fields, texts).prop_map(|(field, value)| Edit::SetField { field, value }),
        states.prop_map(state),
        "[a-c]".prop_map(Edit::AddTag),
        "[a-c]".prop_map(Edit::RemoveTag),
    ]
}

/// Edits at three stores, each of which hears of the others now and then.
fn life() -> impl Strategy<Value = Vec<(u8, Edit, bool)>> {
    prop::collection::vec((0..3_u8, any_edit(), prop::bool::weighted(0.3)), 1..25)
}

fn live(life: &[(u8, Edit, bool)]) -> Chain {
    let mut chain = Chain::of(3);
    for (at, edit, hear) in life {
        if *hear {
            chain.deliver_all();
        }
        chain.edit(*at, std::slice::from_ref(edit));
    }
    chain
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn any_order_and_any_doubling_give_the_same_profile(
        life in life(),
        shuffle in prop::collection::vec(0..1_000_usize, 60),
    ) {
        let mut chain = live(&life);
        let count = chain.changes.len();
        prop_assume!(count > 0);
        let mut order: Vec<usize> = (0..count).chain(shuffle.iter().map(|index| index % count)).collect();
        let in_order = chain.load(&order);
        order.reverse();
        let reversed = chain.load(&order);
        prop_assert!(reversed.waiting.is_empty() && reversed.set_aside.is_empty());
        prop_assert_eq!(reversed.document.heads(), in_order.document.heads());
        prop_assert_eq!(reversed.document.profile(), in_order.document.profile());
        chain.deliver_all();
        prop_assert_eq!(chain.documents[2].profile(), in_order.document.profile());
    }

    #[test]
    fn a_damaged_change_with_a_right_checksum_harms_nobody_else(
        life in life(),
        damage in prop::collection::vec((0..1_000_usize, 1..=255_u8), 1..4),
    ) {
        let honest = live(&life);
        let mut poisoned = live(&life);
        let mut made = MemberDocument::empty();
        let poison = made.edit(store(7), 1_000, &[set(Field::Name, "毒"), Edit::AddTag("x".into())]).unwrap();
        let mut poison = poison.into_bytes();
        for (at, by) in damage {
            let at = 12 + at % (poison.len() - 12);
            poison[at] ^= by;
        }
        // Magic (4), checksum (4), kind (1), length; the checksum is of all from the kind on.
        let checksum = Sha256::digest(&poison[8..]);
        poison[4..8].copy_from_slice(&checksum[..4]);
        poisoned.changes.push((store(7), poison.clone()));
        let order: Vec<usize> = (0..poisoned.changes.len()).collect();
        let with_poison = poisoned.load(&order);
        let without = honest.load(&order[..honest.changes.len()]);
        let taken = with_poison.set_aside.is_empty() && with_poison.waiting.is_empty();
        if !taken {
            prop_assert_eq!(with_poison.document.profile(), without.document.profile());
        }
        let mut document = without.document.clone();
        if !matches!(document.apply(store(7), &poison), Outcome::Applied) {
            prop_assert_eq!(document.profile(), without.document.profile());
        }
    }
}
