use purser_ledger::{HoldState, Lot};
use purser_types::HoldId;
use rusqlite::{OptionalExtension, Row};

use crate::{
    AuthorNumber, Database, StorageError,
    columns::{lot_at, lot_key, signed, unsigned_at},
};

/// The line of a hold on one lot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HoldRow {
    /// The lot.
    pub lot: Lot,
    /// Whose share is held.
    pub author: AuthorNumber,
    /// What was set aside.
    pub amount: i64,
    /// When the holder releases it, in milliseconds since 1970.
    pub deadline_ms: u64,
    /// What has become of it.
    pub state: HoldState,
}

impl Database {
    /// All lines of a hold, by lot; none if there is no such hold.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn hold(&self, hold: HoldId) -> Result<Vec<HoldRow>, StorageError> {
        let sql = "SELECT member, asset, which, expires, author, amount, deadline_ms, captured FROM holds
                   WHERE hold = ?1";
        let mut query = self.connection.prepare_cached(sql)?;
        query.query_and_then([hold.as_i64()], read)?.collect()
    }

    /// The line of a hold on one lot.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn hold_line(&self, hold: HoldId, lot: Lot) -> Result<Option<HoldRow>, StorageError> {
        let sql = "SELECT member, asset, which, expires, author, amount, deadline_ms, captured FROM holds
                   WHERE hold = ?1 AND member = ?2 AND asset = ?3 AND which = ?4 AND expires = ?5";
        let (member, asset, which, expires) = lot_key(lot);
        let mut query = self.connection.prepare_cached(sql)?;
        let key = (hold.as_i64(), member, asset, which, expires);
        query.query_row(key, |row| Ok(read(row))).optional()?.transpose()
    }

    /// Replaces the line of a hold on one lot.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn set_hold(&self, hold: HoldId, row: HoldRow) -> Result<(), StorageError> {
        let sql = "INSERT INTO holds VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
                   ON CONFLICT DO UPDATE SET captured = excluded.captured";
        let (member, asset, which, expires) = lot_key(row.lot);
        let captured = match row.state {
            HoldState::Open => None,
            HoldState::Settled { captured } => Some(captured),
        };
        let deadline_ms = signed(row.deadline_ms);
        let hold = hold.as_i64();
        let values = (hold, member, asset, which, expires, row.author.0, row.amount, deadline_ms, captured);
        self.connection.prepare_cached(sql)?.execute(values)?;
        Ok(())
    }

    /// Open holds of `author` whose deadline is at or before `now_ms`, at most `limit`.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn holds_due(
        &self,
        author: AuthorNumber,
        now_ms: u64,
        limit: u32,
    ) -> Result<Vec<HoldId>, StorageError> {
        let sql = "SELECT DISTINCT hold FROM holds
                   WHERE author = ?1 AND deadline_ms <= ?2 AND captured IS NULL LIMIT ?3";
        let mut query = self.connection.prepare_cached(sql)?;
        let rows = query.query_and_then((author.0, signed(now_ms), limit), |row| {
            let hold = HoldId::from_i64(row.get(0)?);
            hold.ok_or(StorageError::Implausible("a hold id below zero"))
        })?;
        rows.collect()
    }

    /// The next deadline of an open hold of `author`.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn next_hold_deadline_ms(&self, author: AuthorNumber) -> Result<Option<u64>, StorageError> {
        let sql = "SELECT deadline_ms FROM holds WHERE author = ?1 AND captured IS NULL
                   ORDER BY deadline_ms LIMIT 1";
        let mut query = self.connection.prepare_cached(sql)?;
        let deadline = query.query_row([author.0], |row| row.get::<_, i64>(0)).optional()?;
        Ok(deadline.and_then(|ms| u64::try_from(ms).ok()))
    }
}

fn read(row: &Row<'_>) -> Result<HoldRow, StorageError> {
    let captured: Option<i64> = row.get(7)?;
    Ok(HoldRow {
        lot: lot_at(row, 0)?,
        author: AuthorNumber(row.get(4)?),
        amount: row.get(5)?,
        deadline_ms: unsigned_at(row, 6)?,
        state: captured.map_or(HoldState::Open, |captured| HoldState::Settled { captured }),
    })
}
