use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

/// How often somebody may try a password: after five wrong ones for an account each further one doubles the time
/// until the next, from two seconds to fifteen minutes.
#[derive(Debug, Default)]
pub(crate) struct Throttle(Mutex<HashMap<String, Tries>>);

#[derive(Debug, Clone, Copy, Default)]
struct Tries {
    wrong: u32,
    last_ms: u64,
}

/// Wrong passwords that cost nothing.
const FREE: u32 = 5;
const FIRST_MS: u64 = 2_000;
const LONGEST_MS: u64 = 15 * 60_000;
/// Names of accounts that are remembered at once; the oldest is forgotten.
const NAMES_MAX: usize = 10_000;

impl Throttle {
    /// How long somebody has to wait before the next try, in milliseconds; 0 if not at all.
    pub(crate) fn wait_ms(&self, name: &str, monotonic_ms: u64) -> u64 {
        let tries = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(name).copied();
        tries.map_or(0, |tries| tries.open_ms().saturating_sub(monotonic_ms))
    }

    /// A password was wrong. Whether tries are held back from now on.
    pub(crate) fn wrong(&self, name: &str, monotonic_ms: u64) -> bool {
        let mut names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if names.len() >= NAMES_MAX
            && !names.contains_key(name)
            && let Some(oldest) =
                names.iter().min_by_key(|(_, tries)| tries.last_ms).map(|(name, _)| name.clone())
        {
            names.remove(&oldest);
        }
        let tries = names.entry(name.to_owned()).or_default();
        *tries = Tries { wrong: tries.wrong.saturating_add(1), last_ms: monotonic_ms };
        tries.wrong == FREE
    }

    /// It was right.
    pub(crate) fn right(&self, name: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
    }
}

impl Tries {
    /// From when on there may be another.
    fn open_ms(self) -> u64 {
        if self.wrong < FREE {
            return 0;
        }
        let wait = FIRST_MS.checked_shl(self.wrong - FREE).map_or(LONGEST_MS, |wait| wait.min(LONGEST_MS));
        self.last_ms.saturating_add(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_guesses_waits_longer_each_time() {
        let throttle = Throttle::default();
        for _ in 1..FREE {
            assert!(!throttle.wrong("li", 1_000));
        }
        assert_eq!(throttle.wait_ms("li", 1_000), 0);
        assert!(throttle.wrong("li", 1_000));
        assert_eq!((throttle.wait_ms("li", 1_000), throttle.wait_ms("wu", 1_000)), (2_000, 0));
        assert!(!throttle.wrong("li", 3_000));
        assert_eq!(throttle.wait_ms("li", 3_000), 4_000);
        for _ in 0..100 {
            throttle.wrong("li", 3_000);
        }
        assert_eq!(throttle.wait_ms("li", 3_000), LONGEST_MS);
        throttle.right("li");
        assert_eq!(throttle.wait_ms("li", 3_000), 0);
    }

    #[test]
    fn memory_is_bounded() {
        let throttle = Throttle::default();
        for n in 0..NAMES_MAX as u64 + 10 {
            throttle.wrong(&n.to_string(), n);
        }
        assert_eq!(throttle.0.lock().unwrap().len(), NAMES_MAX);
    }
}
