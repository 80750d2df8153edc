use purser_types::{Digest, Hlc, ReplicaId};
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
    /// The hash of that last entry, if the hub told.
    pub after_hash: Option<Digest>,
    /// When the hub's entry was written.
    pub hlc: Hlc,
    /// Whether it counts.
    pub counts: bool,
}

impl Database {
    /// All replicas of the city.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn directory(&self) -> Result<Vec<DirectoryRow>, StorageError> {
        let sql = "SELECT replica,
                   (SELECT credential FROM enrolments WHERE replica = named.replica ORDER BY credential LIMIT 1),
                   (SELECT address FROM addresses WHERE replica = named.replica)
                   FROM (SELECT replica FROM enrolments UNION SELECT replica FROM addresses) AS named";
        let mut query = self.connection.prepare_cached(sql)?;
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
        let sql = "SELECT replica FROM enrolments WHERE invitation = ?1 ORDER BY replica LIMIT 1";
        let mut query = self.connection.prepare_cached(sql)?;
        Ok(query.query_row([invitation], |row| row.get(0).map(ReplicaId)).optional()?)
    }

    /// The first entry of `author` that enrolled `replica`.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn enrolment_by(
        &self,
        author: AuthorNumber,
        replica: ReplicaId,
    ) -> Result<Option<u64>, StorageError> {
        let sql = "SELECT seq FROM enrolments WHERE replica = ?1 AND author = ?2 ORDER BY seq LIMIT 1";
        let mut query = self.connection.prepare_cached(sql)?;
        query.query_row((replica.0, author.0), |row| Ok(unsigned_at(row, 0))).optional()?.transpose()
    }

    /// Whether an entry enrolled `replica`.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn is_enrolled(&self, replica: ReplicaId) -> Result<bool, StorageError> {
        let mut query = self.connection.prepare_cached("SELECT 1 FROM enrolments WHERE replica = ?1")?;
        Ok(query.exists([replica.0])?)
    }

    /// Notes that an entry enrolled a replica. Twice is as once.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn add_enrolment(
        &self,
        replica: ReplicaId,
        (author, seq): (AuthorNumber, u64),
        credential: &[u8],
        invitation: [u8; 16],
    ) -> Result<(), StorageError> {
        let sql = "INSERT OR IGNORE INTO enrolments VALUES (?1, ?2, ?3, ?4, ?5)";
        let values = (replica.0, author.0, signed(seq), credential, invitation);
        self.connection.prepare_cached(sql)?.execute(values)?;
        Ok(())
    }

    /// Where a replica listens, if it has told.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn address(&self, replica: ReplicaId) -> Result<Option<String>, StorageError> {
        let mut query = self.connection.prepare_cached("SELECT address FROM addresses WHERE replica = ?1")?;
        Ok(query.query_row([replica.0], |row| row.get(0)).optional()?)
    }

    /// Notes where a replica listens.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn set_address(&self, replica: ReplicaId, address: &str) -> Result<(), StorageError> {
        let sql =
            "INSERT INTO addresses VALUES (?1, ?2) ON CONFLICT DO UPDATE SET address = excluded.address";
        self.connection.prepare_cached(sql)?.execute((replica.0, address))?;
        Ok(())
    }

    /// The earliest fence of a replica that counts: the last entry of its journal.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn fence_of(&self, replica: ReplicaId) -> Result<Option<u64>, StorageError> {
        Ok(self.end_of(replica)?.map(|(after_seq, _)| after_seq))
    }

    /// The same with the hash of that entry, if the hub told. Of equal fences that of the hub with the
    /// lowest id.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn end_of(&self, replica: ReplicaId) -> Result<Option<(u64, Option<Digest>)>, StorageError> {
        let sql = "SELECT after_seq, after_hash FROM fences JOIN authors USING (author)
                   WHERE fences.replica = ?1 AND counts = 1 ORDER BY after_seq, authors.replica, seq LIMIT 1";
        let mut query = self.connection.prepare_cached(sql)?;
        let mut rows = query.query([replica.0])?;
        let read = |row: &Row<'_>| -> Result<_, StorageError> {
            Ok((unsigned_at(row, 0)?, row.get::<_, Option<[u8; 32]>>(1)?.map(Digest)))
        };
        rows.next()?.map(read).transpose()
    }

    /// How many fences one hub has written.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn fence_count(&self, author: AuthorNumber) -> Result<u64, StorageError> {
        let mut query = self.connection.prepare_cached("SELECT count(*) FROM fences WHERE author = ?1")?;
        let mut rows = query.query([author.0])?;
        rows.next()?.map_or(Ok(0), |row| unsigned_at(row, 0))
    }

    /// All fences that count.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn fences(&self) -> Result<Vec<FenceRow>, StorageError> {
        let mut fences = self.all_fences()?;
        fences.retain(|fence| fence.counts);
        Ok(fences)
    }

    /// Sets whether a fence counts.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn set_fence_counts(&self, fence: &FenceRow, counts: bool) -> Result<(), StorageError> {
        let sql = "UPDATE fences SET counts = ?4 WHERE replica = ?1 AND author = ?2 AND seq = ?3";
        let values = (fence.replica.0, fence.author.0, signed(fence.seq), counts);
        self.connection.prepare_cached(sql)?.execute(values)?;
        Ok(())
    }

    /// All fences, also those that do not count.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn all_fences(&self) -> Result<Vec<FenceRow>, StorageError> {
        let sql = "SELECT replica, author, seq, after_seq, reason, after_hash, wall_ms, counter, counts FROM fences";
        let mut query = self.connection.prepare_cached(sql)?;
        let read = |row: &Row<'_>| -> Result<FenceRow, StorageError> {
            Ok(FenceRow {
                replica: replica_at(row, 0)?,
                author: AuthorNumber(row.get(1)?),
                seq: unsigned_at(row, 2)?,
                after_seq: unsigned_at(row, 3)?,
                reason: row.get(4)?,
                after_hash: row.get::<_, Option<[u8; 32]>>(5)?.map(Digest),
                hlc: Hlc { wall_ms: unsigned_at(row, 6)?, counter: row.get(7)? },
                counts: row.get(8)?,
            })
        };
        query.query_and_then([], read)?.collect()
    }

    /// Adds a fence.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn add_fence(&self, row: &FenceRow) -> Result<(), StorageError> {
        let sql = "INSERT OR IGNORE INTO fences VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
        let (after_hash, hlc) = (row.after_hash.map(|hash| hash.0), row.hlc);
        let (seq, after_seq, wall_ms) = (signed(row.seq), signed(row.after_seq), signed(hlc.wall_ms));
        self.connection.prepare_cached(sql)?.execute((
            row.replica.0,
            row.author.0,
            seq,
            after_seq,
            &row.reason,
            after_hash,
            wall_ms,
            hlc.counter,
            row.counts,
        ))?;
        Ok(())
    }
}
