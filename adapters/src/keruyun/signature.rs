use std::time::{SystemTime, UNIX_EPOCH};

use data_encoding::HEXLOWER;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::reply::Refusal;

/// The parameters that every call has in its query.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Public {
    app_key: String,
    brand_id: Option<String>,
    shop_identy: Option<String>,
    timestamp: String,
    version: String,
    sign: String,
}

/// A call that is older, or of the future by more, is not taken.
const APART_MAX_S: u64 = 300;
/// From here on a timestamp is in milliseconds: documents say seconds, and their examples do not.
const FIRST_IN_MS: u64 = 100_000_000_000;

impl Public {
    /// Whether the call comes from Keruyun, just now.
    pub(super) fn check(&self, app_key: &str, token: &str, body: &str) -> Result<(), Refusal> {
        let now_s = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        if self.app_key != app_key || !self.is_signed(token, body) {
            return Err(Refusal::because("the signature is not good"));
        }
        match self.timestamp.parse::<u64>() {
            Ok(told) => {
                let told_s = if told >= FIRST_IN_MS { told / 1_000 } else { told };
                if told_s.abs_diff(now_s) <= APART_MAX_S {
                    Ok(())
                } else {
                    Err(Refusal::because("the timestamp is too old, or a clock is wrong"))
                }
            }
            Err(_) => Err(Refusal::because("the timestamp is no number")),
        }
    }

    /// SHA-256 over names and values in the order of their names, then `body` and the body, then the token.
    fn is_signed(&self, token: &str, body: &str) -> bool {
        let named = [
            ("appKey", Some(&self.app_key)),
            ("brandId", self.brand_id.as_ref()),
            ("shopIdenty", self.shop_identy.as_ref()),
            ("timestamp", Some(&self.timestamp)),
            ("version", Some(&self.version)),
        ];
        let named = named.into_iter().filter_map(|(name, value)| Some(format!("{name}{}", value?)));
        let body = if body.is_empty() { String::new() } else { format!("body{body}") };
        let text: String = named.chain([body, token.to_owned()]).collect();
        let wanted = HEXLOWER.encode(&Sha256::digest(text.as_bytes()));
        wanted.as_bytes().ct_eq(self.sign.to_ascii_lowercase().as_bytes()).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn public() -> Public {
        Public {
            app_key: "7857ca1808d370e2501290bc853eecdc".into(),
            brand_id: Some("32296".into()),
            shop_identy: None,
            timestamp: "1528683797798".into(),
            version: "2.0".into(),
            sign: String::new(),
        }
    }

    #[test]
    fn the_signature_is_over_everything() {
        const TOKEN: &str = "66e53b22f1496d183e71b4ab90f4acf7";
        let text = "appKey7857ca1808d370e2501290bc853eecdcbrandId32296timestamp1528683797798version2.0body{\"aaa\":1}";
        let sign = HEXLOWER.encode(&Sha256::digest(format!("{text}{TOKEN}")));
        let signed = Public { sign, ..public() };
        assert!(signed.is_signed(TOKEN, "{\"aaa\":1}"));
        assert!(!signed.is_signed(TOKEN, "{\"aaa\":2}") && !signed.is_signed("other", "{\"aaa\":1}"));
        assert!(!Public { version: "1.0".into(), ..signed }.is_signed(TOKEN, "{\"aaa\":1}"));
    }

    #[test]
    fn an_old_call_is_not_taken_again() {
        let token = "t";
        let mut old = public();
        old.sign = HEXLOWER.encode(&Sha256::digest(
            "appKey7857ca1808d370e2501290bc853eecdcbrandId32296timestamp1528683797798version2.0t",
        ));
        assert!(old.is_signed(token, ""));
        assert!(old.check("7857ca1808d370e2501290bc853eecdc", token, "").is_err());
    }
}
