//! Notes in the journal how long a store had no line to a hub, once it has one again: every replica can show it.

use std::time::Duration;

use purser_journal::Role;
use purser_replica::{Order, Undertaking};
use purser_storage::MachineAct;
use purser_sync::Engine;
use purser_transport::Handle;

/// How often the line is looked at.
const EVERY: Duration = Duration::from_secs(1);
/// What is over sooner is no outage, in milliseconds.
const SHORTEST_MS: u64 = 30_000;

/// Whether there has been a line, look by look.
#[derive(Debug, Default)]
struct Watch {
    /// Since when there is none, by the clock that only goes forward.
    gone_since_ms: Option<u64>,
    /// A store that has just started has not lost its line yet.
    was_linked: bool,
}

/// Looks at the line until the node ends.
pub(crate) async fn watch(handle: Handle) {
    let mut watch = Watch::default();
    loop {
        tokio::time::sleep(EVERY).await;
        let Ok(is_linked) = handle.inspect(is_linked).await else { return };
        if let Some(lasted_ms) = watch.look(is_linked, handle.now().monotonic_ms) {
            note(&handle, lasted_ms / 1_000).await;
        }
    }
}

fn is_linked(engine: &Engine) -> bool {
    engine.status().links.iter().any(|link| link.role == Some(Role::Hub))
}

async fn note(handle: &Handle, seconds: u64) {
    let act = MachineAct::LineBack.name();
    let undertaking = Undertaking::Note { by: String::new(), act, about: seconds.to_string() };
    if let Err(error) = handle.submit(Order { request: None, undertaking }).await {
        tracing::warn!(%error, seconds, "an outage was not noted");
    }
}

impl Watch {
    /// How long the line was gone, if it is back now and was gone for long enough to speak of.
    fn look(&mut self, is_linked: bool, now_ms: u64) -> Option<u64> {
        if !is_linked {
            if self.was_linked {
                self.gone_since_ms.get_or_insert(now_ms);
            }
            return None;
        }
        self.was_linked = true;
        let since_ms = self.gone_since_ms.take()?;
        Some(now_ms.saturating_sub(since_ms)).filter(|lasted_ms| *lasted_ms >= SHORTEST_MS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lasts_is_told_once_when_it_is_over() {
        let mut watch = Watch::default();
        assert_eq!(watch.look(false, 0), None);
        assert_eq!(watch.look(true, 60_000), None, "nothing was lost while it started");
        assert_eq!(watch.look(false, 61_000), None);
        assert_eq!(watch.look(false, 90_000), None);
        assert_eq!(watch.look(true, 121_000), Some(60_000));
        assert_eq!(watch.look(true, 122_000), None);
        watch.look(false, 130_000);
        assert_eq!(watch.look(true, 159_999), None, "a flicker");
    }
}
