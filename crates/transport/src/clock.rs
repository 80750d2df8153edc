use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use purser_types::Now;

/// The clocks of a node. Monotonic time is always the machine's; wall time may be set, to
/// replay a history.
#[derive(Debug, Clone)]
pub struct Clock {
    started: Instant,
    set_wall_ms: Option<Arc<AtomicU64>>,
}

impl Clock {
    /// The machine's clocks.
    pub fn system() -> Self {
        Self { started: Instant::now(), set_wall_ms: None }
    }

    /// A wall clock that shows `wall_ms` (milliseconds since 1970) until it is set again.
    pub fn set_by(wall_ms: Arc<AtomicU64>) -> Self {
        Self { started: Instant::now(), set_wall_ms: Some(wall_ms) }
    }

    /// A reading of both clocks.
    pub fn now(&self) -> Now {
        let wall_ms = match &self.set_wall_ms {
            Some(set) => set.load(Ordering::Relaxed),
            None => SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| millis(since.as_millis())),
        };
        Now { wall_ms, monotonic_ms: millis(self.started.elapsed().as_millis()) }
    }
}

fn millis(millis: u128) -> u64 {
    u64::try_from(millis).unwrap_or(u64::MAX)
}
