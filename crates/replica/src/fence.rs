use purser_journal::Fact;
use purser_storage::StorageError;
use purser_types::{ReplicaId, steers_display};

use crate::{Alarm, Refusal, Transaction, draft::Draft, late::LATE, state::State};

/// Why a replica may not write any more.
const FENCED: &str = "fenced by the hub";
pub(crate) const OLD_COPY: &str = "found to be an old copy";
pub(crate) const DISOWNED: &str = "set aside by the hub";

impl Transaction<'_> {
    /// Puts a replica out: what this hub knows of its journal counts, nothing after.
    pub(crate) fn plan_fence(&mut self, replica: ReplicaId, reason: &str) -> Result<Draft, Refusal> {
        self.require_hub()?;
        if reason.is_empty() || reason.len() > 500 || reason.contains(steers_display) {
            return Err(Refusal::OutOfRange { what: "reason", range: "1 to 500 bytes on one line" });
        }
        let state = &self.replica.state;
        if replica == state.me {
            return Err(Refusal::FenceOfSelf);
        }
        let known = state.authors.get(replica).map(|author| author.head.seq);
        let enrolled = state.database.is_enrolled(replica)?;
        if known.is_none() && !enrolled {
            return Err(Refusal::UnknownReplica(replica));
        }
        let (after_seq, reason) = (known.unwrap_or(0), reason.to_owned());
        Ok(Draft::of([Fact::Fenced { replica, after_seq, reason }]))
    }

    /// Cuts journals that go on beyond their fence, and folds everything anew without the rest:
    /// a fold has no way back.
    pub(crate) fn cut_fenced(&mut self) -> Result<(), StorageError> {
        let fenced = std::mem::take(&mut self.replica.state.noted.fenced);
        self.replica.fences_folded += fenced.len() as u64;
        let mut cut = false;
        for replica in fenced {
            if replica == self.replica.id() {
                self.replica.stopped = Some(FENCED);
                self.replica.state.noted.alarm(Alarm::Fenced);
            } else {
                cut |= self.replica.state.cut_at_fence(replica)?;
            }
        }
        if cut {
            self.replica.state.flush()?;
            self.replica.state.refold()?;
        }
        Ok(())
    }
}

impl State {
    /// The last entry of `replica` that counts, if it is fenced. Where hubs differ, the
    /// earliest: every replica that knows the same fences comes to the same.
    pub(crate) fn fence_of(&self, replica: ReplicaId) -> Result<Option<u64>, StorageError> {
        self.database.fence_of(replica)
    }

    /// Why this replica may not write, going by what was folded before.
    pub(crate) fn why_stopped(&self) -> Result<Option<&'static str>, StorageError> {
        if let Some(reason) = &self.mine().quarantine {
            let is_disowned = reason.starts_with(Alarm::DISOWNED);
            return Ok(Some(if is_disowned { DISOWNED } else { OLD_COPY }));
        }
        Ok(self.fence_of(self.me)?.map(|_| FENCED))
    }

    /// Sets aside what a fenced author wrote after its fence; tells whether there was any.
    fn cut_at_fence(&mut self, replica: ReplicaId) -> Result<bool, StorageError> {
        let fence = self.fence_of(replica)?;
        let Some((fence, author)) = fence.zip(self.authors.get(replica).cloned()) else {
            return Ok(false);
        };
        if author.head.seq <= fence {
            return Ok(false);
        }
        let late = self.database.entries(author.number, fence + 1, author.head.seq)?;
        for (seq, bytes) in (fence + 1..).zip(&late) {
            self.keep_aside(&author, seq, bytes, LATE)?;
        }
        self.database.cut_journal(author.number, fence)?;
        let head = self.head_at(replica, fence)?;
        self.database.set_head(author.number, head)?;
        if let Some(author) = self.authors.get_mut(replica) {
            author.late.get_or_insert(author.head);
            author.head = head;
        }
        Ok(true)
    }
}
