use std::{
    collections::{HashMap, VecDeque},
    fs::{self, File, OpenOptions},
    io::{self, BufRead, BufReader, Write},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde::{Deserialize, Serialize};

/// What a vendor's transactions were, by the vendor's ids: Purser knows them by others. A note is on disk before Purser
/// is asked, so whatever a vendor asks to undo can be found, also after a crash in the middle.
///
/// A file of JSON lines that is only ever added to. When it is opened, the newest 100,000 are kept.
pub struct Notes {
    inner: Mutex<Inner>,
    path: PathBuf,
}

struct Inner {
    file: File,
    acts: HashMap<String, Act>,
    checks: HashMap<String, CheckState>,
    /// The ids in `acts`, the oldest first.
    order: VecDeque<String>,
}

/// Why notes cannot be kept.
#[derive(Debug, thiserror::Error)]
#[error("cannot use {}: {source}", path.display())]
pub struct NotesError {
    path: PathBuf,
    source: io::Error,
}

/// One line.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Note {
    /// A transaction is about to be carried out.
    Begun { id: String, act: Act },
    /// A transaction was refused: nothing of it is left.
    Refused { id: String },
    /// The points of a transaction are free again.
    Released { id: String },
    /// The sale of a check was taken back whole: the check can be closed once more.
    Reopened { check: String },
}

/// What a transaction is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Act {
    pub(crate) member: String,
    pub(crate) check: String,
    /// How often the check was reopened before.
    pub(crate) round: u32,
    pub(crate) kind: Kind,
}

/// What is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// Points are set aside.
    Redeem { points: i64 },
    /// A sale is closed.
    Accrue,
}

/// A check as it stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct CheckState {
    pub(crate) round: u32,
    /// The transaction that has set points aside for it.
    pub(crate) redeemed_by: Option<String>,
}

/// Weeks of a busy restaurant. Nobody reverses what is older.
const NOTES_MAX: usize = 100_000;

impl Notes {
    /// Opens the file, or begins it.
    ///
    /// # Errors
    /// If it cannot be read or written.
    pub fn open(path: &Path) -> Result<Self, NotesError> {
        let unusable = |source| NotesError { path: path.to_owned(), source };
        let notes = read(path).map_err(unusable)?;
        let newest = &notes[notes.len().saturating_sub(NOTES_MAX)..];
        let file = rewrite(path, newest).map_err(unusable)?;
        let mut inner = Inner { file, acts: HashMap::new(), checks: HashMap::new(), order: VecDeque::new() };
        for note in newest {
            inner.take(note);
        }
        Ok(Self { inner: Mutex::new(inner), path: path.to_owned() })
    }

    /// Notes what is about to be done; a transaction that is known stays what it is. Nothing if another one has set
    /// points aside for the same check.
    pub(crate) fn begin(&self, id: &str, act: &Act) -> Result<Option<Act>, NotesError> {
        let mut inner = self.lock();
        if let Some(known) = inner.acts.get(id) {
            return Ok(Some(known.clone()));
        }
        let check = inner.checks.get(&act.check);
        let is_redeemed = check.is_some_and(|check| check.redeemed_by.is_some());
        if is_redeemed && matches!(act.kind, Kind::Redeem { .. }) {
            return Ok(None);
        }
        self.write(&mut inner, &Note::Begun { id: id.to_owned(), act: act.clone() })?;
        Ok(Some(act.clone()))
    }

    /// Notes that a transaction was refused.
    pub(crate) fn refuse(&self, id: &str) -> Result<(), NotesError> {
        self.write(&mut self.lock(), &Note::Refused { id: id.to_owned() })
    }

    /// Notes that the points of a transaction are free again.
    pub(crate) fn release(&self, id: &str) -> Result<(), NotesError> {
        self.write(&mut self.lock(), &Note::Released { id: id.to_owned() })
    }

    /// Notes that the sale of a check was taken back in this round, once.
    pub(crate) fn reopen(&self, check: &str, round: u32) -> Result<(), NotesError> {
        let mut inner = self.lock();
        if inner.checks.get(check).is_some_and(|it| it.round > round) {
            return Ok(());
        }
        self.write(&mut inner, &Note::Reopened { check: check.to_owned() })
    }

    /// What a transaction was.
    pub(crate) fn act(&self, id: &str) -> Option<Act> {
        self.lock().acts.get(id).cloned()
    }

    /// How a check stands.
    pub(crate) fn check(&self, check: &str) -> CheckState {
        self.lock().checks.get(check).cloned().unwrap_or_default()
    }

