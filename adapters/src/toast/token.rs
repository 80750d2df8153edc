use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, errors};
use serde::Deserialize;

/// Checks the JSON Web Tokens (RFC 7519) that calls carry, by the public key of who signs them.
pub struct ToastToken {
    key: DecodingKey,
    validation: Validation,
}

/// Nothing of a token matters but that it is signed and has not run out.
#[derive(Deserialize)]
struct Claims {}

impl ToastToken {
    /// By an RSA public key in PEM.
    ///
    /// # Errors
    /// If it is none.
    pub fn signed_by(public_key_pem: &[u8]) -> Result<Self, errors::Error> {
        let mut validation = Validation::new(Algorithm::RS256);
        validation.validate_aud = false;
        Ok(Self { key: DecodingKey::from_rsa_pem(public_key_pem)?, validation })
    }

    /// Whether the value of an `Authorization` header is good, with `Bearer` before the token or without.
    pub(super) fn admits(&self, authorization: &str) -> bool {
        let token = authorization.strip_prefix("Bearer ").unwrap_or(authorization).trim();
        decode::<Claims>(token, &self.key, &self.validation).is_ok()
    }
}
