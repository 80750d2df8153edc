//! What `golden/late.hex` says: a fence that names the story that counts, and what became of entries that
//! the fenced store wrote too late.

use purser_journal::{AcceptedLate, Entry, Fact, LateSettledFact};
use purser_types::{Digest, Hlc};

use crate::{
    city::{hub, store},
    golden::chained,
    store_journal,
};

/// The hub's journal.
pub fn entries() -> Vec<Entry> {
    let hlc = |counter| Hlc { wall_ms: 1_790_000_300_000, counter };
    let late = store_journal::entries()[1].to_bytes();
    let settled = |seq, hash, accepted| {
        Fact::LateSettled(LateSettledFact {
            replica: store().replica,
            seq,
            hash,
            reason: "the till roll was found".to_owned(),
            by: "Zhao Min \u{8d75}\u{654f}".to_owned(),
            accepted,
        })
    };
    let fenced = Fact::Fenced {
        replica: store().replica,
        after_seq: 1,
        reason: "flooded".to_owned(),
        after_hash: Some(Entry::hash(&store_journal::entries()[0].to_bytes())),
    };
    let accepted = AcceptedLate { entry: late.clone(), credential: store().signed() };
    chained(
        hub().replica,
        [
            (hlc(0), None, vec![fenced]),
            (hlc(1), None, vec![settled(2, Entry::hash(&late), Some(accepted))]),
            (hlc(2), None, vec![settled(3, Digest([0x3d; 32]), None)]),
        ],
    )
}
