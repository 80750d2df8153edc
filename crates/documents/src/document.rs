use std::{
    collections::{BTreeMap, HashSet},
    panic::{AssertUnwindSafe, catch_unwind},
};

use automerge::{
    ActorId, Automerge, Change, ChangeHash, ROOT, ReadDoc, ScalarValue, Value,
    transaction::{CommitOptions, Transactable},
};
use purser_types::{Digest, ReplicaId};

use crate::{
    ChangeBytes, ChangeFault, Edit, EditError, FieldValue, Profile, change, isolation, key::Key, sealing,
};

/// One member's profile.
#[derive(Debug, Clone)]
pub struct MemberDocument {
    automerge: Automerge,
}

/// A document made of a set of changes, and what of the set is not in it.
#[derive(Debug)]
pub struct Loaded {
    /// The document.
    pub document: MemberDocument,
    /// Changes that lack what they build on, by the hash of their bytes.
    pub waiting: Vec<Digest>,
    /// Changes that cannot be applied.
    pub set_aside: Vec<SetAside>,
}

/// A change that cannot be applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetAside {
    /// The hash of its bytes.
    pub change: Digest,
    /// What is wrong with it.
    pub fault: ChangeFault,
}

impl SetAside {
    /// Whether these are the bytes of the change.
    pub fn is(&self, change: &[u8]) -> bool {
        self.change == change::name_of(change)
    }
}

/// What came of one change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The document contains it now.
    Applied,
    /// The document contained it before.
    Duplicate,
    /// It lacks what it builds on; the document is as it was.
    Waiting,
    /// It cannot be applied; the document is as it was.
    SetAside(ChangeFault),
}

/// Edits of one change.
const EDITS_MAX: usize = 100;

impl MemberDocument {
    /// The profile of which nothing is known.
    pub fn empty() -> Self {
        // Every edit names its author; the actor of a document that only reads does not matter,
        // but must not be drawn at random.
        Self { automerge: Automerge::new().with_actor(ActorId::from([0_u8; 16])) }
    }

