//! Bytes of a journal: an entry that is read is written as the very same bytes, or its hash would be
//! another one.
#![no_main]

use libfuzzer_sys::fuzz_target;
use purser_journal::Entry;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(entry) = Entry::from_bytes(bytes) {
        assert_eq!(entry.to_bytes(), bytes);
    }
});
