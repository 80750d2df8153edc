use purser_types::Digest;
use rusqlite::OptionalExtension;

use crate::{
    AuthorNumber, Database, StorageError,
    columns::{digest_at, signed, unsigned_at},
};

/// A detail that is wanted here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DetailWanted {
    /// Who wrote the entry that names it.
    pub author: AuthorNumber,
    /// The entry's place.
    pub seq: u64,
    /// The detail's hash.
    pub hash: Digest,
}

impl Database {
    /// The detail of the sale that an entry made, if it is here.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn detail(&self, author: AuthorNumber, seq: u64) -> Result<Option<Vec<u8>>, StorageError> {
        let sql = "SELECT bytes FROM details WHERE author = ?1 AND seq = ?2";
        let mut query = self.connection.prepare_cached(sql)?;
        Ok(query.query_row((author.0, signed(seq)), |row| row.get(0)).optional()?.flatten())
    }

    /// Keeps a detail whose hash the entry has.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn keep_detail(
        &self,
        author: AuthorNumber,
        seq: u64,
        hash: Digest,
        bytes: &[u8],
    ) -> Result<(), StorageError> {
        let sql = "INSERT OR REPLACE INTO details VALUES (?1, ?2, ?3, ?4)";
        self.connection.prepare_cached(sql)?.execute((author.0, signed(seq), hash.0, bytes))?;
        Ok(())
    }

    /// Notes that a detail is wanted, unless it is here.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn want_detail(&self, wanted: DetailWanted) -> Result<(), StorageError> {
        let sql = "INSERT INTO details VALUES (?1, ?2, ?3, NULL) ON CONFLICT DO UPDATE
                   SET hash = excluded.hash, bytes = NULL WHERE hash <> excluded.hash";
        let DetailWanted { author, seq, hash } = wanted;
        self.connection.prepare_cached(sql)?.execute((author.0, signed(seq), hash.0))?;
        Ok(())
    }

    /// The places of entries of an author after `after` whose details are wanted, at most `limit`.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn details_wanted(
        &self,
        author: AuthorNumber,
        after: u64,
        limit: u32,
    ) -> Result<Vec<u64>, StorageError> {
        let sql = "SELECT seq FROM details WHERE bytes IS NULL AND author = ?1 AND seq > ?2
                   ORDER BY seq LIMIT ?3";
        let mut query = self.connection.prepare_cached(sql)?;
        query.query_and_then((author.0, signed(after), limit), |row| unsigned_at(row, 0))?.collect()
    }

    /// The authors of entries whose details are wanted.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn authors_of_wanted(&self) -> Result<Vec<AuthorNumber>, StorageError> {
        let sql = "SELECT DISTINCT author FROM details WHERE bytes IS NULL ORDER BY author";
        let mut query = self.connection.prepare_cached(sql)?;
        Ok(query.query_map([], |row| row.get(0).map(AuthorNumber))?.collect::<Result<_, _>>()?)
    }

    /// The hash of the detail that is wanted of an entry, if one is.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn wanted_hash(&self, author: AuthorNumber, seq: u64) -> Result<Option<Digest>, StorageError> {
        let sql = "SELECT hash FROM details WHERE author = ?1 AND seq = ?2 AND bytes IS NULL";
        let mut query = self.connection.prepare_cached(sql)?;
        query.query_row((author.0, signed(seq)), |row| Ok(digest_at(row, 0))).optional()?.transpose()
    }
}
