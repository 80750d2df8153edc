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
                   ORDER BY version, hash";
        let mut query = self.connection.prepare_cached(sql)?;
        query.query_and_then([], read)?.collect()
    }

    /// How many there are: they are only ever added, but where journals are folded anew.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn programme_count(&self) -> Result<usize, StorageError> {
        let mut query = self.connection.prepare_cached("SELECT count(*) FROM programmes")?;
        let count: i64 = query.query_row([], |row| row.get(0))?;
        Ok(usize::try_from(count).unwrap_or(usize::MAX))
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
