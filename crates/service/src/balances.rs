use std::sync::Arc;

use axum::{Json, extract::State};
use purser_ledger::{Asset, Holding};
use purser_programme::{Label, Programme, RuleId, Standing};
use purser_replica::{Balance, MemberStanding};
use purser_types::{BusinessDate, Fen, MemberId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    amount::Amount,
    api::Api,
    problem::Problem,
    quotes::{Name, TierName},
    request_parts::PathId,
    spelling,
    text::Text,
    token_scope::TokenScope,
};

/// What a member has.
#[derive(Serialize, ToSchema)]
pub(crate) struct Balances {
    /// The member.
    #[schema(value_type = spelling::MemberId)]
    member: Text<MemberId>,
    /// The business date for which this is told.
    #[schema(value_type = String, format = Date, example = "2026-08-01")]
    date: Text<BusinessDate>,
    /// The member's tier under the programme in force.
    tier: TierBalance,
    /// The member's points.
    points: PointBalance,
    /// Stored value, if there is any.
    stored_value: Option<StoredBalance>,
    /// Passes that have uses left.
    passes: Vec<PieceBalance>,
    /// Coupons that can be used.
    coupons: Vec<PieceBalance>,
}

/// A member's tier.
#[derive(Serialize, ToSchema)]
pub(crate) struct TierBalance {
    #[serde(flatten)]
    tier: TierName,
    /// The day on which it was reached.
    #[schema(value_type = Option<String>, format = Date, example = "2026-08-01")]
    since: Option<Text<BusinessDate>>,
    /// Its last day, if it ends by itself.
    #[schema(value_type = Option<String>, format = Date, example = "2027-12-31")]
    until: Option<Text<BusinessDate>>,
}

/// What a member has in stored value, as far as this store knows. Nothing if the member owes some.
#[derive(Serialize, ToSchema)]
pub(crate) struct StoredBalance {
    /// What was paid in and is not spent.
    principal: Amount,
    /// What was given on top and is not spent.
    bonus: Amount,
    /// What of both can be spent at this store now, also without a line.
    spendable_here: Amount,
}

/// Uses of a pass, or coupons of a kind.
#[derive(Serialize, ToSchema)]
pub(crate) struct PieceBalance {
    /// Its id in the programme.
    id: String,
    /// What members call it.
    name: Name,
    /// How many in all, as far as this store knows.
    balance: i64,
    /// How many can be used at this store now, also without a line.
    spendable_here: i64,
    /// The last day of those that end first.
    #[schema(value_type = Option<String>, format = Date, example = "2027-12-31")]
    expires_on: Option<Text<BusinessDate>>,
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
    security(("token" = [TokenScope::Till]), ("token" = [TokenScope::Read])),
    params(("id" = spelling::MemberId, Path, description = "The member's id.")),
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
        let standing = reader.view.standing(member, wall_ms)?;
        let held = reader.view.holds(member, wall_ms)?;
        let programmes = reader.view.programmes()?;
        Ok::<_, Problem>(Balances {
            member: Text(member),
            date: Text(today),
            tier: TierBalance::of(&standing),
            points: PointBalance::of(points, today),
            stored_value: StoredBalance::of(&held),
            passes: PieceBalance::all(&held, &programmes, today, |it| &it.passes, |it| (&it.id, &it.name)),
            coupons: PieceBalance::all(&held, &programmes, today, |it| &it.coupons, |it| (&it.id, &it.name)),
        })
    });
    Ok(Json(balances.await?))
}

impl TierBalance {
    fn of(member: &MemberStanding) -> Self {
        let Standing { tier, since, until } = member.standing;
        let tier = &member.programme.tiers[tier];
        let tier = TierName { id: tier.id.to_string(), name: Name::of(&tier.name) };
        Self { tier, since: since.map(Text), until: until.map(Text) }
    }
}

impl StoredBalance {
    fn of(held: &[(Asset, Balance)]) -> Option<Self> {
        let part = |asset: Asset| held.iter().find(|(of, _)| *of == asset).map(|(_, balance)| balance);
        let (principal, bonus) = (part(Asset::WalletPrincipal), part(Asset::WalletBonus));
        principal.or(bonus)?;
        let amount = |balance: Option<&Balance>| Fen(balance.map_or(0, |it| it.balance.max(0)));
        let here = |balance: Option<&Balance>| balance.map_or(0, |it| it.here.max(0));
        Some(Self {
            principal: Amount(amount(principal)),
            bonus: Amount(amount(bonus)),
            spendable_here: Amount(Fen(here(principal).saturating_add(here(bonus)))),
        })
    }
}

impl PieceBalance {
    /// What is held of the rules that some programme has, by the newest that has one.
    fn all<R>(
        held: &[(Asset, Balance)],
        programmes: &[Arc<Programme>],
        today: BusinessDate,
        rules: fn(&Programme) -> &Vec<R>,
        named: fn(&R) -> (&RuleId, &Label),
    ) -> Vec<Self> {
        let of_kind = |kind: u32| {
            let rules = programmes.iter().flat_map(|programme| rules(programme)).map(named);
            rules.into_iter().find(|(id, _)| id.kind() == kind)
        };
        let piece = |(asset, balance): &(Asset, Balance)| {
            let (Asset::Pass(kind) | Asset::Coupon(kind)) = *asset else { return None };
            let (id, name) = of_kind(kind)?;
            let live = balance.lots.iter().filter(|lot| lot.is_live(today) && lot.unheld() > 0);
            Some(Self {
                id: id.to_string(),
                name: Name::of(name),
                balance: balance.balance,
                spendable_here: balance.here,
                expires_on: live.filter_map(|lot| lot.until).min().map(Text),
            })
        };
        held.iter().filter_map(piece).collect()
    }
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
            expires_on: holding.until.map(Text),
            expired: !holding.is_live(today),
            available_here: holding.available_here,
            balance: holding.balance,
            held: holding.held,
        }
    }
}
