use purser_journal::StaffRole;
use purser_types::{Hlc, ReplicaId, StoreNumber};
use rusqlite::{OptionalExtension, Row};

use crate::{
    AuthorNumber, Database, StorageError,
    columns::{replica_at, signed, unsigned_at},
};

/// An account as its latest entry left it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRow {
    /// The store where it is good; every replica of the city without one.
    pub store: Option<StoreNumber>,
    /// What its owner types.
    pub name: String,
    /// Who that is.
    pub person: String,
    /// What its owner may do.
    pub role: StaffRole,
    /// What a password is checked against, if anybody may sign in.
    pub verifier: Option<String>,
    /// When, and by which entry.
    pub set: (Hlc, ReplicaId, u64),
}

/// Something that somebody did, as the journal has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActRow {
    /// When its entry was written, in milliseconds since 1970.
    pub wall_ms: u64,
    /// The entry, and its place among the acts of that entry.
    pub entry: (AuthorNumber, u64, u32),
    /// Who.
    pub by: String,
    /// What.
    pub act: String,
    /// About whom or what.
    pub about: String,
}

/// The number that stands for the whole city: no store has it.
const CITY: u32 = u32::MAX;

const ACCOUNT: &str = "store, name, person, role, verifier, wall_ms, counter, replica, seq";
pub(crate) const ACT: &str = "wall_ms, author, seq, place, by_whom, act, about";

impl Database {
    /// Notes what an entry says of an account. Of several the latest counts, whatever order they come in.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn set_account(&self, row: &AccountRow) -> Result<(), StorageError> {
        let (hlc, replica, seq) = row.set;
        let sql = "INSERT INTO accounts VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
                   ON CONFLICT DO UPDATE SET person = excluded.person, role = excluded.role,
                   verifier = excluded.verifier, wall_ms = excluded.wall_ms, counter = excluded.counter,
                   replica = excluded.replica, seq = excluded.seq
                   WHERE (excluded.wall_ms, excluded.counter, excluded.replica, excluded.seq)
                         > (wall_ms, counter, replica, seq)";
        let values = (
            row.store.map_or(CITY, |StoreNumber(store)| store),
            &row.name,
            &row.person,
            row.role.name(),
            &row.verifier,
            signed(hlc.wall_ms),
            hlc.counter,
            replica.0,
            signed(seq),
        );
        self.connection.prepare_cached(sql)?.execute(values)?;
        Ok(())
    }

    /// The account of this name that is good at a store: the city's, or its own. Nobody at a store takes the place of
    /// who comes from outside.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn account(&self, store: StoreNumber, name: &str) -> Result<Option<AccountRow>, StorageError> {
        let sql = format!(
            "SELECT {ACCOUNT} FROM accounts WHERE name = ?1 AND store IN (?2, {CITY}) ORDER BY store DESC LIMIT 1"
        );
        let mut query = self.connection.prepare_cached(&sql)?;
        query.query_row((name, store.0), |row| Ok(read_account(row))).optional()?.transpose()
    }

    /// All accounts that are good at a store, by name.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn accounts(&self, store: StoreNumber) -> Result<Vec<AccountRow>, StorageError> {
        let sql = format!("SELECT {ACCOUNT} FROM accounts WHERE store IN (?1, {CITY}) ORDER BY name, store");
        let mut query = self.connection.prepare_cached(&sql)?;
        query.query_and_then([store.0], read_account)?.collect()
    }

    /// Notes what somebody did. Twice is as once.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn add_act(&self, row: &ActRow) -> Result<(), StorageError> {
        let (author, seq, place) = row.entry;
        let sql = "INSERT OR IGNORE INTO acts VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let values = (signed(row.wall_ms), author.0, signed(seq), place, &row.by, &row.act, &row.about);
        self.connection.prepare_cached(sql)?.execute(values)?;
        Ok(())
    }

    /// What was done before `before`, the latest first, at most `limit`.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn acts(&self, before: Option<&ActRow>, limit: u32) -> Result<Vec<ActRow>, StorageError> {
        let sql = format!(
            "SELECT {ACT} FROM acts WHERE (wall_ms, author, seq, place) < (?1, ?2, ?3, ?4)
             ORDER BY wall_ms DESC, author DESC, seq DESC, place DESC LIMIT ?5"
        );
        let (wall_ms, (author, seq, place)) =
            before.map_or((i64::MAX, (i64::MAX, i64::MAX, u32::MAX)), |row| {
                let (author, seq, place) = row.entry;
                (signed(row.wall_ms), (author.0, signed(seq), place))
            });
        let mut query = self.connection.prepare_cached(&sql)?;
        query.query_and_then((wall_ms, author, seq, place, limit), read_act)?.collect()
    }
}

fn read_account(row: &Row<'_>) -> Result<AccountRow, StorageError> {
    let store: u32 = row.get(0)?;
    let role: String = row.get(3)?;
    let hlc = Hlc { wall_ms: unsigned_at(row, 5)?, counter: row.get(6)? };
    Ok(AccountRow {
        store: Some(StoreNumber(store)).filter(|_| store != CITY),
        name: row.get(1)?,
        person: row.get(2)?,
        role: StaffRole::named(&role).ok_or(StorageError::Implausible("an account of an unknown role"))?,
        verifier: row.get(4)?,
        set: (hlc, replica_at(row, 7)?, unsigned_at(row, 8)?),
    })
}

pub(crate) fn read_act(row: &Row<'_>) -> Result<ActRow, StorageError> {
    Ok(ActRow {
        wall_ms: unsigned_at(row, 0)?,
        entry: (AuthorNumber(row.get(1)?), unsigned_at(row, 2)?, row.get(3)?),
        by: row.get(4)?,
        act: row.get(5)?,
        about: row.get(6)?,
    })
}
