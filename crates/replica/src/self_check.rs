use purser_journal::{Entry, Head};
use purser_storage::StorageError;

use crate::{Finding, Replica, authors::Author};

impl Replica {
    /// Looks for damage before anybody is served: SQLite's quick check of the file, the
    /// schema, the end of every journal, our own seal, and the sum of our own rights. It reads the file once;
    /// [`verify`](crate::verify) proves everything, and takes as long as folding it anew. Empty
    /// if nothing is wrong.
    ///
    /// # Errors
    /// If the file cannot be read at all.
    pub fn self_check(&self) -> Result<Vec<Finding>, StorageError> {
        let complaints = self.state.database.quick_check()?;
        if !complaints.is_empty() {
            return Ok(complaints.into_iter().map(Finding::File).collect());
        }
        let strange = self.state.database.strange_objects()?;
        let mut findings: Vec<Finding> = strange.into_iter().map(Finding::Schema).collect();
        for author in self.authors() {
            if let Some(reason) = self.check_end_of(author)? {
                findings.push(Finding::Journal { author: author.credential.replica, reason });
            }
        }
        if !self.own_rights_add_up()? {
            findings.push(Finding::Derived("shares"));
        }
        Ok(findings)
    }

    /// What is wrong with the end of a journal.
    fn check_end_of(&self, author: &Author) -> Result<Option<String>, StorageError> {
        let (replica, head, database) = (author.credential.replica, author.head, &self.state.database);
        let last = match head.seq {
            0 => Some(Head::genesis(&self.state.charter.scope, replica).hash),
            seq => database.entry(author.number, seq)?.map(|bytes| Entry::hash(&bytes)),
        };
        if last != Some(head.hash) {
            return Ok(Some(format!("its last entry is not the one noted at {}", head.seq)));
        }
        if database.entry(author.number, head.seq + 1)?.is_some() {
            return Ok(Some(format!("it goes on after {}, where it is noted to end", head.seq)));
        }
        let is_mine = replica == self.id() && head.seq > 0;
        if is_mine && database.seal_near(author.number, head.seq - 1, head.seq)?.is_none() {
            return Ok(Some(format!("no seal vouches for its end at {}", head.seq)));
        }
        Ok(None)
    }

    /// Whether the rights in our shares are what we have posted in all.
    fn own_rights_add_up(&self) -> Result<bool, StorageError> {
        let (database, me) = (&self.state.database, self.state.my_number);
        for (kind, available, held) in database.share_sums_of(me)? {
            let totals = database.totals(me, kind)?;
            if i128::from(available) != totals.available() || held != totals.held {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
