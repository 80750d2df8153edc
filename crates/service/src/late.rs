#![allow(unused_qualifications)] // in what utoipa makes of `params(…)`

use axum::{
    Json,
    extract::{FromRequestParts, Path, State},
    http::request::Parts,
};
use purser_replica::{LateChoice, LateEntry, LateKind, Outcome, Undertaking};
use purser_storage::StorageError;
use purser_types::{CardNumber, MemberId, ReplicaId, StoreNumber};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    amount::Amount,
    answer::{Answer, unexpected},
    api::Api,
    change::Change,
    problem::Problem,
    request_parts::{QueryOf, malformed_query, page_limit},
    spelling,
    text::Text,
    timestamp::Timestamp,
    token_scope::TokenScope,
};

/// Which late entries.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct LateQuery {
    /// Those of one store only; 0 is the hubs'.
    #[param(maximum = 9_999)]
    store: Option<u32>,
    /// How many at most, 50 if not given.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// Entries that wait for a decision.
#[derive(Serialize, ToSchema)]
pub(crate) struct LateEntries {
    /// How many there are, of all stores.
    waiting: u64,
    /// The first of them, journal by journal: settle those, then ask again.
    entries: Vec<Late>,
}

/// What a replica wrote after it was put out: it does not count unless it is accepted.
#[derive(Serialize, ToSchema)]
pub(crate) struct Late {
    /// Who wrote it.
    #[schema(value_type = spelling::ReplicaId)]
    replica: Text<ReplicaId>,
    /// Its place in that replica's journal.
    seq: u64,
    /// The store.
    store: u32,
    /// When it was written, by that store's clock.
    at: Timestamp,
    /// What it is.
    kind: Kind,
    /// Whom it is about.
    #[schema(value_type = Option<spelling::MemberId>)]
    member: Option<Text<MemberId>>,
    /// The till's number of the receipt of a sale or a return.
    check: Option<String>,
    /// The value of the goods of a sale or a return.
    gross: Option<Amount>,
    /// Points that it earned (a sale) or gave back (a return).
    points_earned: i64,
    /// Points that it redeemed (a sale, a hold that was captured) or took back (a return).
    points_redeemed: i64,
    /// A card that it issued.
    #[schema(value_type = Option<spelling::CardNumber>)]
    card: Option<Text<CardNumber>>,
}

/// What a late entry is.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Kind {
    /// A sale.
    Sale,
    /// Goods taken back.
    Return,
    /// A member registered or changed, or a card issued.
    Profile,
    /// Stored value, a pass, a reward, a coupon or something given.
    Dealing,
    /// Points set aside, spent or freed.
    Hold,
    /// Rights that moved: of no effect, whatever is decided.
    Transfer,
    /// Something else.
    Other,
}

/// What becomes of a late entry.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LateDecision {
    /// Whether it counts.
    decision: Decision,
    /// Why, for those who look later: 1 to 500 bytes.
    #[schema(min_length = 1, max_length = 500, example = "the receipts were found in the till")]
    reason: String,
    /// Who decides: 1 to 100 bytes.
    #[schema(min_length = 1, max_length = 100, example = "Zhao Min, head office")]
    by: String,
}

/// Whether a late entry counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Decision {
    /// It counts: its sale, its receipt number, its member, its card and its points.
    Accept,
    /// It never happened.
    WriteOff,
}

/// What was done.
#[derive(Serialize, ToSchema)]
pub(crate) struct LateSettled {
    /// Whether it counts now.
    accepted: bool,
    /// Points that this hub credited for it.
    credited: i64,
    /// Points that this hub took from rights of its own.
    debited: i64,
    /// Points that this hub had no rights to: they take the balance down all the same.
    owed: i64,
}

/// Stores are numbered so far, as invitations are.
const STORE_MAX: u32 = 9_999;

