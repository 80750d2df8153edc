use purser_types::{Hlc, ReplicaId};

/// One visit of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Visit {
    /// The replica of the store.
    pub at: ReplicaId,
    /// When.
    pub hlc: Hlc,
}

/// A visit counts 0.8 of the one after it. In thousandths, and 40 visits back it is nothing.
const FADE_PER_MILLE: u64 = 800;

/// The store where the member is most likely to come next: the one with the greatest sum of
/// fading visits, the later one where two are equal. `None` without a visit.
pub fn home(visits: &[Visit]) -> Option<ReplicaId> {
    let mut latest_first = visits.to_vec();
    latest_first.sort_by_key(|visit| (visit.hlc, visit.at));
    latest_first.reverse();
    let mut weight: u64 = 1_000_000_000;
    let mut stores: Vec<(ReplicaId, u64)> = Vec::new();
    for visit in latest_first {
        match stores.iter_mut().find(|(store, _)| *store == visit.at) {
            Some((_, sum)) => *sum += weight,
            None => stores.push((visit.at, weight)),
        }
        weight = weight * FADE_PER_MILLE / 1000;
    }
    let heaviest = stores.iter().map(|(_, sum)| *sum).max()?;
    stores.into_iter().find(|(_, sum)| *sum == heaviest).map(|(store, _)| store)
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

    #[test]
    fn habit_outweighs_one_recent_visit_and_fades() {
        assert_eq!(home(&visits(&[])), None);
        assert_eq!(home(&visits(&[1, 1, 1, 2])), Some(ReplicaId([1; 16])));
        assert_eq!(home(&visits(&[1, 1, 1, 2, 2, 2])), Some(ReplicaId([2; 16])));
    }

    #[test]
    fn the_order_in_which_visits_became_known_does_not_matter() {
        let mut known = visits(&[1, 2, 2, 3, 1, 3, 3]);
        let home_now = home(&known);
        known.reverse();
        assert_eq!(home(&known), home_now);
    }
}
