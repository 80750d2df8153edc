use axum::extract::State;
use purser_replica::{Basket, Outcome, Redemption, Tenders, Undertaking};
use purser_types::{BusinessDate, CardNumber, MemberId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    amount::Amount,
    answer::{Answer, unexpected},
    api::Api,
    basket_lines::{LineRequest, goods},
    buyer::Buyer,
    change::Change,
    checkouts::Checkout,
    problem::Problem,
    spelling,
    text::Text,
    token_scope::TokenScope,
};

/// A receipt of this store that was paid without a card. Give `member` or `card`, and `lines` or `gross`.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClaimRequest {
    /// Who claims.
    #[schema(value_type = Option<spelling::MemberId>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    member: Option<Text<MemberId>>,
    /// The card that is shown; it must be active.
    #[schema(value_type = Option<spelling::CardNumber>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    card: Option<Text<CardNumber>>,
    /// The till that printed the receipt.
    #[schema(value_type = spelling::Till)]
    till: String,
    /// The number of the receipt: 1 to 48 printable ASCII characters.
    #[schema(value_type = spelling::Check)]
    check: String,
    /// The day of the receipt.
    #[schema(value_type = String, format = Date, example = "2026-08-01")]
    date: Text<BusinessDate>,
    /// What was paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    gross: Option<Amount>,
    /// The lines of the receipt, at what was paid for them.
    #[schema(max_items = 500)]
    #[serde(skip_serializing_if = "Option::is_none")]
    lines: Option<Vec<LineRequest>>,
}

/// Claims the points of a receipt that was paid without a card, once, within the days that the programme allows,
/// at the store that printed it.
#[utoipa::path(
    post, path = "/claims", operation_id = "claim", tag = "sales",
    security(("token" = [TokenScope::Till])),
    request_body = ClaimRequest,
    responses((status = 201, description = "The points are the member's.", body = Checkout)),
)]
pub(crate) async fn claim(
    State(api): State<Api>,
    Change { body, request }: Change<ClaimRequest>,
) -> Result<Answer<Checkout>, Problem> {
    let buyer = Buyer::of(body.member, body.card)?;
    let (gross, lines) = goods(body.gross, body.lines)?;
    let receipt = (body.till.clone(), body.check.clone());
    let member = buyer.member(&api, &request, Some(receipt)).await?;
    let ClaimRequest { till, check, date: Text(date), .. } = body;
    let (redemption, tenders) = (Redemption::None, Tenders::default());
    let basket = Basket { member, till, check, gross, redemption, lines, tenders, claimed_of: Some(date) };
    let reply = api.carry_out(request, Undertaking::CheckOut(basket)).await?;
    let version = reply.programme_version;
    match reply.outcome {
        Outcome::Sale(sale, fact) => Ok(Answer::created(reply.repeated, Checkout::of(sale, *fact, version))),
        _ => Err(unexpected(&reply)),
    }
}
