use purser_ledger::{Asset, Lot, Share};
use purser_types::MemberId;
use rusqlite::OptionalExtension;

use crate::{
    AuthorNumber, Database, StorageError,
    columns::{lot_at, lot_key, member_at},
};

/// The rights of one replica to one lot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShareRow {
    /// The lot.
    pub lot: Lot,
    /// Whose rights.
    pub author: AuthorNumber,
    /// The rights.
    pub share: Share,
    /// Whether their owner was put out.
    pub is_fenced: bool,
}

const SELECT: &str = "SELECT member, asset, which, expires, author, available, held, advanced,
                      EXISTS (SELECT 1 FROM fences WHERE fences.replica = authors.replica AND counts = 1)
                      FROM shares JOIN authors USING (author)";

impl Database {
    /// One share; none stored reads as no rights.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn share(&self, author: AuthorNumber, lot: Lot) -> Result<Share, StorageError> {
        let sql = "SELECT available, held, advanced FROM shares
                   WHERE member = ?1 AND asset = ?2 AND which = ?3 AND expires = ?4 AND author = ?5";
        let (member, asset, which, expires) = lot_key(lot);
        let mut query = self.connection.prepare_cached(sql)?;
        let share = query.query_row((member, asset, which, expires, author.0), |row| {
            Ok(Share { available: row.get(0)?, held: row.get(1)?, advanced: row.get(2)? })
        });
        Ok(share.optional()?.unwrap_or(Share::NONE))
    }

    /// Replaces one share.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn set_share(&self, author: AuthorNumber, lot: Lot, share: Share) -> Result<(), StorageError> {
        let sql = "INSERT INTO shares VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                   ON CONFLICT DO UPDATE SET available = excluded.available, held = excluded.held,
                   advanced = excluded.advanced";
        let (member, asset, which, expires) = lot_key(lot);
        let Share { available, held, advanced } = share;
        let values = (member, asset, which, expires, author.0, available, held, advanced);
        self.connection.prepare_cached(sql)?.execute(values)?;
        Ok(())
    }

    /// All shares of a person's lots of one asset, by whatever member ([`kin`](Database::kin)), lot and author.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn shares(&self, member: MemberId, asset: Asset) -> Result<Vec<ShareRow>, StorageError> {
        let sql = format!("{SELECT} WHERE member = ?1 AND asset = ?2 AND which = ?3");
        let (kind, which) = asset.as_key();
        self.of_kin(member, |member| {
            let mut query = self.connection.prepare_cached(&sql)?;
            query.query_and_then((member.as_i64(), kind, which), read)?.collect()
        })
    }

    /// The members for whom some replica has spent in advance and not settled it, after `after`,
    /// at most `limit`.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn members_advanced(&self, after: MemberId, limit: u32) -> Result<Vec<MemberId>, StorageError> {
        let sql = "SELECT DISTINCT member FROM shares WHERE advanced > 0 AND member > ?1
                   ORDER BY member LIMIT ?2";
        let mut query = self.connection.prepare_cached(sql)?;
        query.query_and_then((after.as_i64(), limit), |row| member_at(row, 0))?.collect()
    }

    /// Whether some replica that was not put out has spent in advance for this member and not settled it.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn is_advanced(&self, member: MemberId) -> Result<bool, StorageError> {
        // A member has a share for every sale; by this index only those that are looked for are read.
        let sql = "SELECT 1 FROM shares INDEXED BY shares_advanced JOIN authors USING (author)
                   WHERE member = ?1 AND advanced > 0
                   AND NOT EXISTS (SELECT 1 FROM fences
                                   WHERE fences.replica = authors.replica AND counts = 1)";
        for member in self.kin(member)? {
            let mut query = self.connection.prepare_cached(sql)?;
            if query.exists([member.as_i64()])? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// All shares of one author in which something is left or owed. Scans, for a replica that was put out: an
    /// index would make every sale dearer.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn shares_of(&self, author: AuthorNumber) -> Result<Vec<ShareRow>, StorageError> {
        let sql = format!("{SELECT} WHERE author = ?1 AND (available <> 0 OR held <> 0)");
        let mut query = self.connection.prepare_cached(&sql)?;
        query.query_and_then([author.0], read)?.collect()
    }
}

fn read(row: &rusqlite::Row<'_>) -> Result<ShareRow, StorageError> {
    Ok(ShareRow {
        lot: lot_at(row, 0)?,
        author: AuthorNumber(row.get(4)?),
        share: Share { available: row.get(5)?, held: row.get(6)?, advanced: row.get(7)? },
        is_fenced: row.get(8)?,
    })
}
