use minicbor::{Decode, Encode};

/// Hybrid logical clock (Kulkarni et al., 2014): wall time in milliseconds since
/// 1970 and a counter for what happens within one of them. Orders entries for
/// people and for last-visit rules; nothing about rights depends on it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub struct Hlc {
    /// Milliseconds since 1970-01-01 UTC.
    #[n(0)]
    pub wall_ms: u64,
    /// Counts entries within one millisecond, or while the wall clock stands back.
    #[n(1)]
    pub counter: u32,
}

/// The clock of one replica. Never goes back, not even when the wall clock does.
#[derive(Debug, Clone, Copy, Default)]
pub struct HlcClock {
    last: Hlc,
}

impl HlcClock {
    /// How far another's time may be ahead of ours and still pull ours forward.
    /// Beyond it the other clock is taken to be wrong: no value gets pinned in the future.
    pub const PULL_MAX_MS: u64 = 60_000;

    /// A clock that continues after `last`.
    pub fn after(last: Hlc) -> Self {
        Self { last }
    }

    /// The latest time given out or taken note of.
    pub fn last(&self) -> Hlc {
        self.last
    }

    /// The time of a new entry, given the wall clock's reading.
    pub fn tick(&mut self, wall_ms: u64) -> Hlc {
        let Hlc { wall_ms: last_ms, counter } = self.last;
        self.last = match counter.checked_add(1) {
            _ if wall_ms > last_ms => Hlc { wall_ms, counter: 0 },
            Some(counter) => Hlc { wall_ms: last_ms, counter },
            // Another's entry may come with the greatest counter there is.
            None => Hlc { wall_ms: last_ms.saturating_add(1), counter: 0 },
        };
        self.last
    }

    /// Takes note of another replica's time, so that what is written next sorts after it.
    pub fn observe(&mut self, seen: Hlc, wall_ms: u64) {
        if seen.wall_ms <= wall_ms + Self::PULL_MAX_MS {
            self.last = self.last.max(seen);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_never_goes_back() {
        let mut clock = HlcClock::default();
        let times: Vec<Hlc> = [500, 400, 500, 501].iter().map(|&wall_ms| clock.tick(wall_ms)).collect();
        assert!(times.windows(2).all(|pair| pair[0] < pair[1]), "{times:?}");
    }

    #[test]
    fn a_counter_at_its_end_carries_over() {
        let mut clock = HlcClock::default();
        clock.observe(Hlc { wall_ms: 500, counter: u32::MAX }, 400);
        assert_eq!(clock.tick(400), Hlc { wall_ms: 501, counter: 0 });
    }

    #[test]
    fn a_clock_far_ahead_does_not_pull_ours() {
        let mut clock = HlcClock::default();
        clock.observe(Hlc { wall_ms: 10_000_000, counter: 0 }, 1_000);
        assert_eq!(clock.tick(1_000).wall_ms, 1_000);
        clock.observe(Hlc { wall_ms: 30_000, counter: 7 }, 1_000);
        assert_eq!(clock.tick(1_001), Hlc { wall_ms: 30_000, counter: 8 });
    }
}
