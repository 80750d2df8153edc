use axum::extract::State;
use purser_journal::PassSoldFact;
use purser_programme::RuleId;
use purser_replica::{Outcome, PassSale, Undertaking};
use purser_types::{BusinessDate, MemberId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    amount::Amount,
    answer::{Answer, unexpected},
    api::Api,
    change::Change,
    problem::Problem,
    text::Text,
};

/// A pass to sell.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PassRequest {
    /// To whom.
    #[schema(value_type = String, example = "mbr_1u3cd5f00000c")]
    member: Text<MemberId>,
    /// The till: 1 to 16 printable ASCII characters.
    #[schema(example = "1")]
    till: String,
    /// The till's number of the receipt, unique for the till: 1 to 48 printable ASCII characters.
    #[schema(example = "20260801-0042")]
    check: String,
    /// Which pass: its id in the programme.
    #[schema(value_type = String, example = "wash-10")]
    pass: Text<RuleId>,
    /// Who sells it: the shop's own name or number of a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 100)]
    seller: Option<String>,
}

/// A pass that was sold.
#[derive(Serialize, ToSchema)]
pub(crate) struct PassSold {
    /// Whose.
    #[schema(value_type = String, example = "mbr_1u3cd5f00000c")]
    member: Text<MemberId>,
    /// The store.
    store: u32,
    /// The till.
    till: String,
    /// The till's number of the receipt.
    check: String,
    /// The business date.
    #[schema(value_type = String, format = Date, example = "2026-08-01")]
    date: Text<BusinessDate>,
    /// Which pass.
    pass: String,
    /// How many uses it has.
    uses: i64,
    /// What it costs.
    price: Amount,
    /// Who has sold it.
    seller: Option<String>,
}

/// Sells a pass at the programme's price. Uses of it pay at checkouts.
#[utoipa::path(
    post, path = "/passes", operation_id = "sell_pass", tag = "sales", request_body = PassRequest,
    responses((status = 201, description = "It can be used.", body = PassSold)),
)]
pub(crate) async fn sell(
    State(api): State<Api>,
    Change { body, request }: Change<PassRequest>,
) -> Result<Answer<PassSold>, Problem> {
    let PassRequest { member: Text(member), till, check, pass: Text(pass), seller } = body;
    let undertaking = Undertaking::SellPass(PassSale { member, till, check, pass, seller });
    let reply = api.carry_out(request, undertaking).await?;
    match reply.outcome {
        Outcome::PassSold(fact) => Ok(Answer::created(reply.repeated, PassSold::of(fact))),
        _ => Err(unexpected(&reply)),
    }
}

impl PassSold {
    fn of(fact: PassSoldFact) -> Self {
        let PassSoldFact { member, receipt, pass, uses, price, seller } = fact;
        Self {
            member: Text(member),
            store: receipt.store.0,
            till: receipt.till,
            check: receipt.check,
            date: Text(receipt.date),
            pass,
            uses,
            price: Amount(price),
            seller,
        }
    }
}
