//! The reading side: questions answered from a read connection beside the writer, as of its
//! last commit. Nothing here waits for the writer or for the network.

use std::{collections::HashMap, path::Path};

use purser_documents::{MemberDocument, Profile};
use purser_journal::{Charter, Entry, Fact, PassSoldFact, SaleFact, SignedCredential, from_cbor};
use purser_ledger::{Asset, Holding, Lot, Posting, balance, spendable_here};
use purser_programme::RuleId;
use purser_storage::{AuthorNumber, CardRow, Database, MemberRow, MovementRow, StorageError};
use purser_types::{
    BusinessDate, CardNumber, CityZone, Digest, HoldId, MemberId, ReplicaId, SaleId, StoreNumber,
};

use crate::{
    Refusal,
    fold::postings,
    holdings::{holdings, living_holdings},
    profiles::read_changes,
    programmes::Programmes,
    state::State,
};

/// A read connection, and the names of the authors known when it was opened or refreshed.
pub struct View {
    pub(crate) database: Database,
    pub(crate) charter: Charter,
    zone: CityZone,
    me: ReplicaId,
    pub(crate) my_number: AuthorNumber,
    pub(crate) authors: HashMap<AuthorNumber, (ReplicaId, StoreNumber)>,
    pub(crate) programmes: Programmes,
}

/// What a member has of one asset.
#[derive(Debug, Clone)]
pub struct Balance {
    /// All that the member can spend, as far as known here. Below zero after a return took
    /// back more than was left.
    pub balance: i64,
    /// What can be spent at this store now, also without a line.
    pub here: i64,
    /// What is set aside in holds, at any store.
    pub held: i64,
    /// What was spent in advance of rights, at any store, and is not settled. The balance is
    /// without it already.
    pub advanced: i64,
    /// Lot by lot, soonest expiry first, expired ones included.
    pub lots: Vec<Holding>,
}

/// One entry of a member's history.
#[derive(Debug, Clone)]
pub struct Movement {
    /// Where it stands in the history: give it to ask for what came before.
    pub place: MovementRow,
    /// Who wrote it, and the store it was written at.
    pub author: ReplicaId,
    /// The store.
    pub store: StoreNumber,
    /// The entry.
    pub entry: Entry,
    /// How it changed the member's points: (lot, change). Rights that moved between stores
    /// change nothing.
    pub changes: Vec<(Lot, i64)>,
}

/// A hold.
#[derive(Debug, Clone)]
pub struct HoldView {
    /// Whose points.
    pub member: MemberId,
    /// Where it was made.
    pub store: StoreNumber,
    /// What it set aside.
    pub points: i64,
    /// Until when, in milliseconds since 1970.
    pub deadline_ms: u64,
    /// What was captured, once it is settled.
    pub captured: Option<i64>,
}

impl View {
    /// Opens a read connection to the database of a replica.
    ///
    /// # Errors
    /// If the file is missing, damaged, or belongs to no replica yet.
    pub fn open(path: &Path) -> Result<Self, crate::ReplicaError> {
        let state = State::load(Database::open_reader(path)?)?;
        let authors = HashMap::new();
        let State { database, charter, zone, me, my_number, programmes, .. } = state;
        Ok(Self { database, charter, zone, me, my_number, authors, programmes })
    }

    /// The city's day at that time.
    pub fn date_at(&self, wall_ms: u64) -> BusinessDate {
        self.zone.date_at(wall_ms)
    }

    /// The hour and minute in the city at that time.
    pub fn time_of_day(&self, wall_ms: u64) -> (u32, u32) {
        self.zone.time_of_day(wall_ms)
    }

