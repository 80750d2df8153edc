use purser_ledger::{Asset, Lot};
use purser_types::{MemberId, OfferId, ReplicaId};
use rusqlite::{OptionalExtension, Row};

use crate::{
    AuthorNumber, Database, StorageError,
    columns::{lot_at, lot_key, replica_at},
};

/// The line of an offer on one lot, addressed to one receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfferRow {
    /// The offer.
    pub offer: OfferId,
    /// The lot.
    pub lot: Lot,
    /// The receiver.
    pub receiver: ReplicaId,
    /// Giver and amount, once the giver's journal told.
    pub offered: Option<(AuthorNumber, i64)>,
    /// The amount taken up, once the receiver's journal told.
    pub accepted: Option<i64>,
}

impl OfferRow {
    /// Whether it is given and not taken up, as far as known here.
    pub fn is_open(&self) -> bool {
        self.offered.is_some() && self.accepted.is_none()
    }

    /// Whether `giver` gives it.
    pub fn is_by(&self, giver: AuthorNumber) -> bool {
        self.offered.is_some_and(|(by, _)| by == giver)
    }
}

const COLUMNS: &str = "offer, member, asset, which, expires, receiver, giver, offered, accepted";

impl Database {
    /// One line.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn offer(
        &self,
        offer: OfferId,
        lot: Lot,
        receiver: ReplicaId,
    ) -> Result<Option<OfferRow>, StorageError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM offers WHERE offer = ?1 AND member = ?2 AND asset = ?3 AND which = ?4
             AND expires = ?5 AND receiver = ?6"
        );
        let (member, asset, which, expires) = lot_key(lot);
        let mut query = self.connection.prepare_cached(&sql)?;
        let key = (offer.as_i64(), member, asset, which, expires, receiver.0);
        query.query_row(key, |row| Ok(read(row))).optional()?.transpose()
    }

    /// Replaces one line.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn set_offer(&self, row: &OfferRow) -> Result<(), StorageError> {
        let sql = "INSERT INTO offers VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
                   ON CONFLICT DO UPDATE SET giver = excluded.giver, offered = excluded.offered,
                   accepted = excluded.accepted";
        let (member, asset, which, expires) = lot_key(row.lot);
        let giver = row.offered.map(|(giver, _)| giver.0);
        let offered = row.offered.map(|(_, amount)| amount);
        let offer = row.offer.as_i64();
        let values = (offer, member, asset, which, expires, row.receiver.0, giver, offered, row.accepted);
        self.connection.prepare_cached(sql)?.execute(values)?;
        Ok(())
    }

    /// Lines addressed to `receiver` that it has not taken up, at most `limit`.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn offers_open(&self, receiver: ReplicaId, limit: u32) -> Result<Vec<OfferRow>, StorageError> {
        let sql = format!("SELECT {COLUMNS} FROM offers WHERE receiver = ?1 AND accepted IS NULL LIMIT ?2");
        let mut query = self.connection.prepare_cached(&sql)?;
        query.query_and_then((receiver.0, limit), read)?.collect()
    }

    /// Lines on a member's lots of one asset where giver and receiver do not agree (so far):
    /// rights on their way, or taken up ahead of the giver's journal.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn offers_unsettled(&self, member: MemberId, asset: Asset) -> Result<Vec<OfferRow>, StorageError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM offers
             WHERE member = ?1 AND asset = ?2 AND which = ?3 AND offered IS NOT accepted"
        );
        let (kind, which) = asset.as_key();
        self.of_kin(member, |member| {
            let mut query = self.connection.prepare_cached(&sql)?;
            query.query_and_then((member.as_i64(), kind, which), read)?.collect()
        })
    }

    /// Points that were taken back from a fenced replica: taken up under offers beyond the end of
    /// its journal.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn points_reclaimed(&self, replica: ReplicaId) -> Result<i64, StorageError> {
        let Some(after_seq) = self.fence_of(replica)? else { return Ok(0) };
        let tag = i64::from(replica.tag().bits()) << 32;
        let first = tag.saturating_add(i64::try_from(after_seq).unwrap_or(i64::MAX)).saturating_add(1);
        let sql = "SELECT coalesce(sum(accepted), 0) FROM offers
                   WHERE offer BETWEEN ?1 AND ?2 AND asset = ?3 AND accepted IS NOT NULL";
        let (points, _) = Asset::Points.as_key();
        let mut query = self.connection.prepare_cached(sql)?;
        Ok(query.query_row((first, tag | 0xffff_ffff, points), |row| row.get(0))?)
    }

    /// Lines of the offers from `first` to `last`.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn offers_between(&self, first: OfferId, last: OfferId) -> Result<Vec<OfferRow>, StorageError> {
        let sql = format!("SELECT {COLUMNS} FROM offers WHERE offer BETWEEN ?1 AND ?2");
        let mut query = self.connection.prepare_cached(&sql)?;
        query.query_and_then((first.as_i64(), last.as_i64()), read)?.collect()
    }

    /// Lines of the offers from `first` to `last` that were taken up otherwise than given, at
    /// most `limit`.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn offers_unbacked_between(
        &self,
        first: OfferId,
        last: OfferId,
        limit: u32,
    ) -> Result<Vec<OfferRow>, StorageError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM offers
             WHERE offer BETWEEN ?1 AND ?2 AND accepted IS NOT NULL AND offered IS NOT accepted LIMIT ?3"
        );
        let mut query = self.connection.prepare_cached(&sql)?;
        query.query_and_then((first.as_i64(), last.as_i64(), limit), read)?.collect()
    }

    /// Lines taken up whose giver's journal told nothing of them, or another amount: on their
    /// way if that journal is still behind, forged otherwise. At most `limit`.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn offers_unbacked(&self, limit: u32) -> Result<Vec<OfferRow>, StorageError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM offers WHERE accepted IS NOT NULL AND offered IS NOT accepted LIMIT ?1"
        );
        let mut query = self.connection.prepare_cached(&sql)?;
        query.query_and_then([limit], read)?.collect()
    }
}

fn read(row: &Row<'_>) -> Result<OfferRow, StorageError> {
    let (giver, offered): (Option<i64>, Option<i64>) = (row.get(6)?, row.get(7)?);
    Ok(OfferRow {
        offer: OfferId::from_i64(row.get(0)?).ok_or(StorageError::Implausible("an offer id below zero"))?,
        lot: lot_at(row, 1)?,
        receiver: replica_at(row, 5)?,
        offered: giver.map(AuthorNumber).zip(offered),
        accepted: row.get(8)?,
    })
}
