//! Frames of a later version are passed over, and what they add to known ones, too.

use minicbor::Encoder;
use purser_replica::{Founding, Replica, Settings};
use purser_sync::{Engine, EngineSettings, Frame, Input, LinkId, Output};
use purser_types::Now;

use crate::{
    city::{Site, charter, hub, store},
    golden_file::GoldenFile,
};

const NOW: Now = Now { wall_ms: 1_790_000_000_000, monotonic_ms: 1_000 };
const LINK: LinkId = LinkId(1);

/// A frame of an unknown number with a body of every shape.
fn later_frame() -> Vec<u8> {
    let mut e = Encoder::new(vec![0]);
    let written = e.array(2).and_then(|e| e.u8(7)?.map(2)?.str("a")?.begin_array()?.f64(1.5)?.null()?.end());
    written.and_then(|e| e.u8(1)?.array(2)?.bytes(&[1])?.bool(true)).unwrap();
    e.into_writer()
}

#[test]
fn an_unknown_number_is_read_as_such() {
    assert_eq!(Frame::from_bytes(&later_frame()), Ok(Frame::Unknown { number: 7 }));
}

#[test]
fn fields_of_a_later_version_are_passed_over() {
    let golden = GoldenFile::read("frames.hex");
    // Its body's array, `83`, one longer, and a text at the end.
    let mut known = golden.section("known").to_vec();
    let read = Frame::from_bytes(&known).unwrap();
    assert_eq!(known[..4], [0, 0x82, 3, 0x83]);
    known[3] = 0x84;
    known.extend([0x61, b'x']);
    assert_eq!(Frame::from_bytes(&known), Ok(read));
}

/// Not every enumeration can grow: what this version must understand, it refuses to guess.
#[test]
fn a_reason_of_a_later_version_is_malformed() {
    let mut declined = GoldenFile::read("frames.hex").section("declined 3").to_vec();
    assert_eq!(declined.pop(), Some(3));
    declined.push(4);
    assert!(Frame::from_bytes(&declined).is_err());
}

#[test]
fn a_link_outlives_a_frame_of_a_later_version_and_not_a_malformed_one() {
    let directory = tempfile::tempdir().unwrap();
    let Site { key, .. } = store();
    let founding = Founding { charter: charter(), credential: store().signed(), key };
    let replica = Replica::open(&directory.path().join("store.db"), founding, Settings::default()).unwrap();
    let mut engine = Engine::new(replica, EngineSettings::default());
    let frame = |bytes| Input::Frame { link: LINK, bytes };
    let closes = |outputs: &[Output]| outputs.iter().any(|output| matches!(output, Output::Close { .. }));

    let peer = hub().replica;
    let outputs = engine.handle(vec![Input::LinkUp { link: LINK, peer }, frame(later_frame())], NOW);
    assert!(!closes(&outputs), "{outputs:?}");
    let outputs = engine.handle(vec![frame(vec![0, 0x82, 1, 0x80])], NOW);
    assert!(closes(&outputs), "{outputs:?}");
}
