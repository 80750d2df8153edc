//! What a later version writes is kept, relayed and read as far as this one can.

use purser_documents::{CardState, Channel, Consent, Field, Outcome, PersonalText};

use crate::{
    forgery::{bytes, first, put},
    stores::{Stores, card, set, store},
};

#[test]
fn what_is_not_known_here_is_kept_and_read_on_the_safe_side() {
    let sealed = || vec![1, 0xde, 0xad];
    let change = bytes(first(
        store(1),
        vec![
            put("card/66880001000000012", "hibernating 1790000000000"),
            put("consent/sms", "sometimes 1790000000000"),
            put("field/name", sealed()),
            put("field/shoe_size", sealed()),
            put("loyalty", "unknown kind"),
            put("tag/0123456789abcdef", sealed()),
            put("vehicle/0123456789abcdef", sealed()),
        ],
    ));
    assert_eq!(card().to_string(), "66880001000000012");
    let mut stores = Stores::new(2);
    assert_eq!(stores.documents[0].apply(store(1), &change), Outcome::Applied);
    let profile = stores.documents[0].profile();
    assert_eq!(profile.cards[&card()], CardState::Frozen);
    assert_eq!(profile.consents[&Channel::Sms], Consent::Withdrawn);
    assert_eq!(profile.fields[&Field::Name].value, PersonalText::Sealed);
    assert_eq!((profile.text(Field::Name), profile.fields.len()), (None, 1));
    assert_eq!((profile.tags.len(), profile.vehicles.len(), profile.sealed_entries), (0, 0, 2));

    // Settled by someone who can type the name.
    stores.edit(0, &[set(Field::Name, "王小明")]);
    assert_eq!(stores.documents[0].profile().text(Field::Name), Some("王小明"));
}

#[test]
fn two_sealed_values_are_a_conflict_though_they_look_the_same() {
    let mut stores = Stores::new(3);
    for author in [1, 2] {
        let change = bytes(first(store(author), vec![put("field/name", vec![9, author])]));
        stores.documents[0].apply(store(author), &change);
    }
    let profile = stores.documents[0].profile();
    assert_eq!(profile.fields[&Field::Name].conflicts, [PersonalText::Sealed, PersonalText::Sealed]);
    assert!(profile.conflicted());
}
