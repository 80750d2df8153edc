use std::collections::HashMap;

use axum::{Json, extract::State};
use purser_journal::{Charter, Credential, Entry, SignedCredential, from_cbor};
use purser_ledger::Asset;
use purser_storage::{AuthorRow, Database, StorageError};
use purser_sync::LinkStatus;
use purser_types::{MemberId, ReplicaId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::Api,
    problem::Problem,
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
    #[schema(value_type = String, example = "0f8a3c5e7b9d1f2a4c6e8091a2b3c4d5")]
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
        (engine.replica().id(), engine.replica().charter().clone(), links)
    });
    let (me, charter, links): (_, _, HashMap<ReplicaId, LinkStatus>) = linked.await?;
    let wall_ms = api.handle.now().wall_ms;
    let replicas = api.readers.read(move |reader| {
        let mut replicas = roll_call(&reader.database, &charter)?;
        for replica in &mut replicas {
            let Text(id) = replica.replica;
            replica.note_link(links.get(&id), (id == me).then_some(wall_ms));
        }
        Ok::<_, StorageError>(replicas)
    });
    Ok(Json(Fleet { replicas: replicas.await? }))
}

/// Everybody in the directory, from the database alone.
fn roll_call(database: &Database, charter: &Charter) -> Result<Vec<FleetMember>, StorageError> {
    let authors = database.authors()?.into_iter();
    let authors: HashMap<ReplicaId, AuthorRow> = authors.map(|author| (author.replica, author)).collect();
    let (points, _) = Asset::Points.as_key();
    let totals = database.all_totals()?.into_iter().filter(|(_, kind, _)| *kind == points);
    let totals: HashMap<_, _> = totals.map(|(author, _, totals)| (author, totals)).collect();
    let allowances = database.shares(MemberId::CHAIN, Asset::Allowance)?.into_iter();
    let allowances: HashMap<_, _> = allowances
        .map(|row| (row.author, Allowance { available: row.share.available, used: row.share.held }))
        .collect();
    let fences = database.fences()?.into_iter();
    let mut fences: HashMap<ReplicaId, String> = fences.map(|fence| (fence.replica, fence.reason)).collect();

    let mut replicas = Vec::new();
    for row in database.directory()? {
        let author = authors.get(&row.replica);
        // A replica that has only told its address so far is known by its own credential.
        let signed = row.enrolled.as_ref().or(author.map(|author| &author.credential));
        let Some(credential) = signed.and_then(|signed| credential(signed, charter)) else { continue };
        let totals = author.and_then(|author| totals.get(&author.number)).copied().unwrap_or_default();
        let reclaimed = i128::from(database.points_reclaimed(row.replica)?);
        let points_out = totals.available() + i128::from(totals.held) - reclaimed;
        replicas.push(FleetMember {
            replica: Text(row.replica),
            store: credential.store.0,
            name: credential.name,
            role: RoleName::of(credential.role),
            address: row.address,
            connected: false,
            behind: None,
            entries: author.map_or(0, |author| author.head.seq),
            last_seen: author.map(|author| last_entry(database, author)).transpose()?.flatten(),
            points_out: i64::try_from(points_out).unwrap_or(i64::MAX),
            allowance: author.and_then(|author| allowances.get(&author.number)).copied().unwrap_or_default(),
            clock_ahead_ms: None,
            fenced: fences.remove(&row.replica),
            set_aside: author.and_then(|author| author.quarantine.clone()),
        });
    }
    replicas.sort_by_key(|it| (it.store, it.replica.0));
    Ok(replicas)
}

fn credential(signed: &[u8], charter: &Charter) -> Option<Credential> {
    from_cbor::<SignedCredential>("credential", signed).ok()?.verify(charter).ok()
}

/// When the latest entry of a journal was written.
fn last_entry(database: &Database, author: &AuthorRow) -> Result<Option<Timestamp>, StorageError> {
    let bytes = database.entry(author.number, author.head.seq)?;
    let entry = bytes.and_then(|bytes| Entry::from_bytes(&bytes).ok());
    Ok(entry.map(|entry| Timestamp(entry.hlc.wall_ms)))
}

impl FleetMember {
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