    /// The document of these changes, each with the author of the entry that it came in. The
    /// result does not depend on their order; duplicates are harmless.
    pub fn from_changes<'a>(changes: impl IntoIterator<Item = (ReplicaId, &'a [u8])>) -> Loaded {
        let mut document = Self::empty();
        let mut set_aside = BTreeMap::new();
        let mut pending: BTreeMap<Digest, Change> = BTreeMap::new();
        for (author, bytes) in changes {
            let name = change::name_of(bytes);
            match isolation::decode(author, bytes) {
                Ok(change) => drop(pending.insert(name, change)),
                Err(fault) => drop(set_aside.insert(name, fault)),
            }
        }
        document.apply_all(&mut pending, &mut set_aside);
        let set_aside = set_aside.into_iter().map(|(change, fault)| SetAside { change, fault });
        Loaded { document, waiting: pending.into_keys().collect(), set_aside: set_aside.collect() }
    }

    /// Applies one more change of `author`.
    pub fn apply(&mut self, author: ReplicaId, bytes: &[u8]) -> Outcome {
        let change = match isolation::decode(author, bytes) {
            Ok(change) => change,
            Err(fault) => return Outcome::SetAside(fault),
        };
        if isolation::contains(&self.automerge, &change) {
            return Outcome::Duplicate;
        }
        if !isolation::is_ready(&self.automerge, &change) {
            return Outcome::Waiting;
        }
        match isolation::apply(&self.automerge, &[change]) {
            Ok(applied) => {
                self.automerge = applied;
                Outcome::Applied
            }
            Err(fault) => Outcome::SetAside(fault),
        }
    }

    /// Makes `edits` as one change by `author` at `wall_ms` (milliseconds since 1970).
    ///
    /// # Errors
    /// If there is nothing to change or a value cannot be; the document is as it was.
    pub fn edit(
        &mut self,
        author: ReplicaId,
        wall_ms: u64,
        edits: &[Edit],
    ) -> Result<ChangeBytes, EditError> {
        match edits.len() {
            0 => return Err(EditError::Empty),
            1..=EDITS_MAX => {}
            more => return Err(EditError::TooMany(more)),
        }
        let writes: Vec<_> = edits.iter().map(Edit::write).collect::<Result<_, _>>()?;
        let failed = |reason: &dyn std::fmt::Display| EditError::Failed(reason.to_string());
        let mut copy = self.automerge.clone();
        let made = catch_unwind(AssertUnwindSafe(|| {
            copy.set_actor(ActorId::from(author.0));
            let written = write(&mut copy, &writes, wall_ms)?;
            Ok::<_, automerge::AutomergeError>(written.and_then(|hash| copy.get_change_by_hash(&hash)))
        }));
        let written = made.map_err(|_| failed(&"Automerge gave up"))?.map_err(|error| failed(&error))?;
        let change = written.ok_or(EditError::Unchanged)?;
        let bytes = change.raw_bytes().to_vec();
        if bytes.len() > isolation::CHANGE_BYTES_MAX {
            return Err(failed(&"the changes are too long: make them one by one"));
        }
        self.automerge = copy;
        Ok(ChangeBytes(bytes))
    }

    /// The latest changes that nothing else builds on, sorted: equal heads, equal documents.
    pub fn heads(&self) -> Vec<Digest> {
        let mut heads: Vec<Digest> = self.automerge.get_heads().into_iter().map(|hash| Digest(hash.0)).collect();
        heads.sort_unstable();
        heads
    }

    /// What the profile says.
    pub fn profile(&self) -> Profile {
        let mut profile = Profile::default();
        let keys: Vec<String> = self.automerge.keys(ROOT).collect();
        for text in keys {
            if let Some(key) = Key::parse(&text) {
                self.show(key, &text, &mut profile);
            }
        }
        profile
    }

    fn show(&self, key: Key, text: &str, profile: &mut Profile) {
        match key {
            Key::Field(field) => profile.fields.extend(self.field(text).map(|value| (field, value))),
            Key::Card(card) => {
                let safest = self.names(text).iter().filter_map(|name| name.parse().ok()).max();
                profile.cards.extend(safest.map(|state| (card, state)));
            }
            Key::Consent(channel) => {
                let safest = self.names(text).iter().filter_map(|name| name.parse().ok()).max();
                profile.consents.extend(safest.map(|consent| (channel, consent)));
            }
            Key::Tag => profile.tags.extend(self.opened(text)),
            Key::Vehicle => {
                let shown = self.field(text).map(|field| field.value);
                let vehicle = shown.as_deref().and_then(|value| value.split_once('\n'));
                profile.vehicles.extend(vehicle.map(|(plate, model)| (plate.to_owned(), model.to_owned())));
            }
        }
    }

    /// A sealed value with all that was written at the same time. Sorted, and the greatest is
    /// shown: not the latest, since clocks are not to be trusted, but the same everywhere.
    fn field(&self, key: &str) -> Option<FieldValue> {
        let mut values = self.opened(key);
        values.sort_unstable();
        values.dedup();
        let value = values.last()?.clone();
        let conflicts = if values.len() > 1 { values } else { Vec::new() };
        Some(FieldValue { value, conflicts })
    }

    fn opened(&self, key: &str) -> Vec<String> {
        let sealed = self.scalars(key).into_iter().filter_map(|value| match value {
            ScalarValue::Bytes(bytes) => sealing::open(&bytes),
            _ => None,
        });
        sealed.collect()
    }

    fn names(&self, key: &str) -> Vec<String> {
        let names = self.scalars(key).into_iter().filter_map(|value| match value {
            ScalarValue::Str(name) => Some(name.to_string()),
            _ => None,
        });
        names.collect()
    }

    /// All concurrent values under a key.
    fn scalars(&self, key: &str) -> Vec<ScalarValue> {
        let values = self.automerge.get_all(ROOT, key).unwrap_or_default();
        let scalars = values.into_iter().filter_map(|(value, _)| match value {
            Value::Scalar(scalar) => Some(scalar.into_owned()),
            Value::Object(_) => None,
        });
        scalars.collect()
    }

    /// Applies what can be applied; what remains in `pending` waits. Nearly always all changes
    /// are sound and go in at once; otherwise one by one, in an order that does not depend on
    /// how they came.
    fn apply_all(
        &mut self,
        pending: &mut BTreeMap<Digest, Change>,
        faults: &mut BTreeMap<Digest, ChangeFault>,
    ) {
        let (names, changes) = self.complete(pending);
        if let Ok(applied) = isolation::apply(&self.automerge, &changes) {
            self.automerge = applied;
            names.iter().for_each(|name| drop(pending.remove(name)));
            return;
        }
        while let Some(name) = self.next_ready(pending) {
            let Some(change) = pending.remove(&name) else { return };
            match isolation::apply(&self.automerge, &[change]) {
                Ok(applied) => self.automerge = applied,
                Err(fault) => drop(faults.insert(name, fault)),
            }
        }
    }

    /// The pending changes of which everything they build on is in the document or among them.
    fn complete(&self, pending: &BTreeMap<Digest, Change>) -> (Vec<Digest>, Vec<Change>) {
        let mut left: Vec<(&Digest, &Change)> = pending.iter().collect();
        let mut hashes = HashSet::new();
        let (mut names, mut changes) = (Vec::new(), Vec::new());
        loop {
            let before = changes.len();
            left.retain(|(name, change)| {
                let ready = change.deps().iter().all(|hash| hashes.contains(hash))
                    || isolation::is_ready(&self.automerge, change);
                if ready {
                    hashes.insert(change.hash());
                    names.push(**name);
                    changes.push((*change).clone());
                }
                !ready
            });
            if changes.len() == before {
                return (names, changes);
            }
        }
    }

    fn next_ready(&self, pending: &BTreeMap<Digest, Change>) -> Option<Digest> {
        let ready = pending.iter().find(|(_, change)| isolation::is_ready(&self.automerge, change));
        ready.map(|(name, _)| *name)
    }
}

/// Writes as one change; `None` if the profile says all of that already.
fn write(
    automerge: &mut Automerge,
    writes: &[(String, Option<ScalarValue>)],
    wall_ms: u64,
) -> Result<Option<ChangeHash>, automerge::AutomergeError> {
    let mut transaction = automerge.transaction();
    for (key, value) in writes {
        match value {
            Some(value) => transaction.put(ROOT, key.as_str(), value.clone())?,
            None => transaction.delete(ROOT, key.as_str())?,
        }
    }
    let seconds = i64::try_from(wall_ms / 1_000).unwrap_or(i64::MAX);
    let (written, _) = transaction.commit_with(CommitOptions::default().with_time(seconds));
    Ok(written)
}
