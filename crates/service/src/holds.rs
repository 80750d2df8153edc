use axum::{Json, extract::State};
use purser_replica::{Outcome, Reply, Undertaking};
use purser_types::{CardNumber, HoldId, MemberId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    answer::{Answer, unexpected},
    api::Api,
    buyer::Buyer,
    change::Change,
    points::Points,
    problem::Problem,
    request_parts::PathId,
    spelling,
    text::Text,
    timestamp::Timestamp,
    token_scope::TokenScope,
};

/// Points to set aside. Give `member` or `card`.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HoldRequest {
    /// Whose points.
    #[schema(value_type = Option<spelling::MemberId>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    member: Option<Text<MemberId>>,
    /// The card that the member showed; it must be active.
    #[schema(value_type = Option<spelling::CardNumber>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    card: Option<Text<CardNumber>>,
    /// How many.
    points: Points,
    /// For how long, in seconds: 1 to 86,400 (a day); 900 if not given.
    #[schema(minimum = 1, maximum = 86_400)]
    #[serde(skip_serializing_if = "Option::is_none")]
    lasts_seconds: Option<u32>,
}

/// Points that were set aside.
#[derive(Serialize, ToSchema)]
pub(crate) struct HoldPlaced {
    /// The hold's id.
    #[schema(value_type = spelling::HoldId)]
    hold: Text<HoldId>,
    /// Whose points.
    #[schema(value_type = spelling::MemberId)]
    member: Text<MemberId>,
    /// How many.
    points: i64,
    /// When they are free again by themselves.
    expires_at: Timestamp,
}

/// A hold as it stands now.
#[derive(Serialize, ToSchema)]
pub(crate) struct Hold {
    /// The hold's id.
    #[serde(rename = "hold")]
    #[schema(value_type = spelling::HoldId)]
    id: Text<HoldId>,
    /// Whose points.
    #[schema(value_type = spelling::MemberId)]
    member: Text<MemberId>,
    /// The store that made it, the only one that can end it.
    store: u32,
    /// What it set aside.
    points: i64,
    /// When the points are free again by themselves.
    expires_at: Timestamp,
    /// What has become of it.
    state: HoldState,
    /// Points captured; null while it is open.
    captured: Option<i64>,
}

/// What has become of a hold.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum HoldState {
    /// It can be captured or released.
    Open,
    /// Its time is up and nothing of it was captured: the points are free again, or will be in
    /// a moment. From then on also what was released before.
    Expired,
    /// Points of it were spent, the rest was freed.
    Captured,
    /// All its points are free again, before its time is up.
    Released,
}

/// How much of a hold to spend.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CaptureRequest {
    /// How many points; all if not given. The rest is freed.
    #[serde(skip_serializing_if = "Option::is_none")]
    points: Option<Points>,
}

/// Nothing more is to be said.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReleaseRequest {}

/// A hold that has ended.
#[derive(Serialize, ToSchema)]
pub(crate) struct HoldEnded {
    /// The hold's id.
    #[schema(value_type = spelling::HoldId)]
    hold: Text<HoldId>,
    /// Points spent of it.
    captured: i64,
}

const LASTS_SECONDS: u32 = 900;

