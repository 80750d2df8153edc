//! Peers that send what they should not, and enrolled authors whose software writes whatever it likes.

use purser_documents::{Edit, Field, MemberDocument};
use purser_journal::{Credential, Entry, Fact, Head, Role, Seal, SignedCredential, SigningKey};
use purser_ledger::{Asset, Lot, Posting};
use purser_replica::{Run, RunLimit};
use purser_sync::{FRAME_BYTES_MAX, Frame, Input};
use purser_types::{BusinessDate, Hlc, MemberId, StoreNumber};

use crate::{City, Identity, StoreIndex, World};

/// Shops of authors that have no machine, and the number of their frames: no engine waits for an answer.
const FIRST_SHOP: u32 = 900;
const FRAME_NUMBER: u64 = 1 << 40;

/// An author without a machine.
struct Author {
    who: Identity,
    credential: SignedCredential,
    key: SigningKey,
    genesis: Head,
    wall_ms: u64,
    entries: Vec<Vec<u8>>,
}

impl Author {
    fn head(&self) -> Head {
        match self.entries.last() {
            None => self.genesis,
            Some(last) => Head { seq: self.entries.len() as u64, hash: Entry::hash(last) },
        }
    }

    fn writes(&mut self, facts: Vec<Fact>) {
        let Head { seq, hash } = self.head();
        let hlc = Hlc { wall_ms: self.wall_ms, counter: 0 };
        let (replica, previous) = (self.who.replica(), hash);
        let entry =
            Entry { replica, seq: seq + 1, previous, hlc, programme_version: 1, request: None, facts };
        self.entries.push(entry.to_bytes());
    }

    /// The whole journal, sealed at its end.
    fn journal(&self, city: &City) -> Run {
        let (author, head) = (self.who.replica(), self.head());
        let seal = Seal::sign(&self.key, &city.charter().scope, author, head);
        let credential = Some(self.credential.clone());
        Run { author, credential, first_seq: 1, entries: self.entries.clone(), seal }
    }
}

impl World {
    /// `at` gets a frame on its link with `from`, as if that had sent it.
    fn deliver(&mut self, from: StoreIndex, at: StoreIndex, bytes: Vec<u8>) -> bool {
        let Some(link) = self.network.between(at, from) else { return false };
        self.turn(at, vec![Input::Frame { link, bytes }]);
        true
    }

    fn deliver_run(&mut self, from: StoreIndex, at: StoreIndex, run: Run) -> bool {
        let frame = Frame::Runs { number: FRAME_NUMBER, runs: vec![run.into()] };
        self.deliver(from, at, frame.to_bytes())
    }

    fn author(&self, is_doubtful: bool) -> Author {
        let made = self.marks.of("author_without_machine");
        let shop = FIRST_SHOP + u32::try_from(made).unwrap_or(0);
        let who = Identity { shop, life: 0, is_hub: false };
        let genesis = Head::genesis(&self.city.charter().scope, who.replica());
        let credential = self.city.credential(who);
        let wall_ms = self.now.wall_ms - u64::from(is_doubtful);
        Author { who, credential, key: who.key(), genesis, wall_ms, entries: Vec::new() }
    }

    fn introduce(&mut self, author: &Author, is_doubtful: bool) {
        self.marks.note("author_without_machine");
        self.oracle.introduce(author.who.replica());
        if is_doubtful {
            self.oracle.doubtful.insert(author.who.replica());
        }
    }

    /// A frame that is no frame.
    pub(crate) fn broken_frame(&mut self, store: StoreIndex) {
        let hub = self.registrar();
        let bytes = match self.draw(4) {
            0 => (0..=self.draw(2_000)).map(|_| u8::try_from(self.draw(256)).unwrap_or(0)).collect(),
            1 => self.damaged_frame(store),
            2 => deep_frame(),
            _ => vec![0; FRAME_BYTES_MAX + 1],
        };
        if self.deliver(store, hub, bytes) {
            self.marks.note("broken_frame");
        }
    }

    /// A true frame with one byte that is not.
    fn damaged_frame(&mut self, store: StoreIndex) -> Vec<u8> {
        let run = self.machines[store].engine.as_ref().and_then(|engine| {
            let replica = engine.replica();
            replica.run_after(replica.id(), 0, RunLimit { entries: 20, bytes: 1 << 16 }).ok().flatten()
        });
        let runs = run.into_iter().map(Into::into).collect();
        let mut bytes = Frame::Runs { number: FRAME_NUMBER, runs }.to_bytes();
        let (at, flip) = (self.pick(bytes.len()), 1 << self.draw(8));
        bytes[at] ^= flip;
        bytes
    }

