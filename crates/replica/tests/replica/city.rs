//! A city of replicas in one directory, and what people do at them.

use std::{
    ops::{Deref, DerefMut},
    path::PathBuf,
    sync::atomic::{AtomicU64, Ordering},
};

use purser_documents::{Edit, Field};
use purser_journal::{Charter, Credential, Request, RequestId, Role, SignedCredential, SigningKey};
use purser_ledger::{Asset, Book, Posting};
use purser_replica::{
    Alarm, Basket, Founding, GoodsBack, Intake, IntakeFault, Order, Outcome, Policy, Redemption, Refusal,
    Replica, Reply, Run, RunLimit, Settings, TakeBack, Tenders, Undertaking, View, verify,
};
use purser_storage::Database;
use purser_types::{
    CardNumber, Coded, Digest, Fen, HoldId, MemberId, Now, ReplicaId, SaleId, Scope, StoreNumber,
};
use tempfile::TempDir;

/// 2026-03-02 09:00 in Jinan.
pub const MORNING: Now = Now { wall_ms: 1_772_413_200_000, monotonic_ms: 1_000 };

pub const DAY_MS: u64 = 86_400_000;

/// More than any test writes.
pub const ALL: RunLimit = RunLimit { entries: 10_000, bytes: 64 * 1024 * 1024 };

/// The authority, and where the databases lie. Store 0 is the hub, 1000 another.
pub struct City {
    pub directory: TempDir,
    pub charter: Charter,
}

impl City {
    pub fn found() -> Self {
        let charter = Charter {
            scope: Scope { chain: "Qilu Pharmacy 齐鲁药房".into(), city: "Jinan 济南".into() },
            time_zone: "Asia/Shanghai".into(),
            card_prefix: 6688,
            authority: authority().verifying_key().to_bytes(),
        };
        Self { directory: TempDir::new().unwrap(), charter }
    }

    /// A city with its replicas from 0 on.
    pub fn of<const COUNT: usize>() -> (Self, [Store; COUNT]) {
        let city = Self::found();
        let stores = std::array::from_fn(|number| city.open(u32::try_from(number).unwrap()));
        (city, stores)
    }

    pub fn open(&self, number: u32) -> Store {
        self.open_with(number, Policy::KeepWhereEarned)
    }

    pub fn open_with(&self, number: u32, policy: Policy) -> Store {
        self.open_for(number, Settings { policy, ..Settings::default() })
    }

    pub fn open_for(&self, number: u32, settings: Settings) -> Store {
        let replica = Replica::open(&self.database(number), self.founding(number), settings).unwrap();
        Store { replica, path: self.database(number), now: MORNING }
    }

    pub fn founding(&self, number: u32) -> Founding {
        Founding { charter: self.charter.clone(), credential: self.credential(number), key: key_of(number) }
    }

    pub fn database(&self, number: u32) -> PathBuf {
        self.directory.path().join(format!("store-{number}.db"))
    }

    /// Nothing is wrong with these databases, by Purser's own check.
    pub fn assert_sound(&self, numbers: &[u32]) {
        for number in numbers {
            let scratch = self.directory.path().join("scratch.db");
            let verified = verify(&self.database(*number), &scratch).unwrap();
            assert_eq!(verified.findings, [], "store {number}");
        }
    }

    pub fn view(&self, number: u32) -> View {
        View::open(&self.database(number)).unwrap()
    }

    pub fn credential(&self, number: u32) -> SignedCredential {
        SignedCredential::issue(&authority(), &self.plain_credential(number))
    }

    pub fn plain_credential(&self, number: u32) -> Credential {
        Credential {
            scope: self.charter.scope.clone(),
            replica: id_of(number),
            role: if number.is_multiple_of(1000) { Role::Hub } else { Role::Store },
            store: StoreNumber(number),
            life: 0,
            name: format!("Store {number}"),
            public_key: key_of(number).verifying_key().to_bytes(),
            issued_ms: MORNING.wall_ms,
        }
    }
}

pub fn authority() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

pub fn id_of(number: u32) -> ReplicaId {
    let RequestId(id) = RequestId::of(format!("replica {number}").as_bytes());
    ReplicaId(id)
}

pub fn key_of(number: u32) -> SigningKey {
    let mut seed = [0x5e; 32];
    seed[..4].copy_from_slice(&number.to_be_bytes());
    SigningKey::from_bytes(&seed)
}

pub fn request(key: &str, body: &str) -> Request {
    Request { id: RequestId::of(key.as_bytes()), body: RequestId::of(body.as_bytes()) }
}

