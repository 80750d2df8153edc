use purser_escrow::Lease;
use purser_journal::Role;
use purser_storage::StorageError;
use purser_types::Now;

use crate::{Refusal, Replica, Transaction, state::State};

const MET_HUB: &str = "met_hub_ms";
/// A meeting is put on disk when the one noted there is so much older.
const NOTED_EVERY_MS: u64 = 600_000;

impl State {
    /// The lease as it stands on disk; that of a replica that has met no hub since it enrolled
    /// runs from then on.
    pub(crate) fn lease(&self, lasts_ms: u64) -> Result<Lease, StorageError> {
        let noted = self.database.meta(MET_HUB)?;
        let noted = noted.and_then(|bytes| bytes.try_into().ok()).map(u64::from_be_bytes);
        let met_hub_ms = noted.unwrap_or(self.mine().credential.issued_ms);
        Ok(Lease { met_hub_ms, lasts_ms })
    }
}

impl Replica {
    /// A hub was met that does not hold us for put out: the lease begins anew.
    pub fn note_hub_met(&mut self, now: Now) {
        self.lease.met_hub_ms = now.wall_ms;
        self.lease_seen_ms = now.wall_ms;
    }

    /// How long rights may be spent here, if no hub is met meanwhile; `None` for a hub that is
    /// the only one, which has nobody to meet.
    pub fn lease(&self) -> Option<Lease> {
        (!self.is_only_hub).then_some(self.lease)
    }

    /// Looks anew whether this is the only hub, after somebody joined or was put out.
    pub(crate) fn look_for_hubs(&mut self) -> Result<(), StorageError> {
        let is_hub = |role| role == Role::Hub;
        let others = self.neighbours()?.into_iter().any(|(_, role, _)| is_hub(role));
        self.is_only_hub = is_hub(self.me().credential.role) && !others;
        Ok(())
    }

    /// Whether rights may be spent here now.
    pub fn lease_is_live(&self, now: Now) -> bool {
        self.lease().is_none_or(|lease| lease.is_live(now.wall_ms, self.lease_seen_ms))
    }
}

impl Transaction<'_> {
    /// Refuses to spend rights that may be somebody else's by now.
    pub(crate) fn require_lease(&self) -> Result<(), Refusal> {
        if self.replica.lease_is_live(self.now) { Ok(()) } else { Err(Refusal::LeaseEnded) }
    }

    /// Puts the latest meeting with a hub on disk, now and then.
    pub(crate) fn note_lease(&mut self) -> Result<(), StorageError> {
        self.replica.lease_seen_ms = self.replica.lease_seen_ms.max(self.now.wall_ms);
        let met_hub_ms = self.replica.lease.met_hub_ms;
        if met_hub_ms.abs_diff(self.replica.lease_noted_ms) < NOTED_EVERY_MS {
            return Ok(());
        }
        self.replica.state.database.set_meta(MET_HUB, &met_hub_ms.to_be_bytes())?;
        self.replica.lease_noted_ms = met_hub_ms;
        Ok(())
    }
}
