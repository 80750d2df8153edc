//! Credentials and charters that are not the authority's.

use ed25519_dalek::SigningKey;
use purser_journal::{
    Charter, Credential, CredentialFault, SignedCharter, SignedCredential, VerifyingKey, from_cbor, to_cbor,
};
use purser_types::{Coded, Scope};

use crate::city::{authority, charter, hub, scope, signed_charter, store};

fn impostor() -> SigningKey {
    SigningKey::from_bytes(&[99; 32])
}

#[test]
fn a_credential_by_another_authority() {
    let forged = SignedCredential::issue(&impostor(), &store().credential);
    let fault = forged.verify(&charter()).unwrap_err();
    assert_eq!((fault, fault.code()), (CredentialFault::Forged, "credential_forged"));
    // Not even by the replica itself.
    let forged = SignedCredential::issue(&store().key, &store().credential);
    assert_eq!(forged.verify(&charter()), Err(CredentialFault::Forged));
}

#[test]
fn a_credential_of_another_city() {
    let scope = Scope { city: "Ningbo".to_owned(), ..scope() };
    let foreign = SignedCredential::issue(&authority(), &Credential { scope, ..store().credential });
    let fault = foreign.verify(&charter()).unwrap_err();
    assert_eq!((fault, fault.code()), (CredentialFault::ForeignScope, "credential_foreign_scope"));
}

#[test]
fn a_credential_whose_key_is_none() {
    let is_none = |bytes: &[u8; 32]| VerifyingKey::from_bytes(bytes).is_err();
    let public_key = (0..=u8::MAX).map(|byte| [byte; 32]).find(is_none).expect("half of all are none");
    let credential = Credential { public_key, ..store().credential };
    assert_eq!(credential.key(), Err(CredentialFault::BadKey));
    let signed = SignedCredential::issue(&authority(), &credential);
    let fault = signed.verify(&charter()).unwrap_err();
    assert_eq!((fault, fault.code()), (CredentialFault::BadKey, "credential_bad_key"));
    let charter = Charter { authority: public_key, ..charter() };
    assert_eq!(store().signed().verify(&charter), Err(CredentialFault::BadKey));
}

#[test]
fn a_body_under_anothers_signature() {
    let spliced = splice(&to_cbor(&store().signed()), &to_cbor(&hub().signed()));
    let spliced: SignedCredential = from_cbor("credential", &spliced).unwrap();
    assert_eq!(spliced.verify(&charter()), Err(CredentialFault::Forged));
}

/// The first's body with the second's signature, which is the last 64 bytes.
fn splice(body: &[u8], signature: &[u8]) -> Vec<u8> {
    let mut spliced = body[..body.len() - 64].to_vec();
    spliced.extend(&signature[signature.len() - 64..]);
    spliced
}

/// Charter and credential are signed in different contexts, so neither passes for the other.
#[test]
fn one_paper_is_not_another() {
    let as_credential: SignedCredential = from_cbor("credential", &to_cbor(&signed_charter())).unwrap();
    assert_eq!(as_credential.verify(&charter()), Err(CredentialFault::Forged));
    let as_charter: SignedCharter = from_cbor("charter", &to_cbor(&store().signed())).unwrap();
    assert_eq!(as_charter.verify(&authority().verifying_key().to_bytes()), Err(CredentialFault::Forged));
}

#[test]
fn a_charter_by_another_authority() {
    let known = authority().verifying_key().to_bytes();
    assert_eq!(signed_charter().verify(&known), Ok(charter()));
    assert_eq!(signed_charter().verify(&impostor().verifying_key().to_bytes()), Err(CredentialFault::Forged));
    // Signed by one, naming another.
    let founded = SignedCharter::found(&impostor(), &charter());
    assert_eq!(founded.verify(&known), Err(CredentialFault::Forged));
    assert_eq!(founded.verify(&impostor().verifying_key().to_bytes()), Err(CredentialFault::Forged));
}

/// Signed by the authority, and still not a credential of this version.
#[test]
fn a_signed_body_of_something_else() {
    let by_hand = SignedByHand::of(b"not CBOR of a credential");
    let signed: SignedCredential = from_cbor("credential", &by_hand.0).unwrap();
    let fault = signed.verify(&charter()).unwrap_err();
    assert_eq!((fault, fault.code()), (CredentialFault::Malformed, "credential_malformed"));
}

/// A signed paper made by hand: any body, in the context of credentials.
struct SignedByHand(Vec<u8>);

impl SignedByHand {
    fn of(body: &[u8]) -> Self {
        use ed25519_dalek::Signer;
        let message = purser_types::Digest::in_context("purser 2026 credential", &[body]);
        let signature = authority().sign(&message.0).to_bytes();
        let mut e = minicbor::Encoder::new(Vec::new());
        e.array(2).and_then(|e| e.bytes(body)?.bytes(&signature)).unwrap();
        Self(e.into_writer())
    }
}
