//! The one place where personal values become what Automerge sees, and come back.
//!
//! A sealed value is a byte that names the scheme, then what the scheme makes of the value.
//! Scheme 0 is the open text. Sealing under a key of the member, so that destroying the key
//! erases the member everywhere, will be another scheme; a replica that cannot open a value
//! shows it as withheld and loses nothing.
//!
//! Personal: every [`Field`](crate::Field), tags and vehicles. Not personal: the state of cards
//! and consents, which have to be read without a key.

/// The open text.
const OPEN: u8 = 0;

/// The bytes that Automerge keeps.
pub(crate) fn seal(value: &str) -> Vec<u8> {
    let mut sealed = Vec::with_capacity(value.len() + 1);
    sealed.push(OPEN);
    sealed.extend_from_slice(value.as_bytes());
    sealed
}

/// The value, or `None` if it cannot be opened here.
pub(crate) fn open(sealed: &[u8]) -> Option<String> {
    match sealed.split_first() {
        Some((&OPEN, value)) => String::from_utf8(value.to_vec()).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back_and_unknown_schemes_are_withheld() {
        assert_eq!(open(&seal("王小明")).as_deref(), Some("王小明"));
        for foreign in [&[][..], &[1, 2, 3], &[0, 0xff]] {
            assert_eq!(open(foreign), None);
        }
    }
}
