//! What `golden/hub.hex` says: every fact that only a hub writes.

use purser_journal::{Entry, Fact, Request, RequestId};
use purser_ledger::{Lot, Posting};
use purser_types::{EntryId, Hlc, OfferId};

use crate::{
    city::{hub, replica, store},
    golden::chained,
};

/// The places at which the hub sealed.
pub const SEALED: [u64; 2] = [2, 3];

/// The offer of an allowance that the store takes up.
pub fn offer() -> OfferId {
    OfferId::created_by(EntryId { replica: hub().replica, seq: 2 })
}

/// The hub's journal.
pub fn entries() -> Vec<Entry> {
    let lot = Lot::allowance();
    let request = Request { id: RequestId::of(b"allowance 2026"), body: RequestId::of(b"4000 to store 12") };
    chained(
        hub().replica,
        [
            (
                Hlc { wall_ms: 1_790_000_000_000, counter: 0 },
                None,
                vec![
                    Fact::Address("hub.example:7100".to_owned()),
                    Fact::Enrolled { credential: store().signed(), invitation: [0xee; 16] },
                ],
            ),
            (
                Hlc { wall_ms: 1_790_000_000_000, counter: 1 },
                Some(request),
                vec![Fact::Postings(vec![
                    Posting::Credit { lot, amount: 10_000 },
                    Posting::Offer { offer: offer(), to: store().replica, lot, amount: 4_000 },
                ])],
            ),
            (
                Hlc { wall_ms: 1_790_000_060_000, counter: 0 },
                None,
                vec![Fact::Fenced {
                    replica: replica(0x40),
                    after_seq: 70_000,
                    reason: "stolen \u{2014} reported by the manager".to_owned(),
                    after_hash: None,
                }],
            ),
        ],
    )
}
