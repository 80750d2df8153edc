use std::{collections::BTreeMap, mem};

use automerge::{Automerge, ChangeHash, ROOT, ReadDoc};
use purser_types::{Digest, ReplicaId};

use crate::{
    ChangeFault, Edit, EditError, Profile,
    candidate::Candidate,
    edit,
    history::{History, Objection},
    isolation,
    key::Key,
};

/// One member's profile: an Automerge document built from changes that travel in journal
/// entries. See the [crate] for what a change has to be to get in.
///
/// Changes come in any order, with one limit: those of one author come in the order of the
/// author's journal, as every store keeps and relays them. It decides which of two changes
/// counts if an author uses a sequence number twice, and nothing else.
#[derive(Clone)]
pub struct MemberDocument {
    automerge: Automerge,
    history: History,
    /// The change that each sequence number of each author was first used for.
    claims: BTreeMap<(ReplicaId, u64), ChangeHash>,
    /// Changes that lack some of their past, each behind those that it depends on.
    waiting: BTreeMap<(u64, ChangeHash), Candidate>,
    set_aside: BTreeMap<Digest, ChangeFault>,
}

/// The bytes of one change, to go into a journal entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeBytes(pub Vec<u8>);

/// What became of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is in the document, and so are those that waited for nothing else.
    Applied,
    /// It was there already, in the document or waiting.
    Duplicate,
    /// It waits for changes that it depends on.
    Waiting,
    /// It will never be in the document.
    SetAside(ChangeFault),
}

impl MemberDocument {
    /// A document that says nothing.
    pub fn empty() -> Self {
        Self {
            automerge: Automerge::new(),
            history: History::default(),
            claims: BTreeMap::new(),
            waiting: BTreeMap::new(),
            set_aside: BTreeMap::new(),
        }
    }

    /// The document of these changes, each with the author of the journal it stands in.
    /// The same as [`apply`](Self::apply) for each of them, and much faster.
    pub fn from_changes<'a>(changes: impl IntoIterator<Item = (ReplicaId, &'a [u8])>) -> Self {
        let mut document = Self::empty();
        for (author, change) in changes {
            document.receive(author, change);
        }
        document.admit_waiting();
        document
    }

    /// Adds one change that stands in the journal of `author`, unless it is faulty. The
    /// document stays as it was if so.
    pub fn apply(&mut self, author: ReplicaId, change: &[u8]) -> Outcome {
        let received = match self.receive(author, change) {
            Received::New(received) => received,
            Received::Known(outcome) => return outcome,
        };
        self.admit_waiting();
        if self.history.contains(received) {
            return Outcome::Applied;
        }
        let fault = self.set_aside.get(&Digest::of(change));
        fault.map_or(Outcome::Waiting, |fault| Outcome::SetAside(*fault))
    }

    /// Makes the edits as one change by `author` at `wall_ms`, and returns it. The document
    /// then contains it. It goes the same way as a foreign change, so nothing leaves that
    /// others would set aside.
    ///
    /// # Errors
    /// See [`EditError`]; the document stays as it was.
    pub fn edit(
        &mut self,
        author: ReplicaId,
        wall_ms: u64,
        edits: &[Edit],
    ) -> Result<ChangeBytes, EditError> {
        let has_card = |card| matches!(self.automerge.get(ROOT, Key::Card(card).to_string()), Ok(Some(_)));
        let writes = edit::writes(edits, wall_ms, has_card)?;
        let next = self.history.last_sequence(author) + 1;
        if self.claims.range((author, next)..=(author, u64::MAX)).next().is_some() {
            return Err(EditError::OwnChangesMissing { author });
        }
        let change = isolation::draft(&self.automerge, author, wall_ms, writes)?;
        let mut edited = self.clone();
        if let Outcome::SetAside(fault) = edited.apply(author, &change) {
            return Err(fault.into());
        }
        *self = edited;
        Ok(ChangeBytes(change))
    }

    /// What the document says.
    pub fn profile(&self) -> Profile {
        Profile::read(&self.automerge)
    }

    /// The hashes (Automerge's SHA-256) of the changes that no other follows, sorted. Two
    /// documents with the same heads are made of the same changes.
    pub fn heads(&self) -> Vec<Digest> {
        self.history.heads().iter().map(|head| Digest(head.0)).collect()
    }

    /// The changes that wait for others, by the digest of their bytes, sorted.
    pub fn waiting(&self) -> Vec<Digest> {
        let mut waiting: Vec<_> = self.waiting.values().map(|candidate| candidate.digest).collect();
        waiting.sort_unstable();
        waiting
    }

    /// The changes that are set aside and why, by the digest of their bytes.
    pub fn set_aside(&self) -> &BTreeMap<Digest, ChangeFault> {
        &self.set_aside
    }

    /// Puts a new change among those that wait.
    fn receive(&mut self, author: ReplicaId, change: &[u8]) -> Received {
        let candidate = match Candidate::read(author, change) {
            Ok(candidate) => candidate,
            Err(fault) => return self.refuse(Digest::of(change), fault),
        };
        let hash = candidate.hash();
        let claim = *self.claims.entry((author, candidate.change.seq())).or_insert(hash);
        if claim != hash {
            return self.refuse(candidate.digest, ChangeFault::Forked);
        }
        if let Some(fault) = self.set_aside.get(&candidate.digest) {
            return Received::Known(Outcome::SetAside(*fault));
        }
        if self.history.contains(hash) || self.waiting.contains_key(&candidate.place()) {
            return Received::Known(Outcome::Duplicate);
        }
        self.waiting.insert(candidate.place(), candidate);
        Received::New(hash)
    }

    fn refuse(&mut self, change: Digest, fault: ChangeFault) -> Received {
        self.set_aside.insert(change, fault);
        Received::Known(Outcome::SetAside(fault))
    }

    /// Takes in whatever no longer waits for anything.
    fn admit_waiting(&mut self) {
        loop {
            let before = self.waiting.len();
            let candidates = mem::take(&mut self.waiting).into_values().collect();
            self.admit(candidates);
            if self.waiting.is_empty() || self.waiting.len() == before {
                return;
            }
        }
    }

    /// Takes in those that fit, all at once. If that fails, which takes a change that our
    /// checks do not see through, in halves, until it is alone.
    fn admit(&mut self, candidates: Vec<Candidate>) {
        let mut history = self.history.clone();
        let mut fitting = Vec::new();
        for candidate in candidates {
            match history.extend(&candidate) {
                Ok(()) => fitting.push(candidate),
                Err(Objection::Waits) => drop(self.waiting.insert(candidate.place(), candidate)),
                Err(Objection::Fault(fault)) => drop(self.set_aside.insert(candidate.digest, fault)),
            }
        }
        if fitting.is_empty() {
            return;
        }
        let changes = fitting.iter().map(|candidate| candidate.change.clone()).collect();
        match (isolation::with_changes(&self.automerge, changes, history.heads()), fitting.as_slice()) {
            (Some(automerge), _) => (self.automerge, self.history) = (automerge, history),
            (None, [poisonous]) => drop(self.set_aside.insert(poisonous.digest, ChangeFault::Poisonous)),
            (None, _) => {
                let later = fitting.split_off(fitting.len() / 2);
                self.admit(fitting);
                self.admit(later);
            }
        }
    }
}

