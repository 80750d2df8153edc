use minicbor::{Decode, Decoder, Encode, bytes::ByteVec, decode};
use purser_types::Coded;

use crate::ENTRY_BYTES_MIN;

/// Bytes that are not the CBOR of what was expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("malformed {what}: {reason}")]
pub struct DecodeFault {
    /// What was expected.
    pub what: &'static str,
    /// What the decoder found wrong.
    pub reason: String,
}

impl Coded for DecodeFault {
    fn code(&self) -> &'static str {
        "malformed_bytes"
    }
}

/// The CBOR (RFC 8949) of a value.
pub fn to_cbor<T: Encode<()>>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(256);
    match minicbor::encode(value, &mut bytes) {
        Ok(()) => bytes,
        Err(error) => unreachable!("writing to memory does not fail: {error}"),
    }
}

/// Reads a value that fills `bytes` exactly.
///
/// # Errors
/// If the bytes are something else, cut short, or followed by more.
pub fn from_cbor<'b, T: Decode<'b, ()>>(what: &'static str, bytes: &'b [u8]) -> Result<T, DecodeFault> {
    let fault = |reason: String| DecodeFault { what, reason };
    let mut decoder = Decoder::new(bytes);
    let value = decoder.decode().map_err(|error| fault(error.to_string()))?;
    if decoder.position() != bytes.len() {
        return Err(fault(format!("{} bytes follow its end", bytes.len() - decoder.position())));
    }
    Ok(value)
}

/// Reads entries as they travel, byte for byte: none so short that a message full of them would fill memory.
///
/// # Errors
/// If they are no array of byte strings, or one is too short to be an entry.
pub fn decode_entries<C>(d: &mut Decoder<'_>, ctx: &mut C) -> Result<Vec<ByteVec>, decode::Error> {
    let mut entries = Vec::new();
    for entry in d.array_iter_with(ctx)? {
        let entry: ByteVec = entry?;
        if entry.len() < ENTRY_BYTES_MIN {
            return Err(decode::Error::message("an entry too short to be one"));
        }
        entries.push(entry);
    }
    Ok(entries)
}
