use axum::extract::State;
use purser_journal::{LineReturned, ReturnFact};
use purser_replica::{GoodsBack, Outcome, TakeBack, Undertaking};
use purser_types::{BusinessDate, MemberId, SaleId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    amount::Amount,
    answer::{Answer, unexpected},
    api::Api,
    change::Change,
    problem::Problem,
    quotes::StoredParts,
    spelling,
    text::Text,
    token_scope::TokenScope,
};

/// Goods to take back. Give `lines` or `gross`.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReturnRequest {
    /// The sale that they were part of.
    #[schema(value_type = spelling::SaleId)]
    sale: Text<SaleId>,
    /// The till that takes them back.
    #[schema(value_type = spelling::Till)]
    till: String,
    /// That till's number of the return receipt, unique for the till.
    #[schema(value_type = spelling::Check)]
    check: String,
    /// The gross value of what comes back: discounts and the like come back in proportion.
    #[serde(skip_serializing_if = "Option::is_none")]
    gross: Option<Amount>,
    /// Which lines come back: where they are known, at the store that sold them and at hubs.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 500)]
    lines: Option<Vec<LineBack>>,
}

/// Pieces of a line that come back.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LineBack {
    /// The line of the sale, from 1.
    #[schema(minimum = 1, maximum = 500, example = 1)]
    line: u32,
    /// How many pieces.
    #[schema(minimum = 1, example = 1)]
    pieces: u32,
}

/// Goods that were taken back.
#[derive(Serialize, ToSchema)]
pub(crate) struct GoodsReturned {
    /// The sale.
    #[schema(value_type = spelling::SaleId)]
    sale: Text<SaleId>,
    /// The buyer.
    #[schema(value_type = spelling::MemberId)]
    member: Text<MemberId>,
    /// The store that took them back.
    store: u32,
    /// The till.
    till: String,
    /// The till's number of the return receipt.
    check: String,
    /// The business date.
    #[schema(value_type = String, format = Date, example = "2026-08-01")]
    date: Text<BusinessDate>,
    /// The gross value of what came back.
    gross: Amount,
    /// What had been to be paid for it.
    price: Amount,
    /// What the member gets back in money.
    refund: Amount,
    /// Stored value that comes back.
    stored_value: StoredParts,
    /// Points given back, which the sale had redeemed.
    points_restored: i64,
    /// Points taken back, which the sale had earned.
    points_clawed_back: i64,
    /// The member's points after it, as far as the store knew then. Below zero when more was
    /// taken back than was left.
    points_after: i64,
}

/// Takes goods back, at any store: points that the sale redeemed come back, points that it
/// earned go, each in proportion. What may be returned is returned once only, in all stores.
#[utoipa::path(
    post, path = "/returns", operation_id = "take_back", tag = "sales",
    security(("token" = [TokenScope::Till])),
    request_body = ReturnRequest,
    responses((status = 201, description = "The goods are taken back.", body = GoodsReturned)),
)]
pub(crate) async fn take_back(
    State(api): State<Api>,
    Change { body, request }: Change<ReturnRequest>,
) -> Result<Answer<GoodsReturned>, Problem> {
    let ReturnRequest { sale: Text(sale), till, check, gross, lines } = body;
    let goods = match (gross, lines) {
        (Some(Amount(gross)), None) => GoodsBack::Gross(gross),
        (None, Some(lines)) => {
            let line = |LineBack { line, pieces }| LineReturned { line, pieces };
            GoodsBack::Lines(lines.into_iter().map(line).collect())
        }
        _ => return Err(Problem::field("gross", "say what comes back: give `lines` or `gross`")),
    };
    let undertaking = Undertaking::TakeBack(TakeBack { sale, till, check, goods });
    let reply = api.carry_out(request, undertaking).await?;
    match reply.outcome {
        Outcome::Return(fact) => Ok(Answer::created(reply.repeated, GoodsReturned::of(*fact))),
        _ => Err(unexpected(&reply)),
    }
}

impl GoodsReturned {
    fn of(fact: ReturnFact) -> Self {
        let price = Amount(fact.price());
        Self {
            sale: Text(fact.sale),
            member: Text(fact.member),
            store: fact.store.0,
            till: fact.till,
            check: fact.check,
            date: Text(fact.date),
            gross: Amount(fact.gross),
            price,
            refund: Amount(fact.refund),
            stored_value: StoredParts::of(fact.principal.unwrap_or_default(), fact.bonus.unwrap_or_default()),
            points_restored: fact.points_restored,
            points_clawed_back: fact.points_clawed_back,
            points_after: fact.points_after,
        }
    }
}
