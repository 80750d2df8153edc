use std::collections::{BTreeMap, HashMap};

use purser_journal::{Credential, Head, SignedCredential, VerifyingKey, VersionVector, from_cbor};
use purser_storage::{AuthorNumber, Database, StorageError};
use purser_types::{ReplicaId, ReplicaTag};

use purser_journal::Charter;

use crate::late::LATE;

/// A journal known here and who writes it.
#[derive(Debug, Clone)]
pub struct Author {
    /// Its number in this database.
    pub number: AuthorNumber,
    /// Who it is.
    pub credential: Credential,
    /// The same as it travels.
    pub signed: SignedCredential,
    /// How far its journal is known.
    pub head: Head,
    /// Why it is set aside, if it is.
    pub quarantine: Option<String>,
    /// The last entry that is kept of what it wrote after it was put out.
    pub late: Option<Head>,
    pub(crate) key: VerifyingKey,
}

impl Author {
    /// How far its journal is kept here, with what it wrote after it was put out.
    pub fn kept_head(&self) -> Head {
        self.late.filter(|late| late.seq > self.head.seq).unwrap_or(self.head)
    }
}

/// All journals known here: the table `authors` in memory.
#[derive(Debug, Default)]
pub(crate) struct Authors {
    /// In the order of ids: what is sent and dialled does not hang on chance.
    known: BTreeMap<ReplicaId, Author>,
    numbers: HashMap<AuthorNumber, ReplicaId>,
    tags: HashMap<ReplicaTag, ReplicaId>,
}

impl Authors {
    /// Reads the table.
    pub(crate) fn load(database: &Database, charter: &Charter) -> Result<Self, StorageError> {
        let mut authors = Self::default();
        let late = database.last_set_aside(LATE)?.into_iter();
        let late: HashMap<_, _> = late.map(|(author, seq, hash)| (author, Head { seq, hash })).collect();
        for row in database.authors()? {
            let known = from_cbor::<SignedCredential>("credential", &row.credential)
                .ok()
                .and_then(|signed| Some((signed.verify(charter).ok()?, signed)));
            let (credential, signed) =
                known.ok_or(StorageError::Implausible("a credential that is not the authority's"))?;
            let key =
                credential.key().map_err(|_| StorageError::Implausible("a credential without a key"))?;
            let (number, head, quarantine) = (row.number, row.head, row.quarantine);
            let late = late.get(&number).copied();
            authors.insert(Author { number, credential, signed, head, quarantine, late, key });
        }
        Ok(authors)
    }

    pub(crate) fn insert(&mut self, author: Author) {
        let replica = author.credential.replica;
        self.numbers.insert(author.number, replica);
        self.tags.insert(replica.tag(), replica);
        self.known.insert(replica, author);
    }

    pub(crate) fn get(&self, replica: ReplicaId) -> Option<&Author> {
        self.known.get(&replica)
    }

    pub(crate) fn get_mut(&mut self, replica: ReplicaId) -> Option<&mut Author> {
        self.known.get_mut(&replica)
    }

    pub(crate) fn numbered(&self, number: AuthorNumber) -> Option<ReplicaId> {
        self.numbers.get(&number).copied()
    }

    pub(crate) fn tagged(&self, tag: ReplicaTag) -> Option<ReplicaId> {
        self.tags.get(&tag).copied()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Author> {
        self.known.values()
    }

    pub(crate) fn version_vector(&self) -> VersionVector {
        self.iter().map(|author| (author.credential.replica, author.head.seq)).collect()
    }
}
