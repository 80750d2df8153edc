//! A till of a store, as the shop's POS would drive it.

use std::time::Duration;

use purser_demo::{Answer, Api, CityError, Process};
use serde_json::{Value, json};

/// A till. It gives its receipts numbers of its own.
pub struct Till {
    api: Api,
    name: String,
    receipts: u32,
}

/// A basket to be paid, to be sent as often as it takes: every time it is the same request.
#[derive(Debug, Clone)]
pub struct Basket {
    /// The till's number of the receipt.
    pub check: String,
    /// The idempotency key.
    key: String,
    body: Value,
}

impl Till {
    /// The till of this name at a running store.
    pub fn at(store: &Process, name: &str) -> Self {
        Self { api: store.api().unwrap(), name: name.to_owned(), receipts: 0 }
    }

    /// The next basket: goods for so many yuan.
    pub fn basket(&mut self, member: &str, yuan: i64) -> Basket {
        self.receipts += 1;
        let check = format!("{:05}", self.receipts);
        let gross = format!("{yuan}.00");
        let body = json!({ "member": member, "till": self.name, "check": check, "gross": gross });
        Basket { key: format!("till-{}-{check}", self.name), check, body }
    }

    /// Sells goods for so many yuan; the store has to take it.
    pub fn sell(&mut self, member: &str, yuan: i64) -> Answer {
        let basket = self.basket(member, yuan);
        let answer = basket.send(&self.api).unwrap();
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer
    }

    /// Sells goods for so many yuan; the answer may be a refusal.
    pub fn sell_or_not(&mut self, member: &str, yuan: i64) -> Answer {
        self.basket(member, yuan).send(&self.api).unwrap()
    }

    /// Sells goods for so many yuan and redeems points; the answer may be a refusal.
    pub fn redeem(&mut self, member: &str, yuan: i64, points: i64) -> Answer {
        self.basket(member, yuan).redeeming(points).send(&self.api).unwrap()
    }
}

impl Basket {
    /// The same, with points to redeem.
    pub fn redeeming(mut self, points: i64) -> Self {
        self.body["redeem_points"] = json!(points);
        self
    }

    /// Sends it to a store and waits for the answer.
    pub fn send(&self, api: &Api) -> Result<Answer, CityError> {
        api.post("/v1/checkouts", &self.key, &self.body)
    }
}

/// Asserts that a redemption was refused as it should be where the rights are elsewhere: with
/// what can be spent here, what there is in all, and why the rest cannot be had.
pub fn assert_refused_honestly(answer: &Answer, here: i64, balance: i64, wanted: i64, causes: &[&str]) {
    let body = &answer.body;
    assert_eq!(answer.status, 409, "{body}");
    assert_eq!(answer.code(), Some("insufficient_rights_here"), "{body}");
    assert_eq!(body["asset"], "points", "{body}");
    assert_eq!(body["here"], here, "{body}");
    assert_eq!(body["balance"], balance, "{body}");
    assert_eq!(body["wanted"], wanted, "{body}");
    assert!(body["cause"].as_str().is_some_and(|cause| causes.contains(&cause)), "{body}");
}

/// Asserts that one store is served about as fast as another. However busy the machine, both
/// were measured in turns; what is looked for is somebody who waits for the network.
pub fn assert_comparable(troubled: Duration, untroubled: Duration) {
    println!("median sale: troubled {troubled:?}, untroubled {untroubled:?}");
    let most = (untroubled * 5).max(Duration::from_millis(250));
    assert!(troubled <= most, "{troubled:?} where another store takes {untroubled:?}");
}
