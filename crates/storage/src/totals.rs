use purser_ledger::Totals;
use rusqlite::{OptionalExtension, Row};

use crate::{AuthorNumber, Database, StorageError};

impl Database {
    /// The sums of one author for one kind of asset; none stored reads as zero.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn totals(&self, author: AuthorNumber, asset_kind: u8) -> Result<Totals, StorageError> {
        let sql = "SELECT credited, debited, clawed_back, offered, accepted, held FROM totals
                   WHERE author = ?1 AND asset = ?2";
        let mut query = self.connection.prepare_cached(sql)?;
        let totals = query.query_row((author.0, asset_kind), |row| read(row, 0)).optional()?;
        Ok(totals.unwrap_or_default())
    }

    /// The sums of all authors, with author and kind of asset.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn all_totals(&self) -> Result<Vec<(AuthorNumber, u8, Totals)>, StorageError> {
        let sql = "SELECT author, asset, credited, debited, clawed_back, offered, accepted, held FROM totals";
        let mut query = self.connection.prepare_cached(sql)?;
        let rows = query.query_map([], |row| Ok((AuthorNumber(row.get(0)?), row.get(1)?, read(row, 2)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Replaces the sums of one author for one kind of asset.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn set_totals(
        &self,
        author: AuthorNumber,
        asset_kind: u8,
        totals: Totals,
    ) -> Result<(), StorageError> {
        let sql = "INSERT OR REPLACE INTO totals VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let Totals { credited, debited, clawed_back, offered, accepted, held } = totals;
        let values = (author.0, asset_kind, credited, debited, clawed_back, offered, accepted, held);
        self.connection.prepare_cached(sql)?.execute(values)?;
        Ok(())
    }

    /// What the shares of all authors are below zero in one kind of asset, of those that are: what was spent and taken
    /// back since.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn owed(&self, asset_kind: u8) -> Result<Vec<(AuthorNumber, i64)>, StorageError> {
        // Cut, so that no journal makes the sum overflow.
        let sql = "SELECT author, -sum(max(available, -1000000000000)) FROM shares
                   WHERE available < 0 AND asset = ?1 GROUP BY author";
        let mut query = self.connection.prepare_cached(sql)?;
        let rows = query.query_map([asset_kind], |row| Ok((AuthorNumber(row.get(0)?), row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Sums of what the shares of one author hold, by kind of asset: (kind, available, held).
    /// Scans: for checks.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn share_sums_of(&self, author: AuthorNumber) -> Result<Vec<(u8, i64, i64)>, StorageError> {
        let mut query = self.connection.prepare(
            "SELECT asset, sum(available), sum(held) FROM shares WHERE author = ?1 GROUP BY asset ORDER BY asset",
        )?;
        let rows = query.query_map([author.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

fn read(row: &Row<'_>, first: usize) -> rusqlite::Result<Totals> {
    Ok(Totals {
        credited: row.get(first)?,
        debited: row.get(first + 1)?,
        clawed_back: row.get(first + 2)?,
        offered: row.get(first + 3)?,
        accepted: row.get(first + 4)?,
        held: row.get(first + 5)?,
    })
}
