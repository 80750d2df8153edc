use purser_documents::{ChangeFault, EditError, Field, MemberDocument, Outcome};
use purser_types::Digest;

use crate::stores::{Stores, load, set, store};

/// Three changes of one store, each upon the one before.
fn chain() -> Stores {
    let mut stores = Stores::new(1);
    for name in ["A", "B", "C"] {
        stores.edit(0, &[set(Field::Name, name)]);
    }
    stores
}

#[test]
fn what_lacks_its_past_waits_and_then_applies() {
    let stores = chain();
    let [first, second, third] = &stores.changes[..] else { panic!("three changes") };
    let mut document = load([first, third]);
    assert_eq!(document.waiting(), [Digest::of(&third.1)]);
    assert_eq!(document.profile().text(Field::Name), Some("A"));
    assert_eq!(document.apply(third.0, &third.1), Outcome::Duplicate);
    assert_eq!(document.apply(second.0, &second.1), Outcome::Applied);
    assert_eq!(document.profile().text(Field::Name), Some("C"));
    assert!(document.waiting().is_empty());

    let mut backwards = MemberDocument::empty();
    assert_eq!(backwards.apply(third.0, &third.1), Outcome::Waiting);
    assert_eq!(backwards.apply(second.0, &second.1), Outcome::Waiting);
    assert_eq!(backwards.apply(first.0, &first.1), Outcome::Applied);
    assert_eq!(backwards.heads(), document.heads());
}

#[test]
fn after_a_restart_the_author_goes_on_where_it_stopped() {
    let mut stores = chain();
    let mut restarted = load(stores.changes.iter().rev());
    assert_eq!(restarted.heads(), stores.documents[0].heads());
    let next = restarted.edit(store(0), 9_000, &[set(Field::Name, "D")]).unwrap();
    assert_eq!(stores.documents[0].apply(store(0), &next.0), Outcome::Applied);
    assert_eq!(stores.documents[0].profile().text(Field::Name), Some("D"));
}

#[test]
fn no_edit_while_own_changes_wait() {
    let stores = chain();
    let mut document = load([&stores.changes[0], &stores.changes[2]]);
    let refused = document.edit(store(0), 9_000, &[set(Field::Name, "D")]);
    assert_eq!(refused, Err(EditError::OwnChangesMissing { author: store(0) }));
    assert!(document.edit(store(1), 9_000, &[set(Field::Name, "D")]).is_ok(), "another may");
}

#[test]
fn a_number_used_twice_counts_once_and_harms_nobody_else() {
    let mut stores = Stores::with_member(2);
    let mut old_copy = stores.documents[0].clone();
    stores.edit(0, &[set(Field::Name, "first")]);
    stores.send(0, 1);
    stores.edit(1, &[set(Field::Sex, "f")]);
    let fork = old_copy.edit(store(0), 5_000, &[set(Field::Name, "second")]).unwrap();
    let after_fork = old_copy.edit(store(0), 6_000, &[set(Field::Name, "third")]).unwrap();
    let fork = (store(0), fork.0);
    let after_fork = (store(0), after_fork.0);

    let [bound, first, other] = &stores.changes[..] else { panic!("three changes") };
    // Any order of the stores, each store's own changes in its order.
    let orders = [
        [bound, first, &fork, &after_fork, other],
        [other, bound, first, &fork, &after_fork],
        [bound, other, first, &fork, &after_fork],
    ];
    for order in orders {
        let at_once = load(order);
        let mut one_by_one = MemberDocument::empty();
        for (author, change) in order {
            one_by_one.apply(*author, change);
        }
        for document in [at_once, one_by_one] {
            let profile = document.profile();
            assert_eq!((profile.text(Field::Name), profile.text(Field::Sex)), (Some("first"), Some("f")));
            assert_eq!(document.set_aside()[&Digest::of(&fork.1)], ChangeFault::Forked);
            assert_eq!(document.waiting(), [Digest::of(&after_fork.1)]);
        }
    }
}
