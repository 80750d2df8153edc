//! Offers are redeemed: their points are set aside for the check, and spent when it is closed.

use serde_json::{Value, json};

use crate::{
    notes::{Act, Kind},
    purser::{Hold, PurserError},
};

use super::{
    Toast,
    reply::{CheckResponse, Refusal, Reply, Status},
    request::CheckInformation,
};

/// As long as Purser sets points aside at most: a check is closed on its day.
const HELD_SECONDS: u32 = 86_400;

impl Toast {
    /// `LOYALTY_REDEEM`
    pub(super) async fn redeem(&self, id: &str, asked: &CheckInformation) -> Result<Reply, Refusal> {
        let member = self.member(&asked.loyalty_identifier).await?.member;
        let act = match self.notes.act(id) {
            // It comes once more, for its answer got lost.
            Some(act) if act.member != member => return Err(another_member()),
            Some(act) => act,
            None => {
                let points = match self.priced(&member, asked).await? {
                    Ok(points) => points,
                    Err(why) => return Ok(rejected(asked, &why)),
                };
                if points == 0 {
                    return Ok(Reply::accept());
                }
                let check = asked.check.guid.clone();
                let round = self.notes.check(&check).round;
                let act = Act { member, check, round, kind: Kind::Redeem { points } };
                match self.notes.begin(id, &act)? {
                    Some(act) => act,
                    None => return Ok(rejected(asked, "points are redeemed on this check already")),
                }
            }
        };
        match self.hold(id, &act).await {
            Ok(_) => {
                let redemptions = asked.redemptions.clone();
                Ok(Reply::of_check(CheckResponse { redemptions, ..CheckResponse::default() }))
            }
            Err(PurserError::Refused(problem)) => {
                self.notes.refuse(id)?;
                Ok(rejected(asked, &problem.detail))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The points that a transaction has set aside: asked for again they are told again.
    pub(super) async fn hold(&self, id: &str, act: &Act) -> Result<String, PurserError> {
        let Kind::Redeem { points } = act.kind else {
            return Err(PurserError::Unanswered("a note of another kind".to_owned()));
        };
        let body: Value = json!({"member": act.member, "points": points, "lasts_seconds": HELD_SECONDS});
        let hold: Hold = self.purser.change("/holds", &format!("toast:redeem:{id}"), &body).await?;
        Ok(hold.hold)
    }
}

fn rejected(asked: &CheckInformation, why: &str) -> Reply {
    Reply::of_check(CheckResponse::rejecting(&asked.redemptions, why))
}

pub(super) fn another_member() -> Refusal {
    Refusal::because(Status::ErrorAccountInvalid, "the transaction is another member's")
}
