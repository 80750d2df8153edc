use purser_types::{BusinessDate, Fen, MemberId, SaleId, StoreNumber};
use rusqlite::{OptionalExtension, Row};

use crate::{Database, StorageError, columns::member_at};

/// A sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SaleRow {
    /// Its id, which names the entry that holds the rest.
    pub sale: SaleId,
    /// The buyer.
    pub member: MemberId,
    /// The store.
    pub store: StoreNumber,
    /// The day.
    pub date: BusinessDate,
    /// The value of the goods.
    pub gross: Fen,
    /// What points took off.
    pub discount: Fen,
    /// Points earned.
    pub points_earned: i64,
    /// Points redeemed.
    pub points_redeemed: i64,
}

/// Sums over all sales.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SaleSums {
    /// How many.
    pub sales: u64,
    /// Value of the goods, in fen.
    pub gross_fen: i64,
    /// Points earned.
    pub points_earned: i64,
    /// Points redeemed at the till.
    pub points_redeemed: i64,
}

impl Database {
    /// Adds a sale.
    ///
    /// # Errors
    /// Whatever SQLite reports, also when it is there already.
    pub fn add_sale(&self, row: &SaleRow) -> Result<(), StorageError> {
        let sql = "INSERT INTO sales VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let values = (
            row.sale.as_i64(),
            row.member.as_i64(),
            row.store.0,
            row.date.days(),
            row.gross.0,
            row.discount.0,
            row.points_earned,
            row.points_redeemed,
        );
        self.connection.prepare_cached(sql)?.execute(values)?;
        Ok(())
    }

    /// One sale.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn sale(&self, sale: SaleId) -> Result<Option<SaleRow>, StorageError> {
        let sql = "SELECT sale, member, store, date, gross_fen, discount_fen, points_earned, points_redeemed
                   FROM sales WHERE sale = ?1";
        let mut query = self.connection.prepare_cached(sql)?;
        query.query_row([sale.as_i64()], |row| Ok(read(row))).optional()?.transpose()
    }

    /// Sums over all sales. Scans: for reports and checks.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn sale_sums(&self) -> Result<SaleSums, StorageError> {
        let sql = "SELECT count(*), coalesce(sum(gross_fen), 0), coalesce(sum(points_earned), 0),
                   coalesce(sum(points_redeemed), 0) FROM sales";
        let sums = self.connection.query_row(sql, [], |row| {
            Ok(SaleSums {
                sales: row.get::<_, i64>(0)?.unsigned_abs(),
                gross_fen: row.get(1)?,
                points_earned: row.get(2)?,
                points_redeemed: row.get(3)?,
            })
        });
        Ok(sums?)
    }
}

fn read(row: &Row<'_>) -> Result<SaleRow, StorageError> {
    Ok(SaleRow {
        sale: SaleId::from_i64(row.get(0)?).ok_or(StorageError::Implausible("a sale id below zero"))?,
        member: member_at(row, 1)?,
        store: StoreNumber(row.get(2)?),
        date: BusinessDate::from_days(row.get(3)?),
        gross: Fen(row.get(4)?),
        discount: Fen(row.get(5)?),
        points_earned: row.get(6)?,
        points_redeemed: row.get(7)?,
    })
}