/// What [`MemberDocument::receive`] found.
enum Received {
    /// It waits now.
    New(ChangeHash),
    /// Nothing more is to be done.
    Known(Outcome),
}

#[cfg(test)]
mod tests {
    use automerge::{
        Change, ExpandedChange, ScalarValue,
        legacy::{Key, ObjectId, Op, OpId, OpType},
    };

    use super::*;
    use crate::{Edit, Field};

    fn store(number: u8) -> ReplicaId {
        ReplicaId([number; 16])
    }

    /// A change that panics when Automerge applies it: it writes into an object that is nowhere.
    fn poison() -> Candidate {
        let honest = MemberDocument::empty().edit(store(9), 1, &[Edit::AddTag("x".to_owned())]).unwrap();
        let sound = Candidate::read(store(9), &honest.0).unwrap();
        let nowhere = ObjectId::Id(OpId(1, sound.change.actor_id().clone()));
        let expanded = sound.change.decode();
        let key = Key::Map("field/name".into());
        let action = OpType::Put(ScalarValue::Null);
        let operation = Op { action, obj: nowhere, key, pred: Vec::new().into(), insert: false };
        let change = Change::from(ExpandedChange { operations: vec![operation], ..expanded });
        Candidate { change, ..sound }
    }

    #[test]
    fn what_no_check_sees_through_is_found_among_honest_changes_and_set_aside() {
        let mut document = MemberDocument::empty();
        let mut expected = MemberDocument::empty();
        let poison = poison();
        for number in 1..=8 {
            let set = Edit::SetField { field: Field::Name, value: Some(number.to_string()) };
            let change = MemberDocument::empty().edit(store(number), 1, &[set]).unwrap();
            document.receive(store(number), &change.0);
            expected.apply(store(number), &change.0);
        }
        let digest = poison.digest;
        document.waiting.insert(poison.place(), poison);
        document.admit_waiting();
        assert_eq!(document.heads(), expected.heads());
        assert_eq!(document.profile(), expected.profile());
        assert_eq!(document.set_aside, BTreeMap::from([(digest, ChangeFault::Poisonous)]));
        assert!(document.waiting.is_empty());
    }
}
