use std::collections::BTreeSet;

use purser_documents::{CardState, Edit, EditError, Field, MemberDocument, Outcome};
use purser_types::{CardIssuer, CardNumber, ReplicaId, StoreNumber};

/// A change and the author of the journal that it stands in.
pub(crate) type Stored = (ReplicaId, Vec<u8>);

/// The replica of a store.
pub(crate) fn store(number: u8) -> ReplicaId {
    ReplicaId([number + 1; 16])
}

/// The member's only card.
pub(crate) fn card() -> CardNumber {
    CardIssuer { chain_prefix: 6688, store: StoreNumber(1), life: 0 }.card(1).unwrap()
}

/// Sets a field.
pub(crate) fn set(field: Field, value: &str) -> Edit {
    Edit::SetField { field, value: Some(value.to_owned()) }
}

/// Sets the state of the card.
pub(crate) fn report(state: CardState) -> Edit {
    Edit::SetCard { card: card(), state }
}

/// The document of these changes, in this order.
pub(crate) fn load<'a>(changes: impl IntoIterator<Item = &'a Stored>) -> MemberDocument {
    MemberDocument::from_changes(changes.into_iter().map(|(author, change)| (*author, change.as_slice())))
}

/// Some stores, each with its copy of one document.
pub(crate) struct Stores {
    pub(crate) documents: Vec<MemberDocument>,
    /// Every change made, in the order in which they were made.
    pub(crate) changes: Vec<Stored>,
    /// By store, the changes that it has.
    pub(crate) known: Vec<BTreeSet<usize>>,
}

impl Stores {
    pub(crate) fn new(count: usize) -> Self {
        Self {
            documents: vec![MemberDocument::empty(); count],
            changes: Vec::new(),
            known: vec![BTreeSet::new(); count],
        }
    }

    /// Some stores that know a member with an active card.
    pub(crate) fn with_member(count: usize) -> Self {
        let mut stores = Self::new(count);
        stores.edit(0, &[set(Field::Name, "王小明"), report(CardState::Active)]);
        stores.meet();
        stores
    }

    /// Edits at one store, at a time of its own.
    pub(crate) fn edit(&mut self, at: usize, edits: &[Edit]) {
        self.try_edit(at, edits).unwrap();
    }

    pub(crate) fn try_edit(&mut self, at: usize, edits: &[Edit]) -> Result<(), EditError> {
        let author = store(u8::try_from(at).unwrap());
        let wall_ms = 1_790_000_000_000 + self.changes.len() as u64;
        let change = self.documents[at].edit(author, wall_ms, edits)?;
        self.known[at].insert(self.changes.len());
        self.changes.push((author, change.0));
        Ok(())
    }

    /// Sends all that one store has to another.
    pub(crate) fn send(&mut self, from: usize, to: usize) {
        for index in self.known[from].clone() {
            let (author, change) = &self.changes[index];
            let expected = if self.known[to].insert(index) { Outcome::Applied } else { Outcome::Duplicate };
            assert_eq!(self.documents[to].apply(*author, change), expected);
        }
    }

    /// Sends all that anyone has to everyone.
    pub(crate) fn meet(&mut self) {
        for from in 0..self.documents.len() {
            for to in 0..self.documents.len() {
                self.send(from, to);
            }
        }
    }
}
