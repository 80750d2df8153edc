use std::collections::BTreeSet;

use purser_types::{Hlc, MemberId, ReplicaId};
use rusqlite::OptionalExtension;

use crate::{
    Database, StorageError,
    columns::{member_at, signed},
};

/// Nobody was registered more often.
const KIN_MAX: u32 = 64;

impl Database {
    /// Notes that a member is another one, or nobody else. Of several the latest counts, whatever order they come in.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn set_merge(
        &self,
        (member, into): (MemberId, Option<MemberId>),
        (hlc, replica, seq): (Hlc, ReplicaId, u64),
    ) -> Result<(), StorageError> {
        let sql = "INSERT INTO merges VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                   ON CONFLICT DO UPDATE SET into_whom = excluded.into_whom, wall_ms = excluded.wall_ms,
                   counter = excluded.counter, replica = excluded.replica, seq = excluded.seq
                   WHERE (excluded.wall_ms, excluded.counter, excluded.replica, excluded.seq)
                         > (wall_ms, counter, replica, seq)";
        let into = into.map_or(0, MemberId::as_i64);
        let values = (member.as_i64(), into, signed(hlc.wall_ms), hlc.counter, replica.0, signed(seq));
        self.connection.prepare_cached(sql)?.execute(values)?;
        Ok(())
    }

    /// Who a member is, as far as merges say: the member, or who it was merged into in the end. Merges that go round
    /// in a circle mean the first of those in it.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn person(&self, member: MemberId) -> Result<MemberId, StorageError> {
        let mut path = vec![member];
        let mut at = member;
        while let Some(next) = self.merged_into(at)?.filter(|_| path.len() < KIN_MAX as usize) {
            if let Some(first) = path.iter().position(|seen| *seen == next) {
                return Ok(path[first..].iter().copied().min().unwrap_or(next));
            }
            path.push(next);
            at = next;
        }
        Ok(at)
    }

    /// All members who are the same person as this one, who that is first. Mostly one.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn kin(&self, member: MemberId) -> Result<Vec<MemberId>, StorageError> {
        let person = self.person(member)?;
        let mut kin = vec![person];
        let mut known = BTreeSet::from([person]);
        let mut looked_at = 0;
        while looked_at < kin.len() && kin.len() < KIN_MAX as usize {
            for other in self.merged_here(kin[looked_at])? {
                if known.insert(other) {
                    kin.push(other);
                }
            }
            looked_at += 1;
        }
        kin.truncate(KIN_MAX as usize);
        Ok(kin)
    }

    /// Who the latest entry about a member says that it is, if anybody else.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn merged_into(&self, member: MemberId) -> Result<Option<MemberId>, StorageError> {
        let sql = "SELECT into_whom FROM merges WHERE member = ?1 AND into_whom <> 0";
        let mut query = self.connection.prepare_cached(sql)?;
        query.query_row([member.as_i64()], |row| Ok(member_at(row, 0))).optional()?.transpose()
    }

    fn merged_here(&self, member: MemberId) -> Result<Vec<MemberId>, StorageError> {
        let sql =
            "SELECT member FROM merges WHERE into_whom = ?1 AND into_whom <> 0 ORDER BY member LIMIT ?2";
        let mut query = self.connection.prepare_cached(sql)?;
        query.query_and_then((member.as_i64(), KIN_MAX), |row| member_at(row, 0))?.collect()
    }
}
