//! One person registered twice: both go on as they are, and what either has counts for both.
//!
//! Merging moves nothing, so it needs no rights, cannot lose a point, and is taken back by saying so: whatever asks for
//! a member's lots or past asks for those of all who are the same person ([`kin`](View::kin)). Two stores of which one
//! does not know yet spend different lots of the same person, and never the same right twice.

use purser_journal::MergeFact;
use purser_storage::StorageError;
use purser_types::MemberId;

use crate::{Refusal, Transaction, View, draft::Draft, words::is_line};

/// More are not one person.
const KIN_MAX: usize = 20;

impl Transaction<'_> {
    pub(crate) fn plan_merge(&mut self, fact: &MergeFact) -> Result<Draft, Refusal> {
        let state = &mut self.replica.state;
        state.require_member(fact.member)?;
        if !is_sound_merge(fact) {
            return Err(Refusal::OutOfRange {
                what: "reason",
                range: "1 to 500 bytes on one line, and by whom",
            });
        }
        let mine = state.database.kin(fact.member)?;
        let is_merged = state.database.merged_into(fact.member)?.is_some();
        match fact.into {
            // Who was merged before would come apart from whom that was, and nobody would know.
            Some(_) if is_merged => {
                return Err(Refusal::OutOfRange { what: "member", range: "somebody who was not merged" });
            }
            Some(into) => {
                state.require_member(into)?;
                let theirs = state.database.kin(into)?;
                if mine.contains(&into) || mine.len() + theirs.len() > KIN_MAX {
                    return Err(Refusal::OutOfRange { what: "into", range: "somebody else, of 20 at most" });
                }
            }
            None if !is_merged => {
                return Err(Refusal::OutOfRange { what: "member", range: "somebody who was merged" });
            }
            None => {}
        }
        Ok(Draft::of([purser_journal::Fact::Merge(fact.clone())]))
    }
}

impl View {
    /// Who a member is, as far as merges say.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn person(&self, member: MemberId) -> Result<MemberId, StorageError> {
        self.database().person(member)
    }

    /// All members who are the same person as this one, who that is first.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn kin(&self, member: MemberId) -> Result<Vec<MemberId>, StorageError> {
        self.database().kin(member)
    }
}

/// Whether a merge can stand in a journal.
pub(crate) fn is_sound_merge(fact: &MergeFact) -> bool {
    let is_person = |member: MemberId| member > MemberId::CHAIN;
    is_person(fact.member)
        && fact.into.is_none_or(|into| is_person(into) && into != fact.member)
        && is_line(&fact.reason, 500)
        && is_line(&fact.by, 100)
}
