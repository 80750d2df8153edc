//! Bytes of a peer: a frame that is read is sent and read as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use purser_sync::Frame;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(frame) = Frame::from_bytes(bytes) {
        assert_eq!(Frame::from_bytes(&frame.to_bytes()), Ok(frame));
    }
});
