use purser_replica::Policy;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use crate::{Faults, Incident};

/// A kind of trouble: a row of the list of what a replica must survive.
#[derive(Debug, Clone, Copy)]
pub struct Trouble {
    /// Its name on the command line.
    pub name: &'static str,
    /// What happens, in a few words.
    pub what: &'static str,
    /// What befalls the city between visits.
    pub incidents: &'static [Incident],
    /// What goes wrong by itself.
    pub faults: Faults,
    /// Situations that have to be reached, or nothing was shown.
    pub reaches: &'static [&'static str],
}

use Incident as I;

const NONE: Faults = Faults::NONE;
const ROUGH: Faults =
    Faults { doubled_per_mille: 80, broken_per_mille: 20, late_per_mille: 10, delay_most_ms: 800, ..NONE };

/// Every kind of trouble that can be asked for by name.
pub const TROUBLES: &[Trouble] = &[
    Trouble {
        name: "crash",
        what: "machines die before, in the middle of and after each commit",
        incidents: &[I::PowerFailure],
        faults: Faults { crashed_per_mille: 25, ..NONE },
        reaches: &["died_before_commit", "died_while_writing", "died_before_sending", "power_failure"],
    },
    Trouble {
        name: "disk",
        what: "disks are full, do not sync, or rot",
        incidents: &[I::DiskFull, I::SyncFails, I::BitRot, I::PowerFailure],
        faults: NONE,
        reaches: &["disk_full", "storage_full", "sync_fails", "storage_device_failed", "bit_rot"],
    },
    Trouble {
        name: "frames",
        what: "frames are doubled, overtake each other, are lost, or come weeks late",
        incidents: &[],
        faults: Faults { late_per_mille: 60, ..ROUGH },
        reaches: &["frame_doubled", "frame_late", "link_broken"],
    },
    Trouble {
        name: "requests",
        what: "tills ask twice, under one key with another body, while holds run out and lines break",
        incidents: &[I::LineCut, I::LineBack],
        faults: Faults { broken_per_mille: 40, delay_most_ms: 400, ..NONE },
        reaches: &["key_reused", "idempotency_key_reused", "hold_expired"],
    },
    Trouble {
        name: "partitions",
        what: "lines are cut both ways and one way, with a bridge, the hub or everybody away",
        incidents: &[
            I::LineCut,
            I::LineBack,
            I::OneWay,
            I::OneWay,
            I::Bridge,
            I::HubAway,
            I::LineBack,
            I::EveryoneAway,
            I::LineBack,
        ],
        faults: NONE,
        reaches: &["line_cut", "one_way", "bridge", "everyone_away", "frame_lost"],
    },
    Trouble {
        name: "backups",
        what: "old copies of databases are put back, on line and off line, with and without their witness",
        incidents: &[I::BackUp, I::Restored, I::RestoredOffLine, I::RestoredFile, I::LineBack],
        faults: NONE,
        reaches: &["restored", "restored_with_witness", "replaced"],
    },
    Trouble {
        name: "clones",
        what: "machines are copied while they run, and both go on",
        incidents: &[I::Cloned, I::LineCut, I::LineBack],
        faults: NONE,
        reaches: &["cloned", "replaced"],
    },
    Trouble {
        name: "fenced",
        what: "stores are lost or put out, and come back; what they held is taken back",
        incidents: &[I::LostForGood, I::FencedAndBack, I::LineBack, I::LineCut],
        faults: NONE,
        reaches: &["fenced", "lost_for_good"],
    },
    Trouble {
        name: "clocks",
        what: "clocks are hours or years off, jump back, drift",
        incidents: &[I::ClockHours, I::ClockYears, I::LineCut, I::LineBack],
        faults: Faults { clock_off_most_ms: 4 * 3_600_000, clock_drift_most_ppm: 200, ..NONE },
        reaches: &["clock_off", "clock_drifts", "clock_back", "clock_forward", "alarm_clock_skew"],
    },
    Trouble {
        name: "liars",
        what: "frames that are none, impersonation, overspending, poisoned profiles",
        incidents: &[I::BrokenFrame, I::Impersonation, I::Overspending, I::PoisonedProfile, I::TwoStories],
        faults: NONE,
        reaches: &[
            "broken_frame",
            "impersonated",
            "overspent",
            "two_stories",
            "alarm_unsound",
            "alarm_poisoned_profile",
            "alarm_forked",
        ],
    },
    Trouble {
        name: "versions",
        what: "authors of a later version write what nobody here knows",
        incidents: &[I::LaterVersion, I::LineCut, I::LineBack],
        faults: NONE,
        reaches: &["later_version"],
    },
    Trouble {
        name: "stampede",
        what: "everybody reconnects at once, again and again",
        incidents: &[I::Stampede],
        faults: Faults { broken_per_mille: 30, delay_most_ms: 300, ..NONE },
        reaches: &["stampede"],
    },
    Trouble {
        name: "slow",
        what: "some lines take minutes, hours or a week for a frame",
        incidents: &[I::SlowLine],
        faults: NONE,
        reaches: &["slow_line"],
    },
    Trouble {
        name: "leases",
        what: "lines stay cut for longer than a lease lasts, while clocks are set back a little",
        incidents: &[I::LineCut, I::LineCut, I::ClockHours, I::LineBack],
        faults: NONE,
        reaches: &["lease_ended", "clock_back"],
    },
    Trouble {
        name: "hubs",
        what: "two hubs, cut off in turn, put lost stores and each other out and take back what those held",
        incidents: &[I::HubAway, I::LineBack, I::LineCut, I::LostForGood, I::FencedAndBack, I::HubsPartWays],
        faults: NONE,
        reaches: &["fenced", "lost_for_good", "hubs_part_ways"],
    },
    Trouble {
        name: "vouchers",
        what: "members carry points to stores that are cut off, twice, too late, and to the wrong one",
        incidents: &[I::Carried, I::Carried, I::LineCut, I::LineBack],
        faults: NONE,
        reaches: &["carried", "voucher_taken_up", "voucher_used", "voucher_for_another_store"],
    },
    Trouble {
        name: "allowance",
        what: "stores that are cut off spend in advance of rights, up to what they were granted",
        incidents: &[I::Granted, I::LineCut, I::LineCut, I::LineBack],
        faults: NONE,
        reaches: &["granted", "advanced"],
    },
    Trouble {
        name: "hub",
        what: "the hub is lost and built anew from the stores",
        incidents: &[I::HubLost, I::HubAway, I::LineBack, I::LineCut],
        faults: NONE,
        reaches: &["hub_lost"],
    },
    Trouble {
        name: "dealings",
        what: "stored value, passes and coupons are sold and spent while lines are cut and programmes published",
        incidents: &[I::Published, I::LineCut, I::PowerFailure, I::LineBack],
        faults: ROUGH,
        reaches: &["topped_up", "stored_value_spent", "pass_sold", "top_up_returned", "published"],
    },
];

