use std::collections::BTreeMap;

use super::{
    history::History,
    member::{HUB, store_of},
};
use purser_types::ReplicaId;

/// What loses its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// One store; each store in turn.
    Store,
    /// Stores that share their members, each by itself; each district in turn.
    District,
    /// The hub: stores still see each other.
    Hub,
}

/// An outage. It is tried from the first midnight on without a gap: so every basket of the history
/// falls into one for each thing that can lose its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outage {
    /// What loses its line.
    pub reach: Reach,
    /// For how long.
    pub hours: u64,
}

impl Outage {
    /// All that are compared: an hour, a day, three days and a week, for a store, a district, the hub.
    pub fn all() -> Vec<Self> {
        let reaches = [Reach::Store, Reach::District, Reach::Hub];
        reaches.into_iter().flat_map(|reach| [1, 24, 72, 168].map(|hours| Self { reach, hours })).collect()
    }

    /// For tables.
    pub fn name(&self) -> String {
        let reach = match self.reach {
            Reach::Store => "one store",
            Reach::District => "a district",
            Reach::Hub => "the hub",
        };
        format!("{reach}, {}", self.length())
    }

    /// How long, in words.
    pub fn length(&self) -> String {
        match self.hours {
            1 => "an hour".to_owned(),
            24 => "a day".to_owned(),
            168 => "a week".to_owned(),
            hours if hours % 24 == 0 => format!("{} days", hours / 24),
            hours => format!("{hours} hours"),
        }
    }
}

/// Which stores lose their line together, for each reach.
#[derive(Debug, Clone)]
pub(super) struct Map {
    districts: Vec<usize>,
}

/// Stores in a district, at most.
const DISTRICT_STORES: usize = 8;

impl Map {
    /// Districts by who visits what: around each of the busiest stores that has none yet, the
    /// stores without one that share most members with it.
    pub(super) fn of(history: &History) -> Self {
        let mut shared: BTreeMap<(usize, usize), u64> = BTreeMap::new();
        let mut busy = vec![0_u64; history.stores];
        for life in &history.members {
            let mut stores: Vec<usize> = life.iter().map(|shopping| shopping.store).collect();
            stores.sort_unstable();
            stores.dedup();
            for one in &stores {
                busy[*one] += 1;
                for other in stores.iter().filter(|other| *other != one) {
                    *shared.entry((*one, *other)).or_default() += 1;
                }
            }
        }
        let mut busiest: Vec<usize> = (0..history.stores).collect();
        busiest.sort_by_key(|store| (std::cmp::Reverse(busy[*store]), *store));
        let mut district: Vec<Option<usize>> = vec![None; history.stores];
        let mut count = 0;
        for centre in busiest {
            if district[centre].is_some() {
                continue;
            }
            let near = shared.range((centre, 0)..(centre + 1, 0));
            let free = near.filter(|((_, other), _)| district[*other].is_none());
            let mut near: Vec<(u64, usize)> = free.map(|((_, other), members)| (*members, *other)).collect();
            near.sort_by_key(|(members, other)| (std::cmp::Reverse(*members), *other));
            district[centre] = Some(count);
            for (_, other) in near.into_iter().take(DISTRICT_STORES - 1) {
                district[other] = Some(count);
            }
            count += 1;
        }
        Self { districts: district.into_iter().map(Option::unwrap_or_default).collect() }
    }

    /// The group of things that lose their line together with `replica`; `None` if it never does.
    pub(super) fn group_of(&self, reach: Reach, replica: ReplicaId) -> Option<usize> {
        match reach {
            Reach::Store => store_of(replica),
            Reach::District => self.districts.get(store_of(replica)?).copied(),
            Reach::Hub => (replica == HUB).then_some(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::history::Shopping, super::member::replica_of, *};

    #[test]
    fn districts_are_stores_that_share_members() {
        let life = |stores: &[usize]| {
            let at = |(at_ms, store): (u64, &usize)| Shopping { at_ms, store: *store, value: 100 };
            (0..).zip(stores).map(at).collect()
        };
        let members = vec![life(&[0, 2]), life(&[2, 0]), life(&[1, 3]), life(&[3])];
        let map = Map::of(&History { stores: 5, members });
        let group = |store| map.group_of(Reach::District, replica_of(store));
        assert_eq!(group(0), group(2));
        assert_eq!(group(1), group(3));
        assert_ne!(group(0), group(1));
        assert_ne!(group(4), group(0));
        assert_eq!((map.group_of(Reach::Hub, HUB), map.group_of(Reach::Store, HUB)), (Some(0), None));
    }
}
