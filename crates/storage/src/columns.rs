//! How values of other crates stand in columns.

use purser_ledger::{Asset, Lot};
use purser_types::{BusinessDate, Digest, MemberId, ReplicaId};
use rusqlite::Row;

use crate::StorageError;

/// `expires` of a lot that never does.
const NEVER: i32 = i32::MAX;

/// A lot as the four columns member, asset, which, expires.
pub(crate) type LotKey = (i64, u8, i64, i32);

pub(crate) fn lot_key(lot: Lot) -> LotKey {
    let (asset, which) = lot.asset.as_key();
    (lot.member.as_i64(), asset, which, lot.expires_on.map_or(NEVER, BusinessDate::days))
}

/// Reads a lot from four columns starting at `first`.
pub(crate) fn lot_at(row: &Row<'_>, first: usize) -> Result<Lot, StorageError> {
    let (asset, which): (u8, i64) = (row.get(first + 1)?, row.get(first + 2)?);
    let expires: i32 = row.get(first + 3)?;
    Ok(Lot {
        member: member_at(row, first)?,
        asset: Asset::from_key(asset, which)
            .ok_or(StorageError::Implausible("an asset that does not exist"))?,
        expires_on: (expires != NEVER).then(|| BusinessDate::from_days(expires)),
    })
}

pub(crate) fn member_at(row: &Row<'_>, column: usize) -> Result<MemberId, StorageError> {
    MemberId::from_i64(row.get(column)?).ok_or(StorageError::Implausible("a member id below zero"))
}

pub(crate) fn replica_at(row: &Row<'_>, column: usize) -> Result<ReplicaId, StorageError> {
    Ok(ReplicaId(row.get(column)?))
}

pub(crate) fn digest_at(row: &Row<'_>, column: usize) -> Result<Digest, StorageError> {
    Ok(Digest(row.get(column)?))
}

/// An unsigned column. What is stored was unsigned when it was written.
pub(crate) fn unsigned_at(row: &Row<'_>, column: usize) -> Result<u64, StorageError> {
    u64::try_from(row.get::<_, i64>(column)?).map_err(|_| StorageError::Implausible("a number below zero"))
}

/// SQLite's integers are signed: what does not fit is pinned to the greatest.
pub(crate) fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
