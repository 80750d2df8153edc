use purser_escrow::{CLOCK_MARGIN_MS, Lease, LeaseClock};
use purser_journal::Role;
use purser_storage::StorageError;
use purser_types::Now;
use purser_types::mutant::{Mutant, is_on};

use crate::{Refusal, Replica, Transaction, state::State};

/// How long a store may spend rights without having met a hub: 30 days, in milliseconds.
pub const LEASE_MS: u64 = 30 * 24 * 3_600_000;

const MET_HUB: &str = "met_hub_ms";
const LEASE_SEEN: &str = "lease_seen_ms";
/// A meeting is put on disk when the one noted there is so much older, and so is the time.
const NOTED_EVERY_MS: u64 = 600_000;
const SEEN_EVERY_MS: u64 = 60_000;

impl State {
    /// The lease as it stands on disk; that of a replica that has met no hub since it enrolled
    /// runs from then on.
    pub(crate) fn lease(&self, lasts_ms: u64) -> Result<Lease, StorageError> {
        let met_hub_ms = self.noted_ms(MET_HUB)?.unwrap_or(self.mine().credential.issued_ms);
        Ok(Lease { met_hub_ms, lasts_ms })
    }

    /// The latest time that is known to have come since a hub was met, as it stands on disk.
    pub(crate) fn lease_seen_ms(&self) -> Result<u64, StorageError> {
        Ok(self.noted_ms(LEASE_SEEN)?.unwrap_or(0))
    }

    fn noted_ms(&self, key: &str) -> Result<Option<u64>, StorageError> {
        let noted = self.database.meta(key)?;
        Ok(noted.and_then(|bytes| bytes.try_into().ok()).map(u64::from_be_bytes))
    }
}

impl Replica {
    /// A hub was met that does not hold us for put out: the lease begins anew.
    pub fn note_hub_met(&mut self, now: Now) {
        self.lease.met_hub_ms = now.wall_ms;
        self.lease_clock = LeaseClock::set(now);
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
        is_on(Mutant::LeasesForEver)
            || self.lease().is_none_or(|lease| lease.is_live(now.wall_ms, self.lease_clock.at(now)))
    }
}

impl Transaction<'_> {
    /// Refuses to spend rights that may be somebody else's by now.
    pub(crate) fn require_lease(&self) -> Result<(), Refusal> {
        if self.replica.lease_is_live(self.now) { Ok(()) } else { Err(Refusal::LeaseEnded) }
    }

    /// Refuses to take anything back by a clock that most of the replicas linked now hold for wrong
    /// by more than a day.
    pub(crate) fn require_clock(&self) -> Result<(), Refusal> {
        let ahead_ms = &self.replica.peers_ahead_ms;
        let near = ahead_ms.iter().filter(|ahead_ms| ahead_ms.unsigned_abs() <= CLOCK_MARGIN_MS).count();
        if ahead_ms.is_empty() || near * 2 > ahead_ms.len() { Ok(()) } else { Err(Refusal::ClockDoubtful) }
    }

    /// Puts the latest meeting with a hub on disk, and the time that has come since, now and then.
    pub(crate) fn note_lease(&mut self) -> Result<(), StorageError> {
        let seen_ms = self.replica.lease_clock.advance(self.now);
        if seen_ms.abs_diff(self.replica.lease_seen_noted_ms) >= SEEN_EVERY_MS {
            self.replica.state.database.set_meta(LEASE_SEEN, &seen_ms.to_be_bytes())?;
            self.replica.lease_seen_noted_ms = seen_ms;
        }
        let met_hub_ms = self.replica.lease.met_hub_ms;
        if met_hub_ms.abs_diff(self.replica.lease_noted_ms) < NOTED_EVERY_MS {
            return Ok(());
        }
        self.replica.state.database.set_meta(MET_HUB, &met_hub_ms.to_be_bytes())?;
        self.replica.lease_noted_ms = met_hub_ms;
        Ok(())
    }
}
