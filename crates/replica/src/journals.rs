//! The journals as they stand: for whoever tells others of what is written.

use purser_journal::Head;
use purser_storage::{AuthorNumber, StorageError};
use purser_types::{ReplicaId, StoreNumber};

use crate::View;

/// A journal known here.
#[derive(Debug, Clone)]
pub struct Journal {
    /// Who writes it.
    pub replica: ReplicaId,
    /// At which store.
    pub store: StoreNumber,
    /// How far it is known.
    pub head: Head,
    /// Its number in this database.
    pub number: AuthorNumber,
}

impl View {
    /// All journals known.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn journals(&mut self) -> Result<Vec<Journal>, StorageError> {
        self.learn_authors()?;
        let rows = self.database().authors()?.into_iter();
        let journals = rows.map(|row| {
            let store = self.authors.get(&row.number).map_or(StoreNumber(0), |(_, store)| *store);
            Journal { replica: row.replica, store, head: row.head, number: row.number }
        });
        Ok(journals.collect())
    }

    /// The bytes of the entry at one place of a journal; `None` if there is none any more.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn journal_entry(&self, journal: &Journal, seq: u64) -> Result<Option<Vec<u8>>, StorageError> {
        self.database().entry(journal.number, seq)
    }
}
