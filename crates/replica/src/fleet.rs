//! The replicas of the city as the database knows them, for whoever runs the chain.

use std::collections::HashMap;

use purser_journal::{Charter, Credential, Entry, Role, SignedCredential, from_cbor};
use purser_ledger::Asset;
use purser_storage::{AuthorRow, StorageError};
use purser_types::{MemberId, ReplicaId, StoreNumber};

use crate::View;

/// One replica, as far as this one knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FleetReplica {
    /// Which.
    pub replica: ReplicaId,
    /// Its store; 0 for a hub.
    pub store: StoreNumber,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// Where it says that it listens.
    pub address: Option<String>,
    /// Entries of its journal that are known here.
    pub entries: u64,
    /// When the latest of them was written, by its own clock, in milliseconds since 1970.
    pub wrote_ms: Option<u64>,
    /// Points that it has rights to, held ones included, less what it owes.
    pub points_out: i64,
    /// Points that it owes on lots that were spent when they were taken back, or before their rights had come.
    pub points_owed: i64,
    /// What it may spend beyond its rights: so much is left, so much is used.
    pub allowance: (i64, i64),
    /// Why it was put out, if it was.
    pub fenced: Option<String>,
    /// Why nothing more of its journal is taken, if so.
    pub set_aside: Option<String>,
}

impl FleetReplica {
    /// Points that can be spent by its rights, held ones included: never below zero.
    pub fn points_in_hand(&self) -> i64 {
        self.points_out.saturating_add(self.points_owed).max(0)
    }
}

impl View {
    /// Every replica of the city, by store.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn fleet(&self) -> Result<Vec<FleetReplica>, StorageError> {
        let database = self.database();
        let authors = database.authors()?.into_iter();
        let authors: HashMap<ReplicaId, AuthorRow> = authors.map(|author| (author.replica, author)).collect();
        let (points, _) = Asset::Points.as_key();
        let totals = database.all_totals()?.into_iter().filter(|(_, kind, _)| *kind == points);
        let totals: HashMap<_, _> = totals.map(|(author, _, totals)| (author, totals)).collect();
        let allowances = database.shares(MemberId::CHAIN, Asset::Allowance)?.into_iter();
        let allowances: HashMap<_, _> =
            allowances.map(|row| (row.author, (row.share.available, row.share.held))).collect();
        let owed: HashMap<_, _> = database.owed(points)?.into_iter().collect();
        let fences = database.fences()?.into_iter();
        let mut fences: HashMap<ReplicaId, String> =
            fences.map(|fence| (fence.replica, fence.reason)).collect();

        let mut replicas = Vec::new();
        for row in database.directory()? {
            let author = authors.get(&row.replica);
            // A replica that has only told its address so far is known by its own credential.
            let signed = row.enrolled.as_ref().or(author.map(|author| &author.credential));
            let Some(credential) = signed.and_then(|signed| verified(signed, &self.charter)) else {
                continue;
            };
            let totals = author.and_then(|author| totals.get(&author.number)).copied().unwrap_or_default();
            let reclaimed = i128::from(database.points_reclaimed(row.replica)?);
            let points_out = totals.available() + i128::from(totals.held) - reclaimed;
            replicas.push(FleetReplica {
                replica: row.replica,
                store: credential.store,
                name: credential.name,
                role: credential.role,
                address: row.address,
                entries: author.map_or(0, |author| author.head.seq),
                wrote_ms: author.map(|author| self.wrote_ms(author)).transpose()?.flatten(),
                points_out: i64::try_from(points_out).unwrap_or(i64::MAX),
                points_owed: author.and_then(|author| owed.get(&author.number)).copied().unwrap_or_default(),
                allowance: author
                    .and_then(|author| allowances.get(&author.number))
                    .copied()
                    .unwrap_or_default(),
                fenced: fences.remove(&row.replica),
                set_aside: author.and_then(|author| author.quarantine.clone()),
            });
        }
        replicas.sort_by_key(|it| (it.store, it.replica.0));
        Ok(replicas)
    }

    /// The entries of this store that were written from `from_ms` on, the latest first, at most `limit` of each of
    /// its replicas.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn written_here(&mut self, from_ms: u64, limit: u64) -> Result<Vec<Entry>, StorageError> {
        let store = self.store_of(self.me())?;
        let mut entries = Vec::new();
        for author in self.database().authors()? {
            if self.store_of(author.replica)? != store {
                continue;
            }
            let oldest = author.head.seq.saturating_sub(limit);
            for seq in (oldest + 1..=author.head.seq).rev() {
                let bytes = self.database().counted_entry(author.number, seq)?;
                let Some(entry) = bytes.and_then(|bytes| Entry::from_bytes(&bytes).ok()) else { continue };
                if entry.hlc.wall_ms < from_ms {
                    break;
                }
                entries.push(entry);
            }
        }
        entries.sort_by_key(|entry| std::cmp::Reverse(entry.hlc));
        Ok(entries)
    }

    /// When the latest entry of a journal was written.
    fn wrote_ms(&self, author: &AuthorRow) -> Result<Option<u64>, StorageError> {
        let bytes = self.database().entry(author.number, author.head.seq)?;
        Ok(bytes.and_then(|bytes| Entry::from_bytes(&bytes).ok()).map(|entry| entry.hlc.wall_ms))
    }
}

fn verified(signed: &[u8], charter: &Charter) -> Option<Credential> {
    from_cbor::<SignedCredential>("credential", signed).ok()?.verify(charter).ok()
}
