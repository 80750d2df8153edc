//! Details of sales: what entries leave out to stay small. The store that made a sale keeps its detail, and hubs
//! fetch it from there, or from each other.

use purser_journal::{Role, SaleDetail};
use purser_storage::StorageError;
use purser_types::ReplicaId;

use crate::{Replica, Transaction, View};

impl Replica {
    /// Authors of sales whose details are wanted here: none but at a hub.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn authors_of_wanted(&self) -> Result<Vec<ReplicaId>, StorageError> {
        let numbers = self.state.database.authors_of_wanted()?.into_iter();
        Ok(numbers.filter_map(|number| self.state.authors.numbered(number)).collect())
    }

    /// The places of an author's sales after `after` whose details are wanted, at most `limit`.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn details_wanted(
        &self,
        author: ReplicaId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<u64>, StorageError> {
        match self.author(author) {
            Some(known) => self.state.database.details_wanted(known.number, after, limit),
            None => Ok(Vec::new()),
        }
    }

    /// The detail of the sale that an entry made, if it is here.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn detail(&self, author: ReplicaId, seq: u64) -> Result<Option<Vec<u8>>, StorageError> {
        match self.author(author) {
            Some(known) => self.state.database.detail(known.number, seq),
            None => Ok(None),
        }
    }

    /// Whether this is a hub.
    pub fn is_hub(&self) -> bool {
        self.me().credential.role == Role::Hub
    }
}

impl Transaction<'_> {
    /// Keeps a detail that was wanted. `false` if it is not the one that the entry names; one that is not wanted,
    /// or not any more, is passed over.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn keep_detail(&mut self, author: ReplicaId, seq: u64, bytes: &[u8]) -> Result<bool, StorageError> {
        let state = &self.replica.state;
        let Some(number) = state.authors.get(author).map(|author| author.number) else { return Ok(true) };
        match state.database.wanted_hash(number, seq)? {
            Some(hash) if hash == SaleDetail::hash(bytes) && bytes.len() <= SaleDetail::BYTES_MAX => {
                state.database.keep_detail(number, seq, hash, bytes)?;
                Ok(true)
            }
            Some(_) => Ok(false),
            None => Ok(true),
        }
    }
}

impl View {
    /// The detail of a sale, where it is known.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn sale_detail(&mut self, sale: purser_types::SaleId) -> Result<Option<SaleDetail>, StorageError> {
        let Some(number) = self.numbered(sale)? else { return Ok(None) };
        let bytes = self.database.detail(number, sale.seq())?;
        Ok(bytes.and_then(|bytes| SaleDetail::from_bytes(&bytes).ok()))
    }
}
