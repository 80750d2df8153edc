use std::{collections::BTreeMap, path::Path};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{
    history::{History, store_number},
    moment::{self, DAY_MS, HOUR_MS},
    replay_error::ReplayError,
    site::Site,
    table::Table,
};

/// When which lines are cut.
#[derive(Debug, Default)]
pub(crate) struct OutagePlan {
    /// Cuts and heals in the order of time. Outages of one site do not overlap.
    pub(crate) turns: Vec<Turn>,
}

/// A line that is cut, or heals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Turn {
    /// When.
    pub(crate) at_ms: u64,
    /// Whether it can be used from then on. Cuts come before heals at the same moment.
    pub(crate) up: bool,
    /// Whose line; the hub's stands for all lines.
    pub(crate) site: Site,
}

type Outages = BTreeMap<Site, Vec<(u64, u64)>>;

const COLUMNS: [&str; 3] = ["store_id", "from", "until"];
const STORE: usize = 0;
const FROM: usize = 1;
const UNTIL: usize = 2;

/// The gap between two outages of a store is drawn evenly from 0 to so long: a month on average.
const STORE_GAP_MS: u64 = 60 * DAY_MS;
/// And of the hub: half a year on average.
const HUB_GAP_MS: u64 = 365 * DAY_MS;

impl OutagePlan {
    /// Reads a plan: lines of `store_id,from,until`, where `hub` is a store id too.
    pub(crate) fn read(path: &Path, history: &History) -> Result<Self, ReplayError> {
        let mut table = Table::open(path, COLUMNS)?;
        let mut outages = Outages::new();
        while let Some(line) = table.next_line()? {
            let from_ms = line.read(FROM, moment::WANTED, moment::read)?;
            let until_ms = line.read(UNTIL, moment::WANTED, moment::read)?;
            if until_ms <= from_ms {
                return Err(line.blame(UNTIL, format!("{:?} is not after \"from\"", line.text(UNTIL))));
            }
            let site = if line.text(STORE) == "hub" {
                Some(Site::Hub)
            } else {
                let wanted = "\"hub\" or a store of the purchase history";
                let known = |number| history.stores_known.contains(&number).then_some(number);
                let number = line.read(STORE, wanted, |text| store_number(text).and_then(known))?;
                // A store that nobody visits within the limit is not there.
                history.stores.binary_search(&number).ok().map(Site::Store)
            };
            if let Some(site) = site {
                outages.entry(site).or_default().push((from_ms, until_ms));
            }
        }
        Ok(Self::of(outages, history))
    }

    /// Draws a moderate plan: every store about once a month for 2 hours to 3 days (as often
    /// between 2 and 4 hours as between 1 and 2 days), the hub twice a year for 1 to 6 hours.
    pub(crate) fn draw(seed: u64, history: &History) -> Self {
        let mut chance = ChaCha8Rng::seed_from_u64(seed);
        let mut outages = Outages::new();
        let hub_length_ms = |chance: &mut ChaCha8Rng| chance.random_range(HOUR_MS..=6 * HOUR_MS);
        outages.insert(Site::Hub, draw_outages(&mut chance, history, HUB_GAP_MS, hub_length_ms));
        for store in 0..history.stores.len() {
            let drawn = draw_outages(&mut chance, history, STORE_GAP_MS, store_length_ms);
            outages.insert(Site::Store(store), drawn);
        }
        Self::of(outages, history)
    }

    fn of(outages: Outages, history: &History) -> Self {
        let (begins_ms, ends_ms) = (history.begins_ms(), history.ends_ms());
        let mut turns = Vec::new();
        for (site, mut spans) in outages {
            spans.sort_unstable();
            let mut over_ms = 0;
            for (from_ms, until_ms) in spans {
                let (from_ms, until_ms) = (from_ms.max(begins_ms), until_ms.min(ends_ms + 1));
                if from_ms >= until_ms || until_ms <= over_ms {
                    continue;
                }
                match turns.last_mut() {
                    // Two outages of one site that touch are one.
                    Some(Turn { at_ms, site: of, .. }) if *of == site && from_ms <= over_ms => {
                        *at_ms = until_ms;
                    }
                    _ => {
                        turns.push(Turn { at_ms: from_ms, up: false, site });
                        turns.push(Turn { at_ms: until_ms, up: true, site });
                    }
                }
                over_ms = until_ms;
            }
        }
        turns.sort_unstable();
        Self { turns }
    }
}

fn draw_outages(
    chance: &mut ChaCha8Rng,
    history: &History,
    gap_ms: u64,
    mut length_ms: impl FnMut(&mut ChaCha8Rng) -> u64,
) -> Vec<(u64, u64)> {
    let mut drawn = Vec::new();
    let mut at_ms = history.begins_ms();
    loop {
        at_ms += chance.random_range(0..=gap_ms);
        if at_ms > history.ends_ms() {
            return drawn;
        }
        let until_ms = at_ms + length_ms(chance);
        drawn.push((at_ms, until_ms));
        at_ms = until_ms;
    }
}

/// 2 hours to 3 days, evenly by order of magnitude: 2 hours, doubled up to 5.17 times.
fn store_length_ms(chance: &mut ChaCha8Rng) -> u64 {
    let doublings = chance.random_range(0..=5_u32);
    let within = chance.random_range(0..HOUR_MS * 2);
    ((HOUR_MS * 2 + within) << doublings).min(3 * DAY_MS)
}
