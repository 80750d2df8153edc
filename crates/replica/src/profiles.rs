use std::num::NonZeroUsize;

use lru::LruCache;
use purser_documents::{Field, MemberDocument, Outcome as Applied, Profile};
use purser_journal::{Entry, Fact};
use purser_storage::{MemberRow, StorageError};
use purser_types::{MemberId, ReplicaId};

use crate::{Alarm, fold::FoldFailure, initials::initials, state::State};

/// Profiles in memory, each of all the changes known here.
pub(crate) struct Profiles(LruCache<MemberId, MemberDocument>);

/// About 18 KB each.
const KEPT: NonZeroUsize = match NonZeroUsize::new(256) {
    Some(kept) => kept,
    None => unreachable!(),
};

impl Default for Profiles {
    fn default() -> Self {
        Self(LruCache::new(KEPT))
    }
}

impl Profiles {
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

impl State {
    /// The profile document of a member, from memory or from the journals.
    pub(crate) fn document(&mut self, member: MemberId) -> Result<MemberDocument, StorageError> {
        if let Some(document) = self.profiles.0.pop(&member) {
            return Ok(document);
        }
        let changes = self.profile_changes(member)?;
        Ok(MemberDocument::from_changes(changes.iter().map(|(author, change)| (*author, change.as_slice()))))
    }

    /// Keeps a document in memory for the next use.
    pub(crate) fn remember(&mut self, member: MemberId, document: MemberDocument) {
        self.profiles.0.put(member, document);
    }

    /// Folds one profile change. What cannot be applied is left out with an alarm; what lacks
    /// its past waits in the document.
    pub(crate) fn fold_profile(
        &mut self,
        entry: &Entry,
        member: MemberId,
        change: &[u8],
    ) -> Result<(), FoldFailure> {
        let author = entry.replica;
        let mut document = self.document(member)?;
        match document.apply(author, change) {
            Applied::Applied | Applied::Duplicate => self.show_profile(member, &document.profile())?,
            Applied::Waiting => {}
            Applied::SetAside(fault) => {
                let reason = fault.to_string();
                self.noted.alarm(Alarm::PoisonedProfile { member, author, reason });
            }
        }
        self.remember(member, document);
        if let Some(number) = self.authors.get(author).map(|author| author.number) {
            self.database.add_profile_change(member, number, entry.seq)?;
        }
        Ok(())
    }

    /// Refreshes the rows by which members are found.
    fn show_profile(&mut self, member: MemberId, profile: &Profile) -> Result<(), StorageError> {
        self.database.set_member(&MemberRow {
            member,
            name: profile.text(Field::Name).unwrap_or_default().to_owned(),
            initials: initials(profile.text(Field::Name).unwrap_or_default()),
            phone: profile.text(Field::Phone).unwrap_or_default().to_owned(),
            conflicts: profile.conflict_count(),
        })?;
        self.database.set_cards(member, profile.cards.iter().map(|(card, state)| (*card, state.as_str())))
    }

    /// All changes of a member's profile known here, with their authors.
    pub(crate) fn profile_changes(
        &self,
        member: MemberId,
    ) -> Result<Vec<(ReplicaId, Vec<u8>)>, StorageError> {
        read_changes(&self.database, member, |number| self.authors.numbered(number))
    }
}

/// Reads the changes of a member's profile from the journals.
pub(crate) fn read_changes(
    database: &purser_storage::Database,
    member: MemberId,
    name: impl Fn(purser_storage::AuthorNumber) -> Option<ReplicaId>,
) -> Result<Vec<(ReplicaId, Vec<u8>)>, StorageError> {
    let mut changes = Vec::new();
    for (number, seq) in database.profile_changes(member)? {
        let Some(author) = name(number) else { continue };
        let bytes = database.counted_entry(number, seq)?;
        let entry = bytes.and_then(|bytes| Entry::from_bytes(&bytes).ok());
        for fact in entry.into_iter().flat_map(|entry| entry.facts) {
            match fact {
                Fact::Profile { member: of, change } if of == member => changes.push((author, change)),
                _ => {}
            }
        }
    }
    Ok(changes)
}
