//! What of an order was paid in money earns points, and loses them when the order is given back.

use purser_types::Fen;
use serde_json::{Value, json};

use crate::purser::{Done, Sale};

use super::{
    Keruyun,
    reply::Refusal,
    request::{Order, OrderState},
};

impl Keruyun {
    pub(super) async fn order(&self, asked: &Order) -> Result<Value, Refusal> {
        let number = &asked.kry_trans_order_no.0;
        match asked.state {
            OrderState::Finished => {
                let body = json!({
                    "member": asked.third_member_id, "till": self.settings.till, "check": number,
                    "gross": asked.paid_amount.0.to_string(),
                });
                let key = format!("keruyun:order:{number}");
                let sale: Sale = self.purser.change("/checkouts", &key, &body).await?;
                Ok(told(&sale, sale.points_earned))
            }
            OrderState::Refunded => {
                let sale = self.sale_of(number, &asked.third_member_id).await?;
                let left = sale.returnable.as_ref().map(|it| it.in_all.clone()).unwrap_or_default();
                if left != Fen(0).to_string() {
                    let check = format!("R-{number}");
                    let body =
                        json!({"sale": sale.id, "till": self.settings.till, "check": check, "gross": left});
                    let key = format!("keruyun:refund:{number}");
                    let _: Done = self.purser.change("/returns", &key, &body).await?;
                }
                Ok(told(&sale, 0))
            }
        }
    }
}

fn told(sale: &Sale, points: i64) -> Value {
    json!({"memberId": sale.member, "flowId": sale.id, "points": points})
}
