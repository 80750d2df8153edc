use std::collections::BTreeSet;

use purser_journal::{Entry, Fact, Role};
use purser_storage::{AuthorNumber, FenceRow, StorageError};
use purser_types::{
    ReplicaId,
    mutant::{Mutant, is_on},
    steers_display,
};

use crate::{
    Alarm, IntakeFault, Refusal, RunLimit, Transaction,
    draft::Draft,
    fence_rule::{Verdict, that_count},
    late::LATE,
    state::{Begun, State},
};

/// Fences of one hub that are looked at: more than a city has replicas in all its time.
const FENCES_MAX: u64 = 4_096;

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
        let after_hash = known.and(state.authors.get(replica)).map(|author| author.head.hash);
        Ok(Draft::of([Fact::Fenced { replica, after_seq, reason, after_hash }]))
    }

    /// Brings journals to the end that their fences give them, and folds everything anew without the
    /// rest: a fold has no way back. What a fence had cut off that does not count any more comes back.
    pub(crate) fn cut_fenced(&mut self) -> Result<(), StorageError> {
        while !self.replica.state.noted.fenced.is_empty() {
            let mut fenced = std::mem::take(&mut self.replica.state.noted.fenced);
            fenced.sort_unstable();
            fenced.dedup();
            self.replica.fences_folded += fenced.len() as u64;
            let (mut cut, mut longer) = (false, Vec::new());
            for replica in fenced {
                if replica == self.replica.id() {
                    self.heed_own_fence()?;
                    continue;
                }
                cut |= self.replica.state.come_to_fenced_story(replica)?;
                cut |= !is_on(Mutant::KeepsLateEntries) && self.replica.state.cut_at_fence(replica)?;
                longer.extend(self.replica.state.is_cut_short(replica)?.then_some(replica));
            }
            if cut || self.replica.state.noted.begun == Begun::ToFold {
                self.replica.state.flush()?;
                let ends_before = self.replica.state.ends()?;
                self.replica.state.refold()?;
                // What was folded no longer may have held fences: whom they had put out is looked at again.
                let ends = self.replica.state.ends()?;
                let changed = ends_before.symmetric_difference(&ends).map(|(of, _)| *of);
                self.replica.state.noted.fenced.extend(changed);
                self.replica.state.noted.begun.told_next();
            }
            for replica in longer {
                self.bring_back(replica)?;
            }
        }
        Ok(())
    }

    fn heed_own_fence(&mut self) -> Result<(), StorageError> {
        let is_out = self.replica.is_fenced(self.replica.id())?;
        if is_out && self.replica.stopped.is_none() {
            self.replica.stopped = Some(FENCED);
            self.replica.state.noted.alarm(Alarm::Fenced);
        } else if !is_out && self.replica.stopped == Some(FENCED) {
            // Whoever put us out was out before.
            self.replica.stopped = None;
        }
        Ok(())
    }

    /// Folds what was kept aside of a journal that ends later than was thought.
    fn bring_back(&mut self, replica: ReplicaId) -> Result<(), StorageError> {
        const AT_ONCE: RunLimit = RunLimit { entries: 1_000, bytes: 1024 * 1024 };
        let Some(author) = self.replica.author(replica).cloned() else { return Ok(()) };
        let (mut after, mut runs) = (author.head.seq, Vec::new());
        while let Some(run) = self.replica.run_after(replica, after, AT_ONCE)? {
            after = run.seal.seq;
            runs.push(run);
        }
        self.replica.state.database.forget_set_aside(author.number, LATE)?;
        if let Some(author) = self.replica.state.authors.get_mut(replica) {
            author.late = None;
            // What was folded before is folded again, whatever was found wrong after it.
            author.quarantine = None;
        }
        for run in runs {
            if let Err(IntakeFault::Storage(error)) = self.take_in(run, self.replica.id()).map(drop) {
                return Err(error);
            }
        }
        let found = self.replica.author(replica).and_then(|author| author.quarantine.clone());
        self.replica.state.quarantine(replica, found.or(author.quarantine))
    }
}