pub fn yuan(amount: i64) -> Fen {
    Fen(amount * 100)
}

pub fn basket(member: MemberId, check: &str, gross: Fen, redemption: Redemption) -> Basket {
    Basket {
        member,
        till: "1".into(),
        check: check.into(),
        gross,
        redemption,
        lines: Vec::new(),
        tenders: Tenders::default(),
        claimed_of: None,
    }
}

/// A replica at work, with its clock.
pub struct Store {
    pub replica: Replica,
    pub path: PathBuf,
    pub now: Now,
}

/// Receipt numbers, none given twice.
static CHECKS: AtomicU64 = AtomicU64::new(1);

impl Deref for Store {
    type Target = Replica;

    fn deref(&self) -> &Replica {
        &self.replica
    }
}

impl DerefMut for Store {
    fn deref_mut(&mut self) -> &mut Replica {
        &mut self.replica
    }
}

impl Store {
    /// Gives one order, in a transaction of its own.
    pub fn order(&mut self, order: &Order) -> Result<Reply, Refusal> {
        let mut transaction = self.replica.begin(self.now).unwrap();
        let answer = transaction.execute(order);
        let proof = transaction.commit().unwrap();
        answer.map(|reply| reply.release(&proof))
    }

    pub fn does(&mut self, undertaking: Undertaking) -> Result<Reply, Refusal> {
        self.order(&Order { request: None, undertaking })
    }

    /// The code with which an undertaking is refused.
    pub fn refuses(&mut self, undertaking: Undertaking) -> &'static str {
        self.does(undertaking).unwrap_err().code()
    }

    /// A commit with nothing to do: takes up offers, as every commit does.
    pub fn commit(&mut self) {
        let transaction = self.replica.begin(self.now).unwrap();
        let _proof = transaction.commit().unwrap();
    }

    pub fn tick(&mut self) {
        let mut transaction = self.replica.begin(self.now).unwrap();
        transaction.release_due_holds().unwrap();
        let _proof = transaction.commit().unwrap();
    }

    pub fn later(&mut self, ms: u64) {
        self.now.wall_ms += ms;
        self.now.monotonic_ms += ms;
    }

    pub fn register(&mut self, name: &str) -> MemberId {
        self.register_with_card(name, false).0
    }

    pub fn register_with_card(&mut self, name: &str, with_card: bool) -> (MemberId, Option<CardNumber>) {
        let edits = vec![field(Field::Name, name)];
        match self.does(Undertaking::Register { edits, with_card }).unwrap().outcome {
            Outcome::Member(member, card) => (member, card),
            other => panic!("{other:?}"),
        }
    }

    pub fn buys(&mut self, member: MemberId, gross: Fen, redemption: Redemption) -> Result<Reply, Refusal> {
        let check = CHECKS.fetch_add(1, Ordering::Relaxed).to_string();
        self.does(Undertaking::CheckOut(basket(member, &check, gross, redemption)))
    }

    /// Goods of so many yuan, which earn as many points.
    pub fn earns(&mut self, member: MemberId, points: i64) -> SaleId {
        self.sells(member, yuan(points), 0)
    }

    /// Goods of that value, partly paid by points.
    pub fn sells(&mut self, member: MemberId, gross: Fen, points: i64) -> SaleId {
        let redemption = if points == 0 { Redemption::None } else { Redemption::Points(points) };
        match self.buys(member, gross, redemption).unwrap().outcome {
            Outcome::Sale(sale, _) => sale,
            other => panic!("{other:?}"),
        }
    }

    pub fn takes_back(&mut self, sale: SaleId, gross: Fen) -> Result<Reply, Refusal> {
        let check = CHECKS.fetch_add(1, Ordering::Relaxed).to_string();
        self.does(Undertaking::TakeBack(TakeBack {
            sale,
            till: "1".into(),
            check,
            goods: GoodsBack::Gross(gross),
        }))
    }

    pub fn holds(&mut self, member: MemberId, points: i64, lasts_ms: u64) -> HoldId {
        match self.does(Undertaking::Hold { member, points, lasts_ms }).unwrap().outcome {
            Outcome::Held { hold, .. } => hold,
            other => panic!("{other:?}"),
        }
    }

    pub fn lends(&mut self, to: u32, member: MemberId, amount: i64) -> i64 {
        let undertaking = Undertaking::Lend { to: id_of(to), member, asset: Asset::Points, amount };
        self.does(undertaking).unwrap().lent()
    }

    /// All that the member has, as far as known here.
    pub fn points(&self, member: MemberId) -> i64 {
        self.replica.balance(member, Asset::Points, self.now).unwrap()
    }

    /// The member's points whose rights are here.
    pub fn here(&self, member: MemberId) -> i64 {
        self.rights(member, Asset::Points)
    }

    pub fn rights(&self, member: MemberId, asset: Asset) -> i64 {
        let rights = self.replica.rights_by_replica(member, asset).unwrap();
        rights.into_iter().find(|(replica, _)| *replica == self.replica.id()).map_or(0, |(_, sum)| sum)
    }

    pub fn digest(&self) -> Digest {
        self.replica.digest().unwrap()
    }

    pub fn known(&self, author: ReplicaId) -> u64 {
        self.replica.version_vector().of(author)
    }

    pub fn takes_in(&mut self, run: Run) -> Result<Intake, IntakeFault> {
        self.takes_in_from(id_of(0), run)
    }

    /// What `peer` tells.
    pub fn takes_in_from(&mut self, peer: ReplicaId, run: Run) -> Result<Intake, IntakeFault> {
        let mut transaction = self.replica.begin(self.now).unwrap();
        let taken = transaction.take_in(run, peer);
        let proof = transaction.commit().unwrap();
        taken.map(|intake| intake.release(&proof))
    }

    /// The journal of `author` after what `other` knows of it.
    pub fn run_for(&self, other: &Store, author: ReplicaId) -> Option<Run> {
        self.replica.run_after(author, other.known(author), ALL).unwrap()
    }

    /// Closes and opens again, with the clock where it was.
    pub fn reopened(self, city: &City, number: u32) -> Store {
        let now = self.now;
        drop(self.replica);
        Store { now, ..city.open(number) }
    }

    pub fn alarm_codes(&mut self) -> Vec<&'static str> {
        self.replica.take_alarms().iter().map(Alarm::code).collect()
    }
}

