use axum::{Json, extract::State};
use purser_journal::{Credential, Role};
use purser_replica::{AllowanceStanding, Lease};
use purser_storage::StorageError;
use purser_sync::{Engine, LinkStatus, Status};
use purser_transport::RaisedAlarm;
use purser_types::ReplicaId;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::Api, problem::Problem, spelling, text::Text, timestamp::Timestamp, token_scope::TokenScope,
};

/// How the replica stands with the others, read between two turns of the engine.
pub(crate) struct Standing {
    pub(crate) status: Status,
    /// Who this replica is.
    pub(crate) credential: Credential,
    /// Journals known.
    pub(crate) journals: usize,
    /// Entries known, of all journals.
    pub(crate) entries: u64,
    /// How long rights may be spent here without meeting a hub; `None` for an only hub.
    pub(crate) lease: Option<Lease>,
    /// What may be and was spent in advance of rights.
    pub(crate) allowance: AllowanceStanding,
}

impl Standing {
    pub(crate) async fn of(api: &Api) -> Result<Self, Problem> {
        Ok(api.handle.inspect(Self::read).await?)
    }

    fn read(engine: &Engine) -> Self {
        let known = engine.replica().version_vector();
        let entries = known.iter().fold(0_u64, |sum, (_, seq)| sum.saturating_add(seq));
        let credential = engine.replica().me().credential.clone();
        let lease = engine.replica().lease();
        let allowance = engine.replica().allowance().unwrap_or_default();
        Self { status: engine.status(), credential, journals: known.len(), entries, lease, allowance }
    }

    /// Whether a hub is linked.
    pub(crate) fn on_line(&self) -> bool {
        self.status.links.iter().any(|link| link.role == Some(Role::Hub))
    }

    /// Entries that linked replicas lack, summed.
    pub(crate) fn behind(&self) -> u64 {
        self.status.links.iter().fold(0, |sum, link| sum.saturating_add(link.behind))
    }

    /// The greatest distance to a linked replica's clock.
    pub(crate) fn clock_skew_ms(&self) -> u64 {
        self.status.links.iter().map(|link| link.clock_ahead_ms.unsigned_abs()).max().unwrap_or(0)
    }
}

/// How a replica stands.
#[derive(Serialize, ToSchema)]
pub(crate) struct NodeStatus {
    /// The replica's id.
    #[schema(value_type = spelling::ReplicaId)]
    replica: Text<ReplicaId>,
    /// The chain and the city, for example `Laiwu Books/Jinan`.
    city: String,
    /// The store's number, 0 for a hub.
    store: u32,
    /// The store's name.
    name: String,
    /// What the replica is for.
    role: RoleName,
    /// The version of Purser.
    version: &'static str,
    /// The node's own time.
    now: Timestamp,
    /// Whether a hub is linked now.
    on_line: bool,
    /// Why nothing may be written any more, if so.
    stopped: Option<&'static str>,
    /// Until when points can be redeemed here without meeting a hub; null at an only hub.
    lease_until: Option<Timestamp>,
    /// What may be spent here in advance of rights.
    allowance: Allowance,
    /// Points that were spent in advance anywhere in the city and that nobody holds rights for any more,
    /// as far as known here: lost, until their members earn them back.
    points_unbacked: i64,
    /// Journals known here.
    journals: usize,
    /// Entries known here, of all journals.
    entries: u64,
    /// Orders that wait for rights from other replicas.
    hunts: usize,
    /// The greatest distance to the clock of a linked replica.
    clock_skew_ms: u64,
    /// Open links.
    links: Vec<Link>,
    /// Replicas that were put out.
    fences: Vec<Ended>,
    /// Replicas whose journals are set aside: they wrote what cannot stand, or two stories.
    set_aside: Vec<Ended>,
    /// Entries of fenced replicas that wait for somebody at the hub to decide whether they count.
    late_waiting: u64,
    /// The latest alarms, oldest first, at most 100.
    alarms: Vec<AlarmRaised>,
}

/// What a replica may spend beyond its rights.
#[derive(Clone, Copy, Default, Serialize, ToSchema)]
pub(crate) struct Allowance {
    /// Points that may be spent so now.
    pub(crate) available: i64,
    /// Points that were spent so and are not settled.
    pub(crate) used: i64,
}

/// What a replica is for.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RoleName {
    /// A shop.
    Store,
    /// A hub: relay, bank of rights, keeper of the directory.
    Hub,
}

