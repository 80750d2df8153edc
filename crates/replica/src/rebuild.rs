use purser_journal::{Entry, Head};
use purser_storage::StorageError;
use purser_types::ReplicaId;

use crate::{Alarm, Replica, fold::FoldFailure, programmes::Programmes, state::State};

impl Replica {
    /// Derives every derived table anew from the journals. The result is equal, row by row.
    ///
    /// # Errors
    /// Whatever the database reports; the tables are as before then.
    pub fn rebuild(&mut self) -> Result<(), StorageError> {
        self.state.database.begin()?;
        let done = self.state.refold().and_then(|()| self.state.database.commit());
        if done.is_err() {
            self.state.database.rollback()?;
            self.state.reload()?;
        }
        done
    }
}

impl State {
    /// Empties the derived tables and folds all journals, one author after the other: the fold
    /// does not depend on the order.
    pub(crate) fn refold(&mut self) -> Result<(), StorageError> {
        self.cache.clear();
        self.profiles.clear();
        self.programmes = Programmes::none(self.programmes.basic());
        self.database.clear_derived()?;
        let alarms_before = std::mem::take(&mut self.noted.alarms);
        let fenced_before = std::mem::take(&mut self.noted.fenced);
        let seen_before = std::mem::take(&mut self.noted.seen_elsewhere);
        // Fences come to count and cease to as they are folded one by one.
        let begun_before = self.noted.begun;
        let mut authors: Vec<ReplicaId> =
            self.authors.iter().map(|author| author.credential.replica).collect();
        authors.sort_unstable();
        for author in authors {
            self.refold_journal(author)?;
        }
        self.note_late_fences()?;
        // Folding author by author sees acceptances before their offers: look again at the end.
        self.noted.alarms = alarms_before;
        self.noted.fenced = fenced_before;
        self.noted.begun = begun_before;
        self.noted.look_for_advances = true;
        self.noted.seen_elsewhere = seen_before;
        self.alarm_unbacked()
    }

    fn refold_journal(&mut self, author: ReplicaId) -> Result<(), StorageError> {
        const AT_ONCE: u64 = 1_000;
        let Some((number, last)) = self.authors.get(author).map(|a| (a.number, a.head.seq)) else {
            return Ok(());
        };
        let mut first = 1;
        while first <= last {
            let end = last.min(first + AT_ONCE - 1);
            for bytes in self.database.entries(number, first, end)? {
                let entry = Entry::from_bytes(&bytes)
                    .map_err(|_| StorageError::Implausible("a stored entry that is malformed"))?;
                match self.fold(&entry) {
                    Ok(()) => {}
                    Err(FoldFailure::Storage(error)) => return Err(error),
                    Err(FoldFailure::Unsound(_)) => {
                        return Err(StorageError::Implausible("a stored entry that cannot stand"));
                    }
                }
            }
            first = end + 1;
            // What is cached is all that the journals touch: more than fits into memory.
            self.flush()?;
            self.cache.clear();
            self.noted.touched.clear();
            self.noted.seen_elsewhere.clear();
        }
        Ok(())
    }

    fn alarm_unbacked(&mut self) -> Result<(), StorageError> {
        const SHOWN: u32 = 100;
        for row in self.database.offers_unbacked(SHOWN)? {
            let giver = row.offer.tag().and_then(|tag| self.authors.tagged(tag));
            let told = giver.and_then(|giver| self.authors.get(giver));
            if told.is_some_and(|giver| giver.head.seq >= row.offer.seq()) {
                self.noted.alarm(Alarm::ForgedAcceptance { by: row.receiver, offer: row.offer });
            }
        }
        Ok(())
    }

    /// The head that a journal had at `seq`.
    pub(crate) fn head_at(&self, replica: ReplicaId, seq: u64) -> Result<Head, StorageError> {
        if seq == 0 {
            return Ok(Head::genesis(&self.charter.scope, replica));
        }
        let number = self.authors.get(replica).map(|author| author.number);
        let bytes = match number {
            Some(number) => self.database.entry(number, seq)?,
            None => None,
        };
        let bytes = bytes.ok_or(StorageError::Implausible("a journal with a gap"))?;
        Ok(Head { seq, hash: Entry::hash(&bytes) })
    }
}
