use std::{fmt, str::FromStr};

use data_encoding::BASE64;
use ring::hmac;

/// What an endpoint and we know and nobody else: messages are signed with it. Told once, never logged.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

/// A text that is no secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a secret is `whsec_` and 24 to 64 bytes in base64")]
pub struct SecretMalformed;

const PREFIX: &str = "whsec_";
const BYTES: usize = 32;

impl Secret {
    /// A new one.
    ///
    /// # Errors
    /// If the system has no random bytes.
    pub(crate) fn made_up() -> Result<Self, getrandom::Error> {
        let mut secret = vec![0; BYTES];
        getrandom::fill(&mut secret)?;
        Ok(Self(secret))
    }

    /// As it is told and kept.
    pub fn text(&self) -> String {
        format!("{PREFIX}{}", BASE64.encode(&self.0))
    }

    /// The value of `webhook-signature` (Standard Webhooks, "Signature scheme": symmetric).
    pub(crate) fn signature(&self, id: &str, timestamp_s: u64, body: &[u8]) -> String {
        let mut signing = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, &self.0));
        signing.update(format!("{id}.{timestamp_s}.").as_bytes());
        signing.update(body);
        format!("v1,{}", BASE64.encode(signing.sign().as_ref()))
    }
}

impl FromStr for Secret {
    type Err = SecretMalformed;

    fn from_str(text: &str) -> Result<Self, SecretMalformed> {
        let encoded = text.strip_prefix(PREFIX).ok_or(SecretMalformed)?;
        let secret = BASE64.decode(encoded.as_bytes()).map_err(|_| SecretMalformed)?;
        if (24..=64).contains(&secret.len()) { Ok(Self(secret)) } else { Err(SecretMalformed) }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vector that the libraries of the specification are tested with.
    #[test]
    fn the_published_vector_is_signed_as_published() {
        let secret: Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".parse().unwrap();
        let signature =
            secret.signature("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn secrets_survive_text_and_are_not_shown() {
        let secret = Secret::made_up().unwrap();
        assert_eq!(secret.text().parse(), Ok(secret.clone()));
        assert_ne!(secret, Secret::made_up().unwrap());
        assert_eq!(format!("{secret:?}"), "Secret");
        let short = format!("whsec_{}", BASE64.encode(&[7; 23]));
        let long = format!("whsec_{}", BASE64.encode(&[7; 65]));
        for text in ["", "whsec_", "whsec_?", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", &short, &long] {
            assert_eq!(text.parse::<Secret>(), Err(SecretMalformed), "{text}");
        }
    }
}
