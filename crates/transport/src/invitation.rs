use std::fmt;

use ed25519_dalek::SigningKey;
use minicbor::{Decode, Encode};
use purser_journal::{from_cbor, to_cbor};
use purser_types::{Coded, StoreNumber};

use crate::{name::is_name, signing};

/// Leave for one shop to join, once.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Invitation {
    /// Random; names the invitation in the journal of the hub that takes it.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub id: [u8; 16],
    /// The number that the shop will have, up to 9999.
    #[n(1)]
    pub store: StoreNumber,
    /// The shop's name, for people: one line of 1 to 64 characters.
    #[n(2)]
    pub name: String,
    /// Until when it holds, in milliseconds since 1970.
    #[n(3)]
    pub expires_ms: u64,
}

/// An [`Invitation`] with the authority's signature. Whoever has it may use it, so it is a
/// secret until then, and `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub struct SignedInvitation {
    #[cbor(n(0), with = "minicbor::bytes")]
    body: Vec<u8>,
    #[cbor(n(1), with = "minicbor::bytes")]
    signature: [u8; 64],
}

/// Why an invitation is not one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvitationFault {
    /// Not signed by the chain's authority.
    #[error("the invitation is not signed by the chain's authority")]
    Forged,
    /// Signed, but not the CBOR of an invitation.
    #[error("the invitation is malformed: it may come from a newer version of the hub")]
    Malformed,
    /// A shop's number beyond what a card number can carry.
    #[error("a shop's number is 0 to 9999")]
    StoreOutOfRange,
    /// No name, one too long, or one that does not show as it is.
    #[error("a shop's name is one line of 1 to 64 characters that show as they are")]
    BadName,
}

impl Coded for InvitationFault {
    fn code(&self) -> &'static str {
        match self {
            InvitationFault::Forged => "invitation_forged",
            InvitationFault::Malformed => "invitation_malformed",
            InvitationFault::StoreOutOfRange => "store_out_of_range",
            InvitationFault::BadName => "store_name_invalid",
        }
    }
}

const CONTEXT: &str = "purser 2026 invitation";
const STORE_MAX: u32 = 9999;

impl SignedInvitation {
    /// Issues an invitation with the authority's key.
    ///
    /// # Errors
    /// If the number or the name is out of its range.
    pub fn issue(authority: &SigningKey, invitation: &Invitation) -> Result<Self, InvitationFault> {
        if invitation.store.0 > STORE_MAX {
            return Err(InvitationFault::StoreOutOfRange);
        }
        if !is_name(&invitation.name) {
            return Err(InvitationFault::BadName);
        }
        let body = to_cbor(invitation);
        let signature = signing::sign(authority, CONTEXT, &[&body]);
        Ok(Self { body, signature })
    }

    /// The invitation, if `authority` (its public key) signed it.
    ///
    /// # Errors
    /// Why it is not to be believed.
    pub fn verify(&self, authority: &[u8; 32]) -> Result<Invitation, InvitationFault> {
        if !signing::is_signed(authority, CONTEXT, &[&self.body], &self.signature) {
            return Err(InvitationFault::Forged);
        }
        from_cbor("invitation", &self.body).map_err(|_| InvitationFault::Malformed)
    }
}

impl fmt::Debug for SignedInvitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignedInvitation(secret)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_break_lists_or_terminals_are_not_invited() {
        let key = SigningKey::from_bytes(&[1; 32]);
        let issued = |name: &str| {
            let (store, name) = (StoreNumber(12), name.to_owned());
            SignedInvitation::issue(&key, &Invitation { id: [3; 16], store, name, expires_ms: 1_000 })
        };
        assert!(issued("泉城路 Spring Road").is_ok());
        for name in ["", "two\nlines", "red \u{1b}[31m", "daoR\u{202e}gnirpS"] {
            assert_eq!(issued(name), Err(InvitationFault::BadName), "{name:?}");
        }
    }
}
