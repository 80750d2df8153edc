use purser_types::{CardNumber, Digest};

use crate::{Channel, Field};

/// Where a part of a profile lies in the document's root map. Tags and plates are personal, so
/// their keys are hashes and the texts themselves lie, sealed, in the values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    Field(Field),
    Card(CardNumber),
    Consent(Channel),
    Tag,
    Vehicle,
}

impl Key {
    /// What a key of the root map means; `None` for what a later version writes.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (kind, which) = text.split_once('/')?;
        match kind {
            "field" => which.parse().ok().map(Key::Field),
            "card" => which.parse().ok().map(Key::Card),
            "consent" => which.parse().ok().map(Key::Consent),
            "tag" => Some(Key::Tag),
            "vehicle" => Some(Key::Vehicle),
            _ => None,
        }
    }

    pub(crate) fn of_field(field: Field) -> String {
        format!("field/{field}")
    }

    pub(crate) fn of_card(card: CardNumber) -> String {
        format!("card/{card}")
    }

    pub(crate) fn of_consent(channel: Channel) -> String {
        format!("consent/{channel}")
    }

    pub(crate) fn of_tag(tag: &str) -> String {
        format!("tag/{}", hashed(tag))
    }

    pub(crate) fn of_vehicle(plate: &str) -> String {
        format!("vehicle/{}", hashed(plate))
    }
}

fn hashed(text: &str) -> String {
    Digest::in_context("purser 2026 profile key", &[text.as_bytes()]).to_string()
}
