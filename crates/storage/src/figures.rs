use std::ops::AddAssign;

use purser_types::BusinessDate;
use rusqlite::{OptionalExtension, Row};

use crate::{AuthorNumber, Database, StorageError};

/// What was done at one replica on one day by one person, in figures.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Figures {
    /// Sales.
    pub sales: i64,
    /// Value of the goods sold, in fen.
    pub gross_fen: i64,
    /// What rules took off the goods, in fen.
    pub off_fen: i64,
    /// What points took off, in fen.
    pub discount_fen: i64,
    /// What stored value paid of the goods, in fen.
    pub stored_value_fen: i64,
    /// What was taken for goods in money, less what was given back, in fen: neither what vouchers of others paid, nor
    /// stored value, which was taken when it was paid in.
    pub taken_fen: i64,
    /// Points earned by sales.
    pub points_earned: i64,
    /// Points redeemed in sales and for rewards.
    pub points_redeemed: i64,
    /// Returns.
    pub returns: i64,
    /// Value of the goods taken back, in fen.
    pub returned_fen: i64,
    /// Stored value paid in, less what was given back, in fen, without any bonus.
    pub topped_up_fen: i64,
    /// What passes were sold for, less what was given back, in fen.
    pub passes_fen: i64,
    /// Rewards handed out, in pieces.
    pub rewards: i64,
    /// Members registered.
    pub members: i64,
}

/// Whose figures, and when.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FiguresKey {
    /// The day of business.
    pub date: BusinessDate,
    /// The replica.
    pub author: AuthorNumber,
    /// The account of who did it; empty if nobody was signed in.
    pub by: String,
}

const COLUMNS: &str = "sales, gross_fen, off_fen, discount_fen, stored_value_fen, taken_fen, points_earned, points_redeemed, \
                       returns, returned_fen, topped_up_fen, passes_fen, rewards, members";

impl AddAssign for Figures {
    /// Wraps on overflow, which takes absurd figures of many authors.
    fn add_assign(&mut self, other: Self) {
        let mut sum = self.to_array();
        for (figure, more) in sum.iter_mut().zip(other.to_array()) {
            *figure = figure.wrapping_add(more);
        }
        *self = Self::from_array(sum);
    }
}

impl Figures {
    fn to_array(self) -> [i64; 14] {
        [
            self.sales,
            self.gross_fen,
            self.off_fen,
            self.discount_fen,
            self.stored_value_fen,
            self.taken_fen,
            self.points_earned,
            self.points_redeemed,
            self.returns,
            self.returned_fen,
            self.topped_up_fen,
            self.passes_fen,
            self.rewards,
            self.members,
        ]
    }

    fn from_array(figures: [i64; 14]) -> Self {
        let [sales, gross_fen, off_fen, discount_fen, stored_value_fen, taken_fen, rest @ ..] = figures;
        let [points_earned, points_redeemed, returns, returned_fen, topped_up_fen, rest @ ..] = rest;
        let [passes_fen, rewards, members] = rest;
        Self {
            sales,
            gross_fen,
            off_fen,
            discount_fen,
            stored_value_fen,
            taken_fen,
            points_earned,
            points_redeemed,
            returns,
            returned_fen,
            topped_up_fen,
            passes_fen,
            rewards,
            members,
        }
    }

    fn read(row: &Row<'_>, first: usize) -> rusqlite::Result<Self> {
        let mut figures = [0; 14];
        for (place, figure) in figures.iter_mut().enumerate() {
            *figure = row.get(first + place)?;
        }
        Ok(Self::from_array(figures))
    }
}

impl Database {
    /// The figures of a day, a replica and a person; none stored reads as zero.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn figures_of(&self, key: &FiguresKey) -> Result<Figures, StorageError> {
        let sql = format!("SELECT {COLUMNS} FROM figures WHERE date = ?1 AND author = ?2 AND by_whom = ?3");
        let mut query = self.connection.prepare_cached(&sql)?;
        let figures = query.query_row((key.date.days(), key.author.0, &key.by), |row| Figures::read(row, 0));
        Ok(figures.optional()?.unwrap_or_default())
    }

    /// Replaces them.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn set_figures(&self, key: &FiguresKey, figures: Figures) -> Result<(), StorageError> {
        let sql = "INSERT OR REPLACE INTO figures
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)";
        let mut statement = self.connection.prepare_cached(sql)?;
        let key: [&dyn rusqlite::ToSql; 3] = [&key.date.days(), &key.author.0, &key.by];
        let figures = figures.to_array();
        let figures = figures.iter().map(|figure| figure as &dyn rusqlite::ToSql);
        let values: Vec<&dyn rusqlite::ToSql> = key.into_iter().chain(figures).collect();
        statement.execute(values.as_slice())?;
        Ok(())
    }

    /// All figures of the days from `first` to `last`, both included, day by day.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn figures_between(
        &self,
        first: BusinessDate,
        last: BusinessDate,
    ) -> Result<Vec<(FiguresKey, Figures)>, StorageError> {
        let sql = format!(
            "SELECT date, author, by_whom, {COLUMNS} FROM figures WHERE date BETWEEN ?1 AND ?2 \
             ORDER BY date, author, by_whom"
        );
        let mut query = self.connection.prepare_cached(&sql)?;
        let read = |row: &Row<'_>| {
            let (date, author) = (BusinessDate::from_days(row.get(0)?), AuthorNumber(row.get(1)?));
            Ok((FiguresKey { date, author, by: row.get(2)? }, Figures::read(row, 3)?))
        };
        Ok(query.query_map((first.days(), last.days()), read)?.collect::<Result<_, _>>()?)
    }
}
