use purser_types::{CardNumber, MemberId};
use rusqlite::OptionalExtension;

use crate::{Database, StorageError, columns::member_at};

/// A card, its holder and the state that its holder's profile gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardRow {
    /// The holder.
    pub member: MemberId,
    /// The state's name; empty while the profile that names it is not here.
    pub state: String,
}

impl Database {
    /// One card. Should several members claim it, the one to whom its store issued it.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn card(&self, card: CardNumber) -> Result<Option<CardRow>, StorageError> {
        let mut query = self.connection.prepare_cached(
            "SELECT member, state FROM cards WHERE card = ?1 ORDER BY issued DESC, member LIMIT 1",
        )?;
        let row = query.query_row([card.as_i64()], |row| {
            Ok(member_at(row, 0).and_then(|member| Ok(CardRow { member, state: row.get(1)? })))
        });
        row.optional()?.transpose()
    }

    /// Notes that a card was issued to a member.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn issue_card(&self, card: CardNumber, member: MemberId) -> Result<(), StorageError> {
        let sql = "INSERT INTO cards VALUES (?1, ?2, '', 1) ON CONFLICT DO UPDATE SET issued = 1";
        self.connection.prepare_cached(sql)?.execute((card.as_i64(), member.as_i64()))?;
        Ok(())
    }

    /// Replaces what a member's profile says of its cards. What it no longer names goes, but for
    /// cards that were issued.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn set_cards<'s>(
        &self,
        member: MemberId,
        states: impl IntoIterator<Item = (CardNumber, &'s str)>,
    ) -> Result<(), StorageError> {
        let run = |sql| self.connection.prepare_cached(sql)?.execute([member.as_i64()]);
        run("UPDATE cards SET state = '' WHERE member = ?1 AND state <> ''")?;
        let sql = "INSERT INTO cards VALUES (?1, ?2, ?3, 0) ON CONFLICT DO UPDATE SET state = excluded.state";
        let mut set = self.connection.prepare_cached(sql)?;
        for (card, state) in states {
            set.execute((card.as_i64(), member.as_i64(), state))?;
        }
        run("DELETE FROM cards WHERE member = ?1 AND state = '' AND issued = 0")?;
        Ok(())
    }

    /// The greatest card number from `first` to `last` that was issued.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn greatest_card(&self, first: CardNumber, last: CardNumber) -> Result<Option<i64>, StorageError> {
        let sql = "SELECT card FROM cards WHERE card BETWEEN ?1 AND ?2 AND issued = 1
                   ORDER BY card DESC LIMIT 1";
        let mut query = self.connection.prepare_cached(sql)?;
        Ok(query.query_row((first.as_i64(), last.as_i64()), |row| row.get(0)).optional()?)
    }
}
