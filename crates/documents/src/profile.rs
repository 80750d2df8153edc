use std::collections::{BTreeMap, BTreeSet};

use automerge::{Automerge, ROOT, ReadDoc, ScalarValue, Value};
use purser_types::CardNumber;

use crate::{CardState, Channel, Consent, Field, PersonalText, key::Key, sealing};

/// What a document says of its member, concurrent edits resolved.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    /// The fields that are set.
    pub fields: BTreeMap<Field, FieldValue>,
    /// The member's cards; of concurrent states the safest.
    pub cards: BTreeMap<CardNumber, CardState>,
    /// The member's answers; of concurrent ones the withdrawal.
    pub consents: BTreeMap<Channel, Consent>,
    /// The tags that can be read here.
    pub tags: BTreeSet<String>,
    /// The models of the vehicles that can be read here, by plate.
    pub vehicles: BTreeMap<String, FieldValue>,
    /// How many tags and vehicles are sealed and cannot be opened here.
    pub sealed_entries: usize,
}

/// One value, and whether somebody should look at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldValue {
    /// What counts for now: the same at every replica.
    pub value: PersonalText,
    /// All concurrent values in their order, `value` among them, if they differ. Empty
    /// where there is nothing to settle.
    pub conflicts: Vec<PersonalText>,
}

impl Profile {
    /// Whether somebody has to settle a value: set it, and the other ones are gone.
    pub fn conflicted(&self) -> bool {
        self.conflict_count() > 0
    }

    /// How many values somebody has to settle.
    pub fn conflict_count(&self) -> u32 {
        let values = self.fields.values().chain(self.vehicles.values());
        let conflicted = values.filter(|value| !value.conflicts.is_empty());
        u32::try_from(conflicted.count()).unwrap_or(u32::MAX)
    }

    /// The text of a field, if it is set and can be read here.
    pub fn text(&self, field: Field) -> Option<&str> {
        self.fields.get(&field)?.value.as_str()
    }

    pub(crate) fn read(document: &Automerge) -> Self {
        let mut profile = Self::default();
        for text in document.keys(ROOT) {
            if let Some(key) = Key::parse(&text) {
                profile.add(&key, &concurrent(document, &text));
            }
        }
        profile
    }

    fn add(&mut self, key: &Key, values: &[ScalarValue]) {
        match *key {
            Key::Field(field) => {
                self.fields.extend(FieldValue::among(distinct(values)).map(|value| (field, value)));
            }
            Key::Card(card) => {
                // A state of a newer version is not a reason to let the card be used.
                let states = values.iter().map(|value| code(value).unwrap_or(CardState::Frozen));
                self.cards.extend(states.max().map(|state| (card, state)));
            }
            Key::Consent(channel) => {
                let consents = values.iter().map(|value| code(value).unwrap_or(Consent::Withdrawn));
                self.consents.extend(consents.max().map(|consent| (channel, consent)));
            }
            Key::Tag(_) => {
                for text in distinct(values) {
                    match text {
                        PersonalText::Open(tag) => drop(self.tags.insert(tag)),
                        PersonalText::Sealed => self.sealed_entries += 1,
                    }
                }
            }
            Key::Vehicle(_) => self.add_vehicle(distinct(values)),
        }
    }

    fn add_vehicle(&mut self, texts: Vec<PersonalText>) {
        let mut models: BTreeMap<String, Vec<PersonalText>> = BTreeMap::new();
        for text in texts {
            match text.as_str().and_then(|text| text.split_once('\n')) {
                Some((plate, model)) => {
                    models.entry(plate.to_owned()).or_default().push(PersonalText::Open(model.to_owned()));
                }
                None => self.sealed_entries += 1,
            }
        }
        for (plate, models) in models {
            self.vehicles.extend(FieldValue::among(models).map(|value| (plate, value)));
        }
    }
}

impl FieldValue {
    /// The value to show of different ones, the last of which counts.
    fn among(mut texts: Vec<PersonalText>) -> Option<Self> {
        let value = texts.last()?.clone();
        texts.sort();
        if texts.len() == 1 {
            texts.clear();
        }
        Some(Self { value, conflicts: texts })
    }
}

/// The values of a key, the one that wins by Automerge's rule last.
fn concurrent(document: &Automerge, key: &str) -> Vec<ScalarValue> {
    // The root is always there, so there is no error to report.
    let values = document.get_all(ROOT, key).unwrap_or_default();
    let scalar = |value| if let Value::Scalar(scalar) = value { Some(scalar.into_owned()) } else { None };
    values.into_iter().filter_map(|(value, _)| scalar(value)).collect()
}

/// The texts of the values, equal values once. Compared before opening: two that are sealed
/// look the same and may not be.
fn distinct(values: &[ScalarValue]) -> Vec<PersonalText> {
    let repeated = |place: usize| values[place + 1..].contains(&values[place]);
    let once = values.iter().enumerate().filter(|&(place, _)| !repeated(place));
    once.map(|(_, value)| value.as_bytes().map_or(PersonalText::Sealed, sealing::open)).collect()
}

/// The code of a report: what stands before its time.
fn code<T: std::str::FromStr>(report: &ScalarValue) -> Option<T> {
    report.as_str()?.split(' ').next()?.parse().ok()
}
