use std::{
    collections::{BTreeSet, HashMap},
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use purser_journal::{Credential, Role, VersionVector};
use purser_programme::Programme;
use purser_replica::{Order, Outcome, Policy, Reply, Settings, Undertaking};
use purser_sync::{Engine, EngineSettings};
use purser_transport::{Applicant, Authority, Handle, Identity, Node, NodeSettings, SubmitError};
use purser_types::{CityZone, EntryId, ReplicaId, Scope, StoreNumber};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tokio::task::JoinSet;

use super::{replay_error::ReplayError, site::Site, virtual_clock::VirtualClock};

/// A hub and stores, each a node with its own database and its own endpoint, in one process.
pub(crate) struct City {
    /// The wall clock of all of them.
    pub(crate) clock: VirtualClock,
    hub: Branch,
    stores: Vec<Branch>,
    places: HashMap<ReplicaId, Site>,
    /// What nodes raised, but for clocks that seem wrong because time runs so fast here.
    alarms: Mutex<BTreeSet<String>>,
}

struct Branch {
    number: StoreNumber,
    replica: ReplicaId,
    node: Node,
    handle: Handle,
}

/// What a city is made of.
pub(crate) struct Plan<'p> {
    pub(crate) directory: &'p Path,
    pub(crate) stores: &'p [StoreNumber],
    pub(crate) begins_ms: u64,
    pub(crate) seed: u64,
    pub(crate) policy: Policy,
    pub(crate) rate: i64,
    pub(crate) gather_ms: u64,
}

/// Nodes that are started at once: each waits for its disk a few times.
const STARTED_AT_ONCE: usize = 8;
const CARD_PREFIX: u16 = 6688;

impl City {
    /// Starts the hub, enrols the stores with it, and starts them.
    pub(crate) async fn found(plan: &Plan<'_>) -> Result<Arc<Self>, ReplayError> {
        let mut chance = ChaCha8Rng::seed_from_u64(plan.seed);
        let mut seed = [0; 32];
        chance.fill_bytes(&mut seed);
        let scope = Scope { chain: "Replay".to_owned(), city: "Replay".to_owned() };
        let authority = Authority::found(scope, utc(), CARD_PREFIX, &seed)?;
        let clock = VirtualClock::new(plan.begins_ms);
        let hub = identity(&authority, &mut chance, StoreNumber(0), plan.begins_ms)?;
        let hub = Branch::open(settings(plan, &clock, hub, None)).await?;
        let mut enrolled = Vec::new();
        for number in plan.stores {
            let store = identity(&authority, &mut chance, *number, plan.begins_ms)?;
            enrol(&hub, &store).await?;
            enrolled.push(settings(plan, &clock, store, Some(hub.node.address())));
        }
        let stores = open_all(enrolled).await?;
        let numbered = stores.iter().enumerate().map(|(place, store)| (store.replica, Site::Store(place)));
        let places = numbered.chain([(hub.replica, Site::Hub)]).collect();
        Ok(Arc::new(Self { clock, hub, stores, places, alarms: Mutex::default() }))
    }

    /// The sites, the hub first.
    pub(crate) fn sites(&self) -> impl Iterator<Item = Site> + use<> {
        std::iter::once(Site::Hub).chain((0..self.stores.len()).map(Site::Store))
    }

    /// How a site is called.
    pub(crate) fn name(&self, site: Site) -> String {
        match site {
            Site::Hub => "hub".to_owned(),
            Site::Store(_) => format!("store {}", self.branch(site).number),
        }
    }

    /// The number of a site's shop; 0 for the hub.
    pub(crate) fn number(&self, site: Site) -> StoreNumber {
        self.branch(site).number
    }

    /// The site of a replica.
    pub(crate) fn site_of(&self, replica: ReplicaId) -> Option<Site> {
        self.places.get(&replica).copied()
    }

    pub(crate) fn replica(&self, site: Site) -> ReplicaId {
        self.branch(site).replica
    }

    pub(crate) fn handle(&self, site: Site) -> &Handle {
        &self.branch(site).handle
    }