    /// Entries in the name of another, and of another chain.
    pub(crate) fn impersonate(&mut self, store: StoreIndex) {
        let hub = self.registrar();
        let Some(victim) = self.some_store() else { return };
        let known = self.machines[hub]
            .engine
            .as_ref()
            .and_then(|engine| Some(engine.replica().author(self.machines[victim].who.replica())?.head));
        let Some(head) = known else { return };
        let mut liar = self.author(false);
        let victim = self.machines[victim].who;
        liar.genesis = head;
        let credential = match self.draw(2) {
            0 => self.city.credential(victim),
            _ => foreign_credential(&self.city, victim),
        };
        let hlc = Hlc { wall_ms: self.now.wall_ms, counter: 0 };
        let facts = vec![Fact::Postings(vec![Posting::Credit { lot: loot(), amount: 1_000 }])];
        let (replica, previous) = (victim.replica(), head.hash);
        let entry =
            Entry { replica, seq: head.seq + 1, previous, hlc, programme_version: 1, request: None, facts };
        let bytes = entry.to_bytes();
        let end = Head { seq: head.seq + 1, hash: Entry::hash(&bytes) };
        let seal = Seal::sign(&liar.key, &self.city.charter().scope, replica, end);
        let run = Run {
            author: replica,
            credential: Some(credential),
            first_seq: head.seq + 1,
            entries: vec![bytes],
            seal,
        };
        if self.deliver_run(store, hub, run) {
            self.marks.note("impersonated");
        }
    }

    /// An author that spends what it does not have.
    pub(crate) fn overspend(&mut self, relay: StoreIndex) {
        let mut liar = self.author(true);
        for posting in [
            Posting::Credit { lot: loot(), amount: 50 },
            Posting::Debit { lot: loot(), amount: 20 },
            Posting::Debit { lot: loot(), amount: 31 },
            Posting::Credit { lot: loot(), amount: 5 },
        ] {
            liar.writes(vec![Fact::Postings(vec![posting])]);
        }
        self.spread(relay, &liar, "overspent", true);
    }

    /// An author one of whose profile changes is damaged.
    pub(crate) fn poison(&mut self, relay: StoreIndex) {
        let mut liar = self.author(true);
        let member = MemberId::from_i64(i64::MAX - 7);
        let edit = |value: &str| Edit::SetField { field: Field::Notes, value: Some(value.to_owned()) };
        let replica = liar.who.replica();
        let honest = MemberDocument::empty().edit(replica, 1_000, &[edit("hello")]);
        let Some((member, honest)) = member.zip(honest.ok()) else { return };
        let mut damaged = honest.0.clone();
        let (at, flip) = (self.pick(damaged.len()), 1 << self.draw(8));
        damaged[at] ^= flip;
        for change in [damaged, Vec::new(), vec![0; 300], honest.0] {
            liar.writes(vec![Fact::Profile { member, change }]);
        }
        self.spread(relay, &liar, "poisoned", true);
    }

    /// An honest author of a later version.
    pub(crate) fn later_version(&mut self, relay: StoreIndex) {
        let mut author = self.author(false);
        for number in [60, 61] {
            author.writes(vec![Fact::Unknown { number, body: vec![0x83, 1, 2, 3] }]);
        }
        let hub = self.registrar();
        let _arrived = self.deliver(relay, hub, Frame::Unknown { number: 99 }.to_bytes());
        self.spread(relay, &author, "later_version", false);
    }

    fn spread(&mut self, relay: StoreIndex, author: &Author, mark: &'static str, is_doubtful: bool) {
        let (hub, run) = (self.registrar(), author.journal(&self.city));
        if self.network.between(hub, relay).is_some() {
            self.introduce(author, is_doubtful);
            self.marks.note(mark);
            let _arrived = self.deliver_run(relay, hub, run);
            // The hub takes the relay to know what it has sent, until they greet each other anew.
            self.disconnect_all(relay);
        }
    }

    /// An author that tells the hub one story and a store another.
    pub(crate) fn two_stories(&mut self, store: StoreIndex) {
        let hub = self.registrar();
        if self.network.between(hub, store).is_none() || !self.few_are_doubtful() {
            return;
        }
        let mut liar = self.author(true);
        self.introduce(&liar, true);
        let credit = |amount| vec![Fact::Postings(vec![Posting::Credit { lot: loot(), amount }])];
        liar.writes(credit(10));
        let common = liar.entries.clone();
        liar.writes(credit(20));
        let one = liar.journal(&self.city);
        liar.entries = common;
        liar.writes(credit(30));
        liar.writes(credit(40));
        let other = liar.journal(&self.city);
        self.marks.note("two_stories");
        let _arrived = self.deliver_run(store, hub, one);
        let _arrived = self.deliver_run(hub, store, other);
        self.disconnect_all(store);
    }
}

/// Points of a member who is nobody.
fn loot() -> Lot {
    let member = MemberId::from_i64(i64::MAX - 8).unwrap_or(MemberId::CHAIN);
    Lot { member, asset: Asset::Points, expires_on: Some(BusinessDate::end_of_year(2027)) }
}

/// A frame whose body is an array in an array in an array, as deep as it can be.
fn deep_frame() -> Vec<u8> {
    let mut bytes = vec![0, 0x82, 2];
    bytes.resize(FRAME_BYTES_MAX - 1, 0x81);
    bytes.push(0);
    bytes
}

/// A credential that another chain's authority has signed.
fn foreign_credential(city: &City, who: Identity) -> SignedCredential {
    let authority = SigningKey::from_bytes(&[8; 32]);
    let credential = Credential {
        scope: city.charter().scope.clone(),
        replica: who.replica(),
        role: Role::Store,
        store: StoreNumber(who.shop),
        life: 0,
        name: "Another".to_owned(),
        public_key: who.key().verifying_key().to_bytes(),
        issued_ms: 1,
    };
    SignedCredential::issue(&authority, &credential)
}