/// An open link to another replica.
#[derive(Serialize, ToSchema)]
struct Link {
    /// Who is at the other end.
    #[schema(value_type = spelling::ReplicaId)]
    peer: Text<ReplicaId>,
    /// What the peer is for, once it has said hello.
    role: Option<RoleName>,
    /// How many entries known here the peer does not know yet.
    behind: u64,
    /// When the last frame came.
    heard_at: Timestamp,
    /// How far the peer's clock is ahead of ours; below zero if behind.
    clock_ahead_ms: i64,
}

/// A replica of which nothing more is taken.
#[derive(Serialize, ToSchema)]
struct Ended {
    /// The replica.
    #[schema(value_type = spelling::ReplicaId)]
    replica: Text<ReplicaId>,
    /// Why.
    reason: String,
}

/// Something that somebody should look at.
#[derive(Serialize, ToSchema)]
struct AlarmRaised {
    /// When it was raised.
    at: Timestamp,
    /// The kind of alarm.
    #[schema(example = "alarm_clock_skew")]
    code: &'static str,
    /// What it says.
    message: String,
}

/// How this node stands: who it is, its links, what waits, what is wrong.
#[utoipa::path(
    get, path = "/status", operation_id = "status", tag = "operation",
    security(("token" = [TokenScope::Operation])),
    responses((status = 200, description = "How it stands.", body = NodeStatus)),
)]
pub(crate) async fn show(State(api): State<Api>) -> Result<Json<NodeStatus>, Problem> {
    let standing = Standing::of(&api).await?;
    let Outcasts { fences, set_aside, late_waiting } = Outcasts::of(&api).await?;
    let credential = &standing.credential;
    Ok(Json(NodeStatus {
        replica: Text(credential.replica),
        city: credential.scope.to_string(),
        store: credential.store.0,
        name: credential.name.clone(),
        role: RoleName::of(credential.role),
        version: env!("CARGO_PKG_VERSION"),
        now: Timestamp(api.handle.now().wall_ms),
        on_line: standing.on_line(),
        stopped: standing.status.stopped,
        lease_until: standing.lease.map(|lease| Timestamp(lease.ends_ms())),
        allowance: Allowance { available: standing.allowance.available, used: standing.allowance.used },
        points_unbacked: standing.allowance.unbacked,
        journals: standing.journals,
        entries: standing.entries,
        hunts: standing.status.hunts,
        clock_skew_ms: standing.clock_skew_ms(),
        links: standing.status.links.iter().map(Link::of).collect(),
        fences,
        set_aside,
        late_waiting,
        alarms: api.handle.recent_alarms().into_iter().map(AlarmRaised::of).collect(),
    }))
}

/// Who is out, and what is left to do about it.
pub(crate) struct Outcasts {
    fences: Vec<Ended>,
    set_aside: Vec<Ended>,
    pub(crate) late_waiting: u64,
}

impl Outcasts {
    /// Read from the database.
    pub(crate) async fn of(api: &Api) -> Result<Self, Problem> {
        let read = api.readers.read(|reader| {
            let ended = |replica, reason| Ended { replica: Text(replica), reason };
            let mut fences: Vec<Ended> = Vec::new();
            for fence in reader.database.fences()? {
                if !fences.iter().any(|known| known.replica == Text(fence.replica)) {
                    fences.push(ended(fence.replica, fence.reason));
                }
            }
            let authors = reader.database.authors()?.into_iter();
            let set_aside = authors.filter_map(|author| Some(ended(author.replica, author.quarantine?)));
            let (set_aside, late_waiting) = (set_aside.collect(), reader.view.late_count()?);
            Ok::<_, StorageError>(Self { fences, set_aside, late_waiting })
        });
        read.await
    }
}

impl RoleName {
    /// The name of a role.
    pub(crate) fn of(role: Role) -> Self {
        match role {
            Role::Store => RoleName::Store,
            Role::Hub => RoleName::Hub,
        }
    }
}

impl Link {
    fn of(link: &LinkStatus) -> Self {
        Self {
            peer: Text(link.peer),
            role: link.role.map(RoleName::of),
            behind: link.behind,
            heard_at: Timestamp(link.heard_ms),
            clock_ahead_ms: link.clock_ahead_ms,
        }
    }
}

impl AlarmRaised {
    fn of(alarm: RaisedAlarm) -> Self {
        Self { at: Timestamp(alarm.wall_ms), code: alarm.code, message: alarm.message }
    }
}
