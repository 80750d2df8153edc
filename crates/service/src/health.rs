use std::time::Duration;

use axum::{Json, extract::State};
use purser_types::MemberId;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{api::Api, problem::Problem};

/// That the node lives and serves.
#[derive(Serialize, ToSchema)]
pub(crate) struct Health {
    /// It answers.
    live: bool,
    /// It takes orders and reads its database.
    ready: bool,
}

/// A writer that takes longer for one turn does not serve tills.
const PATIENCE: Duration = Duration::from_secs(2);

/// Whether the node lives (any answer) and is ready (200). Needs no token.
#[utoipa::path(
    get, path = "/health", operation_id = "health", tag = "operation", security(()),
    responses((status = 200, description = "It lives and is ready.", body = Health)),
)]
pub(crate) async fn show(State(api): State<Api>) -> Result<Json<Health>, Problem> {
    let not_ready = |detail: &str| Problem::new("not_ready", detail);
    let stopped = api.handle.inspect(|engine| engine.replica().stopped());
    match tokio::time::timeout(PATIENCE, stopped).await {
        Ok(Ok(None)) => {}
        Ok(Ok(Some(why))) => return Err(not_ready(&format!("this replica was {why}: join again"))),
        Ok(Err(_)) => return Err(not_ready("the node is shutting down")),
        Err(_) => return Err(not_ready("the writer is stuck: look at the disk")),
    }
    let read = api.readers.read(|reader| reader.view.member(MemberId::CHAIN));
    match tokio::time::timeout(PATIENCE, read).await {
        Ok(Ok(_)) => Ok(Json(Health { live: true, ready: true })),
        Ok(Err(_)) => Err(not_ready("the database cannot be read")),
        Err(_) => Err(not_ready("the database takes too long to read")),
    }
}
