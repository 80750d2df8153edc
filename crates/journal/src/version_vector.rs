use std::collections::BTreeMap;

use minicbor::{Decode, Encode};
use purser_types::ReplicaId;

/// How far somebody knows each journal (Parker et al., 1983): author → place of the last
/// entry known, all before it included. An author not named is not known at all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct VersionVector(#[n(0)] BTreeMap<ReplicaId, u64>);

impl VersionVector {
    /// How far the journal of `author` is known; 0 if not at all.
    pub fn of(&self, author: ReplicaId) -> u64 {
        self.0.get(&author).copied().unwrap_or(0)
    }

    /// Notes that the journal of `author` is known up to `seq`. Never goes back.
    pub fn advance(&mut self, author: ReplicaId, seq: u64) {
        let known = self.0.entry(author).or_default();
        *known = seq.max(*known);
    }

    /// Notes all that `other` knows.
    pub fn merge(&mut self, other: &VersionVector) {
        other.iter().for_each(|(author, seq)| self.advance(author, seq));
    }

    /// Whether everything that `other` knows is known here.
    pub fn covers(&self, other: &VersionVector) -> bool {
        other.iter().all(|(author, seq)| self.of(author) >= seq)
    }

    /// All authors known, with how far.
    pub fn iter(&self) -> impl Iterator<Item = (ReplicaId, u64)> {
        self.0.iter().map(|(author, seq)| (*author, *seq))
    }

    /// How many authors are known.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether no author is known.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(ReplicaId, u64)> for VersionVector {
    fn from_iter<I: IntoIterator<Item = (ReplicaId, u64)>>(known: I) -> Self {
        let mut vector = Self::default();
        known.into_iter().for_each(|(author, seq)| vector.advance(author, seq));
        vector
    }
}
