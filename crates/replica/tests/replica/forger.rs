//! An enrolled author whose software writes whatever it likes.

use purser_journal::{Entry, Fact, Head, Seal, SignedCredential, SigningKey};
use purser_ledger::{Asset, Lot, Posting};
use purser_replica::Run;
use purser_types::{BusinessDate, Digest, Hlc, MemberId, OfferId, ReplicaId, Scope};

use crate::city::{City, MORNING, id_of, key_of};

/// A journal that keeps no rule but the chain's.
#[derive(Clone)]
pub struct Forger {
    pub id: ReplicaId,
    pub scope: Scope,
    pub credential: SignedCredential,
    pub key: SigningKey,
    pub hlc: Hlc,
    /// The entries so far, byte for byte.
    pub entries: Vec<Vec<u8>>,
}

impl Forger {
    pub fn enrolled(city: &City, number: u32) -> Self {
        Self {
            id: id_of(number),
            scope: city.charter.scope.clone(),
            credential: city.credential(number),
            key: key_of(number),
            hlc: Hlc { wall_ms: MORNING.wall_ms, counter: 0 },
            entries: Vec::new(),
        }
    }

    pub fn head(&self) -> Head {
        match self.entries.last() {
            None => Head::genesis(&self.scope, self.id),
            Some(last) => Head { seq: self.entries.len() as u64, hash: Entry::hash(last) },
        }
    }

    /// The entry that would come next.
    pub fn draft(&self, facts: Vec<Fact>) -> Entry {
        let Head { seq, hash } = self.head();
        let (replica, previous) = (self.id, hash);
        Entry { replica, seq: seq + 1, previous, hlc: self.hlc, programme_version: 1, request: None, facts }
    }

    pub fn writes(&mut self, facts: Vec<Fact>) -> u64 {
        let entry = self.draft(facts);
        self.entries.push(entry.to_bytes());
        entry.seq
    }

    pub fn posts(&mut self, postings: Vec<Posting>) -> u64 {
        self.writes(vec![Fact::Postings(postings)])
    }

    /// The offer that the next entry can make.
    pub fn next_offer(&self) -> OfferId {
        OfferId::created_by(self.draft(Vec::new()).id())
    }

    pub fn seal_at(&self, seq: u64) -> Seal {
        let hash = Entry::hash(&self.entries[usize::try_from(seq).unwrap() - 1]);
        Seal::sign(&self.key, &self.scope, self.id, Head { seq, hash })
    }

    /// Entries `first` to `last` under the forger's own seal.
    pub fn run(&self, first: u64, last: u64) -> Run {
        let from = usize::try_from(first).unwrap() - 1;
        let entries = self.entries[from..usize::try_from(last).unwrap()].to_vec();
        let credential = Some(self.credential.clone());
        Run { author: self.id, credential, first_seq: first, entries, seal: self.seal_at(last) }
    }

    pub fn journal(&self) -> Run {
        self.run(1, self.entries.len() as u64)
    }
}

pub fn points_of(member: MemberId) -> Lot {
    let expires_on = Some(BusinessDate::end_of_year(2027));
    Lot { member, asset: Asset::Points, expires_on }
}

pub fn credit(lot: Lot, amount: i64) -> Posting {
    Posting::Credit { lot, amount }
}

pub fn nobodys_hash() -> Digest {
    Digest::of(b"nobody's")
}
