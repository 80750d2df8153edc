use purser_types::{Digest, ReplicaId};
use rusqlite::{OptionalExtension, Row};

use crate::{
    AuthorNumber, Database, StorageError,
    columns::{digest_at, replica_at, signed, unsigned_at},
};

/// An entry that its author wrote after it was put out, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LateRow {
    /// Its author.
    pub replica: ReplicaId,
    /// Its place.
    pub seq: u64,
    /// Its hash.
    pub hash: Digest,
    /// The entry.
    pub bytes: Vec<u8>,
}

/// What a hub's entry decided on a late entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LateSettlementRow<'a> {
    /// The author of the late entry.
    pub replica: ReplicaId,
    /// The place of the late entry.
    pub seq: u64,
    /// Its hash.
    pub hash: Digest,
    /// The hub that decided, and the place of its entry.
    pub settled: (AuthorNumber, u64),
    /// The late entry, if it counts after all.
    pub accepted: Option<&'a [u8]>,
}

/// Late entries of which no hub's entry has decided.
const UNSETTLED: &str = "FROM set_aside JOIN authors USING (author)
     WHERE reason = ?1 AND set_aside.seq > authors.head_seq
     AND NOT EXISTS (SELECT 1 FROM late_settlements AS settled WHERE settled.replica = authors.replica
                     AND settled.seq = set_aside.seq AND settled.hash = set_aside.hash)";

impl Database {
    /// The last entry that is set aside for `reason`, of each author of whom there is one.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn last_set_aside(&self, reason: &str) -> Result<Vec<(AuthorNumber, u64, Digest)>, StorageError> {
        // SQLite gives the hash of the row that has the greatest place.
        let sql = "SELECT author, max(seq), hash FROM set_aside WHERE reason = ?1 GROUP BY author";
        let mut query = self.connection.prepare_cached(sql)?;
        let read = |row: &Row<'_>| -> Result<_, StorageError> {
            Ok((AuthorNumber(row.get(0)?), unsigned_at(row, 1)?, digest_at(row, 2)?))
        };
        query.query_and_then([reason], read)?.collect()
    }

    /// How many entries of an author are set aside for `reason`, and their bytes.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn set_aside_size(&self, author: AuthorNumber, reason: &str) -> Result<(u64, u64), StorageError> {
        let sql = "SELECT count(*), coalesce(sum(length(bytes)), 0) FROM set_aside
                   WHERE author = ?1 AND reason = ?2";
        let mut query = self.connection.prepare_cached(sql)?;
        query.query_row((author.0, reason), |row| {
            Ok(unsigned_at(row, 0).and_then(|n| Ok((n, unsigned_at(row, 1)?))))
        })?
    }

    /// An entry that is set aside for `reason`.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn late_entry(
        &self,
        author: AuthorNumber,
        seq: u64,
        reason: &str,
    ) -> Result<Option<(Digest, Vec<u8>)>, StorageError> {
        let sql = "SELECT hash, bytes FROM set_aside WHERE author = ?1 AND seq = ?2 AND reason = ?3";
        let mut query = self.connection.prepare_cached(sql)?;
        let mut rows = query.query((author.0, signed(seq), reason))?;
        rows.next()?.map(|row| Ok((digest_at(row, 0)?, row.get(1)?))).transpose()
    }

    /// Late entries that wait for a decision, by author and place, at most `limit`.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn late_unsettled(&self, reason: &str, limit: u32) -> Result<Vec<LateRow>, StorageError> {
        let sql = format!(
            "SELECT replica, set_aside.seq, hash, bytes {UNSETTLED} ORDER BY author, set_aside.seq LIMIT ?2"
        );
        let mut query = self.connection.prepare_cached(&sql)?;
        let read = |row: &Row<'_>| -> Result<LateRow, StorageError> {
            let (replica, seq) = (replica_at(row, 0)?, unsigned_at(row, 1)?);
            Ok(LateRow { replica, seq, hash: digest_at(row, 2)?, bytes: row.get(3)? })
        };
        query.query_and_then((reason, limit), read)?.collect()
    }

    /// How many late entries wait for a decision.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn late_unsettled_count(&self, reason: &str) -> Result<u64, StorageError> {
        let mut query = self.connection.prepare_cached(&format!("SELECT count(*) {UNSETTLED}"))?;
        query.query_row([reason], |row| Ok(unsigned_at(row, 0)))?
    }

    /// Whether a late entry was settled, and if so whether it was accepted.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn late_settlement(
        &self,
        replica: ReplicaId,
        seq: u64,
        hash: Digest,
    ) -> Result<Option<bool>, StorageError> {
        let sql = "SELECT accepted IS NOT NULL FROM late_settlements
                   WHERE replica = ?1 AND seq = ?2 AND hash = ?3 ORDER BY accepted IS NULL LIMIT 1";
        let mut query = self.connection.prepare_cached(sql)?;
        Ok(query.query_row((replica.0, signed(seq), hash.0), |row| row.get(0)).optional()?)
    }

    /// Notes what became of a late entry.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn add_late_settlement(&self, row: &LateSettlementRow<'_>) -> Result<(), StorageError> {
        let sql = "INSERT OR IGNORE INTO late_settlements VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let (author, place) = row.settled;
        let values = (row.replica.0, signed(row.seq), row.hash.0, author.0, signed(place), row.accepted);
        self.connection.prepare_cached(sql)?.execute(values)?;
        Ok(())
    }

    /// The bytes of an entry that counts: one of its author's journal, or a late one that a hub
    /// has accepted.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn counted_entry(&self, author: AuthorNumber, seq: u64) -> Result<Option<Vec<u8>>, StorageError> {
        if let Some(bytes) = self.entry(author, seq)? {
            return Ok(Some(bytes));
        }
        let sql = "SELECT accepted FROM late_settlements JOIN authors USING (replica)
                   WHERE authors.author = ?1 AND seq = ?2 AND accepted IS NOT NULL ORDER BY hash LIMIT 1";
        let mut query = self.connection.prepare_cached(sql)?;
        Ok(query.query_row((author.0, signed(seq)), |row| row.get(0)).optional()?)
    }
}
