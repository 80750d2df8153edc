use std::time::{Duration, Instant, SystemTime};

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use purser_adapters::{Notes, Purser, Toast, ToastSettings, ToastToken};
use reqwest::Client;
use serde_json::{Value, json};

use crate::{line::Line, line::served, shop::Shop};

pub const RESTAURANT: &str = "11111111-2222-3333-4444-555555555555";

/// A till in Toast's shape, with the adapter that it calls.
pub struct ToastTill {
    pub line: Line,
    url: String,
    pub token: String,
    pub restaurant: String,
    client: Client,
}

impl ToastTill {
    /// A till of this shop; one that is opened again goes on with the notes of the one before.
    pub async fn at(shop: &Shop) -> Self {
        let line = Line::to(&shop.base).await;
        let purser = Purser::at(&line.base, &shop.token).unwrap();
        let notes = Notes::open(&shop.dir.path().join("toast-notes")).unwrap();
        let settings = ToastSettings {
            restaurant: RESTAURANT.to_owned(),
            token: ToastToken::signed_by(include_bytes!("public-key.pem")).unwrap(),
            till: "toast".to_owned(),
            offers: vec![100, 200, 5_000],
        };
        let url = format!("{}/loyalty", served(Toast::new(purser, notes, settings).router()).await);
        let client = Client::builder().no_proxy().build().unwrap();
        Self { line, url, token: token(3_600), restaurant: RESTAURANT.to_owned(), client }
    }

    /// Sends a transaction: the HTTP status, and the answer, which is there in time.
    pub async fn send(&self, kind: &str, id: &str, body: &Value) -> (u16, Value) {
        let request = self.client.post(&self.url).header("Authorization", format!("Bearer {}", self.token));
        let request = request.header("Toast-Transaction-Type", kind).header("Toast-Transaction-GUID", id);
        let started = Instant::now();
        let request = request.header("Toast-Restaurant-External-ID", &self.restaurant).json(body);
        let answer = request.send().await.unwrap();
        assert!(started.elapsed() < Duration::from_secs(5), "{kind} took {:?}", started.elapsed());
        let status = answer.status().as_u16();
        let answer: Value = answer.json().await.unwrap();
        let text = answer["checkResponse"]["userMessage"].as_str().unwrap_or_default();
        assert!(text.chars().count() <= 255, "{text}");
        (status, answer)
    }

    /// A transaction that is accepted.
    pub async fn accepted(&self, kind: &str, id: &str, body: &Value) -> Value {
        let (status, answer) = self.send(kind, id, body).await;
        assert_eq!((status, &answer["transactionStatus"]), (200, &json!("ACCEPT")), "{answer}");
        answer
    }

    /// A transaction that is refused.
    pub async fn refused(&self, kind: &str, id: &str, body: &Value) -> (u16, String) {
        let (status, answer) = self.send(kind, id, body).await;
        assert!(!answer["message"].as_str().unwrap().is_empty(), "{answer}");
        (status, answer["transactionStatus"].as_str().unwrap().to_owned())
    }
}

/// A token that is good for so many seconds from now.
pub fn token(seconds: i64) -> String {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let claims = json!({"exp": i64::try_from(since.as_secs()).unwrap() + seconds});
    let key = EncodingKey::from_rsa_pem(include_bytes!("signing-key.pem")).unwrap();
    encode(&Header::new(Algorithm::RS256), &claims, &key).unwrap()
}

pub fn search(criteria: &Value) -> Value {
    json!({"toastTransactionType": "LOYALTY_SEARCH", "searchTransactionInformation": {"searchCriteria": criteria}})
}

/// What is said of a check with offers of so many points applied to it, each of which takes a yuan off a hundred.
pub fn check(member: &str, guid: &str, amount: f64, offers: &[i64]) -> Value {
    let redemption = |points: &i64| {
        json!({
            "identifier": format!("points-{points}"), "amount": points / 100, "quantity": 1,
            "appliedDiscountGuid": format!("discount-{points}"), "selectionGuid": null,
        })
    };
    let redemptions: Vec<Value> = offers.iter().map(redemption).collect();
    let check = json!({"guid": guid, "entityType": "Check", "amount": amount, "selections": []});
    json!({
        "checkTransactionInformation": {"loyaltyIdentifier": member, "check": check, "redemptions": redemptions},
        "searchTransactionInformation": null,
    })
}

pub fn reversal(member: &str, id: &str) -> Value {
    json!({"reverseTransactionInformation": {"loyaltyIdentifier": member, "transactionId": id}})
}
