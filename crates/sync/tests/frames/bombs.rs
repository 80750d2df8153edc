//! Small frames made to grow: what they take is bounded, and they are refused early.

use std::io::{Read, Write, copy, repeat};

use purser_sync::{FRAME_BYTES_MAX, Frame, FrameFault};
use purser_types::Coded;
use zstd::stream::write::Encoder;

/// A frame with this CBOR, packed whatever comes of it.
pub fn packed(cbor: &[u8]) -> Vec<u8> {
    let mut bytes = vec![1];
    bytes.extend(zstd::bulk::compress(cbor, 1).unwrap());
    bytes
}

/// A frame that unpacks to `head` and so many zeros.
fn zeros(head: &[u8], count: u64, window_bits: u32) -> Vec<u8> {
    let mut encoder = Encoder::new(vec![1], 1).unwrap();
    encoder.set_parameter(zstd::zstd_safe::CParameter::WindowLog(window_bits)).unwrap();
    encoder.write_all(head).unwrap();
    copy(&mut repeat(0).take(count), &mut encoder).unwrap();
    encoder.finish().unwrap()
}

/// The head of a frame 2 whose one run has `count` entries, up to the entries.
fn run_of(count: u32) -> Vec<u8> {
    let mut e = minicbor::Encoder::new(Vec::new());
    let written = e.array(2).and_then(|e| e.u8(2)?.array(2)?.u8(1)?.array(1)?.array(5)?.bytes(&[1; 16]));
    written.and_then(|e| e.array(2)?.bytes(&[])?.bytes(&[0; 64])?.u8(1)?.array(count.into())).unwrap();
    e.into_writer()
}

#[test]
fn a_bomb_is_refused_before_it_goes_off() {
    let bomb = zeros(&[], 256 << 20, 19);
    assert!(bomb.len() < FRAME_BYTES_MAX / 100, "{}", bomb.len());
    let fault = Frame::from_bytes(&bomb).unwrap_err();
    assert_eq!((&fault, fault.code()), (&FrameFault::Overpacked, "frame_overpacked"));
}

#[test]
fn a_bomb_that_is_a_bomb_again_and_again() {
    // A stream of zstd is a sequence of its frames: each adds its share.
    let one = zeros(&[], 1 << 20, 19);
    let mut bomb = vec![1];
    (0..200).for_each(|_| bomb.extend(&one[1..]));
    assert_eq!(Frame::from_bytes(&bomb), Err(FrameFault::Overpacked));
}

#[test]
fn more_than_a_frame_may_have() {
    let mut noise = Vec::new();
    let mut state = 1_u64;
    while noise.len() <= FRAME_BYTES_MAX {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        // A nibble of chance a byte: it packs to about a half.
        noise.extend((0..8).map(|byte| ((state >> 32 >> (4 * byte)) & 15) as u8));
    }
    let bytes = packed(&noise);
    assert!(bytes.len() < FRAME_BYTES_MAX);
    assert_eq!(Frame::from_bytes(&bytes), Err(FrameFault::TooLong));
    assert_eq!(Frame::from_bytes(&vec![0; FRAME_BYTES_MAX + 1]), Err(FrameFault::TooLong));
}

#[test]
fn a_window_wider_than_a_frame() {
    let later = [0x82, 11, 0x80];
    assert_eq!(Frame::from_bytes(&zeros(&later, 0, 22)), Ok(Frame::Unknown { number: 11 }));
    assert_eq!(Frame::from_bytes(&zeros(&later, 0, 27)), Err(FrameFault::Damaged));
}

#[test]
fn a_run_of_a_million_entries_of_nothing() {
    let mut cbor = run_of(1_000_000);
    cbor.extend([0x40].repeat(1_000_000));
    let plain = [&[0], cbor.as_slice()].concat();
    assert!(matches!(Frame::from_bytes(&plain), Err(FrameFault::Malformed(_))));
}

#[test]
fn lengths_that_lie() {
    for count in [u32::MAX, 1 << 24] {
        assert!(Frame::from_bytes(&[&[0], run_of(count).as_slice()].concat()).is_err());
    }
    for major in 0x40..=0xff_u8 {
        let mut lie = vec![0, 0x82, 9, major | 0x1b];
        lie.extend(u64::MAX.to_be_bytes());
        let _ = Frame::from_bytes(&lie);
        for number in 1..=6 {
            let _ =
                Frame::from_bytes(&[0, 0x82, number, major | 0x1b, 255, 255, 255, 255, 255, 255, 255, 255]);
        }
    }
}

#[test]
fn deep_nesting() {
    for unit in [&[0x81][..], &[0xa1, 0], &[0xc1], &[0x9f], &[0xbf, 0]] {
        let body = unit.repeat((FRAME_BYTES_MAX - 8) / unit.len());
        let plain = [&[0, 0x82, 11], body.as_slice(), &[0]].concat();
        let read = Frame::from_bytes(&plain);
        assert_eq!(read.is_ok(), !matches!(unit[0], 0x9f | 0xbf), "{unit:02x?}");
    }
}

/// What would shrink too well to be believed is sent plain, and so arrives.
#[test]
fn an_honest_frame_that_shrinks_too_well() {
    let heads = vec![(purser_types::ReplicaId([0; 16]), 0); 10_000];
    let frame = Frame::Known { number: 1, heads, unwanted: Vec::new() };
    let bytes = frame.to_bytes();
    assert_eq!(bytes[0], 0);
    assert_eq!(Frame::from_bytes(&bytes), Ok(frame));
}
