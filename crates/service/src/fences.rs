use axum::extract::State;
use purser_replica::Undertaking;
use purser_types::ReplicaId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    answer::Answer, api::Api, change::Change, problem::Problem, spelling, text::Text, token_scope::TokenScope,
};

/// A replica to put out.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FenceRequest {
    /// The replica.
    #[schema(value_type = spelling::ReplicaId)]
    replica: Text<ReplicaId>,
    /// Why, for those who look later: 1 to 500 bytes.
    #[schema(min_length = 1, max_length = 500, example = "stolen in the night of 3 May")]
    reason: String,
}

/// A replica that was put out.
#[derive(Serialize, ToSchema)]
pub(crate) struct Fenced {
    /// The replica.
    #[schema(value_type = spelling::ReplicaId)]
    replica: Text<ReplicaId>,
}

/// Puts a lost or stolen replica out: its journal ends where this hub knows it, nobody takes
/// anything later from it. Cannot be undone; the shop joins again as a new replica. Hubs only.
#[utoipa::path(
    post, path = "/fence", operation_id = "fence", tag = "fleet",
    security(("token" = [TokenScope::Admin])),
    request_body = FenceRequest,
    responses((status = 200, description = "The replica is out.", body = Fenced)),
)]
pub(crate) async fn fence(
    State(api): State<Api>,
    Change { body, request }: Change<FenceRequest>,
) -> Result<Answer<Fenced>, Problem> {
    let FenceRequest { replica: Text(replica), reason } = body;
    let reply = api.carry_out(request, Undertaking::Fence { replica, reason }).await?;
    Ok(Answer::done(reply.repeated, Fenced { replica: Text(replica) }))
}
