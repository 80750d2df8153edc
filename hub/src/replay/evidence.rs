//! What the replicas say at the end, read from all of them.

use std::{collections::BTreeMap, sync::Arc, thread::available_parallelism};

use purser_journal::{Entry, Fact};
use purser_ledger::{Asset, Posting, Totals};
use purser_replica::{ReplicaError, View};
use purser_storage::{Database, Figures, StorageError};
use purser_types::{Digest, MemberId, ReplicaId};
use rand::{SeedableRng, seq::IteratorRandom};
use rand_chacha::ChaCha8Rng;
use tokio::task::JoinSet;

use super::{city::City, replay_error::ReplayError, site::Site};

/// What the replicas say.
pub(crate) struct Evidence {
    /// Sums over the sales, and the digest, of every replica by its name.
    pub(crate) replicas: BTreeMap<String, (Figures, Digest)>,
    /// By replica: the balance of each member. The hub's, and those of a few stores.
    pub(crate) balances: BTreeMap<String, Vec<i64>>,
    /// The running sums of every author, as the hub knows them.
    pub(crate) totals: Vec<(ReplicaId, u8, Totals)>,
    /// The members' points by who holds the rights, as the hub knows them.
    pub(crate) rights: BTreeMap<ReplicaId, i64>,
    /// What stands in the journals, as the hub knows them.
    pub(crate) journals: Journals,
}

/// Counts over all journals.
#[derive(Debug, Default)]
pub(crate) struct Journals {
    pub(crate) entries: u64,
    pub(crate) bytes: u64,
    /// Offer lines of points, and how many points they moved.
    pub(crate) offers: u64,
    pub(crate) points_offered: i64,
}

/// Stores at which every balance is looked at.
const STORES_LOOKED_AT: usize = 5;

impl Evidence {
    /// Asks all replicas.
    pub(crate) async fn gather(
        city: &Arc<City>,
        members: &[MemberId],
        seed: u64,
    ) -> Result<Self, ReplayError> {
        let mut chance = ChaCha8Rng::seed_from_u64(seed);
        let looked_at = city.sites().skip(1).sample(&mut chance, STORES_LOOKED_AT);
        let mut balances = BTreeMap::new();
        for site in looked_at.into_iter().chain([Site::Hub]) {
            balances.insert(city.name(site), balances_at(city, site, members).await?);
        }
        let of_hub = |source| ReplayError::Database { site: city.name(Site::Hub), source };
        let totals = city.look(Site::Hub, |engine| engine.replica().totals()).await?.map_err(of_hub)?;
        let rights = rights(city, members).await?;
        let journals = journals(city).await?;
        let replicas = sums_and_digests(city).await?;
        Ok(Self { replicas, balances, totals, rights, journals })
    }
}

async fn balances_at(city: &City, site: Site, members: &[MemberId]) -> Result<Vec<i64>, ReplayError> {
    let (members, now) = (members.to_vec(), city.handle(site).now());
    let balances = city.look(site, move |engine| {
        let balance = |member: &MemberId| engine.replica().balance(*member, Asset::Points, now);
        members.iter().map(balance).collect::<Result<Vec<i64>, StorageError>>()
    });
    balances.await?.map_err(|source| ReplayError::Database { site: city.name(site), source })
}

async fn rights(city: &City, members: &[MemberId]) -> Result<BTreeMap<ReplicaId, i64>, ReplayError> {
    let members = members.to_vec();
    let rights = city.look(Site::Hub, move |engine| {
        let mut sums: BTreeMap<ReplicaId, i64> = BTreeMap::new();
        for member in members {
            for (replica, points) in engine.replica().rights_by_replica(member, Asset::Points)? {
                *sums.entry(replica).or_default() += points;
            }
        }
        Ok(sums)
    });
    rights.await?.map_err(|source| ReplayError::Database { site: city.name(Site::Hub), source })
}

/// Reads the files of all replicas, as many at once as there are processors.
async fn sums_and_digests(city: &Arc<City>) -> Result<BTreeMap<String, (Figures, Digest)>, ReplayError> {
    let at_once = available_parallelism().map_or(2, usize::from);
    let (mut waiting, mut reading) = (city.sites(), JoinSet::new());
    let mut replicas = BTreeMap::new();
    loop {
        while reading.len() < at_once
            && let Some(site) = waiting.next()
        {
            let path = city.handle(site).database().to_owned();
            reading.spawn_blocking(move || {
                let read = View::open(&path).and_then(|view| {
                    let sums = view.figures_of_all().map_err(ReplicaError::from)?;
                    Ok((sums, view.digest()?))
                });
                (site, read)
            });
        }
        let Some(read) = reading.join_next().await else { return Ok(replicas) };
        let (site, read) = read?;
        let read = read.map_err(|source| ReplayError::View { site: city.name(site), source })?;
        replicas.insert(city.name(site), read);
    }
}

/// Walks all journals of the hub.
async fn journals(city: &City) -> Result<Journals, ReplayError> {
    let path = city.handle(Site::Hub).database().to_owned();
    let walk = move || {
        let database = Database::open_reader(&path)?;
        let mut counts = Journals::default();
        for author in database.authors()? {
            database.each_entry(author.number, 0, |_, bytes| {
                let entry = Entry::from_bytes(bytes).map_err(|_| StorageError::Implausible("an entry"))?;
                counts.entries += 1;
                counts.bytes += bytes.len() as u64;
                entry.facts.iter().for_each(|fact| counts.add(fact));
                Ok::<_, StorageError>(())
            })?;
        }
        Ok(counts)
    };
    let walked = tokio::task::spawn_blocking(walk).await?;
    walked.map_err(|source| ReplayError::Database { site: city.name(Site::Hub), source })
}

impl Journals {
    fn add(&mut self, fact: &Fact) {
        let Fact::Postings(postings) = fact else { return };
        for posting in postings {
            if let Posting::Offer { lot, amount, .. } = posting
                && lot.asset == Asset::Points
            {
                self.offers += 1;
                self.points_offered += amount;
            }
        }
    }
}
