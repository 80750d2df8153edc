use std::collections::HashMap;

use purser_ledger::{Asset, HoldLine, Lot, OfferLine, Rows, Share, Totals};
use purser_storage::{AuthorNumber, Database, Figures, FiguresKey, HoldRow, OfferRow, StorageError};
use purser_types::{EntryId, HoldId, OfferId, ReplicaId, SaleId};

use crate::authors::Authors;

/// Ledger rows of the running transaction: read once, written once. An entry whose postings
/// cannot stand is undone without touching the database.
#[derive(Debug, Default)]
pub(crate) struct LedgerCache {
    shares: HashMap<(AuthorNumber, Lot), Cached<Share>>,
    holds: HashMap<(HoldId, Lot), Cached<Option<HoldLine>>>,
    offers: HashMap<(OfferId, Lot, ReplicaId), Cached<OfferLine>>,
    totals: HashMap<(AuthorNumber, u8), Cached<Totals>>,
    figures: HashMap<FiguresKey, Cached<Figures>>,
    undo: Vec<Undo>,
}

#[derive(Debug, Clone, Copy)]
struct Cached<T> {
    value: T,
    dirty: bool,
}

#[derive(Debug)]
enum Undo {
    Share((AuthorNumber, Lot), Cached<Share>),
    Hold((HoldId, Lot), Cached<Option<HoldLine>>),
    Offer((OfferId, Lot, ReplicaId), Cached<OfferLine>),
    Totals((AuthorNumber, u8), Cached<Totals>),
}

impl LedgerCache {
    /// Forgets everything: after a commit or a rollback.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// From here on, [`LedgerCache::undo_entry`] goes back to this point.
    pub(crate) fn begin_entry(&mut self) {
        self.undo.clear();
    }

    /// Takes back what was folded since [`LedgerCache::begin_entry`].
    pub(crate) fn undo_entry(&mut self) {
        for undo in std::mem::take(&mut self.undo).into_iter().rev() {
            match undo {
                Undo::Share(key, row) => {
                    self.shares.insert(key, row);
                }
                Undo::Hold(key, row) => {
                    self.holds.insert(key, row);
                }
                Undo::Offer(key, row) => {
                    self.offers.insert(key, row);
                }
                Undo::Totals(key, row) => {
                    self.totals.insert(key, row);
                }
            }
        }
    }

    /// Adds what an entry that is known to stand says to the figures of its day.
    pub(crate) fn add_figures(
        &mut self,
        database: &Database,
        key: FiguresKey,
        more: Figures,
    ) -> Result<(), StorageError> {
        let mut figures = read(&mut self.figures, key.clone(), || database.figures_of(&key))?;
        figures += more;
        write(&mut self.figures, key, figures);
        Ok(())
    }

    /// Writes what has changed into the tables.
    pub(crate) fn flush(&mut self, database: &Database, authors: &Authors) -> Result<(), StorageError> {
        for ((author, lot), share) in changed(&mut self.shares) {
            database.set_share(author, lot, share)?;
        }
        for ((hold, lot), line) in changed(&mut self.holds) {
            if let Some(line) = line {
                let author = number_of(authors, line.holder)?;
                let HoldLine { amount, deadline_ms, state, .. } = line;
                database.set_hold(hold, HoldRow { lot, author, amount, deadline_ms, state })?;
            }
        }
        for ((offer, lot, receiver), line) in changed(&mut self.offers) {
            let offered = match line.offered {
                Some((giver, amount)) => Some((number_of(authors, giver)?, amount)),
                None => None,
            };
            database.set_offer(&OfferRow { offer, lot, receiver, offered, accepted: line.accepted })?;
        }
        for ((author, kind), totals) in changed(&mut self.totals) {
            database.set_totals(author, kind, totals)?;
        }
        for (key, figures) in changed(&mut self.figures) {
            database.set_figures(&key, figures)?;
        }
        Ok(())
    }
}

/// The rows changed since the last flush, in the order of their keys: neighbours in a table
/// are written one after the other.
fn changed<K: Clone + Ord, T: Copy>(rows: &mut HashMap<K, Cached<T>>) -> Vec<(K, T)> {
    let mut dirty = Vec::new();
    for (key, row) in rows.iter_mut().filter(|(_, row)| row.dirty) {
        row.dirty = false;
        dirty.push((key.clone(), row.value));
    }
    dirty.sort_unstable_by(|(key, _), (other, _)| key.cmp(other));
    dirty
}

