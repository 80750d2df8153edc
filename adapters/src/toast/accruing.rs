//! A check is closed: the points set aside for it are spent, and what is left to pay earns points.

use serde_json::json;

use crate::{
    notes::{Act, Kind},
    purser::Sale,
};

use super::{
    Toast,
    finding::gross,
    redeeming::another_member,
    reply::{CheckResponse, Refusal, Reply},
    request::CheckInformation,
};

impl Toast {
    /// `LOYALTY_ACCRUE`. What failed comes again under another id, so what makes it happen once is the check's number.
    pub(super) async fn accrue(&self, id: &str, asked: &CheckInformation) -> Result<Reply, Refusal> {
        let member = self.member(&asked.loyalty_identifier).await?.member;
        let guid = asked.check.guid.clone();
        let state = self.notes.check(&guid);
        let act = Act { member: member.clone(), check: guid, round: state.round, kind: Kind::Accrue };
        let act = self.notes.begin(id, &act)?.unwrap_or(act);
        if act.member != member || act.check != asked.check.guid || act.kind != Kind::Accrue {
            return Err(another_member());
        }
        let (till, number) = (self.settings.till.as_str(), check_number(&act.check, act.round));
        if act.round < state.round {
            // It was taken back since, and is only told once more.
            let sale: Sale = self.purser.get("/checkouts", &[("till", till), ("check", &number)]).await?;
            return Ok(told(&sale));
        }
        let gross = gross(asked).to_string();
        let mut body = json!({"member": act.member, "till": till, "check": number, "gross": gross});
        if let Some((redemption, act)) =
            state.redeemed_by.and_then(|id| Some((id.clone(), self.notes.act(&id)?)))
        {
            body["hold"] = self.hold(&redemption, &act).await?.into();
        }
        let sale: Sale = self.purser.change("/checkouts", &format!("toast:accrue:{id}"), &body).await?;
        Ok(told(&sale))
    }
}

/// A check that was taken back whole and is closed once more gets a number of its own.
pub(super) fn check_number(guid: &str, round: u32) -> String {
    if round == 0 { guid.to_owned() } else { format!("{guid}~{round}") }
}

/// For the receipt.
fn told(sale: &Sale) -> Reply {
    let Sale { points_earned, points_redeemed, points_after, awards, .. } = sale;
    let redeemed =
        if *points_redeemed > 0 { format!(" and redeemed {points_redeemed}") } else { String::new() };
    let awards =
        if awards.is_empty() { String::new() } else { format!(" For next time: {}.", awards.join(", ")) };
    let text =
        format!("You have earned {points_earned} points{redeemed}; you have {points_after} now.{awards}");
    Reply::of_check(CheckResponse::default().saying(&text))
}
