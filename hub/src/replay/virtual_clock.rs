use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use purser_transport::Clock;

use super::moment::HOUR_MS;

/// The wall clock of the city. It follows the history, and waits while a till has points
/// set aside: a hold lasts a day, and a day can go by here while a disk is busy.
#[derive(Debug, Clone)]
pub(crate) struct VirtualClock {
    wall_ms: Arc<AtomicU64>,
    pins: Arc<Mutex<Pins>>,
}

#[derive(Debug, Default)]
struct Pins {
    made: u64,
    open: BTreeMap<u64, u64>,
}

/// Keeps the clock from running away; dropped, it lets go.
#[derive(Debug)]
pub(crate) struct Pin {
    pins: Arc<Mutex<Pins>>,
    number: u64,
}

/// How long the points of a till are set aside: the most that a replica allows.
pub(crate) const HOLD_MS: u64 = 24 * HOUR_MS;
/// How far the clock may go on while a till holds points.
const PINNED_MS: u64 = 20 * HOUR_MS;

impl VirtualClock {
    pub(crate) fn new(wall_ms: u64) -> Self {
        Self { wall_ms: Arc::new(AtomicU64::new(wall_ms)), pins: Arc::default() }
    }

    /// The clock as a node reads it.
    pub(crate) fn of_node(&self) -> Clock {
        Clock::set_by(Arc::clone(&self.wall_ms))
    }

    /// Sets the clock forward, unless a till that holds points would lose them. Never back.
    pub(crate) fn advance(&self, to_ms: u64) -> bool {
        let pins = lock(&self.pins);
        let ceiling_ms = pins.open.values().min().map_or(u64::MAX, |at_ms| at_ms + PINNED_MS);
        if to_ms > ceiling_ms {
            return false;
        }
        self.wall_ms.fetch_max(to_ms, Ordering::Relaxed);
        true
    }

    /// Holds the clock near where it is.
    pub(crate) fn pin(&self) -> Pin {
        let mut pins = lock(&self.pins);
        pins.made += 1;
        let number = pins.made;
        let now_ms = self.wall_ms.load(Ordering::Relaxed);
        pins.open.insert(number, now_ms);
        Pin { pins: Arc::clone(&self.pins), number }
    }
}

impl Drop for Pin {
    fn drop(&mut self) {
        lock(&self.pins).open.remove(&self.number);
    }
}

fn lock(pins: &Mutex<Pins>) -> std::sync::MutexGuard<'_, Pins> {
    pins.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_never_goes_back_and_waits_for_holds() {
        let clock = VirtualClock::new(1_000);
        assert!(clock.advance(5_000) && clock.advance(4_000));
        assert_eq!(clock.of_node().now().wall_ms, 5_000);
        let pin = clock.pin();
        assert!(clock.advance(5_000 + PINNED_MS) && !clock.advance(5_001 + PINNED_MS));
        drop(pin);
        assert!(clock.advance(5_001 + PINNED_MS));
    }
}
