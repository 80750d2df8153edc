use std::collections::HashMap;

use axum::{Json, extract::State};
use purser_replica::FleetReplica;
use purser_storage::StorageError;
use purser_sync::LinkStatus;
use purser_types::ReplicaId;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::Api,
    problem::Problem,
    spelling,
    status::{Allowance, RoleName},
    text::Text,
    timestamp::Timestamp,
    token_scope::TokenScope,
};

/// The replicas of the city.
#[derive(Serialize, ToSchema)]
pub(crate) struct Fleet {
    /// Every replica that was enrolled, this one included, by store.
    replicas: Vec<FleetMember>,
}

/// One replica, as far as this hub knows.
#[derive(Serialize, ToSchema)]
pub(crate) struct FleetMember {
    /// The replica.
    #[schema(value_type = spelling::ReplicaId)]
    replica: Text<ReplicaId>,
    /// The store's number, 0 for a hub.
    store: u32,
    /// The store's name.
    name: String,
    /// What it is for.
    role: RoleName,
    /// Where it listens for other replicas, if it has told.
    address: Option<String>,
    /// Whether it is linked now (this hub is, to itself).
    connected: bool,
    /// Entries known here that it lacks; null while it is not linked.
    behind: Option<u64>,
    /// Entries of its own journal known here.
    entries: u64,
    /// When it was heard last, or wrote the latest entry known here; null if never.
    last_seen: Option<Timestamp>,
    /// The rights to points that it holds, held points included, without what was taken back from it
    /// once it was fenced. Below zero only by returns.
    points_out: i64,
    /// What it may spend beyond its rights.
    allowance: Allowance,
    /// How far its clock is ahead of ours; null while it is not linked.
    clock_ahead_ms: Option<i64>,
    /// Why it was put out, if it was.
    fenced: Option<String>,
    /// Why its journal is set aside, if it is: it wrote what cannot stand.
    set_aside: Option<String>,
}

/// Shows every replica of the city: where it is, how far it has come, what it holds. Hubs only.
#[utoipa::path(
    get, path = "/fleet", operation_id = "fleet", tag = "fleet",
    security(("token" = [TokenScope::Operation])),
    responses((status = 200, description = "The replicas.", body = Fleet)),
)]
pub(crate) async fn show(State(api): State<Api>) -> Result<Json<Fleet>, Problem> {
    let linked = api.handle.inspect(|engine| {
        let links = engine.status().links.into_iter().map(|link| (link.peer, link)).collect();
        (engine.replica().id(), links)
    });
    let (me, links): (_, HashMap<ReplicaId, LinkStatus>) = linked.await?;
    let wall_ms = api.handle.now().wall_ms;
    let replicas = api.readers.read(move |reader| {
        let mut replicas: Vec<FleetMember> = reader.view.fleet()?.into_iter().map(FleetMember::of).collect();
        for replica in &mut replicas {
            let Text(id) = replica.replica;
            replica.note_link(links.get(&id), (id == me).then_some(wall_ms));
        }
        Ok::<_, StorageError>(replicas)
    });
    Ok(Json(Fleet { replicas: replicas.await? }))
}

impl FleetMember {
    fn of(replica: FleetReplica) -> Self {
        let (available, used) = replica.allowance;
        Self {
            replica: Text(replica.replica),
            store: replica.store.0,
            name: replica.name,
            role: RoleName::of(replica.role),
            address: replica.address,
            connected: false,
            behind: None,
            entries: replica.entries,
            last_seen: replica.wrote_ms.map(Timestamp),
            points_out: replica.points_out,
            allowance: Allowance { available, used },
            clock_ahead_ms: None,
            fenced: replica.fenced,
            set_aside: replica.set_aside,
        }
    }

    /// Notes how it is linked; `here_ms` is the time if it is this replica itself.
    fn note_link(&mut self, link: Option<&LinkStatus>, here_ms: Option<u64>) {
        if let Some(now_ms) = here_ms {
            (self.connected, self.behind, self.clock_ahead_ms) = (true, Some(0), Some(0));
            self.last_seen = Some(Timestamp(now_ms));
        }
        if let Some(link) = link {
            (self.connected, self.behind, self.clock_ahead_ms) =
                (true, Some(link.behind), Some(link.clock_ahead_ms));
            self.last_seen = self.last_seen.max(Some(Timestamp(link.heard_ms)));
        }
    }
}
