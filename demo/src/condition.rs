use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    time::Duration,
};

/// What a line does to what passes it. Shared by all relays that the line has.
#[derive(Debug, Default)]
pub(crate) struct Condition {
    cut_towards_store: AtomicBool,
    cut_towards_hub: AtomicBool,
    delay_ms: AtomicU64,
}

impl Condition {
    pub(crate) fn cut(&self, towards_store: bool) {
        let direction = if towards_store { &self.cut_towards_store } else { &self.cut_towards_hub };
        direction.store(true, SeqCst);
    }

    pub(crate) fn slow(&self, ms: u64) {
        self.delay_ms.store(ms, SeqCst);
    }

    pub(crate) fn heal(&self) {
        self.cut_towards_store.store(false, SeqCst);
        self.cut_towards_hub.store(false, SeqCst);
        self.slow(0);
    }

    pub(crate) fn lets_through(&self, towards_store: bool) -> bool {
        let direction = if towards_store { &self.cut_towards_store } else { &self.cut_towards_hub };
        !direction.load(SeqCst)
    }

    pub(crate) fn delay(&self) -> Duration {
        Duration::from_millis(self.delay_ms.load(SeqCst))
    }
}
