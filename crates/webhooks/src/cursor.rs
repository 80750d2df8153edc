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