fn number_of(authors: &Authors, replica: ReplicaId) -> Result<AuthorNumber, StorageError> {
    let author = authors.get(replica).map(|author| author.number);
    author.ok_or(StorageError::Implausible("a ledger row of an unknown author"))
}

/// The rows of one author as [`purser_ledger::fold`] sees them.
pub(crate) struct AuthorRows<'a> {
    pub(crate) cache: &'a mut LedgerCache,
    pub(crate) database: &'a Database,
    pub(crate) authors: &'a Authors,
    pub(crate) author: AuthorNumber,
    /// The entry whose postings are folded.
    pub(crate) entry: EntryId,
}

impl AuthorRows<'_> {
    /// What of a sale can be returned first exists with the sale: nothing to be read then.
    fn begins_with_entry(&self, lot: Lot) -> bool {
        matches!(lot.asset, Asset::Refundable(sale) if sale == SaleId::created_by(self.entry))
    }
}

impl Rows for AuthorRows<'_> {
    type Error = StorageError;

    fn share(&mut self, _: ReplicaId, lot: Lot) -> Result<Share, StorageError> {
        let is_new = self.begins_with_entry(lot);
        read(&mut self.cache.shares, (self.author, lot), || {
            if is_new { Ok(Share::NONE) } else { self.database.share(self.author, lot) }
        })
    }

    fn set_share(&mut self, _: ReplicaId, lot: Lot, share: Share) -> Result<(), StorageError> {
        let key = (self.author, lot);
        let before = write(&mut self.cache.shares, key, share);
        self.cache.undo.extend(before.map(|before| Undo::Share(key, before)));
        Ok(())
    }

    fn hold(&mut self, hold: HoldId, lot: Lot) -> Result<Option<HoldLine>, StorageError> {
        read(&mut self.cache.holds, (hold, lot), || {
            Ok(self.database.hold_line(hold, lot)?.and_then(|row| {
                let holder = self.authors.numbered(row.author)?;
                let HoldRow { amount, deadline_ms, state, .. } = row;
                Some(HoldLine { holder, amount, deadline_ms, state })
            }))
        })
    }

    fn set_hold(&mut self, hold: HoldId, lot: Lot, line: HoldLine) -> Result<(), StorageError> {
        let before = write(&mut self.cache.holds, (hold, lot), Some(line));
        self.cache.undo.extend(before.map(|before| Undo::Hold((hold, lot), before)));
        Ok(())
    }

    fn offer(&mut self, offer: OfferId, lot: Lot, receiver: ReplicaId) -> Result<OfferLine, StorageError> {
        read(&mut self.cache.offers, (offer, lot, receiver), || {
            let Some(row) = self.database.offer(offer, lot, receiver)? else {
                return Ok(OfferLine::default());
            };
            let giver = row.offered.and_then(|(giver, amount)| Some((self.authors.numbered(giver)?, amount)));
            Ok(OfferLine { offered: giver, accepted: row.accepted })
        })
    }

    fn set_offer(
        &mut self,
        offer: OfferId,
        lot: Lot,
        receiver: ReplicaId,
        line: OfferLine,
    ) -> Result<(), StorageError> {
        let key = (offer, lot, receiver);
        let before = write(&mut self.cache.offers, key, line);
        self.cache.undo.extend(before.map(|before| Undo::Offer(key, before)));
        Ok(())
    }

    fn totals(&mut self, _: ReplicaId, asset: Asset) -> Result<Totals, StorageError> {
        let kind = asset.as_key().0;
        read(&mut self.cache.totals, (self.author, kind), || self.database.totals(self.author, kind))
    }

    fn set_totals(&mut self, _: ReplicaId, asset: Asset, totals: Totals) -> Result<(), StorageError> {
        let key = (self.author, asset.as_key().0);
        let before = write(&mut self.cache.totals, key, totals);
        self.cache.undo.extend(before.map(|before| Undo::Totals(key, before)));
        Ok(())
    }
}

fn read<K: std::hash::Hash + Eq, T: Copy>(
    rows: &mut HashMap<K, Cached<T>>,
    key: K,
    load: impl FnOnce() -> Result<T, StorageError>,
) -> Result<T, StorageError> {
    if let Some(row) = rows.get(&key) {
        return Ok(row.value);
    }
    let value = load()?;
    rows.insert(key, Cached { value, dirty: false });
    Ok(value)
}

/// Sets a row that was read before; returns it as it was.
fn write<K: std::hash::Hash + Eq, T: Copy>(
    rows: &mut HashMap<K, Cached<T>>,
    key: K,
    value: T,
) -> Option<Cached<T>> {
    rows.insert(key, Cached { value, dirty: true })
}
