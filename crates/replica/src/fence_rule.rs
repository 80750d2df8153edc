use std::collections::BTreeSet;

use purser_types::{Hlc, ReplicaId};

/// A fence, as the rule sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Verdict {
    /// When it was written, by the hub's own word.
    pub(crate) hlc: Hlc,
    /// The hub that wrote it.
    pub(crate) hub: ReplicaId,
    /// The place of the hub's entry.
    pub(crate) seq: u64,
    /// Who is put out.
    pub(crate) replica: ReplicaId,
    /// The last entry of it that counts.
    pub(crate) after_seq: u64,
}

impl Verdict {
    /// Whether this one cuts off the entry in which `other` stands.
    fn cuts(&self, other: &Verdict) -> bool {
        self.replica == other.hub && self.after_seq < other.seq
    }
}

/// Which of all known fences count, whatever order they came in.
///
/// A fence that stands in a part of its hub's journal which another fence cuts off does not count,
/// if that other one does. Where this goes round in a circle, all of the circle count: one of them may
/// be stolen and can claim any time and place, so none is believed against another, and nothing that
/// any of them wrote after it was put out counts. The chain's authority makes a new hub then.
pub(crate) fn that_count(fences: &BTreeSet<Verdict>) -> BTreeSet<Verdict> {
    // Only who has put somebody out can be cut off by being put out.
    let hubs: BTreeSet<ReplicaId> = fences.iter().map(|fence| fence.hub).collect();
    let (mut open, others): (BTreeSet<Verdict>, BTreeSet<Verdict>) =
        fences.iter().partition(|fence| hubs.contains(&fence.replica));
    let mut counting = BTreeSet::new();
    while !open.is_empty() {
        let is_cut = |fence: &Verdict| open.iter().any(|other| other.cuts(fence));
        let free: BTreeSet<Verdict> = open.iter().filter(|fence| !is_cut(fence)).copied().collect();
        let next = if free.is_empty() { circling(&open) } else { free };
        open.retain(|other| !next.contains(other) && !next.iter().any(|one| one.cuts(other)));
        counting.extend(next);
    }
    let stand = others.into_iter().filter(|fence| !counting.iter().any(|one| one.cuts(fence)));
    let stand: Vec<Verdict> = stand.collect();
    counting.extend(stand);
    counting
}

/// Those of fences that are all cut off by others that go round in circles: who cuts nobody that is left
/// is in none.
fn circling(open: &BTreeSet<Verdict>) -> BTreeSet<Verdict> {
    let mut left = open.clone();
    loop {
        let cutting: BTreeSet<Verdict> =
            left.iter().filter(|one| left.iter().any(|other| one.cuts(other))).copied().collect();
        if cutting.len() == left.len() {
            return cutting;
        }
        left = cutting;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hub(number: u8) -> ReplicaId {
        ReplicaId([number; 16])
    }

    /// (time, hub, place, who, last entry that counts)
    fn fence((at, by, seq, of, after_seq): (u64, u8, u64, u8, u64)) -> Verdict {
        let hlc = Hlc { wall_ms: at, counter: 0 };
        Verdict { hlc, hub: hub(by), seq, replica: hub(of), after_seq }
    }

    fn counting(fences: &[(u64, u8, u64, u8, u64)]) -> Vec<u64> {
        let all: BTreeSet<Verdict> = fences.iter().copied().map(fence).collect();
        that_count(&all).into_iter().map(|fence| fence.hlc.wall_ms).collect()
    }

    #[test]
    fn a_fence_in_a_part_that_is_cut_off_does_not_count() {
        // Hub 1 puts hub 2 out as of 5; what hub 2 wrote as 9 is void, what it wrote as 3 is not.
        assert_eq!(counting(&[(10, 1, 4, 2, 5), (20, 2, 9, 7, 1), (5, 2, 3, 8, 1)]), [5, 10]);
        // Not even if it is the older one.
        assert_eq!(counting(&[(10, 1, 4, 2, 5), (2, 2, 9, 7, 1)]), [10]);
        // And what it would have cut counts after all: 3 cuts 2, who had cut 1.
        assert_eq!(counting(&[(10, 1, 4, 7, 5), (20, 2, 9, 1, 3), (30, 3, 1, 2, 8)]), [10, 30]);
    }

    #[test]
    fn two_that_know_of_each_other_are_both_out() {
        assert_eq!(counting(&[(10, 1, 4, 2, 9), (20, 2, 9, 1, 4)]), [10, 20]);
    }

    #[test]
    fn of_a_circle_all_are_out_whatever_time_they_claim() {
        assert_eq!(counting(&[(10, 1, 4, 2, 5), (20, 2, 9, 1, 3)]), [10, 20]);
        // A thief who was put out at 80 claims an earlier time: nothing of his counts, and he is out.
        assert_eq!(counting(&[(51, 1, 51, 2, 79), (80, 2, 80, 1, 50), (52, 1, 52, 7, 0)]), [51, 80]);
        // Three: 1 cuts 2, 2 cuts 3, 3 cuts 1.
        assert_eq!(counting(&[(10, 1, 4, 2, 5), (20, 2, 9, 3, 3), (30, 3, 7, 1, 2)]), [10, 20, 30]);
    }
}
