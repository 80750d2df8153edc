use ed25519_dalek::SigningKey;
use minicbor::{Decode, Encode};
use purser_types::{BusinessDate, Scope};

use crate::{Charter, CredentialFault, codec, credential};

/// A version of a city's programme, as its head office has laid it down.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct ProgrammePaper {
    /// Chain and city.
    #[n(0)]
    pub scope: Scope,
    /// Which version, from 1: of those in force, the greatest counts.
    #[n(1)]
    pub version: u32,
    /// The first day on which it is in force.
    #[n(2)]
    pub in_force_from: BusinessDate,
    /// Its document, TOML; docs/programme.md has the language.
    #[n(3)]
    pub document: String,
}

/// A [`ProgrammePaper`] with the authority's signature: what travels.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct SignedProgramme {
    /// The CBOR of the paper.
    #[cbor(n(0), with = "minicbor::bytes")]
    body: Vec<u8>,
    #[cbor(n(1), with = "minicbor::bytes")]
    signature: [u8; 64],
}

const PROGRAMME_CONTEXT: &str = "purser 2026 programme";

impl SignedProgramme {
    /// A document is at most so long: it travels within one entry.
    pub const DOCUMENT_BYTES_MAX: usize = 128 * 1024;

    /// Signs a programme with the authority's key.
    pub fn sign(authority: &SigningKey, paper: &ProgrammePaper) -> Self {
        let body = codec::to_cbor(paper);
        let signature = credential::sign(authority, PROGRAMME_CONTEXT, &body);
        Self { body, signature }
    }

    /// What it says, unchecked.
    ///
    /// # Errors
    /// [`CredentialFault::Malformed`].
    pub fn claims(&self) -> Result<ProgrammePaper, CredentialFault> {
        codec::from_cbor("programme", &self.body).map_err(|_| CredentialFault::Malformed)
    }

    /// The programme, if the authority of `charter` signed it for the charter's city.
    ///
    /// # Errors
    /// Why it is not to be believed.
    pub fn verify(&self, charter: &Charter) -> Result<ProgrammePaper, CredentialFault> {
        credential::verify(&charter.authority, PROGRAMME_CONTEXT, &self.body, &self.signature)?;
        let paper = self.claims()?;
        if paper.version == 0 || paper.document.len() > Self::DOCUMENT_BYTES_MAX {
            return Err(CredentialFault::Malformed);
        }
        if paper.scope == charter.scope { Ok(paper) } else { Err(CredentialFault::ForeignScope) }
    }
}
