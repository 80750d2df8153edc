use std::{collections::BTreeMap, path::Path};

use purser_journal::{Entry, Fact};
use purser_replica::{Journal, ReplicaError, View};
use purser_storage::StorageError;
use purser_types::{Hlc, ReplicaId, StoreNumber};
use serde_json::json;

use crate::{
    cursor::{Cursor, Place},
    event::Event,
    event_kind::EventFilter,
    moment::moment,
};

/// Whose entries are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// Those that this replica writes: a store's.
    Own,
    /// All that it holds: a hub's.
    All,
}

/// Reads the journals from a cursor on, beside the writer.
pub(crate) struct Feed {
    view: View,
    whose: Whose,
}

/// One entry on: where its journal stands after it, and what it tells.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) replica: String,
    pub(crate) place: Place,
    pub(crate) message: Option<Message>,
}

/// Something to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message {
    /// The entry's name, and the beginning of its hash: a journal that is begun anew has other entries
    /// in the same places.
    pub(crate) id: String,
    /// JSON.
    pub(crate) body: String,
}

/// What is read at once, at most: so much is held in memory for each endpoint.
const STEPS_MAX: usize = 1_000;
const MESSAGES_MAX: usize = 64;
const HASH_SHOWN: usize = 16;

impl Feed {
    /// A feed of the replica whose database is there.
    pub(crate) fn open(database: &Path, whose: Whose) -> Result<Self, ReplicaError> {
        Ok(Self { view: View::open(database)?, whose })
    }

    /// The journals of which entries are told.
    pub(crate) fn journals(&mut self) -> Result<Vec<Journal>, StorageError> {
        let (whose, me) = (self.whose, self.view.me());
        let journals = self.view.journals()?.into_iter();
        Ok(journals.filter(|journal| whose == Whose::All || journal.replica == me).collect())
    }

    /// What comes after the cursor. Each journal is in its own order; of several, the entry that was
    /// written first by the clocks comes first.
    pub(crate) fn after(&mut self, cursor: &Cursor, filter: &EventFilter) -> Result<Vec<Step>, StorageError> {
        let journals = self.journals()?;
        let stores = journals.iter().map(|journal| (journal.replica, journal.store)).collect();
        let mut next: BTreeMap<(Hlc, ReplicaId), (&Journal, Step)> = BTreeMap::new();
        for journal in journals.iter().filter(|journal| cursor.behind(journal) > 0) {
            if let Some((hlc, step)) = self.peek(journal, cursor.in_journal(journal), filter, &stores)? {
                next.insert((hlc, journal.replica), (journal, step));
            }
        }
        let (mut steps, mut messages) = (Vec::new(), 0);
        while steps.len() < STEPS_MAX
            && messages < MESSAGES_MAX
            && let Some((_, (journal, step))) = next.pop_first()
        {
            if let Some((hlc, further)) = self.peek(journal, Some(&step.place), filter, &stores)? {
                next.insert((hlc, journal.replica), (journal, further));
            }
            messages += usize::from(step.message.is_some());
            steps.push(step);
        }
        Ok(steps)
    }

    /// The entry after a place of a journal. If what stood there is another one now, the journal has been
    /// begun anew and is told from its beginning: ids tell receivers what they have had.
    fn peek(
        &self,
        journal: &Journal,
        place: Option<&Place>,
        filter: &EventFilter,
        stores: &BTreeMap<ReplicaId, StoreNumber>,
    ) -> Result<Option<(Hlc, Step)>, StorageError> {
        let seq = place.map_or(0, |place| place.seq) + 1;
        let Some(bytes) = self.view.journal_entry(journal, seq)? else { return Ok(None) };
        let entry =
            Entry::from_bytes(&bytes).map_err(|_| StorageError::Implausible("an entry that is none"))?;
        if place.is_some_and(|place| place.hash != entry.previous.to_string()) {
            tracing::warn!(replica = %journal.replica, "a journal was begun anew: its events are told again");
            return self.peek(journal, None, filter, stores);
        }
        let (replica, hash) = (journal.replica.to_string(), Entry::hash(&bytes).to_string());
        let id = format!("msg_{replica}_{seq}_{}", &hash[..HASH_SHOWN]);
        let message = body(&entry, filter, stores).map(|body| Message { id, body });
        Ok(Some((entry.hlc, Step { replica, place: Place { seq, hash }, message })))
    }
}

