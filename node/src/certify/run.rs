use serde_json::{Value, json};

use crate::{Failure, random};

use super::{
    expected::Expected,
    figures::count,
    report::{Report, Story},
    till::{Ask, Came, Till},
};

/// One run of the script: the till, what came of it so far, and what the member has to have.
pub(super) struct Run {
    pub(super) till: Till,
    pub(super) report: Report,
    /// The member of the script, and their card.
    pub(super) member: String,
    pub(super) card: String,
    /// The member's points by what was answered: they have to be the balance, always.
    pub(super) points: i64,
    /// What of them holds have set aside is not in `points`, but here.
    pub(super) held: i64,
    /// Makes keys and check numbers of this run differ from those of any other.
    name: String,
    numbers: u32,
}

/// The till's name in every receipt of the script.
const TILL: &str = "certify";

impl Run {
    /// # Errors
    /// If the system has no random bytes.
    pub(super) fn new(till: Till) -> Result<Self, Failure> {
        let name = format!("{:016x}", u64::from_be_bytes(random()?));
        let (member, card) = Default::default();
        Ok(Self { till, report: Report::default(), member, card, points: 0, held: 0, name, numbers: 0 })
    }

    /// Sends a request and checks the answer; the body, if it is the one expected.
    pub(super) fn check(&mut self, name: &str, ask: &Ask, expected: &Expected) -> Option<Value> {
        let came = self.till.send(ask);
        self.judge(name, ask, expected, came)
    }

    /// Checks an answer that came in another way.
    pub(super) fn judge(&mut self, name: &str, ask: &Ask, expected: &Expected, came: Came) -> Option<Value> {
        let reply = match came {
            Ok(reply) => reply,
            Err(fault) => {
                self.report.fail(name, &Story { fault: &fault, sent: ask, expected, came: &"nothing" });
                return None;
            }
        };
        if let Some(fault) = expected.fault(&reply) {
            self.report.fail(name, &Story { fault: &fault, sent: ask, expected, came: &reply });
            return None;
        }
        let route = ask.path.split('?').next().unwrap_or_default();
        let code = reply.body["code"].as_str().map(|code| format!(" {code}")).unwrap_or_default();
        self.report.pass(name, format_args!("{} {route}: {}{code}", ask.method, reply.status));
        Some(reply.body)
    }

    /// Checks that the member has just the points that the answers so far come to. If not, it goes on from what
    /// they have, so that a fault is told where it was made, and once.
    pub(super) fn check_balance(&mut self, name: &str) -> Option<Value> {
        let ask = Ask::get(format!("/members/{}/balances", self.member));
        let expected = Expected::answer(200);
        let expected = expected.with("/points/balance", self.points).with("/points/held", self.held);
        let came = self.till.send(&ask);
        if let Ok(reply) = &came {
            let points = &reply.body["points"];
            (self.points, self.held) = (count(points, "balance"), count(points, "held"));
        }
        self.judge(name, &ask, &expected, came)
    }

    /// A key or check number that was never used.
    pub(super) fn fresh(&mut self) -> String {
        self.numbers += 1;
        format!("certify-{}-{}", self.name, self.numbers)
    }

    /// A sale of goods for so much, under a fresh key and check number.
    pub(super) fn sale(&mut self, gross: &str) -> Ask {
        let (key, check) = (self.fresh(), self.fresh());
        let body = json!({"member": self.member, "till": TILL, "check": check, "gross": gross});
        Ask::post("/checkouts", &key, body)
    }

    /// Goods of a sale that come back, under a fresh key and check number.
    pub(super) fn take_back(&mut self, sale: &Value, gross: &str) -> Ask {
        let (key, check) = (self.fresh(), self.fresh());
        let body = json!({"sale": sale, "till": TILL, "check": check, "gross": gross});
        Ask::post("/returns", &key, body)
    }

    /// Points to set aside, under a fresh key.
    pub(super) fn hold(&mut self, points: i64) -> Ask {
        let key = self.fresh();
        Ask::post("/holds", &key, json!({"member": self.member, "points": points}))
    }
}
