//! What a profile has besides its fields: consents, vehicles and cards, as they stand in bodies.

use purser_documents::{Channel, Consent, Edit, FieldValue, Profile};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{cards::state_schema, profile_fields::readable};

/// What a member wants, by channel. A channel that is not named is not changed, or not known.
#[derive(Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Consents {
    /// Text messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    sms: Option<Wish>,
    /// E-mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<Wish>,
    /// WeChat.
    #[serde(skip_serializing_if = "Option::is_none")]
    wechat: Option<Wish>,
    /// Calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<Wish>,
}

/// Whether a member wants to be reached.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Wish {
    /// The member agreed.
    Granted,
    /// The member does not want it, or no longer.
    Withdrawn,
}

/// A vehicle to note.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Vehicle {
    /// Its plate: at most 16 letters and digits; blanks, dots and hyphens are left out.
    #[schema(example = "鲁A·12345")]
    plate: String,
    /// Its model: one line of at most 100 characters.
    #[schema(example = "Geely Emgrand")]
    model: String,
}

/// A vehicle as a profile has it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VehicleOfMember {
    /// Its plate: letters and digits.
    #[schema(example = "鲁A12345")]
    plate: String,
    /// Its model; null if it cannot be read here.
    #[schema(example = "Geely Emgrand")]
    model: Option<String>,
    /// All models that were written for it at different stores at the same time; empty if they
    /// agree.
    conflicts: Vec<Option<String>>,
}

/// A card of a member.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CardOfMember {
    /// The card's number.
    #[schema(example = "66880012013456786")]
    card: String,
    /// Its state.
    #[schema(schema_with = state_schema)]
    state: String,
}

impl Consents {
    /// The edits that record these wishes.
    pub(crate) fn edits(&self) -> impl Iterator<Item = Edit> {
        let wishes = [
            (Channel::Sms, self.sms),
            (Channel::Email, self.email),
            (Channel::Wechat, self.wechat),
            (Channel::Phone, self.phone),
        ];
        let edit = |(channel, wish): (Channel, Option<Wish>)| {
            let consent = match wish? {
                Wish::Granted => Consent::Granted,
                Wish::Withdrawn => Consent::Withdrawn,
            };
            Some(Edit::SetConsent { channel, consent })
        };
        wishes.into_iter().filter_map(edit)
    }

    /// The wishes of a profile.
    pub(crate) fn of(profile: &Profile) -> Self {
        let wish = |channel| {
            Some(match profile.consents.get(&channel)? {
                Consent::Granted => Wish::Granted,
                Consent::Withdrawn => Wish::Withdrawn,
            })
        };
        Self {
            sms: wish(Channel::Sms),
            email: wish(Channel::Email),
            wechat: wish(Channel::Wechat),
            phone: wish(Channel::Phone),
        }
    }
}

impl Vehicle {
    /// The edit that notes it.
    pub(crate) fn edit(self) -> Edit {
        Edit::SetVehicle { plate: self.plate, model: self.model }
    }
}

impl VehicleOfMember {
    /// The vehicles of a profile.
    pub(crate) fn of(profile: &Profile) -> Vec<Self> {
        let vehicle = |(plate, model): (&String, &FieldValue)| Self {
            plate: plate.clone(),
            model: model.value.as_str().map(str::to_owned),
            conflicts: readable(&model.conflicts),
        };
        profile.vehicles.iter().map(vehicle).collect()
    }
}

impl CardOfMember {
    /// The cards of a profile.
    pub(crate) fn of(profile: &Profile) -> Vec<Self> {
        let cards = profile.cards.iter();
        cards.map(|(card, state)| Self { card: card.to_string(), state: state.to_string() }).collect()
    }
}
