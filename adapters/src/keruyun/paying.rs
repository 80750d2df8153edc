//! Assets pay, are given back, and what has become of either is told.

use purser_types::Fen;
use serde_json::{Value, json};

use crate::purser::{Done, PurserError, Quote, Sale};

use super::{
    Keruyun,
    reply::Refusal,
    request::{Action, AssetUsed, FenAmount, ResultQuery, Reversal, Verification},
};

impl Keruyun {
    /// A sale of just what the asset pays, under the number of the payment: whoever sends it twice, under whatever
    /// `bizId`, has paid once.
    pub(super) async fn verify(&self, asked: &Verification) -> Result<Value, Refusal> {
        let [used] = asked.member_assets_verification_list.as_slice() else {
            return Err(Refusal::because("one asset pays at a time"));
        };
        let known = self.sale(&asked.kry_payment_no.0).await?;
        if known.is_none() {
            self.check_that_it_pays(&asked.third_member_id, used).await?;
        }
        let mut body = self.basket(&asked.third_member_id, used)?;
        body["till"] = self.settings.till.as_str().into();
        body["check"] = asked.kry_payment_no.0.as_str().into();
        let key = format!("keruyun:verify:{}", asked.biz_id.0);
        let sale: Sale = self.purser.change("/checkouts", &key, &body).await?;
        Ok(json!({
            "memberId": sale.member, "kryPaymentNo": asked.kry_payment_no.0, "flowId": sale.id,
            "verifyAssetsDetailList": [{
                "assetMappingId": used.asset_mapping_id, "verifyAmount": used.verify_amount.0.0,
                "verifyCnt": used.verify_cnt,
            }],
        }))
    }

    /// What the asset paid is given back, all of it or a part, once for each number of a refund.
    pub(super) async fn reverse(&self, asked: &Reversal) -> Result<Value, Refusal> {
        let [back] = asked.assets_reverse_verification_list.as_slice() else {
            return Err(Refusal::because("one asset is given back at a time"));
        };
        let payment = &asked.kry_payment_no.0;
        let sale = self.sale_of(payment, &asked.third_member_id).await?;
        let body = json!({
            "sale": sale.id, "till": self.settings.till, "check": format!("R-{}", asked.kry_refund_payment_no.0),
            "gross": back.reverse_verify_amount.0.to_string(),
        });
        let _: Done =
            self.purser.change("/returns", &format!("keruyun:reverse:{}", asked.biz_id.0), &body).await?;
        Ok(json!({
            "memberId": sale.member, "kryPaymentNo": payment, "flowId": sale.id,
            "kryRefundPaymentNo": asked.kry_refund_payment_no.0,
        }))
    }

    /// Only looks; whatever has not come about by now is not done by asking.
    pub(super) async fn result(&self, asked: &ResultQuery) -> Result<Value, Refusal> {
        let payment = &asked.kry_payment_no.0;
        let sale = self.sale(payment).await?.filter(|sale| sale.member == asked.third_member_id);
        let (flow, amounts) = match &sale {
            Some(sale) => (Some(&sale.id), Some(paid_and_back(sale)?)),
            None => (None, None),
        };
        let amount = match asked.action {
            Action::Verify => amounts.map(|(paid, _)| paid),
            Action::ReverseVerify => amounts.map(|(_, back)| back).filter(|back| *back > 0),
        };
        let action = if asked.action == Action::Verify { "VERIFY" } else { "REVERSE_VERIFY" };
        Ok(json!({
            "memberId": asked.third_member_id, "kryPaymentNo": payment, "action": action, "flowId": flow,
            "done": amount.is_some(), "amount": amount.unwrap_or_default(),
        }))
    }

    /// Refuses what the programme would make something else of: a till that has been told that an asset pays so much
    /// takes just the rest in money.
    async fn check_that_it_pays(&self, member: &str, used: &AssetUsed) -> Result<(), Refusal> {
        let basket = self.basket(member, used)?;
        let quote: Quote = self.purser.ask("/quote", &basket).await?;
        let FenAmount(wanted) = used.verify_amount;
        if quote.paid != Fen(0).to_string() || quote.total != wanted.to_string() {
            let why = format!("it pays for {} but {}: the rest would be {}", quote.total, wanted, quote.paid);
            return Err(Refusal::because(&why));
        }
        Ok(())
    }

    fn basket(&self, member: &str, used: &AssetUsed) -> Result<Value, Refusal> {
        let amount = used.verify_amount.0.to_string();
        if used.asset_mapping_id == self.settings.points_mapping {
            Ok(json!({"member": member, "gross": amount, "redeem_points": used.verify_cnt}))
        } else if used.asset_mapping_id == self.settings.stored_value_mapping {
            Ok(json!({"member": member, "gross": amount, "stored_value": amount}))
        } else {
            Err(Refusal::because("there is no such asset"))
        }
    }

    /// What was done under a check number of this adapter's till.
    pub(super) async fn sale(&self, check: &str) -> Result<Option<Sale>, Refusal> {
        let till = self.settings.till.as_str();
        match self.purser.get("/checkouts", &[("till", till), ("check", check)]).await {
            Ok(sale) => Ok(Some(sale)),
            Err(PurserError::Refused(problem)) if problem.code == "unknown_check" => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The same, which has to be there and this member's.
    pub(super) async fn sale_of(&self, check: &str, member: &str) -> Result<Sale, Refusal> {
        let sale = self.sale(check).await?.filter(|sale| sale.member == member);
        sale.ok_or_else(|| Refusal::because("nothing was paid under this number"))
    }
}

/// What a sale came to and what of it came back, in fen.
fn paid_and_back(sale: &Sale) -> Result<(i64, i64), Refusal> {
    let fen = |text: &str| text.parse::<Fen>().map_err(|error| Refusal::because(&error.to_string()));
    let paid = fen(&sale.gross)?.0;
    let left = sale.returnable.as_ref().map_or(Ok(Fen(paid)), |it| fen(&it.in_all))?.0;
    Ok((paid, paid - left))
}
