use data_encoding::BASE64URL_NOPAD;
use purser_types::Digest;

use crate::problem::Problem;

/// Where the next page begins. Opaque to callers, and bound to the query that it came from:
/// a cursor of another query, or one made up, is refused rather than misunderstood.
pub(crate) struct Cursor<'q> {
    /// The query, limit excluded.
    query: &'q [&'q str],
}

const CONTEXT: &str = "purser 2026 cursor";
/// Against mistakes, not against malice: a cursor opens nothing that its query does not.
const CHECK_BYTES: usize = 6;
const TEXT_BYTES_MAX: usize = 1_024;

impl<'q> Cursor<'q> {
    /// The cursors of a query.
    pub(crate) fn of(query: &'q [&'q str]) -> Self {
        Self { query }
    }

    /// Writes a place down.
    pub(crate) fn write(&self, place: &[u8]) -> String {
        let mut bytes = place.to_vec();
        bytes.extend(self.check(place));
        BASE64URL_NOPAD.encode(&bytes)
    }

    /// Reads a place that [`Cursor::write`] wrote for the same query.
    pub(crate) fn read(&self, text: &str) -> Result<Vec<u8>, Problem> {
        let bytes = (text.len() <= TEXT_BYTES_MAX).then(|| BASE64URL_NOPAD.decode(text.as_bytes()).ok());
        let mut bytes = bytes.flatten().ok_or_else(malformed)?;
        let end = bytes.len().checked_sub(CHECK_BYTES).ok_or_else(malformed)?;
        let check = bytes.split_off(end);
        if check != self.check(&bytes) {
            return Err(malformed());
        }
        Ok(bytes)
    }

    fn check(&self, place: &[u8]) -> [u8; CHECK_BYTES] {
        let mut parts: Vec<&[u8]> = self.query.iter().map(|part| part.as_bytes()).collect();
        parts.push(place);
        let Digest(hash) = Digest::in_context(CONTEXT, &parts);
        let mut check = [0; CHECK_BYTES];
        check.copy_from_slice(&hash[..CHECK_BYTES]);
        check
    }
}

/// Takes `N` bytes off the front of a place.
pub(crate) fn take<const N: usize>(place: &mut &[u8]) -> Result<[u8; N], Problem> {
    let (head, tail) = place.split_first_chunk().ok_or_else(malformed)?;
    *place = tail;
    Ok(*head)
}

/// The problem of a cursor that is none.
pub(crate) fn malformed() -> Problem {
    let detail = "this is not a cursor of this query: begin again without one, and pass on `next` unchanged";
    Problem::new("malformed_cursor", detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_good_for_its_own_query_only() {
        let cursor = Cursor::of(&["name", "Li"]);
        let text = cursor.write(&[1, 2, 3]);
        assert_eq!(cursor.read(&text).unwrap(), [1, 2, 3]);
        assert!(Cursor::of(&["name", "Liu"]).read(&text).is_err());
        assert!(Cursor::of(&["nameLi", ""]).read(&text).is_err());
        for place in 0..text.len() {
            let mut wrong = text.clone().into_bytes();
            wrong[place] = if wrong[place] == b'A' { b'B' } else { b'A' };
            assert!(cursor.read(&String::from_utf8(wrong).unwrap()).is_err(), "{place}");
        }
        for text in ["", "AAAA", "not base64!", &"A".repeat(4_000)] {
            assert!(cursor.read(text).is_err(), "{text}");
        }
    }
}