    /// The member who holds a card, and the card's state.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn card(&self, card: CardNumber) -> Result<Option<CardRow>, StorageError> {
        self.database.card(card)
    }

    /// One member, as far as members are found by it.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn member(&self, member: MemberId) -> Result<Option<MemberRow>, StorageError> {
        self.database.member(member)
    }

    /// A member's profile, conflicts included.
    ///
    /// # Errors
    /// [`Refusal::UnknownMember`], or whatever the database reports.
    pub fn profile(&mut self, member: MemberId) -> Result<Profile, Refusal> {
        if !self.database.has_member(member)? {
            return Err(Refusal::UnknownMember(member));
        }
        self.learn_authors()?;
        let changes = read_changes(&self.database, member, |number| self.named(number))?;
        let changes = changes.iter().map(|(author, change)| (*author, change.as_slice()));
        Ok(MemberDocument::from_changes(changes).profile())
    }

    /// What a member has of an asset.
    ///
    /// # Errors
    /// [`Refusal::UnknownMember`], or whatever the database reports.
    pub fn balance(
        &mut self,
        member: MemberId,
        asset: Asset,
        today: BusinessDate,
    ) -> Result<Balance, Refusal> {
        if !self.database.has_member(member)? {
            return Err(Refusal::UnknownMember(member));
        }
        let programme = self.programme_on(today)?;
        // Rights on their way stand in one table before a commit and in another after it.
        let read = |database: &Database| {
            let shares = database.shares(member, asset)?.into_iter();
            let advanced = shares.fold(0_i64, |sum, row| sum.saturating_add(row.share.advanced));
            let held = living_holdings(database, self.my_number, (member, asset), &programme)?;
            Ok::<_, StorageError>((advanced, held))
        };
        let (advanced, mut lots) = self.database.snapshot(read)?;
        lots.sort_by_key(Holding::order);
        Ok(Balance {
            balance: balance(&lots, today),
            here: spendable_here(&lots, today),
            held: lots.iter().fold(0_i64, |sum, holding| sum.saturating_add(holding.held)),
            advanced,
            lots,
        })
    }

    /// A member's history, latest first, what came before `before`, at most `limit`.
    ///
    /// # Errors
    /// [`Refusal::UnknownMember`], or whatever the database reports.
    pub fn history(
        &mut self,
        member: MemberId,
        before: Option<MovementRow>,
        limit: u32,
    ) -> Result<Vec<Movement>, Refusal> {
        if !self.database.has_member(member)? {
            return Err(Refusal::UnknownMember(member));
        }
        self.learn_authors()?;
        let kin = self.database.kin(member)?;
        let mut places = Vec::new();
        for member in &kin {
            places.extend(self.database.movements(*member, before, limit)?);
        }
        places.sort_unstable_by(|one, other| other.cmp(one));
        places.dedup();
        places.truncate(limit as usize);
        let movements = places.into_iter().map(|place| self.movement(&kin, place));
        Ok(movements.collect::<Result<Vec<_>, StorageError>>()?.into_iter().flatten().collect())
    }

    fn movement(&self, kin: &[MemberId], place: MovementRow) -> Result<Option<Movement>, StorageError> {
        let bytes = self.database.entry(place.author, place.seq)?;
        let entry = bytes.and_then(|bytes| Entry::from_bytes(&bytes).ok());
        let author = self.authors.get(&place.author).copied();
        let Some((entry, (author, store))) = entry.zip(author) else { return Ok(None) };
        let of_member = |posting: &&Posting| {
            let lot = posting.lot();
            kin.contains(&lot.member) && lot.asset == Asset::Points
        };
        let changes = postings(&entry).filter(of_member).filter_map(change).collect();
        Ok(Some(Movement { place, author, store, entry, changes }))
    }

    /// The sale, and the version of the programme that priced it.
    ///
    /// # Errors
    /// [`Refusal::UnknownSale`], or whatever the database reports.
    pub fn sale(&mut self, sale: SaleId) -> Result<(SaleFact, u32), Refusal> {
        let entry = self.created(sale)?.ok_or(Refusal::UnknownSale(sale))?;
        let version = entry.programme_version;
        let fact = entry.facts.into_iter().find_map(|fact| match fact {
            Fact::Sale(fact) => Some(fact),
            _ => None,
        });
        Ok((*fact.ok_or(Refusal::UnknownSale(sale))?, version))
    }

    /// The sale of a pass, if it is known here.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn pass_sale(&mut self, sale: SaleId) -> Result<Option<PassSoldFact>, Refusal> {
        let entry = self.created(sale)?;
        Ok(entry.into_iter().flat_map(|entry| entry.facts).find_map(|fact| match fact {
            Fact::PassSold(fact) => Some(fact),
            _ => None,
        }))
    }

    /// The entry at this store that used a till's receipt number.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn check(&mut self, till: &str, check: &str) -> Result<Option<Entry>, StorageError> {
        let Some((author, seq)) = self.database.check(till, check)? else { return Ok(None) };
        let bytes = self.database.counted_entry(author, seq)?;
        Ok(bytes.and_then(|bytes| Entry::from_bytes(&bytes).ok()))
    }

    /// What of a sale can still be returned, in fen: in all, and at this store now.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn refundable(&self, member: MemberId, sale: SaleId) -> Result<(i64, i64), StorageError> {
        let read = |database: &Database| holdings(database, self.my_number, member, Asset::Refundable(sale));
        let lots = self.database.snapshot(read)?;
        Ok(lots.first().map_or((0, 0), |lot| (lot.balance, lot.available_here)))
    }

    /// Pieces of a reward that lie in this store.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn stock(&self, reward: &RuleId) -> Result<i64, StorageError> {
        Ok(self.database.share(self.my_number, Lot::stock(reward.kind()))?.available)
    }

    /// One hold.
    ///
    /// # Errors
    /// [`Refusal::UnknownHold`], or whatever the database reports.
    pub fn hold(&mut self, hold: HoldId) -> Result<HoldView, Refusal> {
        self.learn_authors()?;
        let lines = self.database.hold(hold)?;
        let first = lines.first().ok_or(Refusal::UnknownHold(hold))?;
        Ok(HoldView {
            member: first.lot.member,
            store: self.authors.get(&first.author).map_or(StoreNumber(0), |(_, store)| *store),
            points: lines.iter().map(|line| line.amount).sum(),
            deadline_ms: first.deadline_ms,
            captured: lines.iter().map(|line| line.state.captured()).sum(),
        })
    }

    /// A hash of all that replicas with the same entries must agree on. Scans.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn digest(&self) -> Result<Digest, StorageError> {
        self.database.snapshot(Database::agreed_fingerprint)
    }

    /// Whose view this is.
    pub fn me(&self) -> ReplicaId {
        self.me
    }

    /// The number of the author of a sale, if it is known.
    pub(crate) fn numbered(&mut self, sale: SaleId) -> Result<Option<AuthorNumber>, StorageError> {
        self.learn_authors()?;
        let author = self.authors.iter().find(|(_, (replica, _))| Some(replica.tag()) == sale.tag());
        Ok(author.map(|(number, _)| *number))
    }

    pub(crate) fn created(&mut self, sale: SaleId) -> Result<Option<Entry>, StorageError> {
        let Some(number) = self.numbered(sale)? else { return Ok(None) };
        let bytes = self.database.counted_entry(number, sale.seq())?;
        Ok(bytes.and_then(|bytes| Entry::from_bytes(&bytes).ok()))
    }

    pub(crate) fn database(&self) -> &Database {
        &self.database
    }

    /// The store of an author.
    pub(crate) fn store_of(&mut self, replica: ReplicaId) -> Result<StoreNumber, StorageError> {
        self.learn_authors()?;
        let known = self.authors.values().find(|(of, _)| *of == replica);
        Ok(known.map_or(StoreNumber(0), |(_, store)| *store))
    }

    /// Who has a number here.
    pub(crate) fn author_named(&mut self, number: AuthorNumber) -> Result<Option<ReplicaId>, StorageError> {
        self.learn_authors()?;
        Ok(self.named(number))
    }

    /// The number that an author has here.
    pub(crate) fn number_of(&mut self, replica: ReplicaId) -> Result<Option<AuthorNumber>, StorageError> {
        self.learn_authors()?;
        Ok(self.authors.iter().find(|(_, (of, _))| *of == replica).map(|(number, _)| *number))
    }

    fn named(&self, number: AuthorNumber) -> Option<ReplicaId> {
        self.authors.get(&number).map(|(replica, _)| *replica)
    }

    /// Authors are few and only ever added: read them again when there may be more.
    pub(crate) fn learn_authors(&mut self) -> Result<(), StorageError> {
        if self.database.author_count()? == self.authors.len() {
            return Ok(());
        }
        for row in self.database.authors()? {
            let signed = from_cbor::<SignedCredential>("credential", &row.credential).ok();
            let credential = signed.and_then(|signed| signed.verify(&self.charter).ok());
            let store = credential.map_or(StoreNumber(0), |credential| credential.store);
            self.authors.insert(row.number, (row.replica, store));
        }
        Ok(())
    }
}

/// How a posting changes what its member owns.
fn change(posting: &Posting) -> Option<(Lot, i64)> {
    match *posting {
        Posting::Credit { lot, amount } => Some((lot, amount)),
        Posting::Debit { lot, amount }
        | Posting::Settle { lot, captured: amount, .. }
        | Posting::Clawback { lot, amount }
        | Posting::Advance { lot, amount } => Some((lot, -amount)).filter(|_| amount > 0),
        Posting::Hold { .. } | Posting::Offer { .. } | Posting::Accept { .. } => None,
    }
}