    /// Reads from a site's engine.
    pub(crate) async fn look<T: Send + 'static>(
        &self,
        site: Site,
        read: impl FnOnce(&Engine) -> T + Send + 'static,
    ) -> Result<T, ReplayError> {
        let looked = self.handle(site).inspect(read).await;
        looked.map_err(|source| self.refused(site, "a question about its state", source))
    }

    /// How far a site knows each journal.
    pub(crate) async fn version_vector(&self, site: Site) -> Result<VersionVector, ReplayError> {
        self.look(site, |engine| engine.replica().version_vector()).await
    }

    /// The last entry of a site's own journal.
    pub(crate) async fn head(&self, site: Site) -> Result<EntryId, ReplayError> {
        let replica = self.replica(site);
        let seq = self.look(site, |engine| engine.replica().me().head.seq).await?;
        Ok(EntryId { replica, seq })
    }

    /// Has a site carry out an order that nothing stands against.
    pub(crate) async fn submit(&self, site: Site, what: &str, order: Order) -> Result<Reply, ReplayError> {
        let submitted = self.handle(site).submit(order).await;
        submitted.map_err(|source| self.refused(site, what, source))
    }

    pub(crate) fn refused(&self, site: Site, what: &str, source: SubmitError) -> ReplayError {
        ReplayError::Refused { site: self.name(site), what: what.to_owned(), source }
    }

    /// Cuts a site's line, or lets it be used again.
    pub(crate) fn set_line(&self, site: Site, up: bool) {
        self.branch(site).node.set_line(up);
    }

    /// Takes note of a site's alarms; a node keeps its latest hundred only.
    pub(crate) fn note_alarms(&self, site: Site) {
        let raised = self.handle(site).recent_alarms().into_iter();
        let real = raised.filter(|alarm| alarm.code != EXPECTED_ALARM);
        let mut alarms = self.alarms.lock().unwrap_or_else(PoisonError::into_inner);
        let name = self.name(site);
        alarms.extend(real.map(|alarm| format!("{name}: {} ({})", alarm.message, alarm.code)));
    }

    /// The alarms noted.
    pub(crate) fn alarms(&self) -> Vec<String> {
        self.alarms.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// Bytes of frames that all nodes have sent.
    pub(crate) fn bytes_sent(&self) -> u64 {
        self.sites().map(|site| self.handle(site).counters().bytes_out).sum()
    }

    /// Turns of all engines: at most one commit each.
    pub(crate) fn turns(&self) -> u64 {
        self.sites().map(|site| self.handle(site).counters().turns).sum()
    }

    /// Stops all nodes.
    pub(crate) async fn stop(self) {
        let mut stopping = JoinSet::new();
        for branch in self.stores.into_iter().chain([self.hub]) {
            stopping.spawn(branch.node.stop());
        }
        while stopping.join_next().await.is_some() {}
    }

    fn branch(&self, site: Site) -> &Branch {
        match site {
            Site::Hub => &self.hub,
            Site::Store(place) => &self.stores[place],
        }
    }
}

/// Two nodes read the one clock at different moments, hours apart by the history.
const EXPECTED_ALARM: &str = "alarm_clock_skew";

impl Branch {
    async fn open(settings: NodeSettings) -> Result<Self, ReplayError> {
        let (number, replica) = (settings.identity.credential.store, settings.identity.replica);
        let site = settings.identity.credential.name.clone();
        let started = Node::start(settings).await;
        let node = started.map_err(|source| ReplayError::Node { site, source })?;
        let handle = node.handle();
        Ok(Self { number, replica, node, handle })
    }
}

async fn open_all(settings: Vec<NodeSettings>) -> Result<Vec<Branch>, ReplayError> {
    let mut waiting = settings.into_iter();
    let mut opening = JoinSet::new();
    let mut stores = Vec::new();
    loop {
        while opening.len() < STARTED_AT_ONCE
            && let Some(settings) = waiting.next()
        {
            opening.spawn(Branch::open(settings));
        }
        match opening.join_next().await {
            Some(opened) => stores.push(opened??),
            None => break,
        }
    }
    stores.sort_by_key(|store| store.number);
    Ok(stores)
}

fn settings(
    plan: &Plan<'_>,
    clock: &VirtualClock,
    identity: Identity,
    hub: Option<SocketAddr>,
) -> NodeSettings {
    NodeSettings {
        database: database(plan.directory, identity.credential.store),
        identity,
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        advertise: None,
        hubs: hub.iter().map(SocketAddr::to_string).collect(),
        stores: Vec::new(),
        authority: None,
        replica: Settings {
            programme: Arc::new(Programme::basic_with(u32::try_from(plan.rate).unwrap_or(1))),
            policy: plan.policy,
        },
        engine: EngineSettings { gather_ms: plan.gather_ms },
        clock: clock.of_node(),
    }
}

fn database(directory: &Path, store: StoreNumber) -> PathBuf {
    directory.join(if store.0 == 0 { "hub.db".to_owned() } else { format!("store-{store}.db") })
}

fn identity(
    authority: &Authority,
    chance: &mut ChaCha8Rng,
    store: StoreNumber,
    issued_ms: u64,
) -> Result<Identity, ReplayError> {
    let mut entropy = [0; 48];
    chance.fill_bytes(&mut entropy);
    let applicant = Applicant::new(&entropy);
    let is_hub = store.0 == 0;
    let papers = authority.issue(&Credential {
        scope: authority.charter().scope.clone(),
        replica: applicant.replica,
        role: if is_hub { Role::Hub } else { Role::Store },
        store,
        life: 0,
        name: if is_hub { "hub".to_owned() } else { format!("store {store}") },
        public_key: applicant.public_key(),
        issued_ms,
    })?;
    Ok(Identity::new(applicant, papers, &authority.public_key())?)
}

async fn enrol(hub: &Branch, store: &Identity) -> Result<(), ReplayError> {
    let credential = store.papers.credential.clone();
    let mut invitation = [0; 16];
    invitation[..4].copy_from_slice(&store.credential.store.0.to_be_bytes());
    let what = format!("the enrolment of {}", store.credential.name);
    let undertaking = Undertaking::Enrol { credential, invitation };
    match hub.handle.submit(Order { request: None, undertaking }).await {
        Ok(Reply { outcome: Outcome::Enrolled(_), .. }) => Ok(()),
        Ok(_) => Err(ReplayError::Strange { site: "hub".to_owned(), what }),
        Err(source) => Err(ReplayError::Refused { site: "hub".to_owned(), what, source }),
    }
}

/// The history's times are UTC, and so are the city's days.
fn utc() -> CityZone {
    match "UTC".parse() {
        Ok(zone) => zone,
        Err(error) => unreachable!("UTC is a time zone: {error}"),
    }
}
