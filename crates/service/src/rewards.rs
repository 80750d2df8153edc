use axum::extract::State;
use purser_journal::RewardFact;
use purser_programme::RuleId;
use purser_replica::{Outcome, RewardWish, Undertaking};
use purser_types::{BusinessDate, MemberId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    answer::{Answer, unexpected},
    api::Api,
    change::Change,
    problem::Problem,
    spelling,
    text::Text,
    token_scope::TokenScope,
};

/// A reward that a member wants for points.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RewardRequest {
    /// Whose points.
    #[schema(value_type = spelling::MemberId)]
    member: Text<MemberId>,
    /// The till.
    #[schema(value_type = spelling::Till)]
    till: String,
    /// The till's number of the receipt, unique for the till.
    #[schema(value_type = spelling::Check)]
    check: String,
    /// Which reward: its id in the programme.
    #[schema(value_type = String, pattern = "^[a-z0-9-]{1,40}$", example = "gift-3")]
    reward: Text<RuleId>,
    /// How many pieces.
    #[schema(minimum = 1, example = 1)]
    pieces: i64,
}

/// A reward that was handed out.
#[derive(Serialize, ToSchema)]
pub(crate) struct RewardGiven {
    /// Whose points.
    #[schema(value_type = spelling::MemberId)]
    member: Text<MemberId>,
    /// The store.
    store: u32,
    /// The till.
    till: String,
    /// The till's number of the receipt.
    check: String,
    /// The business date.
    #[schema(value_type = String, format = Date, example = "2026-08-01")]
    date: Text<BusinessDate>,
    /// Which reward.
    reward: String,
    /// How many pieces.
    pieces: i64,
    /// Points redeemed.
    points_redeemed: i64,
    /// The member's points after it, as far as the store knew then.
    points_after: i64,
}

/// Pieces of a reward that came into this store, or left it otherwise than to a member.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StockRequest {
    /// Which reward: its id in the programme.
    #[schema(value_type = String, pattern = "^[a-z0-9-]{1,40}$", example = "gift-3")]
    reward: Text<RuleId>,
    /// How many came; below zero, how many left.
    #[schema(example = 20)]
    pieces: i64,
}

/// Pieces of a reward in this store.
#[derive(Serialize, ToSchema)]
pub(crate) struct StockNoted {
    /// Which reward.
    #[schema(value_type = String, pattern = "^[a-z0-9-]{1,40}$", example = "gift-3")]
    reward: Text<RuleId>,
    /// How many came or left.
    pieces: i64,
}

/// Redeems points for a reward of the programme's catalogue, if it lies in this store.
#[utoipa::path(
    post, path = "/rewards", operation_id = "redeem_reward", tag = "sales",
    security(("token" = [TokenScope::Till])),
    request_body = RewardRequest,
    responses((status = 201, description = "It is the member's.", body = RewardGiven)),
)]
pub(crate) async fn redeem(
    State(api): State<Api>,
    Change { body, request }: Change<RewardRequest>,
) -> Result<Answer<RewardGiven>, Problem> {
    let RewardRequest { member: Text(member), till, check, reward: Text(reward), pieces } = body;
    let undertaking = Undertaking::RedeemReward(RewardWish { member, till, check, reward, pieces });
    let reply = api.carry_out(request, undertaking).await?;
    match reply.outcome {
        Outcome::Reward(fact) => Ok(Answer::created(reply.repeated, RewardGiven::of(fact))),
        _ => Err(unexpected(&reply)),
    }
}

/// Notes pieces of a reward that came into this store or left it.
#[utoipa::path(
    post, path = "/stock", operation_id = "note_stock", tag = "operation",
    security(("token" = [TokenScope::Till])),
    request_body = StockRequest,
    responses((status = 200, description = "It is noted.", body = StockNoted)),
)]
pub(crate) async fn stock(
    State(api): State<Api>,
    Change { body, request }: Change<StockRequest>,
) -> Result<Answer<StockNoted>, Problem> {
    let StockRequest { reward: Text(reward), pieces } = body;
    let undertaking = Undertaking::Stock { reward: reward.clone(), pieces };
    let reply = api.carry_out(request, undertaking).await?;
    Ok(Answer::done(reply.repeated, StockNoted { reward: Text(reward), pieces }))
}

impl RewardGiven {
    fn of(fact: RewardFact) -> Self {
        let RewardFact { member, receipt, reward, pieces, points, points_after } = fact;
        Self {
            member: Text(member),
            store: receipt.store.0,
            till: receipt.till,
            check: receipt.check,
            date: Text(receipt.date),
            reward,
            pieces,
            points_redeemed: points,
            points_after,
        }
    }
}
