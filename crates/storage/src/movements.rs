use purser_types::MemberId;
use rusqlite::Row;

use crate::{
    AuthorNumber, Database, StorageError,
    columns::{signed, unsigned_at},
};

/// An entry that touches a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct MovementRow {
    /// When its author wrote it, in milliseconds since 1970.
    pub wall_ms: u64,
    /// Its author.
    pub author: AuthorNumber,
    /// Its place.
    pub seq: u64,
}

/// What an entry is to a member whom it touches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MovementKind {
    /// It moves rights, changes the profile and the like.
    Other = 0,
    /// It is a sale.
    Sale = 1,
    /// It is something else that programmes ask about.
    Dealing = 2,
}

impl Database {
    /// Notes that an entry touches a member. Twice is as once.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn add_movement(
        &self,
        member: MemberId,
        row: MovementRow,
        kind: MovementKind,
    ) -> Result<(), StorageError> {
        let sql = "INSERT INTO movements VALUES (?1, ?2, ?3, ?4, ?5)
                   ON CONFLICT DO UPDATE SET kind = max(kind, excluded.kind)";
        let values = (member.as_i64(), signed(row.wall_ms), row.author.0, signed(row.seq), kind as u8);
        self.connection.prepare_cached(sql)?.execute(values)?;
        Ok(())
    }

    /// The entries that touch a member, latest first, those before `before` (all if `None`),
    /// at most `limit`.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn movements(
        &self,
        member: MemberId,
        before: Option<MovementRow>,
        limit: u32,
    ) -> Result<Vec<MovementRow>, StorageError> {
        let sql = "SELECT wall_ms, author, seq FROM movements
                   WHERE member = ?1 AND (wall_ms, author, seq) < (?2, ?3, ?4)
                   ORDER BY wall_ms DESC, author DESC, seq DESC LIMIT ?5";
        let (wall_ms, author, seq) =
            before.map_or((i64::MAX, i64::MAX, i64::MAX), |b| (signed(b.wall_ms), b.author.0, signed(b.seq)));
        let mut query = self.connection.prepare_cached(sql)?;
        query.query_and_then((member.as_i64(), wall_ms, author, seq, limit), read)?.collect()
    }

    /// The member's latest sales, latest first, at most `limit`.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn latest_sales(&self, member: MemberId, limit: u32) -> Result<Vec<MovementRow>, StorageError> {
        let sql = "SELECT wall_ms, author, seq FROM movements WHERE member = ?1 AND kind = 1
                   ORDER BY wall_ms DESC, author DESC, seq DESC LIMIT ?2";
        let mut rows: Vec<MovementRow> = self.of_kin(member, |member| {
            let mut query = self.connection.prepare_cached(sql)?;
            query.query_and_then((member.as_i64(), limit), read)?.collect()
        })?;
        rows.sort_unstable_by(|one, other| other.cmp(one));
        rows.truncate(limit as usize);
        Ok(rows)
    }

    /// The member's latest entries that programmes ask about, the earliest first, at most `limit`.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn dealings(&self, member: MemberId, limit: u32) -> Result<Vec<MovementRow>, StorageError> {
        let sql = "SELECT wall_ms, author, seq FROM movements WHERE member = ?1 AND kind > 0
                   ORDER BY wall_ms DESC, author DESC, seq DESC LIMIT ?2";
        let mut query = self.connection.prepare_cached(sql)?;
        let rows: Result<Vec<_>, _> = query.query_and_then((member.as_i64(), limit), read)?.collect();
        rows.map(|mut rows| {
            rows.reverse();
            rows
        })
    }
}

fn read(row: &Row<'_>) -> Result<MovementRow, StorageError> {
    Ok(MovementRow {
        wall_ms: unsigned_at(row, 0)?,
        author: AuthorNumber(row.get(1)?),
        seq: unsigned_at(row, 2)?,
    })
}
