use axum::extract::State;
use purser_replica::{Outcome, Undertaking};
use purser_types::ReplicaId;
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

/// A fenced replica whose rights are to come back.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReclaimRequest {
    /// The replica.
    #[schema(value_type = spelling::ReplicaId)]
    replica: Text<ReplicaId>,
}

/// Rights that came back to this hub.
#[derive(Serialize, ToSchema)]
pub(crate) struct Reclaimed {
    /// The replica.
    #[schema(value_type = spelling::ReplicaId)]
    replica: Text<ReplicaId>,
    /// Lots of which rights came back, at most 4,000: ask again until nothing is left.
    lots: usize,
    /// Points among them.
    points: i64,
}

/// Takes back what a fenced replica held, once its lease and a day for its clock are over.
/// Hubs only: the one whose fence counts.
#[utoipa::path(
    post, path = "/reclaim", operation_id = "reclaim", tag = "fleet",
    security(("token" = [TokenScope::Admin])),
    request_body = ReclaimRequest,
    responses((status = 200, description = "What came back.", body = Reclaimed)),
)]
pub(crate) async fn reclaim(
    State(api): State<Api>,
    Change { body, request }: Change<ReclaimRequest>,
) -> Result<Answer<Reclaimed>, Problem> {
    let ReclaimRequest { replica: Text(replica) } = body;
    let reply = api.carry_out(request, Undertaking::Reclaim { replica }).await?;
    let Outcome::Reclaimed { lots, points } = reply.outcome else { return Err(unexpected(&reply)) };
    Ok(Answer::done(reply.repeated, Reclaimed { replica: Text(replica), lots, points }))
}
