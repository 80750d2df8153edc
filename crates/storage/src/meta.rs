use rusqlite::OptionalExtension;

use crate::{Database, StorageError};

impl Database {
    /// The value under a key of `meta`.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn meta(&self, key: &str) -> Result<Option<Vec<u8>>, StorageError> {
        let mut query = self.connection.prepare_cached("SELECT value FROM meta WHERE key = ?1")?;
        Ok(query.query_row([key], |row| row.get(0)).optional()?)
    }

    /// Sets the value under a key of `meta`.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn set_meta(&self, key: &str, value: &[u8]) -> Result<(), StorageError> {
        let sql = "INSERT INTO meta VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = excluded.value";
        self.connection.prepare_cached(sql)?.execute((key, value))?;
        Ok(())
    }

    /// Forgets the value under a key of `meta`.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn remove_meta(&self, key: &str) -> Result<(), StorageError> {
        self.connection.prepare_cached("DELETE FROM meta WHERE key = ?1")?.execute([key])?;
        Ok(())
    }
}
