use purser_documents::{Edit, EditError, Field, PersonalText, Profile};

use crate::stores::{Stores, set};

fn open(texts: &[&str]) -> Vec<PersonalText> {
    texts.iter().map(|&text| PersonalText::Open(text.to_owned())).collect()
}

fn profile(stores: &Stores) -> Profile {
    let profile = stores.documents[0].profile();
    assert!(stores.documents.iter().all(|document| document.profile() == profile));
    profile
}

#[test]
fn different_fields_both_survive() {
    let mut stores = Stores::with_member(2);
    stores.edit(0, &[set(Field::Address, "泺源大街 1 号")]);
    stores.edit(1, &[set(Field::Sex, "m")]);
    stores.meet();
    let profile = profile(&stores);
    assert_eq!((profile.text(Field::Address), profile.text(Field::Sex)), (Some("泺源大街 1 号"), Some("m")));
    assert!(!profile.conflicted());
}

#[test]
fn of_one_field_both_values_are_kept_until_someone_settles_it() {
    let settle_with = ["王小铭", "王晓明", "王筱明"]; // one of the two, the other one, a third
    for settled in settle_with {
        let mut stores = Stores::with_member(3);
        stores.edit(0, &[set(Field::Name, "王晓明")]);
        stores.edit(1, &[set(Field::Name, "王小铭")]);
        stores.meet();
        let name = &profile(&stores).fields[&Field::Name];
        assert_eq!(name.conflicts, open(&["王小铭", "王晓明"]));
        assert!(name.conflicts.contains(&name.value));
        assert_eq!(profile(&stores).conflict_count(), 1);

        stores.edit(2, &[set(Field::Name, settled)]);
        stores.meet();
        assert_eq!(profile(&stores).text(Field::Name), Some(settled));
        assert!(!profile(&stores).conflicted());
    }
}

#[test]
fn the_same_value_at_two_stores_is_no_conflict() {
    let mut stores = Stores::with_member(2);
    stores.edit(0, &[set(Field::Phone, "138 0013 8000")]);
    stores.edit(1, &[set(Field::Phone, "13800138000")]);
    stores.meet();
    assert_eq!(profile(&stores).text(Field::Phone), Some("13800138000"));
    assert!(!profile(&stores).conflicted());
}

#[test]
fn a_value_set_elsewhere_survives_a_removal_that_did_not_know_it() {
    let mut stores = Stores::with_member(2);
    stores.edit(0, &[Edit::SetField { field: Field::Name, value: None }]);
    stores.edit(1, &[set(Field::Name, "王晓明")]);
    assert_eq!(stores.documents[0].profile().text(Field::Name), None);
    stores.meet();
    assert_eq!(profile(&stores).text(Field::Name), Some("王晓明"));
}

#[test]
fn tags_of_all_stores_come_together() {
    let tag = |text: &str| Edit::AddTag(text.to_owned());
    let mut stores = Stores::new(2);
    stores.edit(0, &[tag("tea"), tag("books")]);
    stores.edit(1, &[tag("tea"), tag("dogs")]);
    stores.meet();
    assert!(profile(&stores).tags.iter().eq(["books", "dogs", "tea"]));
    stores.edit(1, &[Edit::RemoveTag("tea".to_owned())]);
    stores.meet();
    assert!(profile(&stores).tags.iter().eq(["books", "dogs"]));
    let absent = stores.try_edit(1, &[Edit::RemoveTag("tea".to_owned())]);
    assert_eq!(absent, Err(EditError::NothingChanges));
}

#[test]
fn a_vehicle_is_one_however_its_plate_is_typed() {
    let vehicle = |plate: &str, model: &str| Edit::SetVehicle { plate: plate.into(), model: model.into() };
    let mut stores = Stores::new(2);
    stores.edit(0, &[vehicle("鲁a·12345", "Polo")]);
    stores.edit(1, &[vehicle("鲁A12345", "Golf")]);
    stores.meet();
    let vehicles = profile(&stores).vehicles;
    assert_eq!(vehicles["鲁A12345"].conflicts, open(&["Golf", "Polo"]));
    assert!(profile(&stores).conflicted());
    stores.edit(0, &[Edit::RemoveVehicle { plate: "鲁A 12345".into() }]);
    stores.meet();
    assert!(profile(&stores).vehicles.is_empty());
}
