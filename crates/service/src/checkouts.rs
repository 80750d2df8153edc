#![allow(unused_qualifications)] // in what utoipa makes of `params(…)`

use axum::{Json, extract::State};
use purser_journal::{Fact, SaleFact};
use purser_programme::RuleId;
use purser_replica::{Basket, Outcome, Redemption, Undertaking};
use purser_types::{BusinessDate, CardNumber, Fen, HoldId, MemberId, SaleId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    amount::Amount,
    answer::{Answer, unexpected},
    api::Api,
    basket_lines::{LineRequest, TendersRequest, goods},
    buyer::Buyer,
    change::Change,
    points::Points,
    problem::Problem,
    quotes::StoredParts,
    readers::Reader,
    request_parts::{PathId, QueryOf},
    spelling,
    text::Text,
    token_scope::TokenScope,
};

/// A sale to close. Give `member` or `card`, `lines` or `gross`, and at most one of `redeem_points` and `hold`.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CheckoutRequest {
    /// The buyer.
    #[schema(value_type = Option<spelling::MemberId>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    member: Option<Text<MemberId>>,
    /// The card that the buyer showed; it must be active.
    #[schema(value_type = Option<spelling::CardNumber>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    card: Option<Text<CardNumber>>,
    /// The till.
    #[schema(value_type = spelling::Till)]
    till: String,
    /// The till's number of the receipt, unique for the till.
    #[schema(value_type = spelling::Check)]
    check: String,
    /// The value of the goods; that of the lines, if they are given.
    #[serde(skip_serializing_if = "Option::is_none")]
    gross: Option<Amount>,
    /// Points to redeem now.
    #[serde(skip_serializing_if = "Option::is_none")]
    redeem_points: Option<Points>,
    /// A hold to redeem, all of it.
    #[schema(value_type = Option<spelling::HoldId>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    hold: Option<Text<HoldId>>,
    /// The lines of the basket. Without them the programme prices the whole of it as one thing of which it knows
    /// nothing.
    #[schema(max_items = 500)]
    #[serde(skip_serializing_if = "Option::is_none")]
    lines: Option<Vec<LineRequest>>,
    /// Stored value that is to pay: so much, or all that is left to pay if that is less.
    #[serde(skip_serializing_if = "Option::is_none")]
    stored_value: Option<Amount>,
    /// What of the money is paid by vouchers of others, such as the mall's: so much, or all of it if that is less.
    #[serde(skip_serializing_if = "Option::is_none")]
    voucher: Option<Amount>,
    /// Uses of these passes, one for each time that one stands here.
    #[schema(value_type = Option<Vec<spelling::RuleId>>, max_items = 50)]
    #[serde(skip_serializing_if = "Option::is_none")]
    passes: Option<Vec<Text<RuleId>>>,
    /// These coupons, one for each time that one stands here.
    #[schema(value_type = Option<Vec<spelling::RuleId>>, max_items = 50)]
    #[serde(skip_serializing_if = "Option::is_none")]
    coupons: Option<Vec<Text<RuleId>>>,
}

/// A sale as it was closed.
#[derive(Serialize, ToSchema)]
pub(crate) struct Checkout {
    /// The sale's id.
    #[schema(value_type = spelling::SaleId)]
    sale: Text<SaleId>,
    /// The buyer.
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
    /// The value of the goods.
    gross: Amount,
    /// What the programme took off: discounts, passes, coupons, the cut to whole coins.
    taken_off: Amount,
    /// What was to be paid, by whatever.
    total: Amount,
    /// What points took off.
    discount: Amount,
    /// Stored value that paid.
    stored_value: StoredParts,
    /// What is left to pay in money.
    paid: Amount,
    /// What of that vouchers of others have paid.
    voucher: Amount,
    /// The version of the programme that priced it; 0 is what is sold by until one is published.
    programme_version: u32,
    /// Coupons that the member has got for what this purchase has completed, by their ids.
    awards: Vec<String>,
    /// Points earned.
    points_earned: i64,
    /// Points redeemed.
    points_redeemed: i64,
    /// How many of these were spent in advance of rights, against the store's allowance.
    points_advanced: i64,
    /// The member's points after it, as far as the store knew then.
    points_after: i64,
}

/// A sale, and what may still come back of it.
#[derive(Serialize, ToSchema)]
pub(crate) struct CheckoutDetail {
    #[serde(flatten)]
    checkout: Checkout,
    /// What may still be returned.
    returnable: Returnable,
}

/// What may still be returned of a sale, in gross value.
#[derive(Serialize, ToSchema)]
pub(crate) struct Returnable {
    /// In all, as far as this store knows.
    in_all: Amount,
    /// At this store now, also without a line.
    here: Amount,
}

/// Which receipt.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ReceiptQuery {
    /// The till.
    till: String,
    /// The till's number of the receipt.
    check: String,
}

