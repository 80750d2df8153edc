use std::time::Duration;

use rand::RngExt;

/// How fast messages are sent, and sent again.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// How long an endpoint may take to answer.
    pub attempt: Duration,
    /// The pause after a first failure, at most; it doubles with each.
    pub first_pause: Duration,
    /// And never gets longer than this.
    pub longest_pause: Duration,
    /// How often is looked for new entries, and for endpoints that were added or removed.
    pub look: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            attempt: Duration::from_secs(10),
            first_pause: Duration::from_secs(1),
            longest_pause: Duration::from_mins(10),
            look: Duration::from_secs(1),
        }
    }
}

impl Pace {
    /// The longest pause after so many failures in a row.
    fn bound(&self, failures: u32) -> Duration {
        let doubled = 1_u32.checked_shl(failures.saturating_sub(1)).unwrap_or(u32::MAX);
        self.first_pause.saturating_mul(doubled).min(self.longest_pause)
    }

    /// The pause after so many failures in a row: half of it is chance, so that many senders do not come at once.
    pub(crate) fn pause_ms(&self, failures: u32) -> u64 {
        let bound_ms = u64::try_from(self.bound(failures).as_millis()).unwrap_or(u64::MAX);
        rand::rng().random_range(bound_ms / 2..=bound_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_bound() {
        let pace = Pace::default();
        let bounds: Vec<u64> = [1, 2, 3, 10, 11, 32, 33, 1_000].map(|n| pace.bound(n).as_secs()).into();
        assert_eq!(bounds, [1, 2, 4, 512, 600, 600, 600, 600]);
        for failures in [1, 5, 100] {
            let bound = u64::try_from(pace.bound(failures).as_millis()).unwrap();
            assert!((bound / 2..=bound).contains(&pace.pause_ms(failures)));
        }
    }
}
