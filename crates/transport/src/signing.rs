use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use purser_types::Digest;

/// The Ed25519 signature of `parts` under a context that names their meaning.
pub(crate) fn sign(key: &SigningKey, context: &'static str, parts: &[&[u8]]) -> [u8; 64] {
    let Digest(message) = Digest::in_context(context, parts);
    key.sign(&message).to_bytes()
}

/// Whether the owner of `key` signed `parts` under this context. Strict, as everywhere: weak
/// keys and malleable signatures do not count (RFC 8032, section 5.1.7).
pub(crate) fn is_signed(
    key: &[u8; 32],
    context: &'static str,
    parts: &[&[u8]],
    signature: &[u8; 64],
) -> bool {
    let Digest(message) = Digest::in_context(context, parts);
    let signature = Signature::from_bytes(signature);
    VerifyingKey::from_bytes(key).is_ok_and(|key| key.verify_strict(&message, &signature).is_ok())
}
