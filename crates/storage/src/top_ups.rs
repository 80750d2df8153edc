use purser_types::{BusinessDate, Hlc, MemberId, SaleId};
use rusqlite::Row;

use crate::{
    AuthorNumber, Database, StorageError,
    columns::{member_at, signed, unsigned_at},
};

/// Stored value that an entry paid in or gave back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopUpRow {
    /// The top-up, named like a sale after the entry that made it.
    pub top_up: SaleId,
    /// The entry, and its place among what that entry says of top-ups.
    pub entry: (AuthorNumber, u64, u32),
    /// The day of the entry.
    pub date: BusinessDate,
    /// When it was written.
    pub hlc: Hlc,
    /// Whose.
    pub member: MemberId,
    /// Who has sold it; empty if nobody was named, and where it is given back.
    pub seller: String,
    /// What was paid in, in fen; below zero where it was given back.
    pub principal_fen: i64,
}

impl Database {
    /// Everything that was ever paid in or given back, by top-up: what commission is reckoned from. Scans.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn top_ups(&self) -> Result<Vec<TopUpRow>, StorageError> {
        let sql = "SELECT top_up, author, seq, place, date, wall_ms, counter, member, seller, principal
                   FROM top_ups ORDER BY top_up, author, seq, place";
        let mut query = self.connection.prepare_cached(sql)?;
        query.query_and_then([], read)?.collect()
    }

    /// Notes what an entry paid in or gave back. Twice is as once.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn add_top_up(&self, row: &TopUpRow) -> Result<(), StorageError> {
        let (author, seq, place) = row.entry;
        let values = (
            row.top_up.as_i64(),
            author.0,
            signed(seq),
            place,
            row.date.days(),
            signed(row.hlc.wall_ms),
            row.hlc.counter,
            row.member.as_i64(),
            &row.seller,
            row.principal_fen,
        );
        let sql = "INSERT OR IGNORE INTO top_ups VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
        self.connection.prepare_cached(sql)?.execute(values)?;
        Ok(())
    }
}

fn read(row: &Row<'_>) -> Result<TopUpRow, StorageError> {
    Ok(TopUpRow {
        top_up: SaleId::from_i64(row.get(0)?).ok_or(StorageError::Implausible("a top-up below zero"))?,
        entry: (AuthorNumber(row.get(1)?), unsigned_at(row, 2)?, row.get(3)?),
        date: BusinessDate::from_days(row.get(4)?),
        hlc: Hlc { wall_ms: unsigned_at(row, 5)?, counter: row.get(6)? },
        member: member_at(row, 7)?,
        seller: row.get(8)?,
        principal_fen: row.get(9)?,
    })
}
