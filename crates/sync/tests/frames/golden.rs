//! Golden frames: reading them gives exactly these values, writing these values gives exactly
//! these bytes.

use purser_journal::{Entry, Fact, ForkProof, Head, Story, to_cbor};
use purser_ledger::Asset;
use purser_sync::{Ask, Declined, Detail, Frame, Hello, JournalHead, RunFrame};
use purser_types::{Hlc, MemberId};

use crate::{
    bombs::packed,
    city::{charter, hub, replica, scope, store},
    golden_file::GoldenFile,
};

fn hello() -> Frame {
    let head = |first: u8, seq| JournalHead { author: replica(first), seq, hash: store().genesis().hash };
    Frame::Hello(Hello {
        protocol: 1,
        scope: scope(),
        credential: store().signed(),
        heads: vec![head(0x20, 0), head(0x10, 70_000)],
        wall_ms: 1_790_000_000_123,
    })
}

fn runs(introduced: bool) -> Frame {
    let entry = Entry {
        replica: hub().replica,
        seq: 1,
        previous: hub().genesis().hash,
        hlc: Hlc { wall_ms: 1_790_000_000_000, counter: 0 },
        programme_version: 1,
        request: None,
        facts: vec![Fact::Address("hub.example:7100".to_owned())],
    };
    let bytes = entry.to_bytes();
    let seal = hub().seal(Head { seq: 1, hash: Entry::hash(&bytes) });
    let author = hub().replica;
    let credential = introduced.then(|| hub().signed());
    let run = RunFrame { author, credential, first_seq: 1, entries: vec![bytes.into()], seal };
    Frame::Runs { number: 3, runs: vec![run] }
}

fn known() -> Frame {
    let heads = vec![(replica(0x10), 1), (replica(0x20), u64::MAX)];
    Frame::Known { number: 3, heads, unwanted: vec![replica(0x40)] }
}

fn ask(asset: Asset, pass_on: bool) -> Frame {
    let member = MemberId::from_i64(0x1011_1213_0000_0002).unwrap();
    Frame::Ask(Ask { request: [0xaa; 16], asker: store().replica, member, asset, amount: 250, pass_on })
}

fn declined(reason: Declined) -> Frame {
    Frame::Declined { request: [0xaa; 16], reason }
}

fn frames() -> Vec<(&'static str, Frame)> {
    vec![
        ("hello", hello()),
        ("runs", runs(true)),
        ("runs to one who knows the author", runs(false)),
        ("no runs", Frame::Runs { number: 0, runs: Vec::new() }),
        ("known", known()),
        ("ask", ask(Asset::Points, true)),
        ("ask for coupons", ask(Asset::Coupon(9), false)),
        ("lent", Frame::Lent { request: [0xaa; 16], amount: 250 }),
        ("declined 0", declined(Declined::HoldersUnreachable)),
        ("declined 1", declined(Declined::NoRightsHere)),
        ("declined 2", declined(Declined::Busy)),
        ("declined 3", declined(Declined::OnTheWay)),
        ("unknown", Frame::Unknown { number: 4_000_000_000 }),
    ]
}

/// The frames as their CBOR after a plain mark: how tightly zstd packs is no part of the format.
#[test]
fn frames_as_they_travel() {
    let plain = |frame: &Frame| [&[0], to_cbor(frame).as_slice()].concat();
    let file = frames().iter().fold(GoldenFile::default(), |file, (name, it)| file.with(*name, plain(it)));
    file.check("frames.hex");
    let golden = GoldenFile::read("frames.hex");
    for (name, frame) in frames() {
        assert_eq!(Frame::from_bytes(golden.section(name)), Ok(frame), "{name}");
    }
}

/// A proof that the hub has told two stories: another first entry under one seal, and a first entry that
/// is followed by a second under the other.
fn fork() -> Frame {
    let entry = |seq, previous, address: &str| {
        let hlc = Hlc { wall_ms: 1_790_000_000_000, counter: 0 };
        let facts = vec![Fact::Address(address.to_owned())];
        Entry { replica: hub().replica, seq, previous, hlc, programme_version: 1, request: None, facts }
    };
    let genesis = hub().genesis().hash;
    let first = Entry::hash(&entry(1, genesis, "hub.example:7100").to_bytes());
    let second = entry(2, first, "hub.example:7101").to_bytes();
    let other = Entry::hash(&entry(1, genesis, "192.0.2.1:7100").to_bytes());
    let seal = |seq, hash| hub().seal(Head { seq, hash });
    let one = Story { hash: first, seal: seal(2, Entry::hash(&second)), entries: vec![second.into()] };
    let other = Story { hash: other, seal: seal(1, other), entries: Vec::new() };
    Frame::Fork(Box::new(ForkProof { credential: hub().signed(), seq: 1, one, other }))
}

/// A hub asks for details of a store's sales, and gets one of them.
#[test]
fn details_of_sales() {
    let author = store().replica;
    let wanted = Frame::Wanted { author, seqs: vec![2, 70_000] };
    let details = vec![Detail { seq: 2, bytes: b"a detail".to_vec().into() }];
    let details = Frame::Details { author, up_to: 70_000, details };
    let file = [("wanted", &wanted), ("details", &details)]
        .iter()
        .fold(GoldenFile::default(), |file, (name, frame)| {
            file.with(*name, [&[0], to_cbor(*frame).as_slice()].concat())
        });
    file.check("details.hex");
    for (name, frame) in [("wanted", wanted), ("details", details)] {
        let golden = GoldenFile::read("details.hex");
        assert_eq!(Frame::from_bytes(golden.section(name)), Ok(frame), "{name}");
    }
}

#[test]
fn a_proof_of_a_fork() {
    let plain = [&[0], to_cbor(&fork()).as_slice()].concat();
    GoldenFile::default().with("fork", plain).check("fork.hex");
    let read = Frame::from_bytes(GoldenFile::read("fork.hex").section("fork"));
    assert_eq!(read, Ok(fork()));
    let Ok(Frame::Fork(proof)) = read else { unreachable!("it is a proof") };
    assert_eq!(proof.author(&charter()), Some(hub().replica));
    let innocent = ForkProof { other: proof.one.clone(), ..*proof };
    assert_eq!(innocent.author(&charter()), None);
}

/// Bytes that zstd once made, and that every later version must unpack.
#[test]
fn packed_frames() {
    let Frame::Hello(hello) = hello() else { unreachable!("it is a hello") };
    let heads = (0..20).map(|first| JournalHead { author: replica(first), ..hello.heads[0] }).collect();
    let frame = Frame::Hello(Hello { heads, ..hello });
    if !GoldenFile::exists("packed.hex") {
        GoldenFile::default().with("hello", packed(&to_cbor(&frame))).check("packed.hex");
    }
    assert_eq!(Frame::from_bytes(GoldenFile::read("packed.hex").section("hello")), Ok(frame.clone()));
    let bytes = frame.to_bytes();
    assert_eq!((bytes[0], Frame::from_bytes(&bytes)), (1, Ok(frame)));
}
