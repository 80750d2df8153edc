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
    /// Where it stands among all acts.
    pub place: ActPlace,
    /// Who.
    pub by: String,
    /// What.
    pub act: String,
    /// About whom or what.
    pub about: String,
}

/// The place of an act in the order of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ActPlace {
    /// When its entry was written, in milliseconds since 1970.
    pub wall_ms: u64,
    /// Whose entry it is.
    pub author: AuthorNumber,
    /// The entry's place in that journal.
    pub seq: u64,
    /// The act's place within the entry.
    pub nth: u32,
}

/// Which acts: those before a place, of somebody, within these milliseconds since 1970 (the last one not included).
pub type WhichActs<'a> = (Option<ActPlace>, Option<&'a str>, Option<(u64, u64)>);

/// The number that stands for the whole city: no store has it.
const CITY: u32 = u32::MAX;

const ACCOUNT: &str = "store, name, person, role, verifier, wall_ms, counter, replica, seq";
/// More than anybody looks at within the time that is asked for.
const REVIEWS_MAX: u32 = 50_000;

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

    /// Whether anybody has, or had, an account of this name: at any store, or in the city.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn has_account(&self, name: &str) -> Result<bool, StorageError> {
        let mut query = self.connection.prepare_cached("SELECT 1 FROM accounts WHERE name = ?1 LIMIT 1")?;
        Ok(query.exists([name])?)
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
        let ActPlace { wall_ms, author, seq, nth } = row.place;
        let sql = "INSERT OR IGNORE INTO acts VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let values = (signed(wall_ms), author.0, signed(seq), nth, &row.by, &row.act, &row.about);
        self.connection.prepare_cached(sql)?.execute(values)?;
        Ok(())
    }

    /// What was done, the latest first, at most `limit`.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn acts(&self, (before, by, within): WhichActs<'_>, limit: u32) -> Result<Vec<ActRow>, StorageError> {
        let sql = format!(
            "SELECT {ACT} FROM acts WHERE (wall_ms, author, seq, place) < (?1, ?2, ?3, ?4)
             AND wall_ms >= ?5 AND (?6 IS NULL OR by_whom = ?6)
             ORDER BY wall_ms DESC, author DESC, seq DESC, place DESC LIMIT ?7"
        );
        let (from_ms, until_ms) = within.map_or((0, i64::MAX), |(from, until)| (signed(from), signed(until)));
        let after_all = (until_ms, i64::MIN, 0, 0);
        let before = before.map(|it| (signed(it.wall_ms), it.author.0, signed(it.seq), it.nth));
        let (wall_ms, author, seq, place) = before.map_or(after_all, |place| place.min(after_all));
        let mut query = self.connection.prepare_cached(&sql)?;
        query.query_and_then((wall_ms, author, seq, place, from_ms, by, limit), read_act)?.collect()
    }

    /// What was ticked off as seen from `from_ms` on.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn reviews(&self, from_ms: u64) -> Result<Vec<ActRow>, StorageError> {
        let sql =
            format!("SELECT {ACT} FROM acts WHERE wall_ms >= ?1 AND act = 'reviewed' LIMIT {REVIEWS_MAX}");
        let mut query = self.connection.prepare_cached(&sql)?;
        query.query_and_then([signed(from_ms)], read_act)?.collect()
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
        place: ActPlace {
            wall_ms: unsigned_at(row, 0)?,
            author: AuthorNumber(row.get(1)?),
            seq: unsigned_at(row, 2)?,
            nth: row.get(3)?,
        },
        by: row.get(4)?,
        act: row.get(5)?,
        about: row.get(6)?,
    })
}
