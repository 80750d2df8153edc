use purser_types::MemberId;
use rusqlite::{OptionalExtension, Params, Row};

use crate::{
    AuthorNumber, Database, StorageError,
    columns::{member_at, signed, unsigned_at},
};

/// What a profile says now, as far as members are found by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberRow {
    /// The member.
    pub member: MemberId,
    /// The name, empty if none is given.
    pub name: String,
    /// The initials of the name in pinyin, `wxm` for 王小明; empty if there are none.
    pub initials: String,
    /// The phone number, empty if none is given.
    pub phone: String,
    /// How many fields have concurrent values that nobody has settled.
    pub conflicts: u32,
}

const COLUMNS: &str = "member, name, phone, conflicts, initials";

impl Database {
    /// Whether such a member is known here.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn has_member(&self, member: MemberId) -> Result<bool, StorageError> {
        let mut query = self.connection.prepare_cached("SELECT 1 FROM members WHERE member = ?1")?;
        Ok(query.exists([member.as_i64()])?)
    }

    /// One member.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn member(&self, member: MemberId) -> Result<Option<MemberRow>, StorageError> {
        let sql = format!("SELECT {COLUMNS} FROM members WHERE member = ?1");
        let mut query = self.connection.prepare_cached(&sql)?;
        query.query_row([member.as_i64()], |row| Ok(read(row))).optional()?.transpose()
    }

    /// Replaces one member.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn set_member(&self, row: &MemberRow) -> Result<(), StorageError> {
        let sql = "INSERT INTO members VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                   ON CONFLICT DO UPDATE SET name = excluded.name, phone = excluded.phone,
                   phone_end = excluded.phone_end, conflicts = excluded.conflicts,
                   initials = excluded.initials";
        let phone_end = row.phone.char_indices().rev().nth(3).map_or("", |(at, _)| &row.phone[at..]);
        let values = (row.member.as_i64(), &row.name, &row.phone, phone_end, row.conflicts, &row.initials);
        self.connection.prepare_cached(sql)?.execute(values)?;
        Ok(())
    }

    /// Members after `after` in the order of their ids, at most `limit`.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn members_after(&self, after: MemberId, limit: u32) -> Result<Vec<MemberRow>, StorageError> {
        let sql = format!("SELECT {COLUMNS} FROM members WHERE member > ?1 ORDER BY member LIMIT ?2");
        self.find(&sql, (after.as_i64(), limit))
    }

    /// Members with this phone number, after `after`, at most `limit`.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn members_by_phone(
        &self,
        phone: &str,
        after: MemberId,
        limit: u32,
    ) -> Result<Vec<MemberRow>, StorageError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM members WHERE phone = ?1 AND phone <> '' AND member > ?2 ORDER BY member LIMIT ?3"
        );
        self.find(&sql, (phone, after.as_i64(), limit))
    }

    /// Members whose phone number ends in these four digits, after `after`, at most `limit`.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn members_by_phone_end(
        &self,
        phone_end: &str,
        after: MemberId,
        limit: u32,
    ) -> Result<Vec<MemberRow>, StorageError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM members WHERE phone_end = ?1 AND phone_end <> '' AND member > ?2
             ORDER BY member LIMIT ?3"
        );
        self.find(&sql, (phone_end, after.as_i64(), limit))
    }

    /// Members whose name begins so, in the order of names and then ids, after `after`, at most `limit`.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn members_by_name(
        &self,
        beginning: &str,
        after: Option<(&str, MemberId)>,
        limit: u32,
    ) -> Result<Vec<MemberRow>, StorageError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM members WHERE name <> '' AND name >= ?1 AND name < ?2 AND (name, member) > (?3, ?4)
             ORDER BY name, member LIMIT ?5"
        );
        let end = format!("{beginning}{}", char::MAX);
        let (name, member) = after.unwrap_or(("", MemberId::CHAIN));
        self.find(&sql, (beginning, end, name, member.as_i64(), limit))
    }

    /// Members whose initials in pinyin begin so, in the order of initials and then ids, after `after`, at most
    /// `limit`.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn members_by_initials(
        &self,
        beginning: &str,
        after: Option<(&str, MemberId)>,
        limit: u32,
    ) -> Result<Vec<MemberRow>, StorageError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM members WHERE initials <> '' AND initials >= ?1 AND initials < ?2
             AND (initials, member) > (?3, ?4) ORDER BY initials, member LIMIT ?5"
        );
        let end = format!("{beginning}{}", char::MAX);
        let (initials, member) = after.unwrap_or(("", MemberId::CHAIN));
        self.find(&sql, (beginning, end, initials, member.as_i64(), limit))
    }

    /// Members with values that somebody has to settle, after `after`, at most `limit`.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn members_conflicted(&self, after: MemberId, limit: u32) -> Result<Vec<MemberRow>, StorageError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM members WHERE conflicts > 0 AND member > ?1 ORDER BY member LIMIT ?2"
        );
        self.find(&sql, (after.as_i64(), limit))
    }

    /// Phone numbers that several members have, after `after`, at most `limit`.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn phones_shared(&self, after: &str, limit: u32) -> Result<Vec<String>, StorageError> {
        let sql = "SELECT phone FROM members WHERE phone <> '' AND phone > ?1
                   GROUP BY phone HAVING count(*) > 1 ORDER BY phone LIMIT ?2";
        let mut query = self.connection.prepare_cached(sql)?;
        Ok(query.query_map((after, limit), |row| row.get(0))?.collect::<Result<_, _>>()?)
    }

    /// Notes that an entry changes a member's profile.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn add_profile_change(
        &self,
        member: MemberId,
        author: AuthorNumber,
        seq: u64,
    ) -> Result<(), StorageError> {
        let sql = "INSERT OR IGNORE INTO profile_changes VALUES (?1, ?2, ?3)";
        self.connection.prepare_cached(sql)?.execute((member.as_i64(), author.0, signed(seq)))?;
        Ok(())
    }

    /// The entries that change a member's profile, by author and place.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn profile_changes(&self, member: MemberId) -> Result<Vec<(AuthorNumber, u64)>, StorageError> {
        let sql = "SELECT author, seq FROM profile_changes WHERE member = ?1";
        let mut query = self.connection.prepare_cached(sql)?;
        let rows = query.query_and_then([member.as_i64()], |row| {
            Ok::<_, StorageError>((AuthorNumber(row.get(0)?), unsigned_at(row, 1)?))
        })?;
        rows.collect()
    }

    fn find(&self, sql: &str, values: impl Params) -> Result<Vec<MemberRow>, StorageError> {
        let mut query = self.connection.prepare_cached(sql)?;
        query.query_and_then(values, read)?.collect()
    }
}

fn read(row: &Row<'_>) -> Result<MemberRow, StorageError> {
    Ok(MemberRow {
        member: member_at(row, 0)?,
        name: row.get(1)?,
        phone: row.get(2)?,
        conflicts: row.get(3)?,
        initials: row.get(4)?,
    })
}
