//! Whatever can be sent is read as the same.

use proptest::prelude::*;
use purser_sync::Frame;

use crate::arbitrary::frame;

proptest! {
    #[test]
    fn frames(frame in frame()) {
        prop_assert_eq!(Frame::from_bytes(&frame.to_bytes()), Ok(frame));
    }

    #[test]
    fn bytes_after_the_end_are_refused(frame in frame(), byte: u8) {
        let mut bytes = frame.to_bytes();
        bytes.push(byte);
        prop_assert!(Frame::from_bytes(&bytes).is_err());
    }

    #[test]
    fn what_is_cut_short_is_refused(frame in frame(), keep in any::<prop::sample::Index>()) {
        let bytes = frame.to_bytes();
        prop_assert!(Frame::from_bytes(&bytes[..keep.index(bytes.len())]).is_err());
    }
}
