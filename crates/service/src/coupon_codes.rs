use axum::extract::State;
use purser_journal::{CodesFact, Gift};
use purser_programme::RuleId;
use purser_replica::{CodeClaim, CodeIssue, Outcome, Undertaking};
use purser_types::{BusinessDate, CouponCode, MemberId};
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

/// Coupons to issue on paper.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CodesRequest {
    /// Which coupon: its id in the programme.
    #[schema(value_type = String, pattern = "^[a-z0-9-]{1,40}$", example = "ten-off")]
    coupon: Text<RuleId>,
    /// How many.
    #[schema(minimum = 1, maximum = 500, example = 100)]
    pieces: u32,
    /// The last day; what the programme says of coupons that are given today, if nothing is said.
    #[schema(value_type = Option<String>, format = Date, example = "2027-12-31")]
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Text<BusinessDate>>,
    /// Why.
    #[schema(min_length = 1, max_length = 500, example = "leaflets for the opening")]
    reason: String,
    /// Who has approved it.
    #[schema(min_length = 1, max_length = 100, example = "Zhao Min")]
    by: String,
}

/// Coupons that were issued on paper.
#[derive(Serialize, ToSchema)]
pub(crate) struct CodesIssued {
    /// Which coupon.
    coupon: String,
    /// The last day.
    #[schema(value_type = String, format = Date, example = "2027-12-31")]
    until: Text<BusinessDate>,
    /// A code for each: whoever shows it first gets the coupon. Only this answer has them; the same request again
    /// says the same.
    #[schema(example = json!(["7K3M-9QXT-W2RA-84ZN"]))]
    codes: Vec<String>,
}

/// Issues coupons on paper, each with a code that nobody can guess. They can be claimed at every store, each once; a
/// store that is cut off claims those that it has issued itself.
#[utoipa::path(
    post, path = "/coupon-codes", operation_id = "issue_coupon_codes", tag = "operation",
    security(("token" = [TokenScope::Members])),
    request_body = CodesRequest,
    responses((status = 201, description = "They can be claimed.", body = CodesIssued)),
)]
pub(crate) async fn issue(
    State(api): State<Api>,
    Change { body, request }: Change<CodesRequest>,
) -> Result<Answer<CodesIssued>, Problem> {
    let CodesRequest { coupon: Text(coupon), pieces, until, reason, by } = body;
    let until = until.map(|Text(until)| until);
    let undertaking = Undertaking::IssueCodes(CodeIssue { coupon, pieces, until, reason, by });
    let reply = api.carry_out(request, undertaking).await?;
    match reply.outcome {
        Outcome::Codes(fact, codes) => Ok(Answer::created(reply.repeated, CodesIssued::of(fact, &codes))),
        _ => Err(unexpected(&reply)),
    }
}

/// A code that a member shows.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CodeRequest {
    /// Who gets the coupon.
    #[schema(value_type = spelling::MemberId)]
    member: Text<MemberId>,
    /// The code, as it is typed: case, blanks and hyphens do not matter.
    #[schema(value_type = String, example = "7K3M-9QXT-W2RA-84ZN")]
    code: Text<CouponCode>,
}

/// A coupon that was claimed.
#[derive(Serialize, ToSchema)]
pub(crate) struct CodeClaimed {
    /// Whose it is.
    #[schema(value_type = spelling::MemberId)]
    member: Text<MemberId>,
    /// Which coupon: what a checkout names.
    coupon: String,
}

/// Gives a member the coupon of a code. It is the member's like any other from then on, and pays at checkouts.
#[utoipa::path(
    post, path = "/coupon-codes/claims", operation_id = "claim_coupon_code", tag = "sales",
    security(("token" = [TokenScope::Till])),
    request_body = CodeRequest,
    responses((status = 201, description = "It is the member's.", body = CodeClaimed)),
)]
pub(crate) async fn claim(
    State(api): State<Api>,
    Change { body, request }: Change<CodeRequest>,
) -> Result<Answer<CodeClaimed>, Problem> {
    let CodeRequest { member: Text(member), code: Text(code) } = body;
    let reply = api.carry_out(request, Undertaking::ClaimCode(CodeClaim { member, code })).await?;
    match reply.outcome {
        Outcome::Given(ref fact) => match &fact.gift {
            Gift::Code { coupon, .. } => {
                let claimed = CodeClaimed { member: Text(fact.member), coupon: coupon.clone() };
                Ok(Answer::created(reply.repeated, claimed))
            }
            _ => Err(unexpected(&reply)),
        },
        _ => Err(unexpected(&reply)),
    }
}

impl CodesIssued {
    fn of(fact: CodesFact, codes: &[CouponCode]) -> Self {
        let CodesFact { coupon, until, .. } = fact;
        Self { coupon, until: Text(until), codes: codes.iter().map(CouponCode::to_string).collect() }
    }
}
