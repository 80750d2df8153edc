use std::collections::{BTreeMap, BTreeSet};

use automerge::ChangeHash;
use purser_types::ReplicaId;

use crate::{
    ChangeFault,
    candidate::{Candidate, ValueId},
};

/// What a document is made of: enough to tell whether one more change fits.
///
/// Judges a change by its past alone, which is the same at every replica. What else a
/// document holds at the time must not matter, or replicas would come to disagree.
#[derive(Clone, Default)]
pub(crate) struct History {
    pasts: BTreeMap<ChangeHash, Past>,
    heads: BTreeSet<ChangeHash>,
    /// The key of every value ever written.
    keys: BTreeMap<ValueId, String>,
}

/// How far a past knows each author. An author's changes follow each other, so this says
/// which changes and which values are in it.
type Past = BTreeMap<ReplicaId, Reach>;

#[derive(Clone, Copy, Default)]
struct Reach {
    sequence: u64,
    operation: u64,
}

/// Why a change cannot be added.
pub(crate) enum Objection {
    /// Some of its past is not here.
    Waits,
    Fault(ChangeFault),
}

impl History {
    /// Adds a change, if all its past is here and it fits.
    pub(crate) fn extend(&mut self, candidate: &Candidate) -> Result<(), Objection> {
        let mut past = self.past(candidate.change.deps()).ok_or(Objection::Waits)?;
        self.check(candidate, &past).map_err(Objection::Fault)?;
        let change = &candidate.change;
        past.insert(candidate.author, Reach { sequence: change.seq(), operation: change.max_op() });
        self.pasts.insert(change.hash(), past);
        for dependency in change.deps() {
            self.heads.remove(dependency);
        }
        self.heads.insert(change.hash());
        for (number, operation) in (change.start_op().get()..).zip(&candidate.operations) {
            if operation.puts {
                self.keys.insert((number, candidate.author), operation.key.clone());
            }
        }
        Ok(())
    }

    pub(crate) fn contains(&self, change: ChangeHash) -> bool {
        self.pasts.contains_key(&change)
    }

    /// The changes that no other follows.
    pub(crate) fn heads(&self) -> &BTreeSet<ChangeHash> {
        &self.heads
    }

    /// The number of the author's last change here, 0 if there is none.
    pub(crate) fn last_sequence(&self, author: ReplicaId) -> u64 {
        let reaches = self.heads.iter().filter_map(|head| self.pasts.get(head)?.get(&author));
        reaches.map(|reach| reach.sequence).max().unwrap_or(0)
    }

    fn past(&self, dependencies: &[ChangeHash]) -> Option<Past> {
        let mut past = Past::new();
        for dependency in dependencies {
            for (author, reach) in self.pasts.get(dependency)? {
                let known = past.entry(*author).or_default();
                known.sequence = known.sequence.max(reach.sequence);
                known.operation = known.operation.max(reach.operation);
            }
        }
        Some(past)
    }

    fn check(&self, candidate: &Candidate, past: &Past) -> Result<(), ChangeFault> {
        let own = past.get(&candidate.author).map_or(0, |reach| reach.sequence);
        if candidate.change.seq() != own + 1 {
            return Err(ChangeFault::SequenceGap);
        }
        let last_operation = past.values().map(|reach| reach.operation).max().unwrap_or(0);
        if candidate.change.start_op().get() != last_operation + 1 {
            return Err(ChangeFault::OutOfPlace);
        }
        let in_past = |&(number, author): &ValueId| past.get(&author).is_some_and(|r| number <= r.operation);
        let fits = candidate.operations.iter().all(|operation| {
            let written = |value: &ValueId| self.keys.get(value) == Some(&operation.key);
            operation.replaces.iter().all(|value| in_past(value) && written(value))
                && (operation.puts || !operation.replaces.is_empty())
        });
        if fits { Ok(()) } else { Err(ChangeFault::OutOfPlace) }
    }
}
