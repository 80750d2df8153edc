use axum::extract::State;
use purser_replica::Undertaking;
use purser_types::StoreNumber;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    answer::Answer, api::Api, change::Change, points::Points, problem::Problem, token_scope::TokenScope,
};

/// What a store may spend beyond its rights.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AllowanceRequest {
    /// The store's number.
    #[schema(minimum = 1, maximum = 9_999, example = 12)]
    store: u32,
    /// How many points more than it was granted before, above zero. So much can be lost at most.
    points: Points,
}

/// An allowance that was granted.
#[derive(Serialize, ToSchema)]
pub(crate) struct AllowanceGranted {
    /// The store's number.
    #[schema(example = 12)]
    store: u32,
    /// How many points more it may spend.
    points: i64,
}

/// Lets a store that cannot reach the rights to a member's points spend them all the same, so many
/// in all, until rights come in: risk that the chain takes. Cannot be taken back. Hubs only.
#[utoipa::path(
    post, path = "/allowance", operation_id = "grant_allowance", tag = "fleet",
    security(("token" = [TokenScope::Admin])),
    request_body = AllowanceRequest,
    responses((status = 200, description = "It is on its way to the store.", body = AllowanceGranted)),
)]
pub(crate) async fn grant(
    State(api): State<Api>,
    Change { body, request }: Change<AllowanceRequest>,
) -> Result<Answer<AllowanceGranted>, Problem> {
    let AllowanceRequest { store, points: Points(points) } = body;
    let stores = api.readers.read(|reader| reader.view.stores()).await?;
    let to = stores.iter().find(|it| it.store == StoreNumber(store)).ok_or_else(|| {
        let detail = format!("store {store} has not joined, or was put out: `status` shows who is there");
        Problem::new("unknown_store", detail)
    })?;
    let undertaking = Undertaking::GrantAllowance { to: to.replica, points };
    let reply = api.carry_out(request, undertaking).await?;
    Ok(Answer::done(reply.repeated, AllowanceGranted { store, points }))
}
