use std::path::Path;

use purser_types::Digest;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::{EventLog, Layout, Marks, Scenario, Tills, Violation, World, command_line::write_log, disk};

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
    /// Situations that were reached, faults among them.
    pub marks: Marks,
    /// How often each checker has looked.
    pub looks: Vec<(&'static str, u64)>,
    /// Wishes to redeem points.
    pub wishes: u64,
    /// Those refused because the rights were elsewhere.
    pub refused: u64,
    /// What must never be so and was.
    pub violations: Vec<Violation>,
    /// The end of the log, if something was violated.
    pub latest: Vec<String>,
}

impl Scenario {
    /// The scenario that a seed stands for.
    pub fn of_seed(seed: u64, stores: usize, visits: usize) -> Self {
        Self::drawn(&mut ChaCha8Rng::seed_from_u64(seed ^ 0x5ce_4a10), stores, visits)
    }

    /// Plays the scenario from a seed: visits with faults, then none, then the checks.
    pub fn play(&self, seed: u64) -> Verdict {
        self.play_logged(seed, None, || ())
    }

    /// The same. `progress` hears of every visit; `log` is where every event is written.
    pub(crate) fn play_logged(&self, seed: u64, log: Option<&Path>, progress: impl Fn()) -> Verdict {
        let Self { hubs, stores, policy, gather_ms, .. } = *self;
        let mut world = World::found(Layout { hubs, stores, policy, gather_ms }, seed);
        if log.is_some() {
            world.log = EventLog::new(usize::MAX);
        }
        let began_ms = world.now().monotonic_ms;
        let mut tills = Tills::register(&mut world, self.members);
        world.set_faults(self.faults);
        for _ in 0..self.visits {
            self.visit(&mut world, &mut tills);
            progress();
        }
        self.end(world, tills, (seed, began_ms), log)
    }

    /// The faults stop, and everything is checked.
    pub(crate) fn end(
        &self,
        mut world: World,
        mut tills: Tills,
        (seed, began_ms): (u64, u64),
        log: Option<&Path>,
    ) -> Verdict {
        world.calm();
        world.check_after_faults(&mut tills);
        if self.reclaims {
            let late_first = world.draw(2) == 0;
            if late_first {
                world.settle_late();
            }
            world.reclaim_all();
            world.settle_late();
            world.check_after_faults(&mut tills);
        }
        if self.proves {
            world.check_databases();
        }
        let verdict = verdict(seed, &world, &tills, began_ms);
        if let Some(path) = log {
            write_log(path, world.log.latest());
        }
        drop(world);
        disk::forget_all();
        verdict
    }

    fn visit(&self, world: &mut World, tills: &mut Tills) {
        if world.draw(25) == 0 {
            tills.join(world);
        }
        tills.visit(world, self.deals_per_mille);
        let pause_ms = world.draw(self.pause_most_ms);
        world.run_for(pause_ms);
        self.trouble(world);
    }

    /// What may befall the city after a visit.
    pub(crate) fn trouble(&self, world: &mut World) {
        world.make_room();
        if self.incident_every > 0 && !self.incidents.is_empty() && world.draw(self.incident_every) == 0 {
            let incident = self.incidents[world.pick(self.incidents.len())];
            world.befall(incident);
        }
    }

    /// The smallest city, the shortest time and the fewest troubles found with which something is still
    /// violated.
    pub fn shrink(&self, seed: u64) -> Self {
        let mut smallest = self.clone();
        loop {
            let fails = |it: &&Self| !it.play(seed).violations.is_empty();
            match smallest.smaller().iter().find(fails) {
                Some(found) => smallest = found.clone(),
                None => return smallest,
            }
        }
    }

    fn smaller(&self) -> Vec<Self> {
        let Self { stores, members, visits, .. } = *self;
        let sizes = [
            Self { visits: visits / 2, ..self.clone() },
            Self { visits: visits - visits / 8, ..self.clone() },
            Self { stores: stores / 2, ..self.clone() },
            Self { members: members / 2, ..self.clone() },
            Self { reclaims: false, ..self.clone() },
            Self { faults: crate::Faults::NONE, ..self.clone() },
        ];
        let is_possible = |it: &Self| it.stores > 0 && it.members > 0 && it.visits > 0;
        let without = (0..self.incidents.len()).map(|index| {
            let mut incidents = self.incidents.clone();
            incidents.remove(index);
            Self { incidents, ..self.clone() }
        });
        let is_smaller = |it: &Self| {
            (it.stores, it.members, it.visits, it.reclaims, it.faults, it.incidents.len())
                != (stores, members, visits, self.reclaims, self.faults, self.incidents.len())
        };
        sizes.into_iter().chain(without).filter(is_possible).filter(is_smaller).collect()
    }
}

fn verdict(seed: u64, world: &World, tills: &Tills, began_ms: u64) -> Verdict {
    let violations = world.oracle.violations().to_vec();
    let latest =
        if violations.is_empty() { Vec::new() } else { world.log.latest().map(str::to_owned).collect() };
    Verdict {
        seed,
        events: world.log.events(),
        log: world.log.digest(),
        virtual_ms: world.now().monotonic_ms - began_ms,
        marks: world.marks.clone(),
        looks: world.oracle.looks.iter().map(|(checker, looks)| (*checker, *looks)).collect(),
        wishes: tills.wishes,
        refused: tills.refused_for_rights,
        violations,
        latest,
    }
}
