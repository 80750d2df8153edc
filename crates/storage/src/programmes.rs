use purser_types::{BusinessDate, Digest};
use rusqlite::Row;

use crate::{
    AuthorNumber, Database, StorageError,
    columns::{digest_at, signed, unsigned_at},
};

/// A version of the programme, as an entry published it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgrammeRow {
    /// Which version.
    pub version: u32,
    /// The hub that published it, and the place of its entry.
    pub place: (AuthorNumber, u64),
    /// The first day on which it is in force.
    pub in_force_from: BusinessDate,
    /// The hash of the document.
    pub hash: Digest,
    /// The document, TOML.
    pub document: String,
}

impl Database {
    /// All versions that were published, the oldest first; those of one version by their hash.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn programmes(&self) -> Result<Vec<ProgrammeRow>, StorageError> {
        let sql = "SELECT version, author, seq, in_force_from, hash, document FROM programmes
                   ORDER BY version, hash, in_force_from";
        let mut query = self.connection.prepare_cached(sql)?;
        query.query_and_then([], read)?.collect()
    }

    /// The hashes of all of them, in that order: what tells whether they are still the same.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn programme_hashes(&self) -> Result<Vec<Digest>, StorageError> {
        let sql = "SELECT hash FROM programmes ORDER BY version, hash, in_force_from";
        let mut query = self.connection.prepare_cached(sql)?;
        query.query_and_then([], |row| digest_at(row, 0))?.collect()
    }

    /// Notes that an entry published a version. Twice is as once.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn add_programme(&self, row: &ProgrammeRow) -> Result<(), StorageError> {
        let (author, seq) = row.place;
        let values =
            (row.version, author.0, signed(seq), row.in_force_from.days(), row.hash.0, &row.document);
        let sql = "INSERT OR IGNORE INTO programmes VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        self.connection.prepare_cached(sql)?.execute(values)?;
        Ok(())
    }
}

fn read(row: &Row<'_>) -> Result<ProgrammeRow, StorageError> {
    Ok(ProgrammeRow {
        version: row.get(0)?,
        place: (AuthorNumber(row.get(1)?), unsigned_at(row, 2)?),
        in_force_from: BusinessDate::from_days(row.get(3)?),
        hash: digest_at(row, 4)?,
        document: row.get(5)?,
    })
}
