use std::collections::BTreeMap;

use axum::{Json, extract::State};
use purser_documents::{Edit, Profile};
use purser_replica::{Outcome, Refusal, Undertaking};
use purser_types::MemberId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    answer::{Answer, unexpected},
    api::Api,
    change::Change,
    json_object::{object, objects},
    problem::Problem,
    profile_fields::{FieldChanges, FieldValues, conflicts},
    profile_parts::{CardOfMember, Consents, Vehicle, VehicleOfMember},
    request_parts::PathId,
    spelling,
    text::Text,
    token_scope::TokenScope,
};

/// A member to register. Nothing is required, but something has to be said: a field, a tag, a
/// consent, a vehicle, or that a card is wanted.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Registration {
    /// The first values of the profile.
    #[serde(default, deserialize_with = "object")]
    profile: FieldChanges,
    /// What the member wants, by channel.
    #[serde(default, deserialize_with = "object")]
    consents: Consents,
    /// Tags, each one line of at most 40 characters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    /// Vehicles.
    #[serde(default, deserialize_with = "objects", skip_serializing_if = "Vec::is_empty")]
    vehicles: Vec<Vehicle>,
    /// Whether to issue a card at once.
    #[serde(default)]
    card: bool,
}

/// Changes of a member's profile, made together.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MemberChange {
    /// Fields to set or empty. A field written over concurrent values settles them.
    #[serde(default, deserialize_with = "object")]
    profile: FieldChanges,
    /// What the member wants, by channel.
    #[serde(default, deserialize_with = "object")]
    consents: Consents,
    /// Tags to add.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    add_tags: Vec<String>,
    /// Tags to take off.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    remove_tags: Vec<String>,
    /// Vehicles to note.
    #[serde(default, deserialize_with = "objects", skip_serializing_if = "Vec::is_empty")]
    set_vehicles: Vec<Vehicle>,
    /// Plates of vehicles to forget.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    remove_vehicles: Vec<String>,
}

/// A member who was registered.
#[derive(Serialize, ToSchema)]
pub(crate) struct Registered {
    /// The member's id.
    #[schema(value_type = spelling::MemberId)]
    member: Text<MemberId>,
    /// The card that was issued, if one was wanted.
    #[schema(example = "66880012013456786")]
    card: Option<String>,
}

/// A member whose profile was changed.
#[derive(Serialize, ToSchema)]
pub(crate) struct MemberChanged {
    /// The member's id.
    #[schema(value_type = spelling::MemberId)]
    member: Text<MemberId>,
}

/// A member's profile as this store knows it.
#[derive(Serialize, ToSchema)]
pub(crate) struct Member {
    /// The member's id.
    #[serde(rename = "member")]
    #[schema(value_type = spelling::MemberId)]
    id: Text<MemberId>,
    /// Who that is: somebody else if the member was registered twice and put together.
    #[schema(value_type = spelling::MemberId)]
    person: Text<MemberId>,
    /// The fields.
    profile: FieldValues,
    /// All concurrent values of the fields that were written at different stores at the same
    /// time, until somebody sets such a field anew; null for a value that cannot be read here.
    conflicts: BTreeMap<String, Vec<Option<String>>>,
    /// What the member wants, by channel.
    consents: Consents,
    /// Tags.
    tags: Vec<String>,
    /// Vehicles.
    vehicles: Vec<VehicleOfMember>,
    /// How many tags and vehicles are sealed and cannot be read here.
    sealed_entries: usize,
    /// Cards, in whatever state.
    cards: Vec<CardOfMember>,
}

/// Registers a member, with a card if one is wanted. Works without a line.
#[utoipa::path(
    post, path = "/members", operation_id = "register_member", tag = "members",
    security(("token" = [TokenScope::Till])),
    request_body = Registration,
    responses((status = 201, description = "The member is registered.", body = Registered)),
)]
pub(crate) async fn register(
    State(api): State<Api>,
    Change { body, request }: Change<Registration>,
) -> Result<Answer<Registered>, Problem> {
    let mut edits = body.profile.edits();
    edits.extend(body.consents.edits());
    edits.extend(body.tags.into_iter().map(Edit::AddTag));
    edits.extend(body.vehicles.into_iter().map(Vehicle::edit));
    let undertaking = Undertaking::Register { edits, with_card: body.card };
    let reply = api.carry_out(request, undertaking).await?;
    match reply.outcome {
        Outcome::Member(member, card) => {
            let card = card.map(|card| card.to_string());
            Ok(Answer::created(reply.repeated, Registered { member: Text(member), card }))
        }
        _ => Err(unexpected(&reply)),
    }
}

/// Shows a member's profile, concurrent values included.
#[utoipa::path(
    get, path = "/members/{id}", operation_id = "show_member", tag = "members",
    security(("token" = [TokenScope::Till]), ("token" = [TokenScope::Read])),
    params(("id" = spelling::MemberId, Path, description = "The member's id.")),
    responses((status = 200, description = "The member.", body = Member)),
)]
pub(crate) async fn show(
    State(api): State<Api>,
    PathId(member): PathId<MemberId>,
) -> Result<Json<Member>, Problem> {
    let read = api.readers.read(move |reader| {
        let profile = reader.view.profile(member)?;
        Ok::<_, Refusal>((reader.view.person(member)?, profile))
    });
    let (person, profile) = read.await?;
    Ok(Json(Member::of(member, person, profile)))
}

/// Changes a member's profile. Changes of different fields at different stores all survive.
#[utoipa::path(
    patch, path = "/members/{id}", operation_id = "change_member", tag = "members",
    security(("token" = [TokenScope::Members])),
    params(("id" = spelling::MemberId, Path, description = "The member's id.")),
    request_body = MemberChange,
    responses((status = 200, description = "The profile is changed.", body = MemberChanged)),
)]
pub(crate) async fn change(
    State(api): State<Api>,
    PathId(member): PathId<MemberId>,
    Change { body, request }: Change<MemberChange>,
) -> Result<Answer<MemberChanged>, Problem> {
    let mut edits = body.profile.edits();
    edits.extend(body.consents.edits());
    edits.extend(body.add_tags.into_iter().map(Edit::AddTag));
    edits.extend(body.remove_tags.into_iter().map(Edit::RemoveTag));
    edits.extend(body.set_vehicles.into_iter().map(Vehicle::edit));
    edits.extend(body.remove_vehicles.into_iter().map(|plate| Edit::RemoveVehicle { plate }));
    let reply = api.carry_out(request, Undertaking::EditProfile { member, edits }).await?;
    Ok(Answer::done(reply.repeated, MemberChanged { member: Text(member) }))
}

impl Member {
    fn of(member: MemberId, person: MemberId, profile: Profile) -> Self {
        Self {
            id: Text(member),
            person: Text(person),
            profile: FieldValues::of(&profile),
            conflicts: conflicts(&profile),
            consents: Consents::of(&profile),
            cards: CardOfMember::of(&profile),
            vehicles: VehicleOfMember::of(&profile),
            sealed_entries: profile.sealed_entries,
            tags: profile.tags.into_iter().collect(),
        }
    }
}
