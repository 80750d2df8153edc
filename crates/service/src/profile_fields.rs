//! The fields of a profile as they stand in bodies: once as changes, once as values.

use std::collections::BTreeMap;

use purser_documents::{Edit, Field, PersonalText, Profile};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::ToSchema;

/// What is to become of one field: absent in JSON, `null`, or a text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum FieldChange {
    /// It stays as it is.
    #[default]
    Keep,
    /// It is emptied.
    Clear,
    /// It gets this value.
    Set(String),
}

impl FieldChange {
    fn is_keep(&self) -> bool {
        *self == FieldChange::Keep
    }
}

impl<'de> Deserialize<'de> for FieldChange {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(FieldChange::Clear, FieldChange::Set))
    }
}

impl Serialize for FieldChange {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            FieldChange::Keep | FieldChange::Clear => serializer.serialize_none(),
            FieldChange::Set(value) => serializer.serialize_str(value),
        }
    }
}

macro_rules! profile_fields {
    ($($(#[doc = $doc:literal])+ $name:ident $field:ident $example:literal;)*) => {
        /// Fields of a profile to set, or to empty with `null`. What is not named stays as it is.
        #[derive(Debug, Default, Deserialize, Serialize, ToSchema)]
        #[serde(deny_unknown_fields)]
        pub(crate) struct FieldChanges {
            $(
                $(#[doc = $doc])+
                #[schema(value_type = Option<String>, example = $example)]
                #[serde(default, skip_serializing_if = "FieldChange::is_keep")]
                $name: FieldChange,
            )*
        }

        /// Fields of a profile; null where there is no value, or none that can be read here.
        #[derive(Debug, Serialize, ToSchema)]
        pub(crate) struct FieldValues {
            $(
                $(#[doc = $doc])+
                #[schema(example = $example)]
                $name: Option<String>,
            )*
        }

        impl FieldChanges {
            fn into_pairs(self) -> Vec<(Field, FieldChange)> {
                vec![$((Field::$field, self.$name),)*]
            }
        }

        impl FieldValues {
            /// The values of a profile.
            pub(crate) fn of(profile: &Profile) -> Self {
                let value = |field| profile.text(field).map(str::to_owned);
                Self { $($name: value(Field::$field),)* }
            }
        }
    };
}

profile_fields! {
    /// The member's name.
    name Name "王小明";
    /// `f`, `m` or `other`.
    sex Sex "f";
    /// The day of birth.
    birth_date BirthDate "1988-05-04";
    /// The phone number: 5 to 15 digits, with `+` in front for another country's.
    phone Phone "13800138000";
    /// The number of an identity card.
    id_number IdNumber "110101198805040000";
    /// The address.
    address Address "3 Spring Road";
    /// Whether there is medical insurance: `yes` or `no`.
    medical_insurance MedicalInsurance "yes";
    /// Usual ailments.
    ailments Ailments "hay fever";
    /// What the member likes.
    preferences Preferences "green tea";
    /// Free notes, of several lines if need be.
    notes Notes "calls in the evening only";
    /// Who brought the member, as a member id.
    referrer Referrer "mbr_1u3cd5f00000c";
}

impl FieldChanges {
    /// The edits that make these changes.
    pub(crate) fn edits(self) -> Vec<Edit> {
        let edit = |(field, change)| {
            let value = match change {
                FieldChange::Keep => return None,
                FieldChange::Clear => None,
                FieldChange::Set(value) => Some(value),
            };
            Some(Edit::SetField { field, value })
        };
        self.into_pairs().into_iter().filter_map(edit).collect()
    }
}

/// Fields with several values, written at the same time at different stores, by field; null for
/// a value that cannot be read here.
pub(crate) fn conflicts(profile: &Profile) -> BTreeMap<String, Vec<Option<String>>> {
    let conflicted = profile.fields.iter().filter(|(_, value)| !value.conflicts.is_empty());
    conflicted.map(|(field, value)| (field.to_string(), readable(&value.conflicts))).collect()
}

/// The texts, null for those that cannot be read here.
pub(crate) fn readable(texts: &[PersonalText]) -> Vec<Option<String>> {
    texts.iter().map(|text| text.as_str().map(str::to_owned)).collect()
}
