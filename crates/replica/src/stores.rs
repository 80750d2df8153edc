//! What a hub's page for a member asks of the reading side: the stores, and what is on its way there.

use std::collections::BTreeMap;

use purser_journal::Role;
use purser_ledger::Asset;
use purser_storage::StorageError;
use purser_types::{MemberId, OfferId, ReplicaId, StoreNumber};

use crate::{View, enrolment::credential_of};

/// A store of the city that has joined and was not put out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreView {
    /// Its replica, the latest that joined.
    pub replica: ReplicaId,
    /// Its number.
    pub store: StoreNumber,
    /// Its name.
    pub name: String,
}

/// An offer of this replica that was not taken up, as far as known here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenOffer {
    /// The offer.
    pub offer: OfferId,
    /// To whom.
    pub to: ReplicaId,
    /// Points, of all its lots.
    pub points: i64,
}

impl View {
    /// The stores of the city, by number.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn stores(&self) -> Result<Vec<StoreView>, StorageError> {
        let (fences, authors) = (self.database.fences()?, self.database.authors()?);
        let mut stores = BTreeMap::new();
        for mut row in self.database.directory()? {
            // One that has only told its address so far is known by its own credential.
            let author = authors.iter().find(|author| author.replica == row.replica);
            row.enrolled = row.enrolled.or(author.map(|author| author.credential.clone()));
            let credential = credential_of(&row, &self.charter).filter(|it| it.role == Role::Store);
            let Some(credential) = credential else { continue };
            if fences.iter().any(|fence| fence.replica == row.replica) {
                continue;
            }
            let view = StoreView { replica: row.replica, store: credential.store, name: credential.name };
            let joined = (credential.life, credential.issued_ms);
            let entry = stores.entry(credential.store).or_insert((joined, view.clone()));
            if joined > entry.0 {
                *entry = (joined, view);
            }
        }
        Ok(stores.into_values().map(|(_, view)| view).collect())
    }

    /// A member's points that this replica has offered and nobody has taken up, oldest first.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn open_offers(&self, member: MemberId) -> Result<Vec<OpenOffer>, StorageError> {
        let mut open: BTreeMap<(OfferId, ReplicaId), OpenOffer> = BTreeMap::new();
        for row in self.database.offers_unsettled(member, Asset::Points)? {
            if !row.is_open() || !row.is_by(self.my_number) {
                continue;
            }
            let (offer, to) = (row.offer, row.receiver);
            let line = open.entry((offer, to)).or_insert(OpenOffer { offer, to, points: 0 });
            line.points = line.points.saturating_add(row.offered.map_or(0, |(_, amount)| amount));
        }
        Ok(open.into_values().collect())
    }
}
