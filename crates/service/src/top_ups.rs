use axum::extract::State;
use purser_journal::{TopUpBackFact, TopUpFact};
use purser_programme::RuleId;
use purser_replica::{Outcome, TopUp, TopUpReturn, Undertaking};
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

/// Stored value to pay in.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TopUpRequest {
    /// Whose.
    #[schema(value_type = spelling::MemberId)]
    member: Text<MemberId>,
    /// The till.
    #[schema(value_type = spelling::Till)]
    till: String,
    /// The till's number of the receipt, unique for the till.
    #[schema(value_type = spelling::Check)]
    check: String,
    /// What is paid in.
    amount: Amount,
    /// The limited issue that the card is of: its id in the programme, if it is of one.
    #[schema(value_type = Option<String>, pattern = "^[a-z0-9-]{1,40}$", example = "spring-500")]
    #[serde(skip_serializing_if = "Option::is_none")]
    issue: Option<Text<RuleId>>,
    /// Who sells it: the shop's own name or number of a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 100)]
    seller: Option<String>,
    /// Who approves a bonus that needs approval; without, the highest that needs none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 100)]
    approved_by: Option<String>,
}

/// Stored value that was paid in.
#[derive(Serialize, ToSchema)]
pub(crate) struct ToppedUp {
    /// The top-up's id: what to name when it is given back.
    #[schema(value_type = spelling::SaleId)]
    top_up: Text<SaleId>,
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
    /// What was paid in, and what was given on top.
    stored_value: StoredParts,
    /// Who has sold it.
    seller: Option<String>,
    /// Who has approved the bonus.
    approved_by: Option<String>,
    /// The limited issue that the card is of.
    issue: Option<String>,
}

/// Pays stored value in, with the bonus that the programme gives; a card of a limited issue costs and brings what that
/// says, as long as there are any.
#[utoipa::path(
    post, path = "/top-ups", operation_id = "top_up", tag = "sales",
    security(("token" = [TokenScope::Till])),
    request_body = TopUpRequest,
    responses((status = 201, description = "It can be spent.", body = ToppedUp)),
)]
pub(crate) async fn top_up(
    State(api): State<Api>,
    Change { body, request }: Change<TopUpRequest>,
) -> Result<Answer<ToppedUp>, Problem> {
    let TopUpRequest { member: Text(member), till, check, amount: Amount(amount), .. } = body;
    let (issue, seller, approved_by) = (body.issue.map(|Text(issue)| issue), body.seller, body.approved_by);
    let undertaking = Undertaking::TopUp(TopUp { member, till, check, amount, issue, seller, approved_by });
    let reply = api.carry_out(request, undertaking).await?;
    match reply.outcome {
        Outcome::TopUp(id, fact) => Ok(Answer::created(reply.repeated, ToppedUp::of(id, fact))),
        _ => Err(unexpected(&reply)),
    }
}

/// Stored value to give back in money.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TopUpReturnRequest {
    /// The top-up.
    #[schema(value_type = spelling::SaleId)]
    top_up: Text<SaleId>,
    /// The till that gives it back.
    #[schema(value_type = spelling::Till)]
    till: String,
    /// That till's number of the receipt, unique for the till.
    #[schema(value_type = spelling::Check)]
    check: String,
    /// What is given back in money.
    amount: Amount,
}

/// Stored value that was given back.
#[derive(Serialize, ToSchema)]
pub(crate) struct TopUpReturned {
    /// The top-up.
    #[schema(value_type = spelling::SaleId)]
    top_up: Text<SaleId>,
    /// Whose.
    #[schema(value_type = spelling::MemberId)]
    member: Text<MemberId>,
    /// The store that gave it back.
    store: u32,
    /// The till.
    till: String,
    /// The till's number of the receipt.
    check: String,
    /// The business date.
    #[schema(value_type = String, format = Date, example = "2026-08-01")]
    date: Text<BusinessDate>,
    /// What left the card: the money, and the bonus that it had brought.
    stored_value: StoredParts,
}

/// Gives stored value back in money to who had paid it in, if the programme does that, as far as it is still
/// there. The bonus that it had brought goes in proportion.
#[utoipa::path(
    post, path = "/top-ups/returns", operation_id = "return_top_up", tag = "sales",
    security(("token" = [TokenScope::Till])),
    request_body = TopUpReturnRequest,
    responses((status = 201, description = "It is given back.", body = TopUpReturned)),
)]
pub(crate) async fn give_back(
    State(api): State<Api>,
    Change { body, request }: Change<TopUpReturnRequest>,
) -> Result<Answer<TopUpReturned>, Problem> {
    let TopUpReturnRequest { top_up: Text(top_up), till, check, amount: Amount(amount) } = body;
    let undertaking = Undertaking::TakeTopUpBack(TopUpReturn { top_up, till, check, amount });
    let reply = api.carry_out(request, undertaking).await?;
    match reply.outcome {
        Outcome::TopUpBack(fact) => Ok(Answer::created(reply.repeated, TopUpReturned::of(fact))),
        _ => Err(unexpected(&reply)),
    }
}

impl TopUpReturned {
    fn of(fact: TopUpBackFact) -> Self {
        let TopUpBackFact { member, receipt, top_up, principal, bonus } = fact;
        Self {
            top_up: Text(top_up),
            member: Text(member),
            store: receipt.store.0,
            till: receipt.till,
            check: receipt.check,
            date: Text(receipt.date),
            stored_value: StoredParts::of(principal, bonus),
        }
    }
}

impl ToppedUp {
    fn of(id: SaleId, fact: TopUpFact) -> Self {
        let TopUpFact { member, receipt, principal, bonus, seller, approved_by, issue } = fact;
        Self {
            top_up: Text(id),
            member: Text(member),
            store: receipt.store.0,
            till: receipt.till,
            check: receipt.check,
            date: Text(receipt.date),
            stored_value: StoredParts::of(principal, bonus),
            seller,
            approved_by,
            issue,
        }
    }
}
