use purser_journal::{Request, RequestId};

use crate::{
    Database, StorageError,
    columns::{signed, unsigned_at},
};

impl Database {
    /// The request answered under this id and the entry of our own that answered it.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn request(&self, id: RequestId) -> Result<Option<(Request, u64)>, StorageError> {
        let mut query = self.connection.prepare_cached("SELECT body, seq FROM requests WHERE id = ?1")?;
        let mut rows = query.query([id.0])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        Ok(Some((Request { id, body: RequestId(row.get(0)?) }, unsigned_at(row, 1)?)))
    }

    /// Notes that an entry of our own answered a request.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn add_request(&self, request: Request, seq: u64) -> Result<(), StorageError> {
        let sql = "INSERT OR IGNORE INTO requests VALUES (?1, ?2, ?3)";
        self.connection.prepare_cached(sql)?.execute((request.id.0, request.body.0, signed(seq)))?;
        Ok(())
    }
}
