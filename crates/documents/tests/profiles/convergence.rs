//! Random lives of three stores, held against a model that knows who had seen what.

use std::collections::{BTreeMap, BTreeSet};

use proptest::{prelude::*, sample::select};
use purser_documents::{CardState, Edit, EditError, Field, PersonalText, Profile};

use crate::stores::{Stored, Stores, card, load, report};

#[derive(Debug, Clone)]
enum Step {
    Edit(usize, Edit),
    Send(usize, usize),
}

fn edit() -> impl Strategy<Value = Edit> {
    let fields = || select(vec![Field::Name, Field::Notes]);
    prop_oneof![
        4 => select(CardState::ALL).prop_map(report),
        4 => (fields(), "[a-z]{8}").prop_map(|(field, text)| Edit::SetField { field, value: Some(text) }),
        1 => fields().prop_map(|field| Edit::SetField { field, value: None }),
    ]
}

fn life() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        2 => (0..3_usize, edit()).prop_map(|(at, edit)| Step::Edit(at, edit)),
        1 => (0..3_usize, 1..3_usize).prop_map(|(from, by)| Step::Send(from, (from + by) % 3)),
    ];
    prop::collection::vec(step, 1..40)
}

/// The edits made and which of them each has overwritten.
#[derive(Default)]
struct Model {
    edits: Vec<(Edit, BTreeSet<usize>)>,
}

impl Model {
    /// What a store that knows these edits has to show.
    fn check(&self, known: &BTreeSet<usize>, profile: &Profile) {
        let overwritten: BTreeSet<usize> =
            known.iter().flat_map(|&index| self.edits[index].1.iter().copied()).collect();
        let mut texts: BTreeMap<Field, BTreeSet<PersonalText>> = BTreeMap::new();
        let mut safest = None;
        for &standing in known.difference(&overwritten) {
            match &self.edits[standing].0 {
                Edit::SetField { field, value: Some(text) } => {
                    texts.entry(*field).or_default().insert(PersonalText::Open(text.clone()));
                }
                Edit::SetCard { state, .. } => safest = safest.max(Some(*state)),
                _ => {}
            }
        }
        assert_eq!(profile.cards.get(&card()).copied(), safest);
        assert_eq!(profile.fields.len(), texts.len());
        for (field, texts) in texts {
            let shown = &profile.fields[&field];
            assert!(texts.contains(&shown.value));
            let conflicts: Vec<_> = if texts.len() > 1 { texts.into_iter().collect() } else { Vec::new() };
            assert_eq!(shown.conflicts, conflicts);
        }
    }
}

fn same_key(one: &Edit, other: &Edit) -> bool {
    match (one, other) {
        (Edit::SetField { field, .. }, Edit::SetField { field: other, .. }) => field == other,
        (Edit::SetCard { .. }, Edit::SetCard { .. }) => true,
        _ => false,
    }
}

fn live(life: &[Step]) -> (Stores, Model) {
    let (mut stores, mut model) = (Stores::new(3), Model::default());
    for step in life {
        match step {
            Step::Send(from, to) => stores.send(*from, *to),
            Step::Edit(at, edit) => {
                let known = stores.known[*at].clone();
                match stores.try_edit(*at, std::slice::from_ref(edit)) {
                    Ok(()) => {
                        let overwrites = known.into_iter().filter(|&i| same_key(&model.edits[i].0, edit));
                        model.edits.push((edit.clone(), overwrites.collect()));
                    }
                    Err(EditError::NothingChanges | EditError::UnknownCard(_)) => {}
                    Err(error) => panic!("{error}"),
                }
            }
        }
    }
    (stores, model)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn every_store_shows_what_nobody_has_overwritten(life in life()) {
        let (mut stores, model) = live(&life);
        for (document, known) in stores.documents.iter().zip(&stores.known) {
            model.check(known, &document.profile());
        }
        stores.meet();
        model.check(&stores.known[0], &stores.documents[0].profile());
    }

    #[test]
    fn order_and_repetition_do_not_matter(life in life(), shuffles in any::<[prop::sample::Index; 60]>()) {
        let (mut stores, _) = live(&life);
        stores.meet();
        let document = &stores.documents[0];
        let mut order: Vec<&Stored> = stores.changes.iter().chain(&stores.changes).collect();
        let count = order.len();
        for (place, shuffle) in shuffles.iter().enumerate().take(count) {
            order.swap(place, shuffle.index(count));
        }
        let at_once = load(order.iter().copied());
        let mut one_by_one = load([]);
        for (author, change) in order {
            one_by_one.apply(*author, change);
        }
        for other in [&at_once, &one_by_one, &stores.documents[1], &stores.documents[2]] {
            prop_assert!(other.waiting().is_empty() && other.set_aside().is_empty());
            prop_assert_eq!(other.heads(), document.heads());
            prop_assert_eq!(other.profile(), document.profile());
        }
    }
}

#[test]
fn all_orders_of_five_changes_give_the_same() {
    let mut stores = Stores::with_member(3);
    for at in 0..3 {
        stores.edit(at, &[Edit::SetField { field: Field::Notes, value: Some(format!("at {at}")) }]);
    }
    stores.send(1, 2);
    stores.edit(2, &[report(CardState::Lost)]);
    stores.meet();
    let expected = &stores.documents[0];
    let mut orders = 0;
    permute(&mut [0, 1, 2, 3, 4], 0, &mut |order| {
        let document = load(order.iter().map(|&index| &stores.changes[index]));
        assert_eq!((document.heads(), document.profile()), (expected.heads(), expected.profile()));
        orders += 1;
    });
    assert_eq!(orders, 120);
}

fn permute(order: &mut [usize], from: usize, visit: &mut impl FnMut(&[usize])) {
    if from == order.len() {
        return visit(order);
    }
    for place in from..order.len() {
        order.swap(from, place);
        permute(order, from + 1, visit);
        order.swap(from, place);
    }
}
