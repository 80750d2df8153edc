use purser_types::Now;

/// A machine's clock: how far it is off, and how fast it runs away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Clock {
    /// How far it was ahead of the truth when it was set last, in milliseconds.
    pub ahead_ms: i64,
    /// By how much it runs too fast, in millionths.
    pub drift_ppm: i64,
    /// When it was set last, by the true monotonic clock.
    pub set_at_ms: u64,
}

impl Clock {
    /// What the machine reads when it is truly `now`. Its monotonic clock is the true one: a machine
    /// measures seconds well enough.
    pub fn read(self, now: Now) -> Now {
        Now { wall_ms: now.wall_ms.saturating_add_signed(self.off_ms(now)), ..now }
    }

    /// How far it is ahead of the truth.
    pub fn off_ms(self, now: Now) -> i64 {
        let passed_ms = now.monotonic_ms.saturating_sub(self.set_at_ms);
        let drifted_ms = i128::from(passed_ms) * i128::from(self.drift_ppm) / 1_000_000;
        self.ahead_ms.saturating_add(i64::try_from(drifted_ms).unwrap_or(0))
    }

    /// Somebody, or something, sets it forward by `by_ms`, or back.
    pub fn jump(&mut self, by_ms: i64, now: Now) {
        let ahead_ms = self.off_ms(now).saturating_add(by_ms);
        *self = Self { ahead_ms, set_at_ms: now.monotonic_ms, ..*self };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_jumps_and_drifts() {
        let now = |ms: u64| Now { wall_ms: 1_000_000_000 + ms, monotonic_ms: ms };
        let mut clock = Clock { drift_ppm: 100, ..Clock::default() };
        assert_eq!(clock.read(now(10_000_000)).wall_ms, 1_010_001_000);
        clock.jump(-5_000, now(10_000_000));
        assert_eq!(clock.off_ms(now(10_000_000)), -4_000);
        assert_eq!(clock.off_ms(now(20_000_000)), -3_000);
    }
}
