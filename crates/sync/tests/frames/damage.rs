//! Damaged and random bytes are refused or read as some frame; none panics.

use proptest::{collection::vec, prelude::*, sample::Index};
use purser_sync::Frame;

use crate::arbitrary::frame;

/// The frame read, if it is one, is sent and read as the same.
fn check(bytes: &[u8]) -> Result<(), TestCaseError> {
    if let Ok(frame) = Frame::from_bytes(bytes) {
        prop_assert_eq!(Frame::from_bytes(&frame.to_bytes()), Ok(frame));
    }
    Ok(())
}

proptest! {
    #[test]
    fn damaged_frames_never_panic(
        frame in frame(),
        changes in vec((any::<Index>(), any::<u8>()), 1..6),
        cut in any::<Option<(Index, Index)>>(),
        insert in any::<Option<(Index, Vec<u8>)>>(),
    ) {
        let mut bytes = frame.to_bytes();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some((from, to)) = cut {
            let (from, to) = (from.index(bytes.len()), to.index(bytes.len()));
            bytes.drain(from.min(to)..from.max(to));
        }
        if let Some((at, more)) = insert {
            let at = at.index(bytes.len());
            bytes.splice(at..at, more);
        }
        check(&bytes)?;
    }

    #[test]
    fn random_bytes_never_panic(mark in 0..3_u8, bytes in vec(any::<u8>(), 0..400)) {
        check(&[&[mark], bytes.as_slice()].concat())?;
    }

    /// What is inside a packed frame is read with the same care.
    #[test]
    fn packed_damage_never_panics(frame in frame(), changes in vec((any::<Index>(), any::<u8>()), 1..6)) {
        let mut cbor = purser_journal::to_cbor(&frame);
        for (at, byte) in changes {
            let at = at.index(cbor.len());
            cbor[at] = byte;
        }
        check(&crate::bombs::packed(&cbor))?;
    }
}
