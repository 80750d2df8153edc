use std::time::SystemTime;

use data_encoding::HEXLOWER;
use purser_adapters::{Keruyun, KeruyunSettings, Purser};
use reqwest::Client;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{line::Line, line::served, shop::Shop};

/// A till in Keruyun's shape, with the adapter that it calls.
pub struct KeruyunTill {
    pub line: Line,
    base: String,
    /// What calls are signed with.
    pub token: String,
    /// How many seconds ago calls are signed.
    pub age_s: u64,
    client: Client,
}

const APP_KEY: &str = "7857ca1808d370e2501290bc853eecdc";
const TOKEN: &str = "66e53b22f1496d183e71b4ab90f4acf7";
pub const SHOP: &str = "880027519";

impl KeruyunTill {
    pub async fn at(shop: &Shop) -> Self {
        let line = Line::to(&shop.base).await;
        let settings = KeruyunSettings {
            app_key: APP_KEY.to_owned(),
            signing_token: TOKEN.to_owned(),
            shop: SHOP.to_owned(),
            till: "keruyun".to_owned(),
            points_mapping: "am-points".to_owned(),
            stored_value_mapping: "am-stored".to_owned(),
        };
        let purser = Purser::at(&line.base, &shop.token).unwrap();
        let base = served(Keruyun::new(purser, settings).router()).await;
        let client = Client::builder().no_proxy().build().unwrap();
        Self { line, base, token: TOKEN.to_owned(), age_s: 0, client }
    }

    /// Makes a call: the code, and the data or the message.
    pub async fn call(&self, endpoint: &str, mut body: Value) -> (i64, Value) {
        if body["kryShopId"].is_null() {
            body["kryShopId"] = json!(SHOP);
        }
        let body = body.to_string();
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        let timestamp = since.as_secs() - self.age_s;
        let signed =
            format!("appKey{APP_KEY}brandId32296timestamp{timestamp}version2.0body{body}{}", self.token);
        let sign = HEXLOWER.encode(&Sha256::digest(signed.as_bytes()));
        let query = format!("appKey={APP_KEY}&brandId=32296&timestamp={timestamp}&version=2.0&sign={sign}");
        let request = self.client.post(format!("{}/keruyun/{endpoint}?{query}", self.base)).body(body);
        let answer = request.header("Content-Type", "application/json").send().await.unwrap();
        assert_eq!(answer.status(), 200);
        let answer: Value = answer.json().await.unwrap();
        let code = answer["code"].as_i64().unwrap();
        let told = if code == 0 { &answer["result"]["data"] } else { &answer["message"] };
        (code, told.clone())
    }

    /// A call that goes well.
    pub async fn done(&self, endpoint: &str, body: Value) -> Value {
        let (code, told) = self.call(endpoint, body).await;
        assert_eq!(code, 0, "{told}");
        told
    }

    /// What has become of a payment: whether it was done, and for how many fen.
    pub async fn result(&self, member: &str, payment: &str, action: &str) -> (bool, i64) {
        let body = json!({"kryPaymentNo": payment, "thirdMemberId": member, "action": action});
        let told = self.done("result", body).await;
        (told["done"].as_bool().unwrap(), told["amount"].as_i64().unwrap())
    }
}

/// An asset that pays.
pub fn verification(member: &str, biz: &str, payment: &str, asset: (&str, i64, i64)) -> Value {
    let (mapping, fen, count) = asset;
    let used = json!({"assetMappingId": mapping, "assetId": member, "verifyAmount": fen, "verifyCnt": count});
    json!({
        "bizId": biz, "kryPaymentNo": payment, "thirdMemberId": member, "memberAssetsVerificationList": [used],
    })
}

/// What an asset paid, given back.
pub fn reversal(member: &str, biz: &str, payment: &str, refund: &str, fen: i64) -> Value {
    let back = json!({"assetId": member, "reverseVerifyAmount": fen});
    json!({
        "bizId": biz, "kryPaymentNo": payment, "kryRefundPaymentNo": refund, "thirdMemberId": member,
        "assetsReverseVerificationList": [back],
    })
}
