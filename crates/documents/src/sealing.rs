//! The one gate through which personal values enter and leave Automerge.
//!
//! Automerge never forgets: what was written stays in the changes after it is deleted, at
//! every replica. So erasing a member will mean destroying the member's data key, and this
//! module is where values meet that key. Today there is one scheme:
//!
//! | scheme byte | rest of the value |
//! |---|---|
//! | 0 | the text itself, UTF-8, readable by anyone |
//!
//! A later scheme is AEAD under the member's key. A value whose scheme this version does
//! not know reads as [`PersonalText::Sealed`], which is not an error.
//!
//! Personal are all of [`Field`](crate::Field), tags, and plates and models of vehicles.
//! Keys of maps are never personal: a tag or a plate is filed under a hash of itself, so
//! that the same tag added by two stores is one entry. Plates are few enough to try them
//! all, so with a sealing scheme the hash takes the member's key too. Entries of both
//! hashes then stand side by side, which is why the text is read from the value alone.

use purser_types::Digest;

const OPEN: u8 = 0;

/// A personal text as far as it can be read here.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum PersonalText {
    /// Readable.
    Open(String),
    /// Sealed, cannot be opened here: by a newer version or without its key.
    Sealed,
}

impl PersonalText {
    /// The text, if it can be read here.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            PersonalText::Open(text) => Some(text),
            PersonalText::Sealed => None,
        }
    }
}

/// The bytes that stand for `text` in a document.
pub(crate) fn seal(text: &str) -> Vec<u8> {
    let mut sealed = Vec::with_capacity(1 + text.len());
    sealed.push(OPEN);
    sealed.extend_from_slice(text.as_bytes());
    sealed
}

/// What those bytes say.
pub(crate) fn open(sealed: &[u8]) -> PersonalText {
    let text = sealed.strip_prefix(&[OPEN]).and_then(|text| str::from_utf8(text).ok());
    text.map_or(PersonalText::Sealed, |text| PersonalText::Open(text.to_owned()))
}

/// What `text` is filed under as the key of a map: 16 hexadecimal digits.
pub(crate) fn map_key(text: &str) -> String {
    let mut hash = Digest::in_context("purser 2026-11 documents map key", &[text.as_bytes()]).to_string();
    hash.truncate(16);
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sealed_opens() {
        for text in ["", "李雷", "a\nb"] {
            assert_eq!(open(&seal(text)).as_str(), Some(text));
        }
    }

    #[test]
    fn an_unknown_scheme_is_sealed_and_no_error() {
        for bytes in [&b""[..], b"\x01secret", b"\x00\xff\xfe", b"plain"] {
            assert_eq!(open(bytes), PersonalText::Sealed);
        }
    }

    #[test]
    fn keys_say_nothing_and_agree() {
        assert_eq!(map_key("沪A12345"), map_key("沪A12345"));
        assert_ne!(map_key("沪A12345"), map_key("沪A12346"));
        assert!(map_key("VIP").bytes().all(|b| b.is_ascii_hexdigit()));
    }
}
