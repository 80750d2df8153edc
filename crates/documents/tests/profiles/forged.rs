use automerge::{
    Change, ExpandedChange, ObjType, ScalarValue,
    legacy::{ElementId, Key, ObjectId, Op, OpId, OpType},
};
use purser_documents::{ChangeFault, Field, Outcome};
use purser_types::ReplicaId;

use crate::{
    forgery::{bytes, first, operation, over, put},
    stores::{Stores, store},
};

const FORGER: ReplicaId = ReplicaId([0xf0; 16]);

fn name(text: &str) -> Op {
    put("field/name", [&[0], text.as_bytes()].concat())
}

/// Hands a change of the forger to a store; whatever comes of it, the store goes on.
fn outcome(change: ExpandedChange) -> Outcome {
    let mut stores = Stores::with_member(2);
    let before = stores.documents[0].profile();
    let change = bytes(change);
    let outcome = stores.documents[0].apply(FORGER, &change);
    if outcome != Outcome::Applied {
        assert_eq!(stores.documents[0].profile(), before);
        assert_eq!(
            stores.documents[0].apply(FORGER, &change),
            match outcome {
                Outcome::Waiting => Outcome::Duplicate,
                refused => refused,
            }
        );
    }
    stores.edit(1, &[crate::stores::set(Field::Sex, "f")]);
    stores.meet();
    assert_eq!(stores.documents[0].profile().text(Field::Sex), Some("f"));
    outcome
}

fn refused(fault: ChangeFault) -> Outcome {
    Outcome::SetAside(fault)
}

#[test]
fn the_forger_is_able_to_make_a_good_change() {
    assert_eq!(outcome(first(FORGER, vec![name("毒")])), Outcome::Applied);
}

#[test]
fn nobody_writes_in_anothers_name() {
    let change = first(store(0), vec![name("毒")]);
    assert_eq!(outcome(change), refused(ChangeFault::Impersonated));
    let mut stores = Stores::with_member(2);
    let (author, honest) = stores.changes[0].clone();
    let relayed = stores.documents[1].apply(store(1), &honest);
    assert_eq!((author, relayed), (store(0), refused(ChangeFault::Impersonated)));
}

#[test]
fn only_the_form_of_a_profile_is_taken() {
    let good = || first(FORGER, vec![name("毒")]);
    let element = Op { key: Key::Seq(ElementId::Head), insert: true, ..name("毒") };
    let nested = Op { obj: ObjectId::Id(OpId(1, good().actor_id)), ..name("毒") };
    let operations = [
        vec![],
        vec![put("field/name", 7)],
        vec![put("field/name", ScalarValue::counter(7))],
        vec![put("field/name", f64::NAN)],
        vec![put("", "no key")],
        vec![put(&"k".repeat(65), "long key")],
        vec![operation("field", OpType::Make(ObjType::Map))],
        vec![operation("notes", OpType::Make(ObjType::Text))],
        vec![operation("field/name", OpType::Increment(1))],
        vec![operation("list", OpType::Make(ObjType::List)), element],
        vec![operation("field", OpType::Make(ObjType::Map)), nested],
        vec![name("one"), name("two")],
    ];
    for operations in operations {
        let shown = format!("{operations:?}");
        assert_eq!(outcome(first(FORGER, operations)), refused(ChangeFault::UnknownForm), "{shown}");
    }
    for change in [
        ExpandedChange { message: Some("hello".into()), ..good() },
        ExpandedChange { extra_bytes: vec![1, 1, 1], ..good() },
        ExpandedChange { time: -1, ..good() },
        ExpandedChange { time: i64::MAX, ..good() },
    ] {
        assert_eq!(outcome(change), refused(ChangeFault::UnknownForm));
    }
}

#[test]
fn a_change_follows_its_own_past() {
    let good = || first(FORGER, vec![name("毒")]);
    let gap = ExpandedChange { seq: 2, ..good() };
    assert_eq!(outcome(gap), refused(ChangeFault::SequenceGap));
    for start_op in [2, u64::from(u32::MAX)] {
        let ahead = ExpandedChange { start_op: start_op.try_into().unwrap(), ..good() };
        assert_eq!(outcome(ahead), refused(ChangeFault::OutOfPlace));
    }
    let waits = ExpandedChange { deps: vec![automerge::ChangeHash([7; 32])], ..good() };
    assert_eq!(outcome(waits), Outcome::Waiting);
}

/// Store 0 has written `card/…` as operation 1 and `field/name` as operation 2. Whether the
/// receiver has them must not matter: only whether the change itself follows them.
#[test]
fn a_change_replaces_only_what_is_in_its_past_and_under_its_key() {
    let stores = Stores::with_member(1);
    let seen = Change::from_bytes(stores.changes[0].1.clone()).unwrap().hash();
    let following = |operations| ExpandedChange {
        deps: vec![seen],
        start_op: 3.try_into().unwrap(),
        ..first(FORGER, operations)
    };
    let delete = |key| operation(key, OpType::Delete);
    let cases = [
        (following(vec![over(name("毒"), 2, store(0))]), Outcome::Applied),
        (following(vec![over(delete("field/name"), 2, store(0))]), Outcome::Applied),
        (first(FORGER, vec![over(name("毒"), 2, store(0))]), refused(ChangeFault::OutOfPlace)),
        (following(vec![over(name("毒"), 1, store(0))]), refused(ChangeFault::OutOfPlace)),
        (following(vec![over(name("毒"), 9, store(0))]), refused(ChangeFault::OutOfPlace)),
        (following(vec![over(name("毒"), 1, store(1))]), refused(ChangeFault::OutOfPlace)),
        (following(vec![over(name("毒"), 3, FORGER)]), refused(ChangeFault::OutOfPlace)),
        (following(vec![delete("field/name")]), refused(ChangeFault::OutOfPlace)),
    ];
    for (case, (change, expected)) in cases.into_iter().enumerate() {
        assert_eq!(outcome(change), expected, "case {case}");
    }
}
