//! What a profile has besides its fields: consents, vehicles and cards, as they stand in bodies.

use std::collections::BTreeMap;

use purser_documents::{Channel, Consent, Edit, Profile};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a member wants, by channel. A channel that is not named is not changed, or not known.
#[derive(Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
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

/// A vehicle.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Vehicle {
    /// Its plate: 1 to 64 bytes.
    #[schema(example = "鲁A·12345")]
    plate: String,
    /// Its model: 1 to 64 bytes.
    #[schema(example = "Geely Emgrand")]
    model: String,
}

/// A card of a member.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CardOfMember {
    /// The card's number.
    #[schema(example = "66880012013456787")]
    card: String,
    /// Its state: `active`, `lost`, `frozen`, `replaced`, `expired` or `cancelled`.
    #[schema(example = "active")]
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

    /// The vehicles of a profile.
    pub(crate) fn of(vehicles: BTreeMap<String, String>) -> Vec<Self> {
        vehicles.into_iter().map(|(plate, model)| Self { plate, model }).collect()
    }
}

impl CardOfMember {
    /// The cards of a profile.
    pub(crate) fn of(profile: &Profile) -> Vec<Self> {
        let cards = profile.cards.iter();
        cards.map(|(card, state)| Self { card: card.to_string(), state: state.to_string() }).collect()
    }
}