/// Closes a sale: redeems points, earns points, notes what can be returned, all in one. A
/// sale comes about once for a store, till and check number, also under another
/// Idempotency-Key.
#[utoipa::path(
    post, path = "/checkouts", operation_id = "check_out", tag = "sales",
    security(("token" = [TokenScope::Till])),
    request_body = CheckoutRequest,
    responses((status = 201, description = "The sale is closed.", body = Checkout)),
)]
pub(crate) async fn check_out(
    State(api): State<Api>,
    Change { body, request }: Change<CheckoutRequest>,
) -> Result<Answer<Checkout>, Problem> {
    let buyer = Buyer::of(body.member, body.card)?;
    let redemption = redemption(&body)?;
    let (gross, lines) = goods(body.gross, body.lines)?;
    let stored_value = body.stored_value;
    let tenders =
        TendersRequest { stored_value, voucher: body.voucher, passes: body.passes, coupons: body.coupons };
    let tenders = tenders.read();
    let receipt = (body.till.clone(), body.check.clone());
    let member = buyer.member(&api, &request, Some(receipt)).await?;
    let CheckoutRequest { till, check, .. } = body;
    let basket = Basket { member, till, check, gross, redemption, lines, tenders, claimed_of: None };
    let reply = api.carry_out(request, Undertaking::CheckOut(basket)).await?;
    let version = reply.programme_version;
    match reply.outcome {
        Outcome::Sale(sale, fact) => Ok(Answer::created(reply.repeated, Checkout::of(sale, *fact, version))),
        _ => Err(unexpected(&reply)),
    }
}

/// Shows a sale, and what may still be returned of it.
#[utoipa::path(
    get, path = "/checkouts/{id}", operation_id = "show_checkout", tag = "sales",
    security(("token" = [TokenScope::Till]), ("token" = [TokenScope::Read])),
    params(("id" = spelling::SaleId, Path, description = "The sale's id.")),
    responses((status = 200, description = "The sale.", body = CheckoutDetail)),
)]
pub(crate) async fn show(
    State(api): State<Api>,
    PathId(sale): PathId<SaleId>,
) -> Result<Json<CheckoutDetail>, Problem> {
    let detail = api.readers.read(move |reader| {
        let fact = reader.view.sale(sale)?;
        detail(reader, sale, fact)
    });
    Ok(Json(detail.await?))
}

/// Shows the sale that a till of this store closed under a check number: what to ask when the
/// answer to a checkout got lost.
#[utoipa::path(
    get, path = "/checkouts", operation_id = "find_checkout", tag = "sales",
    security(("token" = [TokenScope::Till]), ("token" = [TokenScope::Read])),
    params(ReceiptQuery),
    responses((status = 200, description = "The sale.", body = CheckoutDetail)),
)]
pub(crate) async fn find(
    State(api): State<Api>,
    QueryOf(ReceiptQuery { till, check }): QueryOf<ReceiptQuery>,
) -> Result<Json<CheckoutDetail>, Problem> {
    let detail = api.readers.read(move |reader| {
        let unknown = || {
            let detail = format!("till {till} has closed no sale under check number {check} at this store");
            Problem::new("unknown_check", detail)
        };
        let entry = reader.view.check(&till, &check)?.ok_or_else(unknown)?;
        let (sale, version) = (SaleId::created_by(entry.id()), entry.programme_version);
        let fact = entry.facts.into_iter().find_map(|fact| match fact {
            Fact::Sale(fact) => Some(fact),
            _ => None,
        });
        detail(reader, sale, (*fact.ok_or_else(unknown)?, version))
    });
    Ok(Json(detail.await?))
}

fn detail(
    reader: &mut Reader,
    sale: SaleId,
    (fact, version): (SaleFact, u32),
) -> Result<CheckoutDetail, Problem> {
    let (in_all, here) = reader.view.refundable(fact.member, sale)?;
    let returnable = Returnable { in_all: Amount(Fen(in_all)), here: Amount(Fen(here)) };
    Ok(CheckoutDetail { checkout: Checkout::of(sale, fact, version), returnable })
}

fn redemption(body: &CheckoutRequest) -> Result<Redemption, Problem> {
    match (body.redeem_points, body.hold) {
        (None | Some(Points(0)), None) => Ok(Redemption::None),
        (Some(Points(points)), None) => Ok(Redemption::Points(points)),
        (None, Some(Text(hold))) => Ok(Redemption::Hold(hold)),
        (Some(_), Some(_)) => Err(Problem::field("hold", "give `redeem_points` or `hold`, not both")),
    }
}

impl Checkout {
    pub(crate) fn of(sale: SaleId, fact: SaleFact, programme_version: u32) -> Self {
        let (total, paid) = (Amount(fact.price()), Amount(fact.money()));
        let some = |amount: Option<Fen>| amount.unwrap_or_default();
        Self {
            sale: Text(sale),
            member: Text(fact.member),
            store: fact.store.0,
            till: fact.till,
            check: fact.check,
            date: Text(fact.date),
            gross: Amount(fact.gross),
            taken_off: Amount(some(fact.off)),
            total,
            discount: Amount(fact.discount),
            stored_value: StoredParts::of(some(fact.principal), some(fact.bonus)),
            paid,
            voucher: Amount(some(fact.voucher)),
            programme_version,
            awards: fact.awards.into_iter().flatten().map(|award| award.coupon).collect(),
            points_earned: fact.points_earned,
            points_redeemed: fact.points_redeemed,
            points_advanced: fact.points_advanced.unwrap_or(0),
            points_after: fact.points_after,
        }
    }
}
