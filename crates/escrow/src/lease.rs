use purser_types::Now;

/// How far a clock may be off before it ends a lease, and how much longer than a lease a hub
/// waits before it takes rights back: a day.
pub const CLOCK_MARGIN_MS: u64 = 24 * 3_600_000;

/// How long a replica may spend rights without having met a hub. When it is over, the hub may
/// give those rights to somebody else; so the replica stops spending first.
///
/// The wall clock is what there is to go by. Set forward, it ends the lease early; set back by
/// more than a margin, it ends it too, since nobody can tell then how much time has passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// When a hub was met last, by this replica's own clock, in milliseconds since 1970.
    pub met_hub_ms: u64,
    /// How long the lease lasts from then on, in milliseconds.
    pub lasts_ms: u64,
}

impl Lease {
    /// When it ends, in milliseconds since 1970.
    pub fn ends_ms(self) -> u64 {
        self.met_hub_ms.saturating_add(self.lasts_ms)
    }

    /// Whether rights may be spent at `wall_ms`. `seen_ms` is the latest time that this clock
    /// is known to have shown.
    pub fn is_live(self, wall_ms: u64, seen_ms: u64) -> bool {
        let latest_ms = seen_ms.max(self.met_hub_ms);
        let set_back = wall_ms.saturating_add(CLOCK_MARGIN_MS) < latest_ms;
        !set_back && wall_ms.max(seen_ms) <= self.ends_ms()
    }

    /// From when on a hub may take back the rights of a replica that it put out at `fenced_ms`:
    /// a lease later, whatever the replica's clock, within a margin, says.
    pub fn reclaim_from_ms(fenced_ms: u64, lasts_ms: u64) -> u64 {
        fenced_ms.saturating_add(lasts_ms).saturating_add(CLOCK_MARGIN_MS)
    }
}

/// The time by which a lease runs. It never goes back, however the wall clock is set; while the
/// process runs, it goes on at least as fast as the monotonic clock.
///
/// What nobody can see is time that passes while the machine is off and that its clock is set back
/// by before it is started again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeaseClock {
    /// The latest time that it has shown, in milliseconds since 1970.
    seen_ms: u64,
    /// What the monotonic clock showed then; nothing since the process started.
    monotonic_ms: Option<u64>,
}

impl LeaseClock {
    /// A clock that has shown `seen_ms` before the process started.
    pub fn from(seen_ms: u64) -> Self {
        Self { seen_ms, monotonic_ms: None }
    }

    /// A clock that is set anew: somebody was met who may be believed.
    pub fn set(now: Now) -> Self {
        Self { seen_ms: now.wall_ms, monotonic_ms: Some(now.monotonic_ms) }
    }

    /// What it shows now, in milliseconds since 1970.
    pub fn at(self, now: Now) -> u64 {
        let ran_ms = self.monotonic_ms.map_or(0, |then_ms| now.monotonic_ms.saturating_sub(then_ms));
        self.seen_ms.saturating_add(ran_ms).max(now.wall_ms)
    }

    /// Goes on to now; gives what it shows.
    pub fn advance(&mut self, now: Now) -> u64 {
        *self = Self { seen_ms: self.at(now), monotonic_ms: Some(now.monotonic_ms) };
        self.seen_ms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY_MS: u64 = 24 * 3_600_000;
    const LEASE: Lease = Lease { met_hub_ms: 100 * DAY_MS, lasts_ms: 30 * DAY_MS };

    #[test]
    fn a_lease_ends_and_is_over_before_anybody_reclaims() {
        assert!(LEASE.is_live(130 * DAY_MS, 0));
        assert!(!LEASE.is_live(130 * DAY_MS + 1, 0));
        // Fenced in the moment in which it was met last, by a hub whose clock is a day behind.
        let reclaimed_ms = Lease::reclaim_from_ms(LEASE.met_hub_ms - DAY_MS, LEASE.lasts_ms);
        assert!(reclaimed_ms >= LEASE.ends_ms());
    }

    /// An hour passes, and each time the clock is set back by as much: it never shows the end.
    #[test]
    fn setting_the_clock_back_a_little_each_time_gains_one_margin_in_all() {
        let met = Now { wall_ms: LEASE.met_hub_ms, monotonic_ms: 5 };
        let mut clock = LeaseClock::set(met);
        let hour_ms = 3_600_000;
        let mut live_hours = 0;
        for hour in 1..=40 * 24 {
            let now = Now { monotonic_ms: met.monotonic_ms + hour * hour_ms, ..met };
            let seen_ms = clock.advance(now);
            live_hours += u64::from(LEASE.is_live(now.wall_ms, seen_ms));
        }
        assert_eq!(live_hours, CLOCK_MARGIN_MS / hour_ms);
        // A restart forgets the monotonic clock, and not the time that it has counted.
        let noted = LeaseClock::from(clock.at(met));
        assert!(!LEASE.is_live(met.wall_ms, noted.at(met)));
    }

    #[test]
    fn turning_the_clock_back_gains_nothing() {
        let seen_ms = 129 * DAY_MS;
        assert!(LEASE.is_live(seen_ms - DAY_MS, seen_ms), "a clock that is put right");
        assert!(!LEASE.is_live(seen_ms - DAY_MS - 1, seen_ms));
        assert!(!LEASE.is_live(98 * DAY_MS, 0), "before a hub was met");
        assert!(!LEASE.is_live(130 * DAY_MS, 131 * DAY_MS), "it was over already");
        assert!(!LEASE.is_live(u64::MAX, 0));
    }
}
