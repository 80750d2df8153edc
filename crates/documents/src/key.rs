use std::fmt;

use purser_types::CardNumber;

use crate::{Channel, Field};

/// A key of a document's root map.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    Field(Field),
    Card(CardNumber),
    Consent(Channel),
    /// By the tag's [`map_key`](crate::sealing::map_key).
    Tag(String),
    /// By the plate's [`map_key`](crate::sealing::map_key).
    Vehicle(String),
}

impl Key {
    /// The key of this text, or `None` if this version knows none such.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (kind, name) = text.split_once('/')?;
        match kind {
            "field" => name.parse().ok().map(Key::Field),
            "card" => name.parse().ok().map(Key::Card),
            "consent" => name.parse().ok().map(Key::Consent),
            "tag" => Some(Key::Tag(name.to_owned())),
            "vehicle" => Some(Key::Vehicle(name.to_owned())),
            _ => None,
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Key::Field(field) => write!(f, "field/{field}"),
            Key::Card(card) => write!(f, "card/{card}"),
            Key::Consent(channel) => write!(f, "consent/{channel}"),
            Key::Tag(hash) => write!(f, "tag/{hash}"),
            Key::Vehicle(hash) => write!(f, "vehicle/{hash}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_survives_text() {
        let card = "66880012013456788".parse::<CardNumber>();
        let cards = card.into_iter().map(Key::Card);
        let fields = Field::ALL.iter().copied().map(Key::Field);
        let consents = Channel::ALL.iter().copied().map(Key::Consent);
        let hashed = [Key::Tag("0a1b".into()), Key::Vehicle("ff00".into())];
        for key in fields.chain(cards).chain(consents).chain(hashed) {
            assert_eq!(Key::parse(&key.to_string()), Some(key));
        }
        assert_eq!(Key::parse("shoe/size"), None);
    }
}
