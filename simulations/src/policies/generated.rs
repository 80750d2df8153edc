use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::history::{DAY_MS, History, Shopping};

/// A city that is made up from a seed: members with a few stores each, near to one another.
#[derive(Debug, Clone, Copy)]
pub struct Generated {
    /// Stores; they lie along a ring.
    pub stores: usize,
    /// Members.
    pub members: usize,
    /// Days on which they shop.
    pub days: u64,
    /// What everything follows from.
    pub seed: u64,
}

/// How many members in a hundred go to so many stores, from one to twelve: 2.7 on average, as in
/// the purchase history that this is modelled on.
const STORES_OF_MEMBERS: [u32; 12] = [32, 25, 18, 10, 6, 3, 2, 1, 1, 1, 0, 1];
/// 2026-01-01, in days since 1970.
const FIRST_DAY: u64 = 20_454;

impl Generated {
    /// The purchase history of that city.
    pub fn history(&self) -> History {
        let mut chance = ChaCha8Rng::seed_from_u64(self.seed);
        let members = (0..self.members).map(|_| self.life(&mut chance)).collect();
        History { stores: self.stores, members }
    }

    fn life(&self, chance: &mut impl Rng) -> Vec<Shopping> {
        let mut haunts = self.haunts(chance);
        let pause_days = chance.random_range(2..=20_u64);
        let mut shoppings = Vec::new();
        let mut at_ms = FIRST_DAY * DAY_MS + chance.random_range(0..pause_days * DAY_MS);
        while at_ms < (FIRST_DAY + self.days) * DAY_MS {
            let store = match chance.random_range(0..100) {
                // Now and then somewhere new, not far away.
                0..5 => self.near(haunts[0], chance),
                _ => pick(&haunts, chance),
            };
            let value = 50 + chance.random_range(0..1_500) * chance.random_range(1..=4_i64) / 2;
            shoppings.push(Shopping { at_ms, store, value });
            if chance.random_range(0..25) == 0 {
                // Habits change: another store becomes the first.
                let new_first = chance.random_range(0..haunts.len());
                haunts.swap(0, new_first);
            }
            at_ms += chance.random_range(DAY_MS / 8..2 * pause_days * DAY_MS);
        }
        shoppings
    }

    /// The stores that a member goes to, the usual one first.
    fn haunts(&self, chance: &mut impl Rng) -> Vec<usize> {
        let mut drawn = chance.random_range(0..STORES_OF_MEMBERS.iter().sum::<u32>());
        let mut count = 1;
        for share in STORES_OF_MEMBERS {
            if drawn < share {
                break;
            }
            (drawn, count) = (drawn - share, count + 1);
        }
        let mut haunts = vec![chance.random_range(0..self.stores)];
        while haunts.len() < count.min(self.stores) {
            let store = self.near(haunts[0], chance);
            if !haunts.contains(&store) {
                haunts.push(store);
            }
        }
        haunts
    }

    fn near(&self, store: usize, chance: &mut impl Rng) -> usize {
        let mut distance = 1;
        while chance.random_range(0..10) < 7 {
            distance += 1;
        }
        let distance = distance % self.stores;
        let way = if chance.random_bool(0.5) { distance } else { self.stores - distance };
        (store + way) % self.stores
    }
}

/// Three visits in four go to the first store, of the rest three in four to the second, and so on.
fn pick(haunts: &[usize], chance: &mut impl Rng) -> usize {
    let mut places = haunts.iter();
    let last = haunts[haunts.len() - 1];
    let chosen = places.find(|_| chance.random_range(0..4) < 3);
    chosen.copied().unwrap_or(last)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_seed_gives_one_city_with_members_of_two_or_three_stores() {
        let city = Generated { stores: 60, members: 800, days: 200, seed: 5 };
        let history = city.history();
        assert_eq!(history.members, city.history().members);
        assert!(history.members.iter().flatten().all(|it| it.store < 60 && it.value > 0));
        let stores = |life: &Vec<Shopping>| life.iter().map(|it| it.store).collect::<BTreeSet<_>>().len();
        let of_all: usize = history.members.iter().map(stores).sum();
        assert!((1_700..3_000).contains(&of_all), "{of_all} stores of 800 members");
    }
}