    fn write(&self, inner: &mut Inner, note: &Note) -> Result<(), NotesError> {
        let written = line(note).and_then(|line| {
            inner.file.write_all(&line)?;
            inner.file.sync_data()
        });
        written.map_err(|source| NotesError { path: self.path.clone(), source })?;
        inner.take(note);
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn take(&mut self, note: &Note) {
        match note {
            Note::Begun { id, act } => {
                let check = self.checks.entry(act.check.clone()).or_default();
                if matches!(act.kind, Kind::Redeem { .. }) {
                    check.redeemed_by = Some(id.clone());
                }
                self.acts.insert(id.clone(), act.clone());
                self.order.push_back(id.clone());
                self.forget();
            }
            Note::Refused { id } => {
                self.unmark(id);
                self.acts.remove(id);
            }
            Note::Released { id } => self.unmark(id),
            Note::Reopened { check } => {
                let check = self.checks.entry(check.clone()).or_default();
                *check = CheckState { round: check.round + 1, redeemed_by: None };
            }
        }
    }
}

impl Inner {
    /// The check of a transaction has no points set aside by it.
    fn unmark(&mut self, id: &str) {
        let check = self.acts.get(id).and_then(|act| self.checks.get_mut(&act.check));
        if let Some(check) = check.filter(|it| it.redeemed_by.as_deref() == Some(id)) {
            check.redeemed_by = None;
        }
    }

    /// Keeps memory bounded: the oldest go.
    fn forget(&mut self) {
        while self.order.len() > NOTES_MAX {
            let oldest = self.order.pop_front().and_then(|id| self.acts.remove(&id));
            if let Some(act) = oldest {
                self.checks.remove(&act.check);
            }
        }
    }
}

/// All whole lines; the last may have been cut off by a power failure, and then nothing was done of it.
fn read(path: &Path) -> io::Result<Vec<Note>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut notes = Vec::new();
    let mut lines = BufReader::new(file).split(b'\n').peekable();
    while let Some(line) = lines.next() {
        match serde_json::from_slice(&line?) {
            Ok(note) => notes.push(note),
            Err(_) if lines.peek().is_none() => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(notes)
}

/// Writes the file anew beside itself and puts it in place; then it is open for adding.
fn rewrite(path: &Path, notes: &[Note]) -> io::Result<File> {
    let fresh = path.with_extension("new");
    let mut file = File::create(&fresh)?;
    for note in notes {
        file.write_all(&line(note)?)?;
    }
    file.sync_all()?;
    fs::rename(&fresh, path)?;
    OpenOptions::new().append(true).open(path)
}

fn line(note: &Note) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(note)?;
    line.push(b'\n');
    Ok(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redeem(check: &str) -> Act {
        Act { member: "m".into(), check: check.into(), round: 0, kind: Kind::Redeem { points: 100 } }
    }

    #[test]
    fn notes_are_there_again_after_a_crash_in_the_middle_of_a_line() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("notes");
        let notes = Notes::open(&path).unwrap();
        notes.begin("g1", &redeem("c1")).unwrap();
        notes.begin("g2", &redeem("c2")).unwrap();
        notes.release("g2").unwrap();
        notes.begin("g3", &redeem("c3")).unwrap();
        notes.reopen("c3", 0).unwrap();
        notes.reopen("c3", 0).unwrap();
        drop(notes);
        OpenOptions::new().append(true).open(&path).unwrap().write_all(b"{\"begun\":{\"id\":").unwrap();

        let notes = Notes::open(&path).unwrap();
        assert_eq!(notes.act("g1"), Some(redeem("c1")));
        assert_eq!(notes.check("c1").redeemed_by.as_deref(), Some("g1"));
        assert_eq!(notes.check("c2"), CheckState::default());
        assert_eq!(notes.check("c3"), CheckState { round: 1, redeemed_by: None });
        notes.begin("g4", &redeem("c4")).unwrap();
        drop(notes);
        assert!(Notes::open(&path).unwrap().act("g4").is_some(), "the cut line is gone");

        fs::write(&path, "nonsense\n{}\n").unwrap();
        assert!(Notes::open(&path).is_err());
    }

    #[test]
    fn a_transaction_that_is_known_stays_what_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let notes = Notes::open(&dir.path().join("notes")).unwrap();
        notes.begin("g", &redeem("c")).unwrap();
        assert_eq!(notes.begin("g", &redeem("other")).unwrap().unwrap().check, "c");
    }

    #[test]
    fn a_check_is_redeemed_on_once_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let notes = Notes::open(&dir.path().join("notes")).unwrap();
        assert!(notes.begin("g1", &redeem("c")).unwrap().is_some());
        assert!(notes.begin("g2", &redeem("c")).unwrap().is_none());
        notes.refuse("g1").unwrap();
        assert!(notes.act("g1").is_none());
        assert!(notes.begin("g2", &redeem("c")).unwrap().is_some());
        notes.release("g2").unwrap();
        assert!(notes.act("g2").is_some() && notes.check("c").redeemed_by.is_none());
    }
}
