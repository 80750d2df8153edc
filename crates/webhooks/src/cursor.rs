use std::collections::BTreeMap;

use purser_replica::Journal;
use serde::{Deserialize, Serialize};

/// How far each journal has been told, by the id of its replica.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(transparent)]
pub(crate) struct Cursor(BTreeMap<String, Place>);

/// A place in a journal: an entry, and its hash. Where a journal has been cut or begun anew since, the
/// hash is not found there any more.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Place {
    pub(crate) seq: u64,
    pub(crate) hash: String,
}

impl Cursor {
    /// Past all that is written.
    pub(crate) fn at_the_end_of(journals: &[Journal]) -> Self {
        let places = journals.iter().map(|journal| {
            let place = Place { seq: journal.head.seq, hash: journal.head.hash.to_string() };
            (journal.replica.to_string(), place)
        });
        Self(places.collect())
    }

    /// Where a journal stands, if anything of it has been told; `None` too if it has been cut or begun anew
    /// since, so that it is told again from its beginning.
    pub(crate) fn in_journal(&self, journal: &Journal) -> Option<&Place> {
        let place = self.0.get(&journal.replica.to_string())?;
        let head = &journal.head;
        let is_there = place.seq < head.seq || (place.seq == head.seq && place.hash == head.hash.to_string());
        is_there.then_some(place)
    }

    /// How many entries of a journal are left to look at.
    pub(crate) fn behind(&self, journal: &Journal) -> u64 {
        journal.head.seq.saturating_sub(self.in_journal(journal).map_or(0, |place| place.seq))
    }

    pub(crate) fn move_to(&mut self, replica: &str, place: Place) {
        self.0.insert(replica.to_owned(), place);
    }
}

#[cfg(test)]
mod tests {
    use purser_journal::Head;
    use purser_storage::AuthorNumber;
    use purser_types::{Digest, ReplicaId, StoreNumber};

    use super::*;

    fn journal(seq: u64, story: &[u8]) -> Journal {
        let (replica, store) = (ReplicaId([7; 16]), StoreNumber(12));
        Journal { replica, store, head: Head { seq, hash: Digest::of(story) }, number: AuthorNumber(1) }
    }

    #[test]
    fn a_place_counts_while_its_journal_holds_it() {
        let cursor = Cursor::at_the_end_of(&[journal(5, b"a")]);
        assert_eq!(cursor.behind(&journal(5, b"a")), 0);
        assert_eq!(cursor.behind(&journal(8, b"b")), 3);
        // Cut, and another story of the same length: from the beginning.
        assert_eq!(cursor.behind(&journal(4, b"b")), 4);
        assert_eq!(cursor.behind(&journal(5, b"b")), 5);
        assert_eq!(Cursor::default().behind(&journal(8, b"b")), 8);
    }
}
