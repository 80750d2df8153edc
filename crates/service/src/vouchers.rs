use axum::extract::State;
use purser_journal::SignedVoucher;
use purser_replica::{Outcome, Undertaking};
use purser_types::{MemberId, OfferId};
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

/// What a member shows at the till.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct VoucherRequest {
    /// The text of the QR code, as it was scanned: `PURSER-VOUCHER-` and what follows. White space
    /// and case do not matter.
    #[schema(min_length = 1, max_length = 5_000, example = "PURSER-VOUCHER-QNMFQQ")]
    voucher: String,
}

/// A voucher that was taken up.
#[derive(Serialize, ToSchema)]
pub(crate) struct VoucherTaken {
    /// The hub's offer that it told of.
    #[schema(value_type = String, example = "offer_1u3cd5f00000i")]
    offer: Text<OfferId>,
    /// Whose points.
    #[schema(value_type = spelling::MemberId)]
    member: Text<MemberId>,
    /// How many points can be spent here by it.
    points: i64,
}

/// Takes up the points that a member carries here in a voucher. Needs no line: the voucher is
/// checked by what is known here, and good for this store, once, until its end. When the hub's offer
/// itself has arrived before, the points are here already: that is `voucher_used` too, and the
/// till goes on with an ordinary checkout.
#[utoipa::path(
    post, path = "/vouchers", operation_id = "take_up_voucher", tag = "members",
    security(("token" = [TokenScope::Till])),
    request_body = VoucherRequest,
    responses((status = 200, description = "The points can be spent here.", body = VoucherTaken)),
)]
pub(crate) async fn take_up(
    State(api): State<Api>,
    Change { body, request }: Change<VoucherRequest>,
) -> Result<Answer<VoucherTaken>, Problem> {
    let signed: SignedVoucher = body.voucher.parse().map_err(|fault| Problem::of(&fault))?;
    let voucher = signed.claims().map_err(|fault| Problem::of(&fault))?;
    let reply = api.carry_out(request, Undertaking::TakeUp { voucher: Box::new(signed) }).await?;
    let Outcome::Reclaimed { points, .. } = reply.outcome else { return Err(unexpected(&reply)) };
    let member = voucher.member().ok_or_else(Problem::internal)?;
    let taken = VoucherTaken { offer: Text(voucher.offer), member: Text(member), points };
    Ok(Answer::done(reply.repeated, taken))
}
