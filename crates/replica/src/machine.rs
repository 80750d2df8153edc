//! What replicas note of themselves in their journals: outages, the version that they run, alarms. So a hub shows of
//! each what only it can know.

use purser_storage::{ActRow, MachineAct, StorageError};
use purser_types::ReplicaId;

use crate::View;

/// An outage of a store that is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outage {
    /// When the line was back, in milliseconds since 1970.
    pub ended_ms: u64,
    /// For how many seconds there was none.
    pub seconds: u64,
}

/// An alarm that a replica has raised. Of one kind it notes one a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotedAlarm {
    /// When it was noted, in milliseconds since 1970.
    pub wall_ms: u64,
    /// The code of [`Alarm`](crate::Alarm), perhaps of a later version of Purser.
    pub code: String,
}

impl View {
    /// The latest outages of a replica that are over, by its own word, at most `limit`.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn outages(&mut self, replica: ReplicaId, limit: u32) -> Result<Vec<Outage>, StorageError> {
        let acts = self.machine_acts(replica, MachineAct::LineBack, 0, limit)?.into_iter();
        let outage =
            |act: ActRow| Some(Outage { ended_ms: act.place.wall_ms, seconds: act.about.parse().ok()? });
        Ok(acts.filter_map(outage).collect())
    }

    /// The version of Purser that a replica runs, by its own word; `None` if it has not said.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn version_of(&mut self, replica: ReplicaId) -> Result<Option<String>, StorageError> {
        let acts = self.machine_acts(replica, MachineAct::Started, 0, 1)?;
        Ok(acts.into_iter().next().map(|act| act.about))
    }

    /// The alarms that a replica has noted since `from_ms`, the latest first, at most `limit`.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn alarms_of(
        &mut self,
        replica: ReplicaId,
        from_ms: u64,
        limit: u32,
    ) -> Result<Vec<NotedAlarm>, StorageError> {
        let acts = self.machine_acts(replica, MachineAct::Alarm, from_ms, limit)?.into_iter();
        Ok(acts.map(|act| NotedAlarm { wall_ms: act.place.wall_ms, code: act.about }).collect())
    }

    fn machine_acts(
        &mut self,
        replica: ReplicaId,
        act: MachineAct,
        from_ms: u64,
        limit: u32,
    ) -> Result<Vec<ActRow>, StorageError> {
        let Some(number) = self.number_of(replica)? else { return Ok(Vec::new()) };
        self.database().machine_acts(number, act, from_ms, limit)
    }
}
