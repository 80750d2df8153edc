use serde_json::{Value, json};

use crate::{Answer, Api, CityError};

/// A purchase at a till, to be sent as often as it takes: every time it is the same request.
#[derive(Clone)]
pub(crate) struct Purchase {
    api: Api,
    key: String,
    body: Value,
}

impl Purchase {
    /// Goods for so many yuan, under the till's next number.
    pub(crate) fn of(api: Api, member: &str, number: u32, yuan: i64) -> Self {
        let key = format!("D{number:04}");
        let body = json!({ "member": member, "till": "1", "check": key, "gross": format!("{yuan}.00") });
        Self { api, key, body }
    }

    /// The same, with points to redeem.
    pub(crate) fn redeeming(mut self, points: i64) -> Self {
        self.body["redeem_points"] = json!(points);
        self
    }

    /// Sends it and waits for the answer.
    pub(crate) fn send(&self) -> Result<Answer, CityError> {
        self.api.post("/v1/checkouts", &self.key, &self.body)
    }
}
