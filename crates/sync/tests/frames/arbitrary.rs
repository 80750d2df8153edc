//! Any frame that the format can say: for round trips.

use proptest::{collection::vec, option, prelude::*, sample::select};
use purser_journal::{ENTRY_BYTES_MIN, ForkProof, Seal, SignedCredential, Story};
use purser_ledger::Asset;
use purser_sync::{Ask, Declined, Detail, Frame, Hello, JournalHead, RunFrame};
use purser_types::{Digest, MemberId, ReplicaId, SaleId, Scope};

use crate::city::{hub, later_store, store};

fn replica() -> impl Strategy<Value = ReplicaId> {
    any::<[u8; 16]>().prop_map(ReplicaId)
}

fn credential() -> impl Strategy<Value = SignedCredential> {
    select(vec![hub().signed(), store().signed(), later_store().signed()])
}

fn head() -> impl Strategy<Value = JournalHead> {
    (replica(), any::<u64>(), any::<[u8; 32]>()).prop_map(|(author, seq, hash)| JournalHead {
        author,
        seq,
        hash: Digest(hash),
    })
}

fn hello() -> impl Strategy<Value = Frame> {
    (any::<u32>(), any::<[String; 2]>(), credential(), vec(head(), 0..30), any::<u64>()).prop_map(
        |(protocol, [chain, city], credential, heads, wall_ms)| {
            Frame::Hello(Hello { protocol, scope: Scope { chain, city }, credential, heads, wall_ms })
        },
    )
}

fn run() -> impl Strategy<Value = RunFrame> {
    let entry = vec(any::<u8>(), ENTRY_BYTES_MIN..ENTRY_BYTES_MIN + 90);
    (replica(), option::of(credential()), any::<u64>(), vec(entry, 0..12), any::<(u64, u8)>()).prop_map(
        |(author, credential, first_seq, entries, (seq, byte))| {
            let entries = entries.into_iter().map(Into::into).collect();
            RunFrame { author, credential, first_seq, entries, seal: Seal { seq, signature: [byte; 64] } }
        },
    )
}

fn story() -> impl Strategy<Value = Story> {
    (any::<[u8; 32]>(), run()).prop_map(|(hash, run)| Story {
        hash: Digest(hash),
        entries: run.entries,
        seal: run.seal,
    })
}

fn asset() -> impl Strategy<Value = Asset> {
    prop_oneof![
        select(vec![Asset::Points, Asset::WalletPrincipal, Asset::WalletBonus, Asset::Allowance]),
        any::<u32>().prop_map(Asset::Pass),
        any::<u32>().prop_map(Asset::Coupon),
        (0..=i64::MAX).prop_filter_map("a sale id", |raw| SaleId::from_i64(raw).map(Asset::Refundable)),
    ]
}

fn ask() -> impl Strategy<Value = Frame> {
    let member = (0..=i64::MAX).prop_filter_map("a member id", MemberId::from_i64);
    (any::<[u8; 16]>(), replica(), member, asset(), any::<i64>(), any::<bool>()).prop_map(
        |(request, asker, member, asset, amount, pass_on)| {
            Frame::Ask(Ask { request, asker, member, asset, amount, pass_on })
        },
    )
}

fn declined() -> impl Strategy<Value = Declined> {
    select(vec![Declined::HoldersUnreachable, Declined::NoRightsHere, Declined::Busy, Declined::OnTheWay])
}

fn detail() -> impl Strategy<Value = Detail> {
    (any::<u64>(), any::<Vec<u8>>()).prop_map(|(seq, bytes)| Detail { seq, bytes: bytes.into() })
}

pub fn frame() -> impl Strategy<Value = Frame> {
    prop_oneof![
        hello(),
        (any::<u64>(), vec(run(), 0..4)).prop_map(|(number, runs)| Frame::Runs { number, runs }),
        (any::<u64>(), vec((replica(), any::<u64>()), 0..40), vec(replica(), 0..4))
            .prop_map(|(number, heads, unwanted)| Frame::Known { number, heads, unwanted }),
        ask(),
        (any::<[u8; 16]>(), any::<i64>()).prop_map(|(request, amount)| Frame::Lent { request, amount }),
        (credential(), any::<u64>(), story(), story()).prop_map(|(credential, seq, one, other)| {
            Frame::Fork(Box::new(ForkProof { credential, seq, one, other }))
        }),
        (any::<[u8; 16]>(), declined()).prop_map(|(request, reason)| Frame::Declined { request, reason }),
        (replica(), vec(any::<u64>(), 0..9)).prop_map(|(author, seqs)| Frame::Wanted { author, seqs }),
        (replica(), any::<u64>(), vec(detail(), 0..4)).prop_map(|(author, up_to, details)| Frame::Details {
            author,
            up_to,
            details
        }),
        prop_oneof![Just(0), Just(7), 11..=u32::MAX].prop_map(|number| Frame::Unknown { number }),
    ]
}
