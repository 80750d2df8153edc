//! Notes in the journal what only the replica itself knows, so that a hub can show it of each: the version that it
//! runs, and the alarms that it raises.

use std::{collections::BTreeMap, time::Duration};

use purser_journal::Role;
use purser_replica::{Order, Refusal, Undertaking};
use purser_service::Readers;
use purser_storage::MachineAct;
use purser_sync::Engine;
use purser_transport::{Handle, RaisedAlarm, SubmitError};
use purser_types::ReplicaId;

/// How often alarms are looked at.
const EVERY: Duration = Duration::from_secs(1);
/// Of one kind, alarms are noted so far apart, in milliseconds: a day. What a faulty peer raises all the time does
/// not fill the journal.
const APART_MS: u64 = 86_400_000;
/// Notes of a day that are looked at on starting: more than there are kinds.
const LOOKED_AT: u32 = 100;

/// What the journal says already.
#[derive(Debug, Default)]
struct Noted {
    version: Option<String>,
    /// When an alarm of each kind was noted last, in milliseconds since 1970.
    alarms: BTreeMap<String, u64>,
}

/// Watches until the node ends.
pub(crate) async fn watch(handle: Handle, me: ReplicaId) {
    let mut noted = match read(&handle, me).await {
        Ok(noted) => noted,
        Err(error) => {
            tracing::warn!(%error, "neither the version nor alarms will be noted");
            return;
        }
    };
    loop {
        let Ok(has_met) = handle.inspect(has_met_somebody).await else { return };
        if has_met {
            note_news(&handle, &mut noted).await;
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// An old copy of a store's database learns from the first hub that it meets that it may not write: until then it
/// does not write by itself.
fn has_met_somebody(engine: &Engine) -> bool {
    let is_hub = engine.replica().me().credential.role == Role::Hub;
    let mut roles = engine.status().links.into_iter().filter_map(|link| link.role);
    roles.any(|role| is_hub || role == Role::Hub)
}

async fn read(handle: &Handle, me: ReplicaId) -> Result<Noted, Box<dyn std::error::Error + Send + Sync>> {
    let from_ms = handle.now().wall_ms.saturating_sub(APART_MS);
    let readers = Readers::of(handle.database().to_owned());
    let read = readers.lend(move |reader| {
        let version = reader.view.version_of(me)?;
        let alarms = reader.view.alarms_of(me, from_ms, LOOKED_AT)?;
        Ok::<_, Refusal>((version, alarms))
    });
    let (version, alarms) = read.await??;
    // The latest come first, and count.
    let alarms = alarms.into_iter().rev().map(|alarm| (alarm.code, alarm.wall_ms)).collect();
    Ok(Noted { version, alarms })
}

async fn note_news(handle: &Handle, noted: &mut Noted) {
    let version = env!("CARGO_PKG_VERSION");
    if noted.version.as_deref() != Some(version) && note(handle, MachineAct::Started, version).await {
        noted.version = Some(version.to_owned());
    }
    for alarm in handle.recent_alarms() {
        if noted.is_news(&alarm) && note(handle, MachineAct::Alarm, alarm.code).await {
            noted.alarms.insert(alarm.code.to_owned(), handle.now().wall_ms);
        }
    }
}

/// Whether it is noted, or cannot be: who may not write any more is not asked again and again.
async fn note(handle: &Handle, act: MachineAct, about: &str) -> bool {
    let undertaking = Undertaking::Note { by: String::new(), act: act.name(), about: about.to_owned() };
    match handle.submit(Order { request: None, undertaking }).await {
        Ok(_) => true,
        Err(SubmitError::Refused(refusal)) => {
            tracing::debug!(%refusal, act = act.name(), about, "not noted");
            true
        }
        Err(SubmitError::Overloaded | SubmitError::Stopped) => false,
    }
}

impl Noted {
    fn is_news(&self, alarm: &RaisedAlarm) -> bool {
        let noted_ms = self.alarms.get(alarm.code);
        noted_ms.is_none_or(|noted_ms| alarm.wall_ms >= noted_ms.saturating_add(APART_MS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alarm_of_a_kind_is_noted_once_a_day() {
        let raised = |code, wall_ms| RaisedAlarm { wall_ms, code, message: String::new(), about: None };
        let mut noted = Noted::default();
        assert!(noted.is_news(&raised("alarm_clock_skew", 1_000)));
        noted.alarms.insert("alarm_clock_skew".to_owned(), 3_000);
        assert!(!noted.is_news(&raised("alarm_clock_skew", 1_000)), "it is still among the latest");
        assert!(!noted.is_news(&raised("alarm_clock_skew", 2_000 + APART_MS)));
        assert!(noted.is_news(&raised("alarm_clock_skew", 3_000 + APART_MS)));
        assert!(noted.is_news(&raised("alarm_forked", 4_000)), "another kind");
    }
}
