use purser_storage::StorageError;
use purser_types::Now;

use crate::{Committed, Replica};

/// Decisions that become durable together. See the crate's contract.
pub struct Transaction<'r> {
    pub(crate) replica: &'r mut Replica,
    pub(crate) now: Now,
    pub(crate) number: u64,
    /// Bytes of entries of our own written so far.
    pub(crate) own_bytes: usize,
    /// Whether a sale may spend in advance of rights.
    pub(crate) may_advance: bool,
    head_before: u64,
    finished: bool,
}

impl<'r> Transaction<'r> {
    pub(crate) fn begin(replica: &'r mut Replica, now: Now) -> Result<Self, StorageError> {
        replica.state.database.begin()?;
        replica.transactions += 1;
        let (number, head_before) = (replica.transactions, replica.state.mine().head.seq);
        Ok(Self { replica, now, number, own_bytes: 0, may_advance: false, head_before, finished: false })
    }

    /// Bytes of entries written by this replica so far. One seal comes for all of them, and
    /// what lies between two seals travels in one frame, so callers commit at a mebibyte.
    pub fn own_bytes(&self) -> usize {
        self.own_bytes
    }

    /// Makes everything durable: takes up rights offered to us, passes on
    /// those of members who were seen elsewhere, seals our head, commits.
    ///
    /// # Errors
    /// Whatever the database reports. Nothing of the transaction remains then.
    pub fn commit(mut self) -> Result<Committed, StorageError> {
        // First of all: what was cut off was not offered, and who is fenced accepts nothing.
        self.cut_fenced()?;
        self.accept_offers()?;
        self.settle_advances()?;
        self.follow_members()?;
        self.note_lease()?;
        let replica = &mut *self.replica;
        replica.state.flush()?;
        let head = replica.state.mine().head.seq;
        if head > self.head_before {
            replica.seal_head()?;
            replica.state.noted.grown.push((replica.state.me, self.head_before + 1, head));
        }
        for (author, first, last) in std::mem::take(&mut replica.state.noted.grown) {
            replica.state.alarm_forged(author, first, last)?;
        }
        if std::mem::take(&mut replica.state.noted.city_changed) {
            replica.look_for_hubs()?;
        }
        replica.state.database.commit()?;
        replica.state.cache.clear();
        self.finished = true;
        Ok(Committed::new(self.number))
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        if self.finished {
            return;
        }
        let state = &mut self.replica.state;
        if let Err(error) = state.database.rollback().and_then(|()| state.reload()) {
            tracing::error!(%error, "rolling back failed: the replica stops");
            self.replica.stopped = Some("stopped by a failed disk");
        }
    }
}
