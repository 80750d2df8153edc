//! One person registered twice: both go on as they are, and what either has counts for both.
//!
//! Merging moves nothing, so it needs no rights, cannot lose a point, and is taken back by saying so: whatever asks for
//! a member's lots or past asks for those of all who are the same person ([`kin`](View::kin)), the member's own first
//! where it does not matter which. Two stores of which one does not know yet spend different lots of the same person,
//! and never the same right twice. What one half owed and the other paid while they were one stays paid.

use purser_journal::{Entry, Fact, MergeFact, Role};
use purser_storage::{AuthorNumber, MergeStamp, StorageError};
use purser_types::MemberId;

use crate::{Refusal, Transaction, View, draft::Draft, state::State, words::is_line};

/// That a member is another one, or is not after all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merging {
    /// Who was registered once too often.
    pub member: MemberId,
    /// Who that is; nobody else if none.
    pub into: Option<MemberId>,
    /// Why, in the words of whoever decided.
    pub reason: String,
    /// Who decided.
    pub by: String,
}

/// More are not one person.
const KIN_MAX: usize = 20;

/// So often stores decide about one member; then a hub does, whose word counts for more. Nobody can claim a turn that
/// could not be taken back.
const TURNS_MAX: u32 = 1_000;

impl Transaction<'_> {
    pub(crate) fn plan_merge(&mut self, merging: &Merging) -> Result<Draft, Refusal> {
        let state = &self.replica.state;
        let Merging { member, into, .. } = *merging;
        state.require_member(member)?;
        let is_merged = state.database.merged_into(member)?.is_some();
        match into {
            // Who was merged before would come apart from whom that was, and nobody would know.
            Some(_) if is_merged => {
                return Err(Refusal::OutOfRange { what: "member", range: "somebody who was not merged" });
            }
            Some(into) => self.require_two_people(member, into)?,
            None if !is_merged => {
                return Err(Refusal::OutOfRange { what: "member", range: "somebody who was merged" });
            }
            None => {}
        }
        let turn = state.database.merge_turn(member)?;
        if turn >= TURNS_MAX && state.mine().credential.role != Role::Hub {
            return Err(Refusal::OutOfRange { what: "member", range: "decided less often: ask head office" });
        }
        let Merging { reason, by, .. } = merging.clone();
        let fact = MergeFact { member, into, reason, by, turn: turn.saturating_add(1).min(TURNS_MAX) };
        if !is_sound_merge(&fact) {
            return Err(Refusal::OutOfRange {
                what: "reason",
                range: "1 to 500 bytes on one line, and by whom",
            });
        }
        Ok(Draft::of([Fact::Merge(fact)]))
    }

    fn require_two_people(&self, member: MemberId, into: MemberId) -> Result<(), Refusal> {
        let state = &self.replica.state;
        state.require_member(into)?;
        let (mine, theirs) = (state.database.kin(member)?, state.database.kin(into)?);
        if mine.contains(&into) || mine.len() + theirs.len() > KIN_MAX {
            return Err(Refusal::OutOfRange { what: "into", range: "somebody else, of 20 at most" });
        }
        Ok(())
    }
}

impl State {
    /// Notes what an author's entry says of a member.
    pub(crate) fn fold_merge(
        &mut self,
        entry: &Entry,
        number: AuthorNumber,
        merge: &MergeFact,
    ) -> Result<(), StorageError> {
        let author = self.authors.numbered(number).and_then(|replica| self.authors.get(replica));
        let by_hub = author.is_some_and(|author| author.credential.role == Role::Hub);
        let MergeFact { member, into, turn, .. } = *merge;
        let Entry { hlc, replica, seq, .. } = *entry;
        let stamp = MergeStamp { turn, by_hub, hlc, replica, seq };
        self.database.set_merge((member, into), &stamp)?;
        // What one owes the other may have, from now on.
        self.noted.touched.extend([Some(member), into].into_iter().flatten());
        Ok(())
    }
}

impl View {
    /// Who a member is, as far as merges say and is known here.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn person(&self, member: MemberId) -> Result<MemberId, StorageError> {
        Ok(self.kin(member)?.first().copied().unwrap_or(member))
    }

    /// All members who are the same person as this one, who that is first: those who are known here, for a merge may
    /// come ahead of whom it names.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn kin(&self, member: MemberId) -> Result<Vec<MemberId>, StorageError> {
        let mut kin = Vec::new();
        for other in self.database().kin(member)? {
            if self.database().has_member(other)? {
                kin.push(other);
            }
        }
        Ok(kin)
    }
}

/// Whether a merge can stand in a journal.
pub(crate) fn is_sound_merge(fact: &MergeFact) -> bool {
    let is_person = |member: MemberId| member > MemberId::CHAIN;
    is_person(fact.member)
        && fact.into.is_none_or(|into| is_person(into) && into != fact.member)
        && is_line(&fact.reason, 500)
        && is_line(&fact.by, 100)
        && (1..=TURNS_MAX).contains(&fact.turn)
}
