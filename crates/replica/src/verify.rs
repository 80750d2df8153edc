//! The proof that a database file is what it should be: for operators, and for tests.

use std::path::Path;

use purser_journal::{Entry, Head, Seal};
use purser_ledger::Book;
use purser_storage::{Database, StorageError};
use purser_types::ReplicaId;

use crate::{ReplicaError, authors::Author, fold::postings, state::State};

/// What `verify` looked at, and what it found wrong.
#[derive(Debug, Default)]
pub struct Verification {
    /// Journals checked.
    pub journals: u64,
    /// Entries whose chain, encoding and postings were checked.
    pub entries: u64,
    /// Seals checked.
    pub seals: u64,
    /// What is wrong; empty if nothing is.
    pub findings: Vec<Finding>,
}

/// Something wrong with a database.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Finding {
    /// SQLite's own check of the file.
    #[error("the file is damaged: {0}")]
    File(String),
    /// A table, an index, a trigger or a view that Purser has not made so.
    #[error("{0} is not as Purser makes it: somebody has changed the schema")]
    Schema(String),
    /// A journal that is not the chain it should be.
    #[error("journal of {author:?}: {reason}")]
    Journal {
        /// The author.
        author: ReplicaId,
        /// What is wrong.
        reason: String,
    },
    /// A table that differs from what its journals say.
    #[error("table {0} differs from what the journals say")]
    Derived(&'static str),
}

/// Checks a database file: SQLite's integrity, the schema, every journal's chain and seals, the audit of
/// its postings, and every derived table against a fold made anew. `scratch` is a path for a
/// copy, which is removed afterwards. The file itself is only read.
///
/// # Errors
/// If the file cannot be opened or copied at all.
pub fn verify(path: &Path, scratch: &Path) -> Result<Verification, ReplicaError> {
    let original = Database::open_reader(path)?;
    let mut found = Verification::default();
    let complaints = original.integrity_check()?;
    found.findings.extend(complaints.into_iter().map(Finding::File));
    if !found.findings.is_empty() {
        return Ok(found);
    }
    found.findings.extend(original.strange_objects()?.into_iter().map(Finding::Schema));
    if !found.findings.is_empty() {
        return Ok(found);
    }
    original.copy_to(scratch)?;
    let checked = check_copy(scratch, &mut found);
    Database::remove_files(scratch);
    checked?;
    Ok(found)
}

fn check_copy(scratch: &Path, found: &mut Verification) -> Result<(), ReplicaError> {
    let mut state = State::load(Database::open(scratch)?)?;
    state.refold_if_due()?;
    let authors: Vec<Author> = state.authors.iter().cloned().collect();
    for author in &authors {
        found.journals += 1;
        if let Err(reason) = check_journal(&state, author, found)? {
            found.findings.push(Finding::Journal { author: author.credential.replica, reason });
        }
    }
    if !found.findings.is_empty() {
        return Ok(());
    }
    let before = state.database.derived_fingerprint()?;
    state.database.begin()?;
    state.refold()?;
    state.database.commit()?;
    let after = state.database.derived_fingerprint()?;
    let differing = before.iter().zip(&after).filter(|(before, after)| before != after);
    found.findings.extend(differing.map(|((table, _), _)| Finding::Derived(table)));
    Ok(())
}

/// One journal: the chain from its beginning, every seal, a seal at its end, and the audit of
/// its postings.
fn check_journal(
    state: &State,
    author: &Author,
    found: &mut Verification,
) -> Result<Result<(), String>, ReplicaError> {
    let replica = author.credential.replica;
    let scope = &state.charter.scope;
    let mut head = Head::genesis(scope, replica);
    let mut seals = state.database.seals(author.number)?.into_iter().peekable();
    let mut book = Book::default();
    let mut sealed = 0;
    let walked = state.database.each_entry(author.number, 0, |seq, bytes| {
        let entry = Entry::from_bytes(bytes).map_err(wrong)?;
        if entry.replica != replica || entry.seq != head.seq + 1 || seq != entry.seq {
            return Err(Walk::Wrong(format!("entry {seq} is out of its place")));
        }
        if entry.previous != head.hash {
            return Err(Walk::Wrong(format!("entry {seq} does not follow the one before it")));
        }
        head = Head { seq, hash: Entry::hash(bytes) };
        found.entries += 1;
        while let Some(seal) = seals.next_if(|seal| seal.seq == seq) {
            seal.verify(&author.key, scope, replica, head).map_err(wrong)?;
            sealed = seq;
            found.seals += 1;
        }
        for posting in postings(&entry) {
            book.fold(entry.id(), posting).map_err(|fault| Walk::Wrong(format!("entry {seq}: {fault}")))?;
        }
        Ok(())
    });
    match walked {
        Ok(()) if head != author.head => {
            Ok(Err(format!("it ends at {}, the table of authors says {}", head.seq, author.head.seq)))
        }
        Ok(()) => check_end(state, author, sealed, &seals.collect::<Vec<_>>(), found),
        Err(Walk::Storage(error)) => Err(error.into()),
        Err(Walk::Wrong(reason)) => Ok(Err(reason)),
    }
}

/// The end of a journal: a seal has to vouch for it, or for what is set aside after it.
fn check_end(
    state: &State,
    author: &Author,
    sealed: u64,
    beyond: &[Seal],
    found: &mut Verification,
) -> Result<Result<(), String>, ReplicaError> {
    let head = author.head;
    let vouched = sealed == head.seq;
    let mut vouched_beyond = false;
    for seal in beyond {
        vouched_beyond |= state.sealed_entries(author, head.seq, *seal)?.is_some();
        found.seals += 1;
    }
    if !vouched && !vouched_beyond {
        return Ok(Err(format!("no seal vouches for its end at {}", head.seq)));
    }
    let is_cut = author.quarantine.is_some() || state.fence_of(author.credential.replica)?.is_some();
    if !beyond.is_empty() && !is_cut {
        return Ok(Err("a seal stands beyond the last entry".to_owned()));
    }
    Ok(Ok(()))
}

/// Why a walk over a journal stopped.
enum Walk {
    Storage(StorageError),
    Wrong(String),
}

impl From<StorageError> for Walk {
    fn from(error: StorageError) -> Self {
        Walk::Storage(error)
    }
}

fn wrong(fault: impl std::fmt::Display) -> Walk {
    Walk::Wrong(fault.to_string())
}
