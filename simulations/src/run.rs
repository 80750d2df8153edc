use purser_replica::Policy;
use purser_types::Digest;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::{FaultCounts, Faults, Shoppers, Violation, World};

/// A city, what its members do, and what goes wrong.
#[derive(Debug, Clone, Copy)]
pub struct Scenario {
    /// Stores, beside the hub.
    pub stores: usize,
    /// Members.
    pub members: usize,
    /// What they do, in all.
    pub visits: usize,
    /// The pause between two visits, at most, in milliseconds.
    pub pause_most_ms: u64,
    /// Where rights live.
    pub policy: Policy,
    /// One line in so many visits is cut, or heals; 0 for none.
    pub outage_every: u64,
    /// What goes wrong.
    pub faults: Faults,
}

/// What came of a run.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// What everything followed from, with the scenario.
    pub seed: u64,
    /// Events, and a hash of what they were: equal for equal runs.
    pub events: u64,
    /// The hash.
    pub log: Digest,
    /// Virtual time that passed, in milliseconds.
    pub virtual_ms: u64,
    /// Faults by kind.
    pub faults: FaultCounts,
    /// Sales that wanted to redeem points, and those refused because the rights were elsewhere.
    pub wishes: u64,
    /// Those refused.
    pub refused: u64,
    /// What must never be so and was.
    pub violations: Vec<Violation>,
    /// The end of the log, if something was violated.
    pub latest: Vec<String>,
}

/// How often tills ask again once all stores are up.
const ASKED_AGAIN_MOST: usize = 20;

impl Scenario {
    /// A scenario drawn from a seed: some faults often, some not at all.
    pub fn draw(seed: u64, stores: usize, visits: usize) -> Self {
        let mut chance = ChaCha8Rng::seed_from_u64(seed ^ 0x5ce_4a10);
        let mut rate = |most: u32| if chance.random_bool(0.5) { chance.random_range(0..=most) } else { 0 };
        let faults = Faults {
            doubled_per_mille: rate(200),
            broken_per_mille: rate(60),
            delay_most_ms: u64::from(rate(5_000)).max(1),
            crashed_per_mille: rate(30),
            clock_off_most_ms: u64::from(rate(4 * 3_600_000)),
        };
        let outage_every = u64::from(rate(12));
        let pause_most_ms = u64::from(rate(2_000)).max(1);
        let policies = Policy::ALL;
        let policy = policies[chance.random_range(0..policies.len())];
        Self { stores, members: 2 * stores, visits, pause_most_ms, policy, outage_every, faults }
    }

    /// Plays the scenario from a seed: a day with faults, then none, then the checks.
    pub fn play(&self, seed: u64) -> Verdict {
        let mut world = World::new(self.stores, self.policy, Faults::NONE, seed);
        let began_ms = world.now().monotonic_ms;
        let mut shoppers = Shoppers::register(&mut world, self.members);
        world.set_faults(self.faults);
        for _ in 0..self.visits {
            shoppers.visit(&mut world);
            let pause_ms = world.draw(self.pause_most_ms);
            world.run_for(pause_ms);
            if self.outage_every > 0 && world.draw(self.outage_every) == 0 {
                let store = 1 + usize::try_from(world.draw(self.stores as u64)).unwrap_or(0);
                let up = world.draw(2) == 0;
                world.set_line(store, up);
            }
        }
        world.calm();
        check_after_faults(&mut world, &mut shoppers);
        let violations = world.oracle.violations().to_vec();
        let latest =
            if violations.is_empty() { Vec::new() } else { world.log.latest().map(str::to_owned).collect() };
        Verdict {
            seed,
            events: world.log.events(),
            log: world.log.digest(),
            virtual_ms: world.now().monotonic_ms - began_ms,
            faults: world.fault_counts(),
            wishes: shoppers.wishes,
            refused: shoppers.refused_for_rights,
            violations,
            latest,
        }
    }

    /// The smallest city and shortest day found in which something is still violated, by halving.
    pub fn shrink(&self, seed: u64) -> Self {
        let mut smallest = *self;
        loop {
            let Self { stores, members, visits, .. } = smallest;
            let smaller = [
                Self { visits: visits / 2, ..smallest },
                Self { visits: visits - visits / 8, ..smallest },
                Self { stores: stores / 2, ..smallest },
                Self { members: members / 2, ..smallest },
            ];
            let is_smaller = |it: &&Self| (it.stores, it.members, it.visits) != (stores, members, visits);
            let possible = |it: &&Self| it.stores > 0 && it.members > 0 && it.visits > 0;
            let fails = |it: &&Self| !it.play(seed).violations.is_empty();
            match smaller.iter().filter(possible).filter(is_smaller).find(fails) {
                Some(found) => smallest = *found,
                None => return smallest,
            }
        }
    }
}

/// Once the faults have stopped: everybody gets an answer, all become quiet and equal, and what
/// tills were told is so.
fn check_after_faults(world: &mut World, shoppers: &mut Shoppers) {
    for _ in 0..ASKED_AGAIN_MOST {
        if shoppers.all_answered() {
            break;
        }
        shoppers.ask_again(world);
    }
    if !shoppers.all_answered() {
        world.oracle.blame("every_request_ends", "a till has no answer".to_owned());
    }
    if !world.becomes_quiet() {
        world.oracle.blame("quiet", "the city does not become quiet".to_owned());
    }
    let digests: Vec<_> =
        (0..=world.stores()).map(|store| world.engine(store).replica().digest().ok()).collect();
    if digests.windows(2).any(|pair| pair[0] != pair[1]) {
        world.oracle.blame("converged", format!("{digests:?}"));
    }
    for (member, account) in &shoppers.accounts {
        let found = Shoppers::balance_at(world, 0, *member);
        if found != account.balance() {
            let owned = world.oracle.points_of(*member);
            world
                .oracle
                .blame("tills_were_told_right", format!("{member} has {found}, truly {owned}: {account:?}"));
        }
    }
    let alarms =
        world.alarms().iter().filter(|(_, alarm)| !matches!(alarm, purser_replica::Alarm::ClockSkew { .. }));
    let alarms: Vec<String> = alarms.map(|(at, alarm)| format!("store {at}: {alarm}")).collect();
    for alarm in alarms {
        world.oracle.blame("no_false_alarm", alarm);
    }
    world.oracle.check_conservation();
    world.oracle.check_told();
    world.check_acknowledged();
}