impl State {
    /// The last entry of `replica` that counts, if it is fenced. Where hubs differ, the
    /// earliest: every replica that knows the same fences comes to the same.
    pub(crate) fn fence_of(&self, replica: ReplicaId) -> Result<Option<u64>, StorageError> {
        self.database.fence_of(replica)
    }

    /// Where the journals end of all that are fenced.
    fn ends(&self) -> Result<BTreeSet<(ReplicaId, Option<u64>)>, StorageError> {
        let fenced = self.database.fences()?.into_iter().map(|fence| fence.replica);
        let fenced: BTreeSet<ReplicaId> = fenced.collect();
        fenced.into_iter().map(|replica| Ok((replica, self.fence_of(replica)?))).collect()
    }

    /// Notes a fence, wherever in its hub's journal it stands, and looks anew which fences count.
    pub(crate) fn add_fence(&mut self, entry: &Entry, author: AuthorNumber) -> Result<(), StorageError> {
        for fact in &entry.facts {
            let Fact::Fenced { replica, after_seq, reason, after_hash } = fact else { continue };
            if self.database.fence_count(author)? >= FENCES_MAX {
                return Ok(());
            }
            self.database.add_fence(&FenceRow {
                replica: *replica,
                author,
                seq: entry.seq,
                after_seq: *after_seq,
                reason: reason.clone(),
                after_hash: *after_hash,
                hlc: entry.hlc,
                counts: false,
            })?;
            self.noted.fenced.push(*replica);
            self.noted.city_changed = true;
        }
        self.judge_fences()
    }

    fn judge_fences(&mut self) -> Result<(), StorageError> {
        let fences = self.database.all_fences()?;
        let verdicts: Vec<Option<Verdict>> = fences
            .iter()
            .map(|fence| {
                let FenceRow { replica, seq, after_seq, hlc, .. } = *fence;
                let hub = self.authors.numbered(fence.author)?;
                Some(Verdict { hlc, hub, seq, replica, after_seq })
            })
            .collect();
        let counting = that_count(&verdicts.iter().flatten().copied().collect::<BTreeSet<_>>());
        for (fence, verdict) in fences.iter().zip(&verdicts) {
            let counts = verdict.is_some_and(|verdict| counting.contains(&verdict));
            if counts != fence.counts {
                if !counts {
                    // Peers were told that nothing more of it is wanted.
                    self.noted.begun.want_again();
                }
                self.database.set_fence_counts(fence, counts)?;
                self.noted.fenced.push(fence.replica);
                self.noted.city_changed = true;
            }
        }
        Ok(())
    }

    /// Notes the fences in what a hub wrote after it was put out itself: they count if its own fence
    /// turns out not to.
    pub(crate) fn note_late_fences(&mut self) -> Result<(), StorageError> {
        let is_hub = |role| role == Role::Hub;
        let hubs =
            self.authors.iter().filter(|author| is_hub(author.credential.role) && author.late.is_some());
        let hubs: Vec<_> = hubs.map(|author| (author.number, author.head.seq)).collect();
        for (number, head) in hubs {
            for (_, bytes) in self.database.set_aside_for(number, head, LATE)? {
                if let Ok(entry) = Entry::from_bytes(&bytes) {
                    self.add_fence(&entry, number)?;
                }
            }
        }
        Ok(())
    }

    /// Whether more of a journal is kept here than is folded, and counts.
    fn is_cut_short(&self, replica: ReplicaId) -> Result<bool, StorageError> {
        let Some(author) = self.authors.get(replica) else { return Ok(false) };
        let end = self.fence_of(replica)?.unwrap_or(u64::MAX);
        Ok(author.late.is_some() && author.head.seq < end)
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
        self.keep_all_aside(&author, fence, LATE)?;
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
