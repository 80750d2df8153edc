#![allow(unused_qualifications)] // in what utoipa makes of `params(…)`

use axum::{Json, extract::State};
use purser_ledger::Asset;
use purser_replica::{Movement, Refusal, View};
use purser_storage::{AuthorNumber, MovementRow};
use purser_types::{BusinessDate, MemberId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    api::Api,
    cursor::{Cursor, take},
    history_line::HistoryLine,
    problem::Problem,
    request_parts::{PathId, QueryOf, page_limit},
    spelling,
    text::Text,
    token_scope::TokenScope,
};

/// Which page of a history.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct HistoryQuery {
    /// Where to go on: `next` of the page before.
    cursor: Option<String>,
    /// How many entries at most on a page, 50 if not given.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// One page of a member's history, latest entry first.
#[derive(Serialize, ToSchema)]
pub(crate) struct HistoryPage {
    /// The member.
    #[schema(value_type = spelling::MemberId)]
    member: Text<MemberId>,
    /// How the history's sum becomes the balance, as of now.
    points: PointSum,
    /// The entries.
    entries: Vec<HistoryLine>,
    /// The cursor of the next page; null on the last one.
    next: Option<String>,
}

/// `balance = total - held - expired`, where `total` is `points_after` of the latest entry
/// and the sum of all changes.
#[derive(Serialize, ToSchema)]
pub(crate) struct PointSum {
    /// The sum of all changes: what the member owns, held and expired points included.
    total: i64,
    /// What of it is set aside in holds.
    held: i64,
    /// What of it has expired.
    expired: i64,
    /// What can be spent in all.
    balance: i64,
}

/// Shows what has happened to a member's points, latest first, at all stores as far as known
/// here. Each entry carries the points after it, so that the sum explains the balance.
#[utoipa::path(
    get, path = "/members/{id}/history", operation_id = "show_history", tag = "members",
    security(("token" = [TokenScope::Read])),
    params(
        ("id" = spelling::MemberId, Path, description = "The member's id."),
        HistoryQuery,
    ),
    responses((status = 200, description = "One page.", body = HistoryPage)),
)]
pub(crate) async fn show(
    State(api): State<Api>,
    PathId(member): PathId<MemberId>,
    QueryOf(query): QueryOf<HistoryQuery>,
) -> Result<Json<HistoryPage>, Problem> {
    let limit = page_limit(query.limit)?;
    let wall_ms = api.handle.now().wall_ms;
    let page = api.readers.read(move |reader| {
        let today = reader.view.date_at(wall_ms);
        page(&mut reader.view, member, today, query.cursor.as_deref(), limit)
    });
    Ok(Json(page.await?))
}

/// Sum and entries come of two queries; when a commit comes between them, both are asked again.
const ATTEMPTS: u32 = 5;

fn page(
    view: &mut View,
    member: MemberId,
    today: BusinessDate,
    cursor: Option<&str>,
    limit: u32,
) -> Result<HistoryPage, Problem> {
    let id = member.to_string();
    let query = ["history", id.as_str()];
    let cursors = Cursor::of(&query);
    let place = cursor.map(|text| Place::read(&cursors.read(text)?)).transpose()?;
    let before = place.as_ref().map(|place| place.row);

    let mut points = PointSum::read(view, member, today)?;
    let mut movements = view.history(member, before, limit + 1)?;
    for _ in 1..ATTEMPTS {
        let total_before = points.total;
        points = PointSum::read(view, member, today)?;
        if points.total == total_before {
            break;
        }
        movements = view.history(member, before, limit + 1)?;
    }
    let more = movements.len() > limit as usize;
    movements.truncate(limit as usize);
    let people = view.kin(member)?;
    let mut points_after = place.map_or(points.total, |place| place.points_after);
    let last = movements.last().map(|movement| movement.place).filter(|_| more);
    let entries = movements.iter().map(|movement| line(movement, &people, &mut points_after)).collect();
    let next = last.map(|row| cursors.write(&Place { row, points_after }.bytes()));
    Ok(HistoryPage { member: Text(member), points, entries, next })
}

/// Goes one entry back in time: `points_after` becomes what there was before the entry.
fn line(movement: &Movement, people: &[MemberId], points_after: &mut i64) -> HistoryLine {
    let line = HistoryLine::of(movement, people, *points_after);
    *points_after = points_after.saturating_sub(line.change());
    line
}

impl PointSum {
    fn read(view: &mut View, member: MemberId, today: BusinessDate) -> Result<Self, Refusal> {
        let points = view.balance(member, Asset::Points, today)?;
        let total: i64 = points.lots.iter().map(|holding| holding.balance).sum();
        let expired = total.saturating_sub(points.held).saturating_sub(points.balance);
        Ok(Self { total, held: points.held, expired, balance: points.balance })
    }
}

/// The last entry of a page, and the points that there were before it.
struct Place {
    row: MovementRow,
    points_after: i64,
}

impl Place {
    fn bytes(&self) -> Vec<u8> {
        let MovementRow { wall_ms, author, seq } = self.row;
        let numbers = [wall_ms, author.0.cast_unsigned(), seq, self.points_after.cast_unsigned()];
        numbers.into_iter().flat_map(u64::to_be_bytes).collect()
    }

    fn read(bytes: &[u8]) -> Result<Self, Problem> {
        let mut rest = bytes;
        let mut next = || Ok::<_, Problem>(u64::from_be_bytes(take(&mut rest)?));
        let (wall_ms, author, seq, points_after) = (next()?, next()?, next()?, next()?);
        let author = AuthorNumber(author.cast_signed());
        Ok(Self { row: MovementRow { wall_ms, author, seq }, points_after: points_after.cast_signed() })
    }
}