/// A city, what its members do, and what goes wrong.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// Hubs.
    pub hubs: usize,
    /// Stores.
    pub stores: usize,
    /// Members at the start.
    pub members: usize,
    /// What they do, in all.
    pub visits: usize,
    /// The pause between two visits, at most, in milliseconds.
    pub pause_most_ms: u64,
    /// Where rights live.
    pub policy: Policy,
    /// How long relays gather.
    pub gather_ms: u64,
    /// What goes wrong by itself.
    pub faults: Faults,
    /// What befalls the city.
    pub incidents: Vec<Incident>,
    /// So many of a thousand visits are for stored value, passes and coupons.
    pub deals_per_mille: u64,
    /// One incident in so many visits; 0 for none.
    pub incident_every: u64,
    /// Whether a lease passes at the end, and what lost stores held is taken back.
    pub reclaims: bool,
    /// Whether every database is proved at the end.
    pub proves: bool,
}

const HOUR_MS: u64 = 3_600_000;

impl Scenario {
    /// A city in which nothing goes wrong.
    pub fn calm(stores: usize, visits: usize) -> Self {
        Self {
            hubs: 1,
            stores,
            members: 2 * stores,
            visits,
            pause_most_ms: 2_000,
            policy: Policy::default(),
            gather_ms: 20,
            faults: Faults::NONE,
            incidents: Vec::new(),
            deals_per_mille: 0,
            incident_every: 0,
            reclaims: false,
            proves: true,
        }
    }

    /// The same city with one kind of trouble, and plenty of it.
    #[must_use]
    pub fn with(self, trouble: &Trouble) -> Self {
        let (incidents, faults) = (trouble.incidents.to_vec(), trouble.faults);
        let reclaims = incidents.contains(&Incident::LostForGood);
        let takes_weeks = faults.late_per_mille > 0 || incidents.contains(&Incident::SlowLine);
        let pause_most_ms = match trouble.name {
            "leases" => 16 * HOUR_MS,
            _ if takes_weeks => 4 * HOUR_MS,
            _ => 20_000,
        };
        let hubs = if incidents.contains(&Incident::HubsPartWays) { 2 } else { 1 };
        let deals_per_mille = if trouble.name == "dealings" { 500 } else { 0 };
        Self { incidents, faults, deals_per_mille, incident_every: 6, reclaims, pause_most_ms, hubs, ..self }
    }

    /// A city with troubles drawn by chance: some often, some not at all.
    pub fn drawn(chance: &mut ChaCha8Rng, stores: usize, visits: usize) -> Self {
        let faults = drawn_faults(chance);
        let mut incidents: Vec<Incident> = Vec::new();
        // What came later is drawn last, so that a seed goes on meaning what it did.
        let (first, later) = TROUBLES.split_at(TROUBLES.len() - 1);
        for trouble in first {
            if chance.random_bool(0.25) {
                incidents.extend(trouble.incidents);
            }
        }
        let drawn = Self {
            hubs: if chance.random_bool(0.25) { 2 } else { 1 },
            members: 2 * stores,
            pause_most_ms: [1_000, 60_000, 2 * HOUR_MS][chance.random_range(0..3)],
            policy: Policy::ALL[chance.random_range(0..Policy::ALL.len())],
            gather_ms: [1, 20, 200, 1_000][chance.random_range(0..4)],
            faults,
            incident_every: chance.random_range(3..30),
            incidents,
            reclaims: chance.random_bool(0.3),
            proves: chance.random_bool(0.3),
            ..Self::calm(stores, visits)
        };
        if !chance.random_bool(0.25) {
            return drawn;
        }
        let incidents = later.iter().flat_map(|trouble| trouble.incidents).copied();
        let incidents = drawn.incidents.iter().copied().chain(incidents).collect();
        Self { incidents, deals_per_mille: chance.random_range(50..500), ..drawn }
    }
}

fn drawn_faults(chance: &mut ChaCha8Rng) -> Faults {
    let mut rate = |most: u32| if chance.random_bool(0.5) { chance.random_range(0..=most) } else { 0 };
    Faults {
        doubled_per_mille: rate(200),
        broken_per_mille: rate(60),
        late_per_mille: rate(20),
        delay_most_ms: u64::from(rate(5_000)).max(1),
        crashed_per_mille: rate(30),
        clock_off_most_ms: u64::from(rate(4 * 3_600_000)),
        clock_drift_most_ppm: rate(300),
    }
}
