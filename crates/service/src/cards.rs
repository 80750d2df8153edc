use axum::{Json, extract::State};
use purser_documents::CardState;
use purser_replica::{Outcome, Undertaking};
use purser_types::{CardNumber, MemberId};
use serde::{Deserialize, Serialize};
use utoipa::{
    ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, schema::Type},
};

use crate::{
    answer::{Answer, unexpected},
    api::Api,
    buyer::unknown_card,
    change::Change,
    problem::Problem,
    request_parts::PathId,
    spelling,
    text::Text,
    token_scope::TokenScope,
};

/// A card.
#[derive(Serialize, ToSchema)]
pub(crate) struct Card {
    /// The card's number.
    #[schema(example = "66880012013456786")]
    #[serde(rename = "card")]
    number: String,
    /// Whose it is.
    #[schema(value_type = spelling::MemberId)]
    member: Text<MemberId>,
    /// Its state.
    #[schema(schema_with = state_schema)]
    state: String,
}

/// One more card, with nothing to choose so far.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CardRequest {}

/// The new state of a card.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CardChange {
    /// Its new state.
    #[schema(schema_with = state_schema)]
    state: Text<CardState>,
}

/// Issues one more card to a member.
#[utoipa::path(
    post, path = "/members/{id}/cards", operation_id = "issue_card", tag = "cards",
    security(("token" = [TokenScope::Till])),
    params(("id" = spelling::MemberId, Path, description = "The member's id.")),
    request_body = CardRequest,
    responses((status = 201, description = "The card is issued.", body = Card)),
)]
pub(crate) async fn issue(
    State(api): State<Api>,
    PathId(member): PathId<MemberId>,
    Change { body: CardRequest {}, request }: Change<CardRequest>,
) -> Result<Answer<Card>, Problem> {
    let reply = api.carry_out(request, Undertaking::IssueCard { member }).await?;
    match reply.outcome {
        Outcome::Member(member, Some(card)) => {
            let state = CardState::Active.to_string();
            Ok(Answer::created(
                reply.repeated,
                Card { number: card.to_string(), member: Text(member), state },
            ))
        }
        _ => Err(unexpected(&reply)),
    }
}

/// Shows whose a card is, and its state.
#[utoipa::path(
    get, path = "/cards/{number}", operation_id = "show_card", tag = "cards",
    security(("token" = [TokenScope::Till]), ("token" = [TokenScope::Read])),
    params(("number" = spelling::CardNumber, Path, description = "The card's 17 digits.")),
    responses((status = 200, description = "The card.", body = Card)),
)]
pub(crate) async fn show(
    State(api): State<Api>,
    PathId(card): PathId<CardNumber>,
) -> Result<Json<Card>, Problem> {
    let row = api.readers.read(move |reader| reader.view.card(card)).await?;
    let row = row.ok_or_else(|| unknown_card(card))?;
    Ok(Json(Card { number: card.to_string(), member: Text(row.member), state: row.state }))
}

/// Changes the state of a card: reports it lost or found, freezes it, voids it. Nothing leads
/// back from `replaced` and `cancelled`. Where two stores change a card at the same time, the
/// safer state wins.
#[utoipa::path(
    patch, path = "/cards/{number}", operation_id = "change_card", tag = "cards",
    security(("token" = [TokenScope::Members])),
    params(("number" = spelling::CardNumber, Path, description = "The card's 17 digits.")),
    request_body = CardChange,
    responses((status = 200, description = "The state is changed.", body = Card)),
)]
pub(crate) async fn change(
    State(api): State<Api>,
    PathId(card): PathId<CardNumber>,
    Change { body: CardChange { state: Text(state) }, request }: Change<CardChange>,
) -> Result<Answer<Card>, Problem> {
    let reply = api.carry_out(request, Undertaking::ChangeCard { card, state }).await?;
    match reply.outcome {
        Outcome::Member(member, _) => {
            let (number, state) = (card.to_string(), state.to_string());
            Ok(Answer::done(reply.repeated, Card { number, member: Text(member), state }))
        }
        _ => Err(unexpected(&reply)),
    }
}

/// The schema of a card's state.
pub(crate) fn state_schema() -> RefOr<Schema> {
    let states = CardState::ALL.iter().map(ToString::to_string);
    let schema = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(states));
    schema.description(Some("The state of a card. Only an active one is served.")).build().into()
}
