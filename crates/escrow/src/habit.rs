use purser_types::{Hlc, ReplicaId};

/// One visit of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Visit {
    /// The replica of the store.
    pub at: ReplicaId,
    /// When.
    pub hlc: Hlc,
}

/// A visit counts 0.8 of the one after it. In thousandths, and 80 visits back it is nothing.
const FADE_PER_MILLE: u64 = 800;

/// What the latest visit weighs.
const LATEST: u64 = 1_000_000_000;

/// The stores of `visits`, the one where the member is most likely to come next first: in the
/// order of their sums of fading visits, and where two are equal, of their latest visits.
pub fn ranking(visits: &[Visit]) -> Vec<ReplicaId> {
    let mut latest_first = visits.to_vec();
    latest_first.sort_by_key(|visit| (visit.hlc, visit.at));
    latest_first.reverse();
    let mut weight = LATEST;
    let mut stores: Vec<(ReplicaId, u64)> = Vec::new();
    for visit in latest_first {
        match stores.iter_mut().find(|(store, _)| *store == visit.at) {
            Some((_, sum)) => *sum += weight,
            None => stores.push((visit.at, weight)),
        }
        weight = weight * FADE_PER_MILLE / 1000;
    }
    // Stable: of two equal sums the store that was visited later stays in front.
    stores.sort_by_key(|(_, sum)| std::cmp::Reverse(*sum));
    stores.into_iter().map(|(store, _)| store).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visits(stores: &[u8]) -> Vec<Visit> {
        let at = |(hour, store): (u64, &u8)| Visit {
            at: ReplicaId([*store; 16]),
            hlc: Hlc { wall_ms: hour * 3_600_000, counter: 0 },
        };
        (0..).zip(stores).map(at).collect()
    }

    fn ranks(stores: &[u8]) -> Vec<u8> {
        ranking(&visits(stores)).into_iter().map(|store| store.0[0]).collect()
    }

    #[test]
    fn habit_outweighs_one_recent_visit_and_fades() {
        assert!(ranks(&[]).is_empty());
        assert_eq!(ranks(&[1, 1, 1, 2]), [1, 2]);
        assert_eq!(ranks(&[1, 1, 1, 2, 2, 2]), [2, 1]);
        assert_eq!(ranks(&[3, 1, 2]), [2, 1, 3]);
    }

    #[test]
    fn the_order_in_which_visits_became_known_does_not_matter() {
        let mut known = visits(&[1, 2, 2, 3, 1, 3, 3]);
        let ranking_now = ranking(&known);
        known.reverse();
        assert_eq!(ranking(&known), ranking_now);
    }
}
