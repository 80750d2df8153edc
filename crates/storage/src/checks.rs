use crate::{
    AuthorNumber, Database, StorageError,
    columns::{signed, unsigned_at},
};

impl Database {
    /// The first entry known with this till's receipt number at this store.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn check(&self, till: &str, check: &str) -> Result<Option<(AuthorNumber, u64)>, StorageError> {
        let sql = "SELECT author, seq FROM checks WHERE till = ?1 AND check_number = ?2 LIMIT 1";
        let mut query = self.connection.prepare_cached(sql)?;
        let mut rows = query.query((till, check))?;
        rows.next()?.map(|row| Ok((AuthorNumber(row.get(0)?), unsigned_at(row, 1)?))).transpose()
    }

    /// Notes that an entry used this till's receipt number.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn add_check(
        &self,
        till: &str,
        check: &str,
        author: AuthorNumber,
        seq: u64,
    ) -> Result<(), StorageError> {
        let sql = "INSERT OR IGNORE INTO checks VALUES (?1, ?2, ?3, ?4)";
        self.connection.prepare_cached(sql)?.execute((till, check, author.0, signed(seq)))?;
        Ok(())
    }
}
