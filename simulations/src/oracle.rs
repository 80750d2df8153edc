use std::collections::{BTreeMap, BTreeSet, HashMap};

use purser_journal::{Entry, Fact, RequestId};
use purser_ledger::{Asset, Book, Lot, Posting};
use purser_replica::{Replica, Reply, RunLimit};
use purser_types::{Digest, EntryId, MemberId, ReplicaId, StoreNumber};

/// Something that must never be so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The checker that found it.
    pub checker: &'static str,
    /// What it found.
    pub what: String,
}

/// Watches every entry as it becomes durable, in the one order in which the world made it so,
/// which no replica knows. What it keeps is as plain as can be: a [`Book`] in memory, and sets.
#[derive(Default)]
pub struct Oracle {
    seen: HashMap<ReplicaId, u64>,
    book: Book,
    /// What everybody together owns of a lot.
    owned: HashMap<Lot, i64>,
    /// Lots of which a return took back: they may be below zero.
    clawed_back: BTreeSet<Lot>,
    requests: HashMap<(ReplicaId, RequestId), EntryId>,
    checks: HashMap<(StoreNumber, String, String), EntryId>,
    /// Sales and returns.
    deals: BTreeSet<EntryId>,
    acknowledged: BTreeMap<EntryId, Option<Digest>>,
    violations: Vec<Violation>,
}

impl Oracle {
    /// Looks at what a replica has made durable since it was looked at last.
    pub fn watch(&mut self, replica: &Replica) {
        let me = replica.id();
        let mut seen = self.seen.get(&me).copied().unwrap_or(0);
        while let Ok(Some(run)) = replica.run_after(me, seen, RunLimit { entries: 512, bytes: 1 << 20 }) {
            for bytes in &run.entries {
                match Entry::from_bytes(bytes) {
                    Ok(entry) => self.fold(replica, &entry),
                    Err(fault) => {
                        self.blame("encoding", format!("{me:?} has written what is no entry: {fault}"));
                    }
                }
            }
            seen = run.seal.seq;
        }
        self.seen.insert(me, seen);
    }

    /// A reply has left a replica: from now on its entry must be there whatever happens.
    pub fn acknowledge(&mut self, replica: &Replica, reply: &Reply) {
        let entry = reply.entry;
        let durable = self.seen.get(&entry.replica).is_some_and(|seen| *seen >= entry.seq);
        if !durable {
            self.blame("durable_before_sent", format!("{entry:?} was answered before it was durable"));
        }
        let hash = replica.hash_at(entry.replica, entry.seq).ok().flatten();
        self.acknowledged.insert(entry, hash);
    }

    /// Whether everything that was acknowledged is known at `replica`, as it was then.
    pub fn check_acknowledged(&mut self, replica: &Replica) {
        let lost = |(entry, hash): (&EntryId, &Option<Digest>)| {
            let known = replica.hash_at(entry.replica, entry.seq).ok().flatten();
            (hash.is_none() || known != *hash).then_some(*entry)
        };
        let lost: Vec<EntryId> = self.acknowledged.iter().filter_map(lost).collect();
        for entry in lost {
            self.blame("acknowledged_survives", format!("{entry:?} is not known at {:?}", replica.id()));
        }
    }

    /// Whether every till was told of everything that it has brought about, once all have asked
    /// again.
    pub fn check_told(&mut self) {
        let untold = self.deals.iter().filter(|entry| !self.acknowledged.contains_key(entry));
        let untold: Vec<EntryId> = untold.copied().collect();
        for entry in untold {
            self.blame("every_effect_told", format!("{entry:?} was never answered"));
        }
    }

    /// Whether every kind of asset is conserved over all that was ever written.
    pub fn check_conservation(&mut self) {
        if let Err(gaps) = self.book.check_conservation() {
            self.blame("conservation", format!("kinds and gaps: {gaps:?}"));
        }
    }

    /// What a member's points come to, by everything that was ever written.
    pub fn points_of(&self, member: MemberId) -> i64 {
        let points = self.owned.iter().filter(|(lot, _)| lot.member == member && lot.asset == Asset::Points);
        points.map(|(_, amount)| amount).sum()
    }

    /// Notes something that another checker found.
    pub fn blame(&mut self, checker: &'static str, what: String) {
        self.violations.push(Violation { checker, what });
    }

    /// What was found so far.
    pub fn violations(&self) -> &[Violation] {
        &self.violations
    }

    fn fold(&mut self, replica: &Replica, entry: &Entry) {
        let id = entry.id();
        if let Some(request) = entry.request
            && let Some(first) = self.requests.insert((entry.replica, request.id), id)
        {
            self.blame("one_effect_per_request", format!("{first:?} and {id:?} answer one request"));
        }
        for fact in &entry.facts {
            match fact {
                Fact::Postings(postings) => self.fold_postings(id, postings),
                Fact::Sale(sale) => self.note_deal(replica, id, &sale.till, &sale.check),
                Fact::Return(back) => self.note_deal(replica, id, &back.till, &back.check),
                _ => {}
            }
        }
    }

    fn note_deal(&mut self, replica: &Replica, entry: EntryId, till: &str, check: &str) {
        self.deals.insert(entry);
        let key = (replica.me().credential.store, till.to_owned(), check.to_owned());
        if let Some(first) = self.checks.insert(key, entry) {
            self.blame("one_effect_per_check", format!("{first:?} and {entry:?} have one check number"));
        }
    }

    fn fold_postings(&mut self, entry: EntryId, postings: &[Posting]) {
        for posting in postings {
            let lot = posting.lot();
            if let Err(fault) = self.book.fold(entry, posting) {
                self.blame("no_share_below_zero", format!("{entry:?}: {fault}"));
            }
            if matches!(posting, Posting::Clawback { .. }) {
                self.clawed_back.insert(lot);
            }
            let owned = self.owned.entry(lot).or_default();
            *owned = owned.saturating_add(change(posting));
            let owned = *owned;
            if owned < 0 && !self.clawed_back.contains(&lot) {
                self.blame("never_overspent", format!("{entry:?} leaves {owned} of {lot:?}"));
            }
        }
    }
}

/// By how much a posting changes what all together own.
fn change(posting: &Posting) -> i64 {
    match *posting {
        Posting::Credit { amount, .. } => amount,
        Posting::Debit { amount, .. }
        | Posting::Clawback { amount, .. }
        | Posting::Advance { amount, .. } => -amount,
        Posting::Settle { captured, .. } => -captured,
        Posting::Hold { .. } | Posting::Offer { .. } | Posting::Accept { .. } => 0,
    }
}
