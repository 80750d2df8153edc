use std::collections::BTreeSet;

use purser_types::{Hlc, MemberId, ReplicaId};
use rusqlite::OptionalExtension;

use crate::{
    Database, StorageError,
    columns::{member_at, signed},
};

/// Nobody was registered more often: of more who are said to be one person, nothing of it is believed.
const KIN_MAX: u32 = 64;

/// Which of several words about a member is the last. Of the same turn a hub's comes after those of stores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MergeStamp {
    /// As the fact says it.
    pub turn: u32,
    /// Whether a hub wrote it.
    pub by_hub: bool,
    /// When.
    pub hlc: Hlc,
    /// By whom.
    pub replica: ReplicaId,
    /// In which of its entries.
    pub seq: u64,
}

impl Database {
    /// Notes that a member is another one, or nobody else. Of several the last counts, whatever order they come in.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn set_merge(
        &self,
        (member, into): (MemberId, Option<MemberId>),
        stamp: &MergeStamp,
    ) -> Result<(), StorageError> {
        let sql = "INSERT INTO merges VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                   ON CONFLICT DO UPDATE SET into_whom = excluded.into_whom, turn = excluded.turn,
                   by_hub = excluded.by_hub, wall_ms = excluded.wall_ms, counter = excluded.counter,
                   replica = excluded.replica, seq = excluded.seq
                   WHERE (excluded.turn, excluded.by_hub, excluded.wall_ms, excluded.counter, excluded.replica,
                          excluded.seq) > (turn, by_hub, wall_ms, counter, replica, seq)";
        let MergeStamp { turn, by_hub, hlc, replica, seq } = *stamp;
        let into = into.map_or(0, MemberId::as_i64);
        let (wall_ms, seq) = (signed(hlc.wall_ms), signed(seq));
        let values = (member.as_i64(), into, turn, by_hub, wall_ms, hlc.counter, replica.0, seq);
        self.connection.prepare_cached(sql)?.execute(values)?;
        Ok(())
    }

    /// The turn of the last word about a member, 0 if there is none.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn merge_turn(&self, member: MemberId) -> Result<u32, StorageError> {
        let mut query = self.connection.prepare_cached("SELECT turn FROM merges WHERE member = ?1")?;
        Ok(query.query_row([member.as_i64()], |row| row.get(0)).optional()?.unwrap_or(0))
    }

    /// All members who are the same person as this one, who that is first: whoever was merged into nobody else, or the
    /// first of them where merges go round in a circle. Mostly the member alone.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn kin(&self, member: MemberId) -> Result<Vec<MemberId>, StorageError> {
        let (mut kin, mut unseen) = (BTreeSet::from([member]), vec![member]);
        let mut person = None;
        while let Some(at) = unseen.pop() {
            let into = self.merged_into(at)?;
            if into.is_none() {
                person = Some(at);
            }
            for other in into.into_iter().chain(self.merged_here(at)?) {
                if kin.insert(other) {
                    unseen.push(other);
                }
            }
            if kin.len() > KIN_MAX as usize {
                return Ok(vec![member]);
            }
        }
        let mut kin: Vec<MemberId> = kin.into_iter().collect();
        kin.sort_by_key(|other| person.is_some_and(|person| *other != person));
        Ok(kin)
    }

    /// The rows of all who are the same person as this one.
    pub(crate) fn of_kin<T>(
        &self,
        member: MemberId,
        rows: impl Fn(MemberId) -> Result<Vec<T>, StorageError>,
    ) -> Result<Vec<T>, StorageError> {
        let mut all = Vec::new();
        for member in self.kin(member)? {
            all.extend(rows(member)?);
        }
        Ok(all)
    }

    /// The first of a member's [`kin`](Database::kin).
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn person(&self, member: MemberId) -> Result<MemberId, StorageError> {
        Ok(self.kin(member)?.first().copied().unwrap_or(member))
    }

    /// Who the last word about a member says that it is, if anybody else.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn merged_into(&self, member: MemberId) -> Result<Option<MemberId>, StorageError> {
        let sql = "SELECT into_whom FROM merges WHERE member = ?1 AND into_whom <> 0";
        let mut query = self.connection.prepare_cached(sql)?;
        query.query_row([member.as_i64()], |row| Ok(member_at(row, 0))).optional()?.transpose()
    }

    fn merged_here(&self, member: MemberId) -> Result<Vec<MemberId>, StorageError> {
        let sql = "SELECT member FROM merges WHERE into_whom = ?1 AND into_whom <> 0 LIMIT ?2";
        let mut query = self.connection.prepare_cached(sql)?;
        query.query_and_then((member.as_i64(), KIN_MAX + 1), |row| member_at(row, 0))?.collect()
    }
}
