//! What is kept of journals and not folded.

use purser_journal::{Entry, Head, Seal};
use purser_storage::StorageError;
use purser_types::Digest;

use crate::{authors::Author, state::State};

impl State {
    /// Keeps an entry that is not folded: the first that its author gave this place.
    pub(crate) fn keep_aside(
        &self,
        author: &Author,
        seq: u64,
        bytes: &[u8],
        reason: &str,
    ) -> Result<(), StorageError> {
        let hash: Digest = Entry::hash(bytes);
        self.database.set_aside(author.number, seq, hash, bytes, reason)
    }

    /// The same of all entries after `after`.
    pub(crate) fn keep_all_aside(
        &self,
        author: &Author,
        after: u64,
        reason: &str,
    ) -> Result<(), StorageError> {
        const AT_ONCE: u64 = 1_000;
        let mut first = after + 1;
        while first <= author.head.seq {
            let last = author.head.seq.min(first + AT_ONCE - 1);
            for (seq, bytes) in (first..).zip(self.database.entries(author.number, first, last)?) {
                self.keep_aside(author, seq, &bytes, reason)?;
            }
            first = last + 1;
        }
        Ok(())
    }

    /// The entries after `after` up to a seal, from what is folded and then from what is set
    /// aside; `None` if they do not lead to it.
    pub(crate) fn sealed_entries(
        &self,
        author: &Author,
        after: u64,
        seal: Seal,
    ) -> Result<Option<Vec<Vec<u8>>>, StorageError> {
        let last = seal.seq.min(author.head.seq);
        let mut entries = self.database.entries(author.number, after + 1, last)?;
        if seal.seq > author.head.seq {
            let (head, aside) = self.set_aside_up_to(author, seal.seq)?;
            let (scope, replica) = (&self.charter.scope, author.credential.replica);
            if seal.verify(&author.key, scope, replica, head).is_err() {
                return Ok(None);
            }
            let known = after.saturating_sub(author.head.seq);
            entries.extend(aside.into_iter().skip(usize::try_from(known).unwrap_or(usize::MAX)));
        }
        Ok(Some(entries))
    }

    /// What is set aside of a journal and continues what is folded, at most up to `last`.
    pub(crate) fn set_aside_up_to(
        &self,
        author: &Author,
        last: u64,
    ) -> Result<(Head, Vec<Vec<u8>>), StorageError> {
        let (mut head, mut continued) = (author.head, Vec::new());
        for (seq, bytes) in self.database.set_aside_after(author.number, head.seq)? {
            let follows = Entry::from_bytes(&bytes).is_ok_and(|entry| entry.previous == head.hash);
            if seq <= last && seq == head.seq + 1 && follows {
                head = Head { seq, hash: Entry::hash(&bytes) };
                continued.push(bytes);
            }
        }
        Ok((head, continued))
    }
}
