use rusqlite::{OptionalExtension, Row};

use crate::{AuthorNumber, Database, StorageError};

/// Running sums over the sales of one author, or of all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SaleSums {
    /// How many.
    pub sales: u64,
    /// Value of the goods, in fen.
    pub gross_fen: i64,
    /// What points took off, in fen.
    pub discount_fen: i64,
    /// Points earned.
    pub points_earned: i64,
    /// Points redeemed at the till.
    pub points_redeemed: i64,
}

impl SaleSums {
    /// The sums with `other` added. Wraps on overflow, which takes absurd sales of many authors.
    pub fn with(self, other: SaleSums) -> SaleSums {
        SaleSums {
            sales: self.sales.wrapping_add(other.sales),
            gross_fen: self.gross_fen.wrapping_add(other.gross_fen),
            discount_fen: self.discount_fen.wrapping_add(other.discount_fen),
            points_earned: self.points_earned.wrapping_add(other.points_earned),
            points_redeemed: self.points_redeemed.wrapping_add(other.points_redeemed),
        }
    }
}

const COLUMNS: &str = "sales, gross_fen, discount_fen, points_earned, points_redeemed";

impl Database {
    /// The sums of one author; none stored reads as zero.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn sale_sums_of(&self, author: AuthorNumber) -> Result<SaleSums, StorageError> {
        let sql = format!("SELECT {COLUMNS} FROM sale_sums WHERE author = ?1");
        let mut query = self.connection.prepare_cached(&sql)?;
        Ok(query.query_row([author.0], read).optional()?.unwrap_or_default())
    }

    /// Replaces the sums of one author.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn set_sale_sums(&self, author: AuthorNumber, sums: SaleSums) -> Result<(), StorageError> {
        let SaleSums { sales, gross_fen, discount_fen, points_earned, points_redeemed } = sums;
        let sales = crate::columns::signed(sales);
        let values = (author.0, sales, gross_fen, discount_fen, points_earned, points_redeemed);
        let sql = "INSERT OR REPLACE INTO sale_sums VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        self.connection.prepare_cached(sql)?.execute(values)?;
        Ok(())
    }

    /// The sums over all authors.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn sale_sums(&self) -> Result<SaleSums, StorageError> {
        let mut query = self.connection.prepare_cached(&format!("SELECT {COLUMNS} FROM sale_sums"))?;
        let rows: Vec<SaleSums> = query.query_map([], read)?.collect::<Result<_, _>>()?;
        Ok(rows.into_iter().fold(SaleSums::default(), SaleSums::with))
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<SaleSums> {
    Ok(SaleSums {
        sales: row.get::<_, i64>(0)?.unsigned_abs(),
        gross_fen: row.get(1)?,
        discount_fen: row.get(2)?,
        points_earned: row.get(3)?,
        points_redeemed: row.get(4)?,
    })
}
