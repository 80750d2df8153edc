use std::collections::BTreeMap;

use automerge::ScalarValue;
use purser_types::{CardNumber, Coded, ReplicaId};

use crate::{CardState, ChangeFault, Channel, Consent, Field, key::Key, plain_text, sealing};

/// One thing that staff change in a profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// Sets a field, over all concurrent values of it: so it also settles a conflict.
    SetField {
        /// Which one.
        field: Field,
        /// The text as typed; brought into the field's form. `None` takes the field away.
        value: Option<String>,
    },
    /// Sets the state of a card. The first state of a card is active.
    SetCard {
        /// Which card.
        card: CardNumber,
        /// What it becomes.
        state: CardState,
    },
    /// Records an answer of the member.
    SetConsent {
        /// For which channel.
        channel: Channel,
        /// What the member said.
        consent: Consent,
    },
    /// Adds a tag: one line of at most 40 characters.
    AddTag(String),
    /// Takes a tag away, if it is there.
    RemoveTag(String),
    /// Adds a vehicle or changes its model.
    SetVehicle {
        /// Letters and digits.
        plate: String,
        /// One line of at most 100 characters.
        model: String,
    },
    /// Takes a vehicle away, if it is there.
    RemoveVehicle {
        /// As it was added.
        plate: String,
    },
}

/// Why edits were not made. Nothing of them was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// An empty list of edits.
    #[error("there is nothing to edit: give at least one edit")]
    NoEdits,
    /// A text that cannot be stored.
    #[error("the {what} was not accepted: {reason}")]
    Invalid {
        /// The field, or `tag`, `plate`, `model`.
        what: &'static str,
        /// What is wrong and how it should be.
        reason: &'static str,
    },
    /// A state other than active for a card that the member does not have.
    #[error("the member has no card {0}: bind it to the member first")]
    UnknownCard(CardNumber),
    /// The profile says all of it already.
    #[error("the profile says so already: nothing was written")]
    NothingChanges,
    /// The author's latest changes are not in the document, so this one would take a number twice.
    #[error("the profile lacks changes of {author}: wait until the sync has brought what they depend on")]
    OwnChangesMissing {
        /// Whose changes.
        author: ReplicaId,
    },
    /// The edits made a change that no replica would take.
    #[error(transparent)]
    Refused(#[from] ChangeFault),
}

impl Coded for EditError {
    fn code(&self) -> &'static str {
        match self {
            EditError::NoEdits => "profile_no_edits",
            EditError::Invalid { .. } => "profile_invalid_text",
            EditError::UnknownCard(_) => "profile_unknown_card",
            EditError::NothingChanges => "profile_nothing_changes",
            EditError::OwnChangesMissing { .. } => "profile_own_changes_missing",
            EditError::Refused(fault) => fault.code(),
        }
    }
}

/// What has to be written under which key, `None` for a deletion. Of several edits of one
/// key the last counts.
pub(crate) fn writes(
    edits: &[Edit],
    wall_ms: u64,
    has_card: impl Fn(CardNumber) -> bool,
) -> Result<BTreeMap<String, Option<ScalarValue>>, EditError> {
    if edits.is_empty() {
        return Err(EditError::NoEdits);
    }
    let mut writes = BTreeMap::new();
    for edit in edits {
        let (key, value) = write(edit, wall_ms)?;
        if let Edit::SetCard { card, state } = *edit
            && state != CardState::Active
            && !has_card(card)
            && !writes.contains_key(&key.to_string())
        {
            return Err(EditError::UnknownCard(card));
        }
        writes.insert(key.to_string(), value);
    }
    Ok(writes)
}

fn write(edit: &Edit, wall_ms: u64) -> Result<(Key, Option<ScalarValue>), EditError> {
    Ok(match edit {
        Edit::SetField { field, value } => {
            let text = value.as_ref().map(|text| plain_text::of_field(*field, text)).transpose()?;
            (Key::Field(*field), text.map(|text| personal(&text)))
        }
        Edit::SetCard { card, state } => (Key::Card(*card), Some(report(state.as_str(), wall_ms))),
        Edit::SetConsent { channel, consent } => {
            (Key::Consent(*channel), Some(report(consent.as_str(), wall_ms)))
        }
        Edit::AddTag(tag) => {
            let tag = plain_text::of_tag(tag)?;
            (Key::Tag(sealing::map_key(&tag)), Some(personal(&tag)))
        }
        Edit::RemoveTag(tag) => (Key::Tag(sealing::map_key(&plain_text::of_tag(tag)?)), None),
        Edit::SetVehicle { plate, model } => {
            let plate = plain_text::of_plate(plate)?;
            let text = format!("{plate}\n{}", plain_text::of_model(model)?);
            (Key::Vehicle(sealing::map_key(&plate)), Some(personal(&text)))
        }
        Edit::RemoveVehicle { plate } => {
            (Key::Vehicle(sealing::map_key(&plain_text::of_plate(plate)?)), None)
        }
    })
}

fn personal(text: &str) -> ScalarValue {
    ScalarValue::Bytes(sealing::seal(text))
}

/// A state and when it was reported. The time makes every report a value of its own: of two
/// equal ones Automerge would drop the second, and a loss reported twice at one store would
/// give way to another store's "found again", which was about the first loss only.
fn report(code: &str, wall_ms: u64) -> ScalarValue {
    ScalarValue::Str(format!("{code} {wall_ms}").into())
}
