use axum::extract::State;
use purser_journal::{PassBackFact, PassSoldFact};
use purser_programme::RuleId;
use purser_replica::{Outcome, PassReturn, PassSale, Undertaking};
use purser_types::{BusinessDate, MemberId, SaleId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    amount::Amount,
    answer::{Answer, unexpected},
    api::Api,
    change::Change,
    problem::Problem,
    spelling,
    text::Text,
    token_scope::TokenScope,
};

/// A pass to sell.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PassRequest {
    /// To whom.
    #[schema(value_type = spelling::MemberId)]
    member: Text<MemberId>,
    /// The till.
    #[schema(value_type = spelling::Till)]
    till: String,
    /// The till's number of the receipt, unique for the till.
    #[schema(value_type = spelling::Check)]
    check: String,
    /// Which pass: its id in the programme.
    #[schema(value_type = String, pattern = "^[a-z0-9-]{1,40}$", example = "wash-10")]
    pass: Text<RuleId>,
    /// Who sells it: the shop's own name or number of a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 100)]
    seller: Option<String>,
}

/// A pass that was sold.
#[derive(Serialize, ToSchema)]
pub(crate) struct PassSold {
    /// The sale's id: what to name when uses are taken back.
    #[schema(value_type = spelling::SaleId)]
    pass_sale: Text<SaleId>,
    /// Whose.
    #[schema(value_type = spelling::MemberId)]
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
    post, path = "/passes", operation_id = "sell_pass", tag = "sales",
    security(("token" = [TokenScope::Till])),
    request_body = PassRequest,
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
        Outcome::PassSold(id, fact) => Ok(Answer::created(reply.repeated, PassSold::of(id, fact))),
        _ => Err(unexpected(&reply)),
    }
}

/// Uses of a pass to take back.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PassReturnRequest {
    /// The sale of the pass.
    #[schema(value_type = spelling::SaleId)]
    pass_sale: Text<SaleId>,
    /// The till that takes them back.
    #[schema(value_type = spelling::Till)]
    till: String,
    /// That till's number of the receipt, unique for the till.
    #[schema(value_type = spelling::Check)]
    check: String,
    /// How many uses that are left.
    #[schema(minimum = 1, example = 4)]
    uses: i64,
}

/// Uses of a pass that were taken back.
#[derive(Serialize, ToSchema)]
pub(crate) struct PassReturned {
    /// The sale of the pass.
    #[schema(value_type = spelling::SaleId)]
    pass_sale: Text<SaleId>,
    /// Whose.
    #[schema(value_type = spelling::MemberId)]
    member: Text<MemberId>,
    /// The store that took them back.
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
    /// How many uses.
    uses: i64,
    /// The money for them: their part of what the pass had cost.
    refund: Amount,
}

/// Takes uses of a pass back that are left, for their part of what the pass had cost, if the programme does that.
#[utoipa::path(
    post, path = "/passes/returns", operation_id = "return_pass", tag = "sales",
    security(("token" = [TokenScope::Till])),
    request_body = PassReturnRequest,
    responses((status = 201, description = "They are taken back.", body = PassReturned)),
)]
pub(crate) async fn take_back(
    State(api): State<Api>,
    Change { body, request }: Change<PassReturnRequest>,
) -> Result<Answer<PassReturned>, Problem> {
    let PassReturnRequest { pass_sale: Text(pass_sale), till, check, uses } = body;
    let undertaking = Undertaking::TakePassBack(PassReturn { pass_sale, till, check, uses });
    let reply = api.carry_out(request, undertaking).await?;
    match reply.outcome {
        Outcome::PassBack(fact) => Ok(Answer::created(reply.repeated, PassReturned::of(fact))),
        _ => Err(unexpected(&reply)),
    }
}

impl PassReturned {
    fn of(fact: PassBackFact) -> Self {
        let PassBackFact { member, receipt, pass_sale, pass, uses, price } = fact;
        Self {
            pass_sale: Text(pass_sale),
            member: Text(member),
            store: receipt.store.0,
            till: receipt.till,
            check: receipt.check,
            date: Text(receipt.date),
            pass,
            uses,
            refund: Amount(price),
        }
    }
}

impl PassSold {
    fn of(id: SaleId, fact: PassSoldFact) -> Self {
        let PassSoldFact { member, receipt, pass, uses, price, seller } = fact;
        Self {
            pass_sale: Text(id),
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
