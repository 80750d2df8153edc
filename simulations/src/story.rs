use purser_journal::{Entry, Fact};
use purser_ledger::{Asset, Posting};
use purser_replica::{Outcome, Replica, RunLimit};
use purser_types::{Digest, ReplicaId};

use crate::account::{Account, change};

/// One telling of a journal. A replica has one, unless its database was copied, put back, or its key
/// stolen: then whoever goes on with it tells another.
#[derive(Clone, Default)]
pub(crate) struct Story {
    pub(crate) entries: Vec<(Digest, Entry)>,
    pub(crate) account: Account,
}

/// Names a story.
pub type StoryId = usize;

/// The entries of a journal after `after`, as a replica keeps them.
pub(crate) fn entries_after(replica: &Replica, author: ReplicaId, after: u64) -> Vec<(Digest, Entry)> {
    let (mut entries, mut known) = (Vec::new(), after);
    let head = replica.author(author).map_or(0, |author| author.head.seq);
    while known < head {
        let Ok(Some(run)) = replica.run_after(author, known, RunLimit { entries: 512, bytes: 1 << 20 })
        else {
            break;
        };
        for bytes in
            run.entries.iter().filter_map(|bytes| Some((Entry::hash(bytes), Entry::from_bytes(bytes).ok()?)))
        {
            if bytes.1.seq <= head {
                entries.push(bytes);
            }
        }
        known = run.seal.seq;
    }
    entries
}

pub(crate) fn postings(entry: &Entry) -> impl Iterator<Item = &Posting> {
    entry.facts.iter().flat_map(|fact| match fact {
        Fact::Postings(postings) => postings.as_slice(),
        _ => &[],
    })
}

/// How an entry changes its member's points.
pub(crate) fn points_change(entry: &Entry) -> i64 {
    postings(entry).filter(|posting| posting.lot().asset == Asset::Points).map(change).sum()
}

/// How a till was told that its member's points have changed.
pub(crate) fn points_told(outcome: &Outcome) -> Option<i64> {
    match outcome {
        Outcome::Sale(_, sale) => Some(sale.points_earned - sale.points_redeemed),
        Outcome::Return(back) => Some(back.points_restored - back.points_clawed_back),
        Outcome::Settled { captured, .. } => Some(-captured),
        _ => None,
    }
}
