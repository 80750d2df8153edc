//! A purchase history played, instead of visits that are drawn.

use purser_types::Fen;

use crate::{Layout, Scenario, Tills, Verdict, World, policies::History};

/// Every household redeems all that the till shows at each visit of this number.
const REDEEMS_EVERY: usize = 5;

impl Scenario {
    /// Plays the first `days` of a history, with this scenario's troubles. A household is a member, and
    /// buys where and when the history says.
    pub fn play_baskets(&self, history: &History, days: u64, seed: u64, progress: impl Fn()) -> Verdict {
        let Self { hubs, policy, gather_ms, .. } = *self;
        let mut world = World::found(Layout { hubs, stores: history.stores, policy, gather_ms }, seed);
        let began_ms = world.now().monotonic_ms;
        let mut tills = Tills::default();
        for shoppings in &history.members {
            let shops = shoppings.iter().map(|shopping| shop(hubs, shopping.store));
            tills.join_at(&mut world, shops.take(1).collect());
        }
        world.settle();
        tills.collect(&mut world);
        world.set_faults(self.faults);
        let (first_ms, _) = history.span();
        let bought = |(member, shoppings): (usize, &Vec<crate::policies::Shopping>)| {
            let numbered = shoppings.iter().copied().zip(1_usize..);
            numbered.map(|(shopping, number)| (shopping, member, number)).collect::<Vec<_>>()
        };
        let mut visits: Vec<_> = history.members.iter().enumerate().flat_map(bought).collect();
        visits.retain(|(shopping, ..)| shopping.at_ms < first_ms + days * DAY_MS);
        visits.sort_by_key(|(shopping, member, _)| (shopping.at_ms, *member));
        let shopping_from_ms = world.now().monotonic_ms;
        for (shopping, member, number) in visits {
            let due_ms = shopping_from_ms + (shopping.at_ms - first_ms);
            world.run_for(due_ms.saturating_sub(world.now().monotonic_ms));
            let redeems = number % REDEEMS_EVERY == 0;
            tills.buy(&mut world, member, shop(hubs, shopping.store), Fen(shopping.value), redeems);
            self.trouble(&mut world);
            progress();
        }
        self.end(world, tills, (seed, began_ms), None)
    }
}

const DAY_MS: u64 = 86_400_000;

fn shop(hubs: usize, store: usize) -> u32 {
    u32::try_from(hubs + store).unwrap_or(u32::MAX)
}
