use std::{fmt, str::FromStr};

use ed25519_dalek::SigningKey;
use minicbor::{Decode, Encode};
use purser_journal::{DecodeFault, from_cbor, to_cbor};
use purser_types::{Coded, Digest, is_host_port};

use crate::{Invitation, InvitationFault, SignedInvitation};

/// What the operator carries from the hub to a new shop: where the hub is, how to know it, and
/// the leave to join. As text `purser-join-` and base32 (RFC 4648), in which case and white
/// space do not matter. The text is a secret until it is used; `Debug` shows no invitation.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[non_exhaustive]
pub struct JoinCode {
    /// Where hubs listen, `host:port`, tried in this order.
    #[n(0)]
    pub hub_addresses: Vec<String>,
    /// The public key (Ed25519) of the chain's authority.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub authority: [u8; 32],
    /// The leave to join.
    #[n(2)]
    pub invitation: SignedInvitation,
}

/// Why a text is not a join code, or none can be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JoinCodeError {
    /// Something else altogether.
    #[error("this is not a join code: one starts with {PREFIX}")]
    NotOne,
    /// More text than any join code has.
    #[error("this is too long for a join code: copy only the code")]
    TooLong,
    /// The checksum does not fit.
    #[error("the join code was not copied whole or has a typing mistake: copy it again")]
    Mistyped,
    /// Its checksum fits, its content does not.
    #[error("the join code cannot be read ({0}): it may come from a newer version of the hub")]
    Malformed(#[from] DecodeFault),
    /// It has addresses that are none.
    #[error("the join code's hub address {0:?} is not valid: 1 to 8 of the form host:port are needed")]
    BadAddress(String),
    /// Its invitation does not hold.
    #[error("the join code does not hold: {0}")]
    Invitation(#[from] InvitationFault),
}

impl Coded for JoinCodeError {
    fn code(&self) -> &'static str {
        match self {
            JoinCodeError::NotOne => "not_a_join_code",
            JoinCodeError::TooLong => "join_code_too_long",
            JoinCodeError::Mistyped => "join_code_mistyped",
            JoinCodeError::Malformed(_) => "join_code_malformed",
            JoinCodeError::BadAddress(_) => "hub_address_invalid",
            JoinCodeError::Invitation(fault) => fault.code(),
        }
    }
}

const PREFIX: &str = "purser-join-";
const TEXT_BYTES_MAX: usize = 8192;
const ADDRESSES_MAX: usize = 8;
const CHECKSUM_BYTES: usize = 4;

impl JoinCode {
    /// Makes a join code with the authority's key.
    ///
    /// # Errors
    /// If an address is none, or the invitation's number or name is out of its range.
    pub fn issue(
        authority: &SigningKey,
        hub_addresses: Vec<String>,
        invitation: &Invitation,
    ) -> Result<Self, JoinCodeError> {
        check_addresses(&hub_addresses)?;
        let invitation = SignedInvitation::issue(authority, invitation)?;
        Ok(Self { hub_addresses, authority: authority.verifying_key().to_bytes(), invitation })
    }
}

impl fmt::Display for JoinCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = to_cbor(self);
        bytes.extend_from_slice(&checksum(&bytes));
        let code = data_encoding::BASE32_NOPAD.encode(&bytes);
        write!(f, "{PREFIX}{}", code.to_ascii_lowercase())
    }
}

impl FromStr for JoinCode {
    type Err = JoinCodeError;

    /// Reads a join code and checks all that can be checked without the hub: a mistyped one is
    /// told from one whose invitation is not by the authority that it names.
    fn from_str(text: &str) -> Result<Self, JoinCodeError> {
        if text.len() > TEXT_BYTES_MAX {
            return Err(JoinCodeError::TooLong);
        }
        let text: String = text.split_whitespace().collect::<String>().to_ascii_lowercase();
        let code = text.strip_prefix(PREFIX).ok_or(JoinCodeError::NotOne)?.to_ascii_uppercase();
        let bytes =
            data_encoding::BASE32_NOPAD.decode(code.as_bytes()).map_err(|_| JoinCodeError::Mistyped)?;
        let (body, found) = bytes.split_last_chunk().ok_or(JoinCodeError::Mistyped)?;
        if checksum(body) != *found {
            return Err(JoinCodeError::Mistyped);
        }
        let join_code: JoinCode = from_cbor("join code", body)?;
        check_addresses(&join_code.hub_addresses)?;
        join_code.invitation.verify(&join_code.authority)?;
        Ok(join_code)
    }
}

/// Finds mistakes, not forgeries: those, the signature finds.
fn checksum(body: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let Digest([a, b, c, d, ..]) = Digest::in_context("purser 2026 join code checksum", &[body]);
    [a, b, c, d]
}

fn check_addresses(addresses: &[String]) -> Result<(), JoinCodeError> {
    let bad = |address: &str| JoinCodeError::BadAddress(address.chars().take(64).collect());
    if addresses.is_empty() || addresses.len() > ADDRESSES_MAX {
        return Err(bad(&addresses.join(", ")));
    }
    match addresses.iter().find(|address| !is_host_port(address)) {
        Some(address) => Err(bad(address)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use purser_types::StoreNumber;

    use super::*;

    fn join_code() -> JoinCode {
        let name = "Spring Road".to_owned();
        let invitation = Invitation { id: [3; 16], store: StoreNumber(12), name, expires_ms: 1_000 };
        let key = SigningKey::from_bytes(&[1; 32]);
        JoinCode::issue(&key, vec!["hub.example:7400".into(), "[::1]:7400".into()], &invitation).unwrap()
    }

    fn code_of(text: &str) -> &'static str {
        text.parse::<JoinCode>().unwrap_err().code()
    }

    #[test]
    fn a_code_survives_text_in_any_case_and_broken_into_lines() {
        let text = join_code().to_string();
        assert_eq!(text.parse(), Ok(join_code()));
        let (first, rest) = text.split_at(40);
        assert_eq!(format!(" {}\r\n{rest}\n", first.to_uppercase()).parse(), Ok(join_code()));
    }

    #[test]
    fn a_mistyped_code_is_told_from_a_forged_one() {
        let text = join_code().to_string();
        for place in PREFIX.len()..text.len() {
            let other = if &text[place..=place] == "a" { "b" } else { "a" };
            let mut mistyped = text.clone();
            mistyped.replace_range(place..=place, other);
            assert_eq!(code_of(&mistyped), "join_code_mistyped", "{place}");
        }
        assert_eq!(code_of(&text[..text.len() - 8]), "join_code_mistyped");
        let forged = JoinCode { authority: [9; 32], ..join_code() };
        assert_eq!(code_of(&forged.to_string()), "invitation_forged");
    }

    #[test]
    fn what_is_no_code_at_all_is_said_to_be() {
        assert_eq!(code_of("6688001201345678"), "not_a_join_code");
        assert_eq!(code_of(PREFIX), "join_code_mistyped");
        assert_eq!(code_of(&"a".repeat(1 << 20)), "join_code_too_long");
        for address in ["hub", "hub:", ":7400", "hub:0", "hub:70000", "my hub:7400"] {
            let code = JoinCode { hub_addresses: vec![address.into()], ..join_code() };
            assert_eq!(code_of(&code.to_string()), "hub_address_invalid", "{address}");
        }
    }
}
