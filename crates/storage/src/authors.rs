use purser_journal::Head;
use purser_types::ReplicaId;
use rusqlite::Row;

use crate::{
    Database, StorageError,
    columns::{digest_at, replica_at, signed, unsigned_at},
};

/// The number under which this database knows a replica.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AuthorNumber(pub i64);

/// A journal known here.
#[derive(Debug, Clone)]
pub struct AuthorRow {
    /// Its number in this database.
    pub number: AuthorNumber,
    /// Its author.
    pub replica: ReplicaId,
    /// The CBOR of the author's signed credential.
    pub credential: Vec<u8>,
    /// How far it is known.
    pub head: Head,
    /// Why its author is set aside, if it is.
    pub quarantine: Option<String>,
}

impl Database {
    /// All journals known.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn authors(&self) -> Result<Vec<AuthorRow>, StorageError> {
        let sql = "SELECT author, replica, credential, head_seq, head_hash, quarantine FROM authors";
        let mut query = self.connection.prepare_cached(sql)?;
        query.query_and_then([], read)?.collect()
    }

    /// How many journals are known.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn author_count(&self) -> Result<usize, StorageError> {
        let mut query = self.connection.prepare_cached("SELECT count(*) FROM authors")?;
        let count: i64 = query.query_row([], |row| row.get(0))?;
        Ok(usize::try_from(count).unwrap_or(0))
    }

    /// Adds a journal of which nothing is known so far.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn add_author(
        &self,
        replica: ReplicaId,
        credential: &[u8],
        head: Head,
    ) -> Result<AuthorNumber, StorageError> {
        let sql = "INSERT INTO authors (replica, credential, head_seq, head_hash) VALUES (?1, ?2, ?3, ?4)";
        let values = (replica.0, credential, signed(head.seq), head.hash.0);
        self.connection.prepare_cached(sql)?.execute(values)?;
        Ok(AuthorNumber(self.connection.last_insert_rowid()))
    }

    /// Notes how far a journal is known.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn set_head(&self, author: AuthorNumber, head: Head) -> Result<(), StorageError> {
        let sql = "UPDATE authors SET head_seq = ?2, head_hash = ?3 WHERE author = ?1";
        self.connection.prepare_cached(sql)?.execute((author.0, signed(head.seq), head.hash.0))?;
        Ok(())
    }

    /// Sets an author aside; takes it back without a reason.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn set_quarantine(&self, author: AuthorNumber, reason: Option<&str>) -> Result<(), StorageError> {
        let sql = "UPDATE authors SET quarantine = ?2 WHERE author = ?1";
        self.connection.prepare_cached(sql)?.execute((author.0, reason))?;
        Ok(())
    }
}

fn read(row: &Row<'_>) -> Result<AuthorRow, StorageError> {
    Ok(AuthorRow {
        number: AuthorNumber(row.get(0)?),
        replica: replica_at(row, 1)?,
        credential: row.get(2)?,
        head: Head { seq: unsigned_at(row, 3)?, hash: digest_at(row, 4)? },
        quarantine: row.get(5)?,
    })
}
