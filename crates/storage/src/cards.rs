use purser_types::{CardNumber, MemberId};
use rusqlite::OptionalExtension;

use crate::{Database, StorageError, columns::member_at};

/// A card, its holder and the state that its holder's profile gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardRow {
    /// The holder.
    pub member: MemberId,
    /// The state's name.
    pub state: String,
}

impl Database {
    /// One card. Should two members claim it, the one who registered first.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn card(&self, card: CardNumber) -> Result<Option<CardRow>, StorageError> {
        let mut query =
            self.connection.prepare_cached("SELECT member, state FROM cards WHERE card = ?1 LIMIT 1")?;
        let row = query.query_row([card.as_i64()], |row| {
            Ok(member_at(row, 0).and_then(|member| Ok(CardRow { member, state: row.get(1)? })))
        });
        row.optional()?.transpose()
    }

    /// Replaces one card.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn set_card(&self, card: CardNumber, row: &CardRow) -> Result<(), StorageError> {
        let sql = "INSERT INTO cards VALUES (?1, ?2, ?3)
                   ON CONFLICT DO UPDATE SET state = excluded.state";
        self.connection.prepare_cached(sql)?.execute((card.as_i64(), row.member.as_i64(), &row.state))?;
        Ok(())
    }

    /// The greatest card number from `first` to `last` that is in use.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn greatest_card(&self, first: CardNumber, last: CardNumber) -> Result<Option<i64>, StorageError> {
        let mut query =
            self.connection.prepare_cached("SELECT max(card) FROM cards WHERE card BETWEEN ?1 AND ?2")?;
        Ok(query.query_row((first.as_i64(), last.as_i64()), |row| row.get(0))?)
    }
}