pub fn field(field: Field, value: &str) -> Edit {
    Edit::SetField { field, value: Some(value.to_owned()) }
}

/// Carries what `from` knows and `to` does not; whether there was anything.
pub fn tell(from: &Store, to: &mut Store) -> bool {
    let mut authors: Vec<ReplicaId> = from.authors().map(|author| author.credential.replica).collect();
    authors.sort_unstable();
    let mut told = false;
    authors.retain(|author| *author != to.id());
    for author in authors {
        if let Some(run) = from.run_for(to, author) {
            told |= to.takes_in(run).is_ok_and(|intake| intake.fresh > 0);
        }
    }
    told
}

/// Carries everything everywhere until all is quiet.
pub fn settle(stores: &mut [&mut Store]) {
    let mut rounds = 0;
    while round(stores) {
        rounds += 1;
        assert!(rounds < 50, "the city never comes to rest");
    }
}

/// Everybody tells where it listens, so that each knows the others: nobody gives rights to
/// somebody never heard of.
pub fn acquaint(stores: &mut [&mut Store]) {
    for store in stores.iter_mut() {
        store.does(Undertaking::Announce { address: "10.0.0.1:7000".into() }).unwrap();
    }
    settle(stores);
}

fn round(stores: &mut [&mut Store]) -> bool {
    let mut told = false;
    for from in 0..stores.len() {
        for to in 0..stores.len() {
            if from < to {
                let (head, tail) = stores.split_at_mut(to);
                told |= tell(head[from], tail[0]);
            } else if to < from {
                let (head, tail) = stores.split_at_mut(from);
                told |= tell(tail[0], head[to]);
            }
        }
    }
    told
}

pub fn assert_equal(stores: &[&Store]) {
    let digests: Vec<Digest> = stores.iter().map(|store| store.digest()).collect();
    assert!(digests.windows(2).all(|pair| pair[0] == pair[1]), "{digests:?}");
}

/// Folds all journals of a database into the ledger's own book: the oracle.
pub fn book(city: &City, number: u32) -> Book {
    let database = Database::open_reader(&city.database(number)).unwrap();
    let mut book = Book::default();
    for author in database.authors().unwrap() {
        for bytes in database.entries(author.number, 1, u64::MAX).unwrap() {
            let entry = purser_journal::Entry::from_bytes(&bytes).unwrap();
            let postings: Vec<Posting> = entry.facts.iter().flat_map(postings_of).copied().collect();
            for posting in postings {
                book.fold(entry.id(), &posting).unwrap();
            }
        }
    }
    book
}

fn postings_of(fact: &purser_journal::Fact) -> &[Posting] {
    match fact {
        purser_journal::Fact::Postings(postings) => postings,
        _ => &[],
    }
}