/// Sets points aside: nobody else can spend them until the hold is captured, released or out
/// of time.
#[utoipa::path(
    post, path = "/holds", operation_id = "place_hold", tag = "holds",
    security(("token" = [TokenScope::Till])),
    request_body = HoldRequest,
    responses((status = 201, description = "The points are set aside.", body = HoldPlaced)),
)]
pub(crate) async fn place(
    State(api): State<Api>,
    Change { body, request }: Change<HoldRequest>,
) -> Result<Answer<HoldPlaced>, Problem> {
    let HoldRequest { member, card, points: Points(points), lasts_seconds } = body;
    let lasts_seconds = lasts_seconds.unwrap_or(LASTS_SECONDS);
    if !(1..=86_400).contains(&lasts_seconds) {
        return Err(Problem::field("lasts_seconds", "it must be 1 to 86400 (a day)"));
    }
    let member = Buyer::of(member, card)?.member(&api, &request, None).await?;
    let lasts_ms = u64::from(lasts_seconds) * 1_000;
    let reply = api.carry_out(request, Undertaking::Hold { member, points, lasts_ms }).await?;
    match reply.outcome {
        Outcome::Held { hold, points, deadline_ms } => {
            let expires_at = Timestamp(deadline_ms);
            let placed = HoldPlaced { hold: Text(hold), member: Text(member), points, expires_at };
            Ok(Answer::created(reply.repeated, placed))
        }
        _ => Err(unexpected(&reply)),
    }
}

/// Shows a hold. One of which nothing was captured is `expired` once its time is up, also if it
/// was released before.
#[utoipa::path(
    get, path = "/holds/{id}", operation_id = "show_hold", tag = "holds",
    security(("token" = [TokenScope::Till]), ("token" = [TokenScope::Read])),
    params(("id" = spelling::HoldId, Path, description = "The hold's id.")),
    responses((status = 200, description = "The hold.", body = Hold)),
)]
pub(crate) async fn show(
    State(api): State<Api>,
    PathId(hold): PathId<HoldId>,
) -> Result<Json<Hold>, Problem> {
    let view = api.readers.read(move |reader| reader.view.hold(hold)).await?;
    let is_out_of_time = view.deadline_ms <= api.handle.now().wall_ms;
    let state = match view.captured {
        None | Some(0) if is_out_of_time => HoldState::Expired,
        None => HoldState::Open,
        Some(0) => HoldState::Released,
        Some(_) => HoldState::Captured,
    };
    Ok(Json(Hold {
        id: Text(hold),
        member: Text(view.member),
        store: view.store.0,
        points: view.points,
        expires_at: Timestamp(view.deadline_ms),
        state,
        captured: view.captured,
    }))
}

/// Spends what a hold set aside, all or part; the rest is free again. Only at the store that
/// made it.
#[utoipa::path(
    post, path = "/holds/{id}/capture", operation_id = "capture_hold", tag = "holds",
    security(("token" = [TokenScope::Till])),
    params(("id" = spelling::HoldId, Path, description = "The hold's id.")),
    request_body = CaptureRequest,
    responses((status = 200, description = "The points are spent.", body = HoldEnded)),
)]
pub(crate) async fn capture(
    State(api): State<Api>,
    PathId(hold): PathId<HoldId>,
    Change { body, request }: Change<CaptureRequest>,
) -> Result<Answer<HoldEnded>, Problem> {
    let points = body.points.map(|Points(points)| points);
    ended(&api.carry_out(request, Undertaking::Capture { hold, points }).await?)
}

/// Frees what a hold set aside. Only at the store that made it.
#[utoipa::path(
    post, path = "/holds/{id}/release", operation_id = "release_hold", tag = "holds",
    security(("token" = [TokenScope::Till])),
    params(("id" = spelling::HoldId, Path, description = "The hold's id.")),
    request_body = ReleaseRequest,
    responses((status = 200, description = "The points are free again.", body = HoldEnded)),
)]
pub(crate) async fn release(
    State(api): State<Api>,
    PathId(hold): PathId<HoldId>,
    Change { body: ReleaseRequest {}, request }: Change<ReleaseRequest>,
) -> Result<Answer<HoldEnded>, Problem> {
    ended(&api.carry_out(request, Undertaking::Release { hold }).await?)
}

fn ended(reply: &Reply) -> Result<Answer<HoldEnded>, Problem> {
    match reply.outcome {
        Outcome::Settled { hold, captured } => {
            Ok(Answer::done(reply.repeated, HoldEnded { hold: Text(hold), captured }))
        }
        _ => Err(unexpected(reply)),
    }
}
