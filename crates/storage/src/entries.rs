use purser_journal::Seal;
use purser_types::Digest;
use rusqlite::OptionalExtension;

use crate::{
    AuthorNumber, Database, StorageError,
    columns::{signed, unsigned_at},
};

impl Database {
    /// Adds an entry at the end of its journal.
    ///
    /// # Errors
    /// Whatever SQLite reports, also when the place is taken.
    pub fn add_entry(&self, author: AuthorNumber, seq: u64, bytes: &[u8]) -> Result<(), StorageError> {
        let sql = "INSERT INTO entries VALUES (?1, ?2, ?3)";
        self.connection.prepare_cached(sql)?.execute((author.0, signed(seq), bytes))?;
        Ok(())
    }

    /// The bytes of one entry.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn entry(&self, author: AuthorNumber, seq: u64) -> Result<Option<Vec<u8>>, StorageError> {
        let sql = "SELECT bytes FROM entries WHERE author = ?1 AND seq = ?2";
        let mut query = self.connection.prepare_cached(sql)?;
        Ok(query.query_row((author.0, signed(seq)), |row| row.get(0)).optional()?)
    }

    /// The entries of a journal from `first` to `last`, both included, in order.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn entries(&self, author: AuthorNumber, first: u64, last: u64) -> Result<Vec<Vec<u8>>, StorageError> {
        let sql = "SELECT bytes FROM entries WHERE author = ?1 AND seq BETWEEN ?2 AND ?3 ORDER BY seq";
        let mut query = self.connection.prepare_cached(sql)?;
        let rows = query.query_map((author.0, signed(first), signed(last)), |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Runs `visit` on each entry of a journal after `after`, in order, without keeping them.
    ///
    /// # Errors
    /// What `visit` returns, or whatever SQLite reports.
    pub fn each_entry<E: From<StorageError>>(
        &self,
        author: AuthorNumber,
        after: u64,
        mut visit: impl FnMut(u64, &[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let sql = "SELECT seq, bytes FROM entries WHERE author = ?1 AND seq > ?2 ORDER BY seq";
        let mut query = self.connection.prepare(sql).map_err(StorageError::from)?;
        let mut rows = query.query((author.0, signed(after))).map_err(StorageError::from)?;
        while let Some(row) = rows.next().map_err(StorageError::from)? {
            let bytes = row.get_ref(1).map_err(StorageError::from)?;
            let bytes = bytes.as_blob().map_err(|_| StorageError::Implausible("an entry that is no blob"))?;
            visit(unsigned_at(row, 0)?, bytes)?;
        }
        Ok(())
    }

    /// Adds a seal.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn add_seal(&self, author: AuthorNumber, seal: Seal) -> Result<(), StorageError> {
        let sql = "INSERT OR REPLACE INTO seals VALUES (?1, ?2, ?3)";
        self.connection.prepare_cached(sql)?.execute((author.0, signed(seal.seq), seal.signature))?;
        Ok(())
    }

    /// The last seal of a journal at or before `seq`; without one there, the first after it.
    /// A run that starts after the seal before and ends at this one can be verified.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn seal_near(
        &self,
        author: AuthorNumber,
        after: u64,
        seq: u64,
    ) -> Result<Option<Seal>, StorageError> {
        let within = "SELECT seq, signature FROM seals WHERE author = ?1 AND seq > ?2 AND seq <= ?3
                      ORDER BY seq DESC LIMIT 1";
        let beyond = "SELECT seq, signature FROM seals WHERE author = ?1 AND seq > ?2 AND seq > ?3
                      ORDER BY seq LIMIT 1";
        for sql in [within, beyond] {
            let mut query = self.connection.prepare_cached(sql)?;
            let mut rows = query.query((author.0, signed(after), signed(seq)))?;
            if let Some(row) = rows.next()? {
                return Ok(Some(Seal { seq: unsigned_at(row, 0)?, signature: row.get(1)? }));
            }
        }
        Ok(None)
    }

    /// All seals of a journal, in order.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn seals(&self, author: AuthorNumber) -> Result<Vec<Seal>, StorageError> {
        let mut query = self
            .connection
            .prepare_cached("SELECT seq, signature FROM seals WHERE author = ?1 ORDER BY seq")?;
        let read = |row: &rusqlite::Row<'_>| -> Result<Seal, StorageError> {
            Ok(Seal { seq: unsigned_at(row, 0)?, signature: row.get(1)? })
        };
        query.query_and_then([author.0], read)?.collect()
    }

    /// Keeps an entry that is not folded, with the reason: the first for each place and reason.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn set_aside(
        &self,
        author: AuthorNumber,
        seq: u64,
        hash: Digest,
        bytes: &[u8],
        reason: &str,
    ) -> Result<(), StorageError> {
        let sql = "INSERT OR REPLACE INTO set_aside SELECT ?1, ?2, ?3, ?4, ?5
                   WHERE NOT EXISTS (SELECT 1 FROM set_aside WHERE author = ?1 AND seq = ?2 AND reason = ?5)";
        self.connection.prepare_cached(sql)?.execute((author.0, signed(seq), hash.0, bytes, reason))?;
        Ok(())
    }

    /// The same beside others for the same place and reason; whatever this very entry was kept for before.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn mark_aside(
        &self,
        author: AuthorNumber,
        seq: u64,
        hash: Digest,
        bytes: &[u8],
        reason: &str,
    ) -> Result<(), StorageError> {
        let sql = "INSERT OR REPLACE INTO set_aside VALUES (?1, ?2, ?3, ?4, ?5)";
        self.connection.prepare_cached(sql)?.execute((author.0, signed(seq), hash.0, bytes, reason))?;
        Ok(())
    }

    /// The entries of a journal after `after` that are set aside, with their places, in order.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn set_aside_after(
        &self,
        author: AuthorNumber,
        after: u64,
    ) -> Result<Vec<(u64, Vec<u8>)>, StorageError> {
        let sql = "SELECT seq, bytes FROM set_aside WHERE author = ?1 AND seq > ?2 ORDER BY seq, hash";
        let mut query = self.connection.prepare_cached(sql)?;
        let rows = query.query_and_then((author.0, signed(after)), |row| {
            Ok::<_, StorageError>((unsigned_at(row, 0)?, row.get(1)?))
        })?;
        rows.collect()
    }

    /// The same, of those that are set aside for `reason`.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn set_aside_for(
        &self,
        author: AuthorNumber,
        after: u64,
        reason: &str,
    ) -> Result<Vec<(u64, Vec<u8>)>, StorageError> {
        let sql = "SELECT seq, bytes FROM set_aside WHERE author = ?1 AND seq > ?2 AND reason = ?3
                   ORDER BY seq, hash";
        let mut query = self.connection.prepare_cached(sql)?;
        let rows = query.query_and_then((author.0, signed(after), reason), |row| {
            Ok::<_, StorageError>((unsigned_at(row, 0)?, row.get(1)?))
        })?;
        rows.collect()
    }

    /// Begins a journal anew: nothing of it is folded any more, and no seal vouches for what comes. What is
    /// set aside of it is so for `reason` from now on, but for what is so for the reason `except`.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn begin_anew(&self, author: AuthorNumber, reason: &str, except: &str) -> Result<(), StorageError> {
        let sql = "UPDATE set_aside SET reason = ?2 WHERE author = ?1 AND reason <> ?3";
        self.connection.prepare_cached(sql)?.execute((author.0, reason, except))?;
        let sql = "DELETE FROM seals WHERE author = ?1";
        self.connection.prepare_cached(sql)?.execute([author.0])?;
        self.cut_journal(author, 0)
    }

    /// Places and hashes of entries of a journal that are set aside for `reason`.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn set_aside_hashes(
        &self,
        author: AuthorNumber,
        reason: &str,
    ) -> Result<Vec<(u64, Digest)>, StorageError> {
        let sql = "SELECT seq, hash FROM set_aside WHERE author = ?1 AND reason = ?2";
        let mut query = self.connection.prepare_cached(sql)?;
        let rows = query.query_and_then((author.0, reason), |row| {
            Ok::<_, StorageError>((unsigned_at(row, 0)?, Digest(row.get(1)?)))
        })?;
        rows.collect()
    }

    /// Forgets what is set aside of a journal for `reason`.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn forget_set_aside(&self, author: AuthorNumber, reason: &str) -> Result<(), StorageError> {
        let sql = "DELETE FROM set_aside WHERE author = ?1 AND reason = ?2";
        self.connection.prepare_cached(sql)?.execute((author.0, reason))?;
        Ok(())
    }

    /// Keeps the proof that an author has told two stories.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn set_fork(&self, author: AuthorNumber, proof: &[u8]) -> Result<(), StorageError> {
        let sql = "INSERT OR IGNORE INTO forks VALUES (?1, ?2)";
        self.connection.prepare_cached(sql)?.execute((author.0, proof))?;
        Ok(())
    }

    /// The proofs that authors have told two stories.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn forks(&self) -> Result<Vec<(AuthorNumber, Vec<u8>)>, StorageError> {
        let mut query = self.connection.prepare_cached("SELECT author, proof FROM forks ORDER BY author")?;
        let rows = query.query_map([], |row| Ok((AuthorNumber(row.get(0)?), row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How many entries are set aside.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn set_aside_count(&self) -> Result<u64, StorageError> {
        let mut query = self.connection.prepare_cached("SELECT count(*) FROM set_aside")?;
        let mut rows = query.query([])?;
        rows.next()?.map_or(Ok(0), |row| unsigned_at(row, 0))
    }

    /// Removes the entries of a journal after `after` from what is folded. Their seals stay: a
    /// seal also vouches for what comes before it.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn cut_journal(&self, author: AuthorNumber, after: u64) -> Result<(), StorageError> {
        let sql = "DELETE FROM entries WHERE author = ?1 AND seq > ?2";
        self.connection.prepare_cached(sql)?.execute((author.0, signed(after)))?;
        Ok(())
    }
}
