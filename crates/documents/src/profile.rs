use std::collections::{BTreeMap, BTreeSet};

use purser_types::CardNumber;

use crate::{CardState, Channel, Consent, Field};

/// What a profile says now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    /// Fields that have a value.
    pub fields: BTreeMap<Field, FieldValue>,
    /// Cards and the safest of their concurrent states.
    pub cards: BTreeMap<CardNumber, CardState>,
    /// Wishes and the safest of their concurrent values.
    pub consents: BTreeMap<Channel, Consent>,
    /// Tags.
    pub tags: BTreeSet<String>,
    /// Vehicles: plate → model.
    pub vehicles: BTreeMap<String, String>,
}

/// The value of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldValue {
    /// The value shown: of concurrent ones the one that all replicas agree to show.
    pub value: String,
    /// All concurrent values, in order, this one included; empty where there is but one.
    pub conflicts: Vec<String>,
}

impl Profile {
    /// The name, or an empty text.
    pub fn name(&self) -> &str {
        self.text(Field::Name)
    }

    /// The phone number, or an empty text.
    pub fn phone(&self) -> &str {
        self.text(Field::Phone)
    }

    /// How many fields have concurrent values that nobody has settled.
    pub fn conflict_count(&self) -> u32 {
        let conflicted = self.fields.values().filter(|field| !field.conflicts.is_empty());
        u32::try_from(conflicted.count()).unwrap_or(u32::MAX)
    }

    fn text(&self, field: Field) -> &str {
        self.fields.get(&field).map_or("", |field| &field.value)
    }
}