/// What is told of an entry, if that is wanted. Of a late one that a hub has accepted, what it says itself.
fn body(entry: &Entry, filter: &EventFilter, stores: &BTreeMap<ReplicaId, StoreNumber>) -> Option<String> {
    let late = accepted_late(entry);
    let told = late.as_ref().unwrap_or(entry);
    let Event { kind, mut data } = Event::of(told)?;
    if !filter.wants(kind) {
        return None;
    }
    let store = stores.get(&told.replica).map(|StoreNumber(store)| *store);
    data.insert("store".to_owned(), json!(store));
    data.insert("entry".to_owned(), json!({"replica": told.replica.to_string(), "seq": told.seq}));
    data.insert("late".to_owned(), json!(late.is_some()));
    Some(json!({"type": kind.name(), "timestamp": moment(told.hlc.wall_ms), "data": data}).to_string())
}

fn accepted_late(entry: &Entry) -> Option<Entry> {
    entry.facts.iter().find_map(|fact| match fact {
        Fact::LateSettled(settled) => Entry::from_bytes(&settled.accepted.as_ref()?.entry).ok(),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;
    use purser_journal::{AcceptedLate, Credential, LateSettledFact, Role, SignedCredential};
    use purser_types::{Digest, MemberId, Scope};
    use serde_json::Value;

    use super::*;

    fn entry(replica: u8, facts: Vec<Fact>) -> Entry {
        let (replica, previous) = (ReplicaId([replica; 16]), Digest::of(b"before"));
        let hlc = Hlc { wall_ms: 1_785_547_200_000 + u64::from(replica.0[0]), counter: 0 };
        Entry { replica, seq: 9, previous, hlc, programme_version: 0, request: None, facts }
    }

    #[test]
    fn a_late_entry_is_told_as_its_store_wrote_it_once_it_counts() {
        let late =
            entry(7, vec![Fact::Profile { member: MemberId::from_i64(1 << 40).unwrap(), change: vec![1] }]);
        let credential = Credential {
            scope: Scope { chain: "Books".into(), city: "Jinan".into() },
            replica: late.replica,
            role: Role::Store,
            store: StoreNumber(12),
            life: 0,
            name: "Shop".into(),
            public_key: [1; 32],
            issued_ms: 0,
        };
        let credential = SignedCredential::issue(&SigningKey::from_bytes(&[3; 32]), &credential);
        let settled = |accepted| {
            let (replica, seq, hash) = (late.replica, late.seq, Digest::of(b"late"));
            let (reason, by) = ("typed".to_owned(), "typed".to_owned());
            Fact::LateSettled(LateSettledFact { replica, seq, hash, reason, by, accepted })
        };
        let stores = BTreeMap::from([(late.replica, StoreNumber(12))]);
        let accepted = AcceptedLate { entry: late.to_bytes(), credential };
        let told = body(&entry(1, vec![settled(Some(accepted))]), &EventFilter::default(), &stores).unwrap();
        assert!(!told.contains("typed"));
        let told: Value = serde_json::from_str(&told).unwrap();
        assert_eq!(
            (&told["type"], &told["timestamp"]),
            (&json!("member.changed"), &json!("2026-08-01T01:20:00.007Z"))
        );
        assert_eq!((&told["data"]["late"], &told["data"]["store"]), (&json!(true), &json!(12)));
        assert_eq!(told["data"]["entry"]["replica"], late.replica.to_string());
        assert_eq!(body(&entry(1, vec![settled(None)]), &EventFilter::default(), &stores), None);
    }
}
