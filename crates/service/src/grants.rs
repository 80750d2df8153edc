use axum::extract::State;
use purser_journal::{Gift, GrantFact};
use purser_replica::{Giving, Outcome, Undertaking};
use purser_types::{BusinessDate, MemberId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    answer::{Answer, unexpected},
    api::Api,
    change::Change,
    problem::Problem,
    spelling,
    text::Text,
    token_scope::TokenScope,
};

/// Something to give without a purchase. Give one of `tier`, `activity`, `coupon` and `pass`.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GrantRequest {
    /// To whom.
    #[schema(value_type = spelling::MemberId)]
    member: Text<MemberId>,
    /// A tier: its id in the programme.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "gold")]
    tier: Option<String>,
    /// The tier's last day; its own validity, if nothing is said.
    #[schema(value_type = Option<String>, format = Date, example = "2027-12-31")]
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Text<BusinessDate>>,
    /// What the member has done: the id of an activity of the programme, which says how many points it brings.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "check-in")]
    activity: Option<String>,
    /// A coupon: its id in the programme.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "own-brand-500")]
    coupon: Option<String>,
    /// How many coupons; one, if nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 1_000)]
    pieces: Option<i64>,
    /// A pass of which somebody else hands uses over: its id in the programme.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "ten-seats")]
    pass: Option<String>,
    /// How many uses.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 1_000)]
    uses: Option<i64>,
    /// Who hands them over.
    #[schema(value_type = Option<spelling::MemberId>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<Text<MemberId>>,
    /// Why.
    #[schema(min_length = 1, max_length = 500, example = "invited at the opening")]
    reason: String,
    /// Who has approved it.
    #[schema(min_length = 1, max_length = 100, example = "Zhao Min")]
    by: String,
}

/// Something that was given.
#[derive(Serialize, ToSchema)]
pub(crate) struct Granted {
    /// To whom.
    #[schema(value_type = spelling::MemberId)]
    member: Text<MemberId>,
    /// The business date.
    #[schema(value_type = String, format = Date, example = "2026-08-01")]
    date: Text<BusinessDate>,
    /// The tier.
    tier: Option<String>,
    /// The tier's last day, if one was said.
    #[schema(value_type = Option<String>, format = Date, example = "2027-12-31")]
    until: Option<Text<BusinessDate>>,
    /// The activity.
    activity: Option<String>,
    /// The points that it brought.
    points: Option<i64>,
    /// The coupon.
    coupon: Option<String>,
    /// How many of it.
    pieces: Option<i64>,
    /// The pass of which uses were handed over.
    pass: Option<String>,
    /// How many uses.
    uses: Option<i64>,
    /// Why.
    reason: String,
    /// Who has approved it.
    by: String,
}

/// Gives a member a tier, the points of an activity, coupons, or uses of a pass that somebody else hands over, with a
/// reason and who has approved it.
#[utoipa::path(
    post, path = "/grants", operation_id = "grant", tag = "members",
    security(("token" = [TokenScope::Members])),
    request_body = GrantRequest,
    responses((status = 201, description = "It is the member's.", body = Granted)),
)]
pub(crate) async fn grant(
    State(api): State<Api>,
    Change { body, request }: Change<GrantRequest>,
) -> Result<Answer<Granted>, Problem> {
    let gift = gift(&body)?;
    let GrantRequest { member: Text(member), reason, by, .. } = body;
    let reply = api.carry_out(request, Undertaking::Give(Giving { member, gift, reason, by })).await?;
    match reply.outcome {
        Outcome::Given(fact) => Ok(Answer::created(reply.repeated, Granted::of(fact))),
        _ => Err(unexpected(&reply)),
    }
}

fn gift(body: &GrantRequest) -> Result<Gift, Problem> {
    let until = body.until.map(|Text(until)| until);
    if until.is_some() && body.tier.is_none() {
        return Err(Problem::field("until", "only a tier has a last day of its own"));
    }
    if body.pieces.is_some() && body.coupon.is_none() {
        return Err(Problem::field("pieces", "only coupons come in pieces"));
    }
    let is_pass = body.uses.is_some() || body.from.is_some();
    if is_pass && body.pass.is_none() {
        return Err(Problem::field("pass", "say of which pass uses are handed over"));
    }
    match (&body.tier, &body.activity, &body.coupon, &body.pass) {
        (Some(tier), None, None, None) => Ok(Gift::Tier { tier: tier.clone(), until }),
        (None, Some(activity), None, None) => Ok(Gift::Activity { activity: activity.clone(), points: 0 }),
        (None, None, Some(coupon), None) => {
            Ok(Gift::Coupon { coupon: coupon.clone(), pieces: body.pieces.unwrap_or(1) })
        }
        (None, None, None, Some(pass)) => {
            let Text(from) =
                body.from.ok_or_else(|| Problem::field("from", "say who hands the uses over"))?;
            Ok(Gift::PassUses { pass: pass.clone(), uses: body.uses.unwrap_or(1), from })
        }
        _ => Err(Problem::field("tier", "say what is given: one of `tier`, `activity`, `coupon` and `pass`")),
    }
}

impl Granted {
    fn of(fact: GrantFact) -> Self {
        let GrantFact { member, date, gift, reason, by } = fact;
        let nothing = Self {
            member: Text(member),
            date: Text(date),
            tier: None,
            until: None,
            activity: None,
            points: None,
            coupon: None,
            pieces: None,
            pass: None,
            uses: None,
            reason,
            by,
        };
        match gift {
            Gift::Tier { tier, until } => Self { tier: Some(tier), until: until.map(Text), ..nothing },
            Gift::Activity { activity, points } => {
                Self { activity: Some(activity), points: Some(points), ..nothing }
            }
            Gift::PassUses { pass, uses, .. } => Self { pass: Some(pass), uses: Some(uses), ..nothing },
            Gift::Coupon { coupon, pieces } => Self { coupon: Some(coupon), pieces: Some(pieces), ..nothing },
            Gift::Code { coupon, .. } => Self { coupon: Some(coupon), pieces: Some(1), ..nothing },
        }
    }
}
