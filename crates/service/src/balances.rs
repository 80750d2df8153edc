use axum::{Json, extract::State};
use purser_ledger::{Asset, Holding};
use purser_replica::Balance;
use purser_types::{BusinessDate, MemberId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{api::Api, problem::Problem, request_parts::PathId, text::Text};

/// What a member has.
#[derive(Serialize, ToSchema)]
pub(crate) struct Balances {
    /// The member.
    #[schema(value_type = String, example = "mbr_1u3cd5f00000c")]
    member: Text<MemberId>,
    /// The business date for which this is told.
    #[schema(value_type = String, format = Date, example = "2026-08-01")]
    date: Text<BusinessDate>,
    /// The member's points.
    points: PointBalance,
}

/// What a member has in points, as far as this store knows.
#[derive(Serialize, ToSchema)]
pub(crate) struct PointBalance {
    /// What can be spent in all: the lots that have not expired, less what is held. Below zero
    /// after a return took back more than was left, or points were spent twice against an allowance.
    balance: i64,
    /// What can be spent at this store now, also without a line.
    spendable_here: i64,
    /// What is set aside in holds, at any store.
    held: i64,
    /// What was spent in advance of rights, at any store, and is not settled. The balance is
    /// without it already.
    advanced: i64,
    /// The points lot by lot, those first that expire first.
    lots: Vec<PointLot>,
}

/// Points that expire on the same day.
#[derive(Serialize, ToSchema)]
pub(crate) struct PointLot {
    /// The last day on which they can be spent; null if they never expire.
    #[schema(value_type = Option<String>, format = Date, example = "2027-12-31")]
    expires_on: Option<Text<BusinessDate>>,
    /// Whether that day is over.
    expired: bool,
    /// What this store has the rights to spend.
    available_here: i64,
    /// What there is in all, held points included.
    balance: i64,
    /// What of it is set aside in holds, at any store.
    held: i64,
}

/// Shows what a member has: in all, here, and what expires when. Answered from this store's own
/// database, line or no line.
#[utoipa::path(
    get, path = "/members/{id}/balances", operation_id = "show_balances", tag = "members",
    params(("id" = String, Path, description = "The member's id.", example = "mbr_1u3cd5f00000c")),
    responses((status = 200, description = "What the member has.", body = Balances)),
)]
pub(crate) async fn show(
    State(api): State<Api>,
    PathId(member): PathId<MemberId>,
) -> Result<Json<Balances>, Problem> {
    let wall_ms = api.handle.now().wall_ms;
    let balances = api.readers.read(move |reader| {
        let today = reader.view.date_at(wall_ms);
        let points = reader.view.balance(member, Asset::Points, today)?;
        let points = PointBalance::of(points, today);
        Ok::<_, Problem>(Balances { member: Text(member), date: Text(today), points })
    });
    Ok(Json(balances.await?))
}

impl PointBalance {
    fn of(points: Balance, today: BusinessDate) -> Self {
        // What was used up explains nothing.
        let used_up =
            |holding: &Holding| holding.balance == 0 && holding.held == 0 && holding.available_here == 0;
        let lots = points.lots.into_iter().filter(|holding| !used_up(holding));
        Self {
            balance: points.balance,
            spendable_here: points.here,
            held: points.held,
            advanced: points.advanced,
            lots: lots.map(|holding| PointLot::of(holding, today)).collect(),
        }
    }
}

impl PointLot {
    fn of(holding: Holding, today: BusinessDate) -> Self {
        Self {
            expires_on: holding.lot.expires_on.map(Text),
            expired: !holding.lot.is_live(today),
            available_here: holding.available_here,
            balance: holding.balance,
            held: holding.held,
        }
    }
}