/// Lists what fenced replicas wrote too late, and of which nobody has decided. Hubs only.
#[utoipa::path(
    get, path = "/late", operation_id = "list_late", tag = "fleet",
    security(("token" = [TokenScope::Admin])),
    params(LateQuery),
    responses((status = 200, description = "What waits for a decision.", body = LateEntries)),
)]
pub(crate) async fn list(
    State(api): State<Api>,
    QueryOf(query): QueryOf<LateQuery>,
) -> Result<Json<LateEntries>, Problem> {
    let limit = page_limit(query.limit)? as usize;
    if query.store.is_some_and(|store| store > STORE_MAX) {
        return Err(malformed_query(format!("store: at most {STORE_MAX}")));
    }
    let store = query.store.map(StoreNumber);
    let entries = api.readers.read(move |reader| {
        let entries = reader.view.late(store, limit)?;
        let waiting = reader.view.late_count()?;
        let entries = entries.into_iter().map(Late::of).collect();
        Ok::<_, StorageError>(LateEntries { waiting, entries })
    });
    Ok(Json(entries.await?))
}

/// Decides whether a late entry counts, once for each. Hubs only: the one that reclaims.
#[utoipa::path(
    post, path = "/late/{replica}/{seq}", operation_id = "settle_late", tag = "fleet",
    security(("token" = [TokenScope::Admin])),
    params(
        ("replica" = spelling::ReplicaId, Path, description = "Who wrote it."),
        ("seq" = u64, Path, description = "Its place in that replica's journal.", example = 42),
    ),
    request_body = LateDecision,
    responses((status = 200, description = "It is settled.", body = LateSettled)),
)]
pub(crate) async fn settle(
    State(api): State<Api>,
    Place { replica, seq }: Place,
    Change { body, request }: Change<LateDecision>,
) -> Result<Answer<LateSettled>, Problem> {
    let LateDecision { decision, reason, by } = body;
    let choice = LateChoice { replica, seq, accept: decision == Decision::Accept, reason, by };
    let reply = api.carry_out(request, Undertaking::SettleLate(choice)).await?;
    let Outcome::LateSettled { accepted, credited, debited, owed } = reply.outcome else {
        return Err(unexpected(&reply));
    };
    Ok(Answer::done(reply.repeated, LateSettled { accepted, credited, debited, owed }))
}

/// A late entry's name in a path.
pub(crate) struct Place {
    replica: ReplicaId,
    seq: u64,
}

impl<S: Send + Sync> FromRequestParts<S> for Place {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let malformed = |reason: String| Problem::new("malformed_path", reason);
        let path = Path::<(String, u64)>::from_request_parts(parts, state).await;
        let Path((replica, seq)) = path.map_err(|rejection| malformed(rejection.body_text()))?;
        let replica = replica.parse().map_err(|error| malformed(format!("{error}")))?;
        Ok(Self { replica, seq })
    }
}

impl Late {
    fn of(entry: LateEntry) -> Self {
        let mut late = Self {
            replica: Text(entry.replica),
            seq: entry.seq,
            store: entry.store.0,
            at: Timestamp(entry.wall_ms),
            kind: Kind::Other,
            member: entry.member.map(Text),
            check: None,
            gross: None,
            points_earned: 0,
            points_redeemed: entry.captured,
            card: entry.card.map(Text),
        };
        late.kind = match entry.kind {
            LateKind::Sale(sale) => {
                (late.points_earned, late.points_redeemed) = (sale.points_earned, sale.points_redeemed);
                (late.check, late.gross) = (Some(sale.check), Some(Amount(sale.gross)));
                Kind::Sale
            }
            LateKind::Return(back) => {
                (late.points_earned, late.points_redeemed) = (back.points_restored, back.points_clawed_back);
                (late.check, late.gross) = (Some(back.check), Some(Amount(back.gross)));
                Kind::Return
            }
            LateKind::Profile => Kind::Profile,
            LateKind::Dealing => Kind::Dealing,
            LateKind::Hold => Kind::Hold,
            LateKind::Transfer => Kind::Transfer,
            LateKind::Other => Kind::Other,
        };
        late
    }
}
