//! A redemption or an accrual is undone, as often as it is asked for, once.

use serde_json::json;

use crate::{
    notes::{Act, Kind},
    purser::{Done, PurserError, Sale},
};

use super::{
    Toast,
    accruing::check_number,
    redeeming::another_member,
    reply::{Refusal, Reply, Status},
    request::ReverseInformation,
};

impl Toast {
    /// `LOYALTY_REVERSE`. It goes by the transaction that is undone, so whether it comes again under its own id or
    /// another one makes no difference.
    pub(super) async fn reverse(&self, asked: &ReverseInformation) -> Result<Reply, Refusal> {
        let id = &asked.transaction_id;
        let act = self.notes.act(id).ok_or_else(unknown)?;
        if self.member(&asked.loyalty_identifier).await?.member != act.member {
            return Err(another_member());
        }
        match act.kind {
            Kind::Redeem { points } => {
                let all: i64 = asked.redemptions.iter().filter_map(|it| points_of(&it.identifier)).sum();
                if !asked.redemptions.is_empty() && all != points {
                    return Err(irreversible("all offers of the transaction are reversed together"));
                }
                self.free(id, &act).await
            }
            Kind::Accrue => self.take_back(id, &act).await,
        }
    }

    async fn free(&self, id: &str, act: &Act) -> Result<Reply, Refusal> {
        let hold = self.hold(id, act).await?;
        let key = format!("toast:reverse:{id}");
        let freed: Result<Done, PurserError> =
            self.purser.change(&format!("/holds/{hold}/release"), &key, &json!({})).await;
        match freed {
            Ok(Done {}) => {}
            // Its time is up: they are free.
            Err(error) if error.code() == "hold_expired" => {}
            // They were spent on a sale; if that was taken back since, they are back with it.
            Err(error) if error.code() == "hold_settled" => {
                return if self.notes.check(&act.check).round > act.round {
                    Ok(Reply::accept())
                } else {
                    Err(irreversible("the check is closed: reverse its accrual"))
                };
            }
            Err(error) => return Err(error.into()),
        }
        self.notes.release(id)?;
        Ok(Reply::accept())
    }

    async fn take_back(&self, id: &str, act: &Act) -> Result<Reply, Refusal> {
        let till = self.settings.till.as_str();
        let number = check_number(&act.check, act.round);
        let sale: Sale = match self.purser.get("/checkouts", &[("till", till), ("check", &number)]).await {
            Ok(sale) => sale,
            Err(error) if error.code() == "unknown_check" => return Err(unknown()),
            Err(error) => return Err(error.into()),
        };
        let left = sale.returnable.map(|it| it.in_all).unwrap_or_default();
        if left != NOTHING {
            let body = json!({"sale": sale.id, "till": till, "check": format!("R~{number}"), "gross": left});
            let _: Done = self.purser.change("/returns", &format!("toast:reverse:{id}"), &body).await?;
        }
        self.notes.reopen(&act.check, act.round)?;
        Ok(Reply::accept())
    }
}

const NOTHING: &str = "0.00";

fn points_of(identifier: &str) -> Option<i64> {
    identifier.strip_prefix("points-")?.parse().ok()
}

fn unknown() -> Refusal {
    Refusal::because(Status::ErrorTransactionDoesNotExist, "no such transaction was carried out")
}

fn irreversible(why: &str) -> Refusal {
    Refusal::because(Status::ErrorTransactionCannotBeReversed, why)
}
