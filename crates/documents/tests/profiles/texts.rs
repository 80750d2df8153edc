use purser_documents::{ChangeFault, Edit, EditError, Field, MemberDocument, Outcome};

use crate::stores::{Stores, card, set, store};

#[test]
fn edits_that_cannot_be_leave_the_document_as_it_was() {
    let mut stores = Stores::with_member(1);
    let before = stores.documents[0].heads();
    let invalid = [
        set(Field::Phone, "call me"),
        set(Field::BirthDate, "2001-02-29"),
        set(Field::Name, "a\u{0}b"),
        set(Field::Name, &"长".repeat(101)),
        Edit::AddTag("\t".to_owned()),
        Edit::SetVehicle { plate: "?".to_owned(), model: "Polo".to_owned() },
    ];
    for edit in invalid {
        let refused = stores.try_edit(0, &[set(Field::Sex, "f"), edit.clone()]);
        assert!(matches!(refused, Err(EditError::Invalid { .. })), "{edit:?}");
    }
    assert_eq!(stores.try_edit(0, &[]), Err(EditError::NoEdits));
    assert_eq!(stores.try_edit(0, &[set(Field::Name, "王小明")]), Err(EditError::NothingChanges));
    assert_eq!(stores.documents[0].heads(), before);
}

#[test]
fn an_error_does_not_repeat_what_was_typed() {
    let error = Stores::new(1).try_edit(0, &[set(Field::IdNumber, "1101/0519")]).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("0519"));
}

#[test]
fn of_two_edits_of_one_field_the_later_counts() {
    let mut stores = Stores::new(1);
    stores.edit(0, &[set(Field::Name, "A"), set(Field::Name, "B")]);
    assert_eq!(stores.documents[0].profile().text(Field::Name), Some("B"));
}

#[test]
fn the_longest_profile_fits_and_more_is_refused() {
    let longest = |field| match field {
        Field::Name => "𠀀".repeat(100),
        Field::Sex => "other".to_owned(),
        Field::BirthDate => "1990-02-28".to_owned(),
        Field::Phone => "+123456789012345".to_owned(),
        Field::IdNumber => "9".repeat(32),
        Field::Address => "𠀀".repeat(300),
        Field::MedicalInsurance => "yes".to_owned(),
        Field::Ailments | Field::Preferences => "𠀀".repeat(1_000),
        Field::Notes => "𠀀".repeat(4_000),
        Field::Referrer => "𠀀".repeat(64),
    };
    let full: Vec<Edit> = Field::ALL.iter().map(|&field| set(field, &longest(field))).collect();
    let mut document = MemberDocument::empty();
    let change = document.edit(store(0), 1, &full).unwrap();
    assert!(change.0.len() > 20_000);
    assert_eq!(MemberDocument::empty().apply(store(0), &change.0), Outcome::Applied);

    let before = document.heads();
    let long = |n: usize| Edit::AddTag(format!("{n}{}", "𠀀".repeat(37)));
    let too_long: Vec<Edit> = full.into_iter().chain((0..240).map(long)).collect();
    let refused = MemberDocument::empty().edit(store(1), 1, &too_long);
    assert_eq!(refused, Err(EditError::Refused(ChangeFault::TooLarge)));
    let too_many: Vec<Edit> = (0..257).map(|n| Edit::AddTag(n.to_string())).collect();
    let refused = document.edit(store(1), 1, &too_many);
    assert_eq!(refused, Err(EditError::Refused(ChangeFault::TooManyParts)));
    assert_eq!(document.heads(), before);
    assert!(document.edit(store(1), 1, &too_many[..256]).is_ok());
    assert!(!document.profile().cards.contains_key(&card()));
}
