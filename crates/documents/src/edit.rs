use automerge::ScalarValue;
use purser_types::{CardNumber, Coded, ParseError};

use crate::{CardState, Channel, Consent, Field, key::Key, sealing};

/// One change that somebody makes to a profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// Sets a field, or empties it. Written over concurrent values, it settles them.
    SetField {
        /// Which field.
        field: Field,
        /// Its value.
        value: Option<String>,
    },
    /// Sets the state of a card.
    SetCard {
        /// Which card.
        card: CardNumber,
        /// Its state.
        state: CardState,
    },
    /// Records a wish.
    SetConsent {
        /// On which channel.
        channel: Channel,
        /// What the member wants.
        consent: Consent,
    },
    /// Adds a tag.
    AddTag(String),
    /// Takes a tag off.
    RemoveTag(String),
    /// Notes a vehicle.
    SetVehicle {
        /// Its plate.
        plate: String,
        /// Its model.
        model: String,
    },
    /// Forgets a vehicle.
    RemoveVehicle {
        /// Its plate.
        plate: String,
    },
}

/// Why a profile cannot be changed so. It is as it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// Nothing to change.
    #[error("no change was given")]
    Empty,
    /// More at once than makes sense.
    #[error("{0} changes at once: at most 100 can be made")]
    TooMany(usize),
    /// A value that the field cannot have.
    #[error(transparent)]
    Value(#[from] ParseError),
    /// The profile says all of that already.
    #[error("the profile says so already")]
    Unchanged,
    /// Automerge could not make the change.
    #[error("the profile cannot be changed: {0}")]
    Failed(String),
}

impl Coded for EditError {
    fn code(&self) -> &'static str {
        match self {
            EditError::Empty => "edit_empty",
            EditError::TooMany(_) => "edit_too_large",
            EditError::Value(error) => error.code(),
            EditError::Unchanged => "edit_unchanged",
            EditError::Failed(_) => "edit_failed",
        }
    }
}

impl Edit {
    /// The key of the root map that it writes, and the value; `None` deletes the key.
    pub(crate) fn write(&self) -> Result<(String, Option<ScalarValue>), EditError> {
        Ok(match self {
            Edit::SetField { field, value } => {
                let value = value.as_deref().map(|value| field.parse(value)).transpose()?;
                (Key::of_field(*field), value.as_deref().map(sealed))
            }
            Edit::SetCard { card, state } => (Key::of_card(*card), Some(state.name().into())),
            Edit::SetConsent { channel, consent } => (Key::of_consent(*channel), Some(consent.name().into())),
            Edit::AddTag(tag) => {
                let tag = short("tag", tag)?;
                (Key::of_tag(&tag), Some(sealed(&tag)))
            }
            Edit::RemoveTag(tag) => (Key::of_tag(&short("tag", tag)?), None),
            Edit::SetVehicle { plate, model } => {
                let (plate, model) = (short("plate", plate)?, short("model", model)?);
                (Key::of_vehicle(&plate), Some(sealed(&format!("{plate}\n{model}"))))
            }
            Edit::RemoveVehicle { plate } => (Key::of_vehicle(&short("plate", plate)?), None),
        })
    }
}

fn sealed(value: &str) -> ScalarValue {
    ScalarValue::Bytes(sealing::seal(value))
}

/// A text of at most 64 bytes on one line.
fn short(what: &'static str, text: &str) -> Result<String, ParseError> {
    let text = text.trim();
    if text.is_empty() || text.len() > 64 || text.chars().any(char::is_control) {
        return Err(ParseError::new(what, text, "1 to 64 bytes without control characters"));
    }
    Ok(text.to_owned())
}
