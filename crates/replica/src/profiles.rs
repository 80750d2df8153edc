use std::num::NonZeroUsize;

use lru::LruCache;
use purser_documents::{MemberDocument, Outcome as Applied, Profile};
use purser_journal::{Entry, Fact};
use purser_storage::{CardRow, MemberRow, StorageError};
use purser_types::{MemberId, ReplicaId};

use crate::{Alarm, fold::FoldFailure, state::State};

/// Profiles in memory, each complete: no change known here waits for another.
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
        let changes = changes.iter().map(|(author, change)| (*author, change.as_slice()));
        Ok(MemberDocument::from_changes(changes).document)
    }

    /// Keeps a document in memory for the next use.
    pub(crate) fn remember(&mut self, member: MemberId, document: MemberDocument) {
        self.profiles.0.put(member, document);
    }

    /// Folds one profile change. What cannot be applied is left out with an alarm; what lacks
    /// its dependencies is found again in the journals when they arrive.
    pub(crate) fn fold_profile(
        &mut self,
        entry: &Entry,
        member: MemberId,
        change: &[u8],
    ) -> Result<(), FoldFailure> {
        let author = entry.replica;
        let outcome = self.apply(author, member, change)?;
        if let Some(number) = self.authors.get(author).map(|author| author.number) {
            self.database.add_profile_change(member, number, entry.seq)?;
        }
        if let Applied::SetAside(fault) = outcome {
            let reason = fault.to_string();
            self.noted.alarms.push(Alarm::PoisonedProfile { member, author, reason });
        }
        Ok(())
    }

    fn apply(&mut self, author: ReplicaId, member: MemberId, change: &[u8]) -> Result<Applied, StorageError> {
        let cached = self.profiles.0.pop(&member);
        let had_all = cached.is_some();
        if let Some(mut document) = cached {
            let outcome = document.apply(author, change);
            match outcome {
                Applied::Applied | Applied::Duplicate => self.show(member, document)?,
                // Dropped from memory: the next reading takes in what was waiting.
                Applied::Waiting | Applied::SetAside(_) => {}
            }
            return Ok(outcome);
        }
        debug_assert!(!had_all);
        let mut changes = self.profile_changes(member)?;
        changes.push((author, change.to_vec()));
        let all = changes.iter().map(|(author, change)| (*author, change.as_slice()));
        let loaded = MemberDocument::from_changes(all);
        let complete = loaded.waiting.is_empty() && loaded.set_aside.is_empty();
        let fault = loaded.set_aside.into_iter().find(|aside| aside.is(change)).map(|aside| aside.fault);
        let profile = loaded.document.profile();
        self.show_profile(member, &profile)?;
        if complete {
            self.remember(member, loaded.document);
        }
        Ok(fault.map_or(Applied::Applied, Applied::SetAside))
    }

    fn show(&mut self, member: MemberId, document: MemberDocument) -> Result<(), StorageError> {
        let profile = document.profile();
        self.show_profile(member, &profile)?;
        self.remember(member, document);
        Ok(())
    }

    /// Refreshes the rows by which members are found.
    fn show_profile(&mut self, member: MemberId, profile: &Profile) -> Result<(), StorageError> {
        self.database.set_member(&MemberRow {
            member,
            name: profile.name().to_owned(),
            phone: profile.phone().to_owned(),
            conflicts: profile.conflict_count(),
        })?;
        for (card, state) in &profile.cards {
            self.database.set_card(*card, &CardRow { member, state: state.to_string() })?;
        }
        Ok(())
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
        let bytes = database.entry(number, seq)?;
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
