use purser_types::ReplicaId;
use rusqlite::{OptionalExtension, Row};

use crate::{
    AuthorNumber, Database, StorageError,
    columns::{replica_at, signed, unsigned_at},
};

/// A replica of the city.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryRow {
    /// The replica.
    pub replica: ReplicaId,
    /// The CBOR of its signed credential, if a hub's journal told of its enrolment.
    pub enrolled: Option<Vec<u8>>,
    /// Where it listens, if its own journal told.
    pub address: Option<String>,
}

/// The end of a journal, as a hub's entry decided it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FenceRow {
    /// Whose journal.
    pub replica: ReplicaId,
    /// The hub that decided.
    pub author: AuthorNumber,
    /// The place of the hub's entry.
    pub seq: u64,
    /// The last entry that counts.
    pub after_seq: u64,
    /// What the operator gave as reason.
    pub reason: String,
}

impl Database {
    /// All replicas of the city.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn directory(&self) -> Result<Vec<DirectoryRow>, StorageError> {
        let mut query = self.connection.prepare_cached("SELECT replica, enrolled, address FROM directory")?;
        let read = |row: &Row<'_>| -> Result<DirectoryRow, StorageError> {
            Ok(DirectoryRow { replica: replica_at(row, 0)?, enrolled: row.get(1)?, address: row.get(2)? })
        };
        query.query_and_then([], read)?.collect()
    }

    /// The replica that used an invitation up.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn invited(&self, invitation: [u8; 16]) -> Result<Option<ReplicaId>, StorageError> {
        let mut query =
            self.connection.prepare_cached("SELECT replica FROM directory WHERE invitation = ?1")?;
        Ok(query.query_row([invitation], |row| row.get(0).map(ReplicaId)).optional()?)
    }

    /// Notes that a replica was enrolled.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn set_enrolled(
        &self,
        replica: ReplicaId,
        credential: &[u8],
        invitation: [u8; 16],
    ) -> Result<(), StorageError> {
        let sql = "INSERT INTO directory (replica, enrolled, invitation) VALUES (?1, ?2, ?3)
                   ON CONFLICT DO UPDATE SET enrolled = excluded.enrolled, invitation = excluded.invitation";
        self.connection.prepare_cached(sql)?.execute((replica.0, credential, invitation))?;
        Ok(())
    }

    /// Notes where a replica listens.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn set_address(&self, replica: ReplicaId, address: &str) -> Result<(), StorageError> {
        let sql = "INSERT INTO directory (replica, address) VALUES (?1, ?2)
                   ON CONFLICT DO UPDATE SET address = excluded.address";
        self.connection.prepare_cached(sql)?.execute((replica.0, address))?;
        Ok(())
    }

    /// All fences.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn fences(&self) -> Result<Vec<FenceRow>, StorageError> {
        let mut query =
            self.connection.prepare_cached("SELECT replica, author, seq, after_seq, reason FROM fences")?;
        let read = |row: &Row<'_>| -> Result<FenceRow, StorageError> {
            Ok(FenceRow {
                replica: replica_at(row, 0)?,
                author: AuthorNumber(row.get(1)?),
                seq: unsigned_at(row, 2)?,
                after_seq: unsigned_at(row, 3)?,
                reason: row.get(4)?,
            })
        };
        query.query_and_then([], read)?.collect()
    }

    /// Adds a fence.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn add_fence(&self, row: &FenceRow) -> Result<(), StorageError> {
        let sql = "INSERT OR IGNORE INTO fences VALUES (?1, ?2, ?3, ?4, ?5)";
        let values = (row.replica.0, row.author.0, signed(row.seq), signed(row.after_seq), &row.reason);
        self.connection.prepare_cached(sql)?.execute(values)?;
        Ok(())
    }
}
