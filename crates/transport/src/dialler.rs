//! Opens links: to the hubs for as long as the line is up, to neighbours while no hub is there,
//! and to whoever holds rights that a till waits for.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use purser_journal::Role;
use purser_types::ReplicaId;
use quinn::{ClientConfig, Connection, Endpoint};
use rand::{RngExt, seq::IteratorRandom};
use tokio::{
    net::lookup_host,
    sync::{Semaphore, mpsc, watch},
    task::JoinHandle,
    time::{sleep, timeout},
};

use crate::{HUB_SERVER_NAME, Handle, link, links::Links, peer_identity, server_name};

/// Which kind of replica a link leads to, as far as the one who opened it knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Towards {
    /// A hub: dialled under the name that only hubs bear.
    Hub,
    /// Anybody else.
    Neighbour,
}

/// What all dialling shares.
#[derive(Clone)]
pub(crate) struct Dialler {
    pub(crate) handle: Handle,
    pub(crate) endpoint: Endpoint,
    pub(crate) config: ClientConfig,
    pub(crate) links: Arc<Links>,
    pub(crate) inbound: Arc<Semaphore>,
    /// Whether the line may be used: an operator, or a replay, can cut it.
    pub(crate) line: watch::Receiver<bool>,
}

const CONNECT_PATIENCE: Duration = Duration::from_secs(5);
/// Back-off between attempts at a hub: jitter up to a bound that doubles, so that a city
/// that lost its hub does not come back all at once.
const BACK_OFF_FIRST_MS: u64 = 250;
const BACK_OFF_MOST_MS: u64 = 15_000;
/// A link that lasted so long begins the back-off anew. One that the hub closes at once does not.
const LASTING: Duration = Duration::from_secs(10);
/// How often the neighbourhood is looked at, and how many neighbours stand in for a hub.
const NEIGHBOURHOOD: Duration = Duration::from_secs(2);
const NEIGHBOURS: usize = 3;

impl Dialler {
    /// Keeps a link to the hub at `address`.
    pub(crate) async fn keep_hub(mut self, address: String) {
        let mut bound_ms = BACK_OFF_FIRST_MS;
        loop {
            until(&mut self.line, true).await;
            match self.connect(&address, HUB_SERVER_NAME).await {
                Ok(connection) => {
                    let opened = Instant::now();
                    self.serve(connection, Towards::Hub).await;
                    if opened.elapsed() >= LASTING || !*self.line.borrow() {
                        bound_ms = BACK_OFF_FIRST_MS;
                    }
                }
                Err(error) => tracing::debug!(%address, %error, "no link to the hub"),
            }
            let pause_ms = rand::rng().random_range(BACK_OFF_FIRST_MS / 2..=bound_ms);
            bound_ms = (bound_ms * 2).min(BACK_OFF_MOST_MS);
            sleep(Duration::from_millis(pause_ms)).await;
        }
    }

    /// Keeps links to a few neighbours while no hub is linked.
    pub(crate) async fn keep_neighbours(self) {
        let mut without_hub = 0;
        loop {
            sleep(NEIGHBOURHOOD).await;
            let line_up = *self.line.borrow();
            without_hub = if self.links.hubs() == 0 && line_up { without_hub + 1 } else { 0 };
            // One look without a hub may be a reconnect; from the second on it counts.
            if without_hub < 2 || self.links.count() >= NEIGHBOURS {
                continue;
            }
            for (replica, address) in self.some_neighbours(NEIGHBOURS).await {
                tokio::spawn(self.clone().visit(replica, address));
            }
        }
    }

    /// Keeps a link to a store for as long as there are few others.
    pub(crate) async fn keep_store(self, store: ReplicaId, address: String) {
        loop {
            sleep(NEIGHBOURHOOD).await;
            if *self.line.borrow() && self.links.count() < NEIGHBOURS {
                self.clone().visit(store, address.clone()).await;
            }
        }
    }

    /// Keeps links to all hubs that the journals tell of: one that came later, or that was rebuilt
    /// elsewhere, stands in nobody's configuration. Of two hubs the one with the greater id dials.
    pub(crate) async fn keep_known_hubs(self, me: ReplicaId) {
        let mut kept: HashMap<ReplicaId, JoinHandle<()>> = HashMap::new();
        loop {
            sleep(NEIGHBOURHOOD).await;
            kept.retain(|_, keeping| !keeping.is_finished());
            let is_hub =
                self.handle.inspect(|engine| engine.replica().me().credential.role == Role::Hub).await;
            let Ok(is_hub) = is_hub else { continue };
            for (hub, _) in self.known_hubs().await {
                if !kept.contains_key(&hub) && (!is_hub || me > hub) {
                    kept.insert(hub, tokio::spawn(self.clone().keep_known_hub(hub)));
                }
            }
        }
    }

    /// Keeps a link to a hub where its journal says that it listens, until it is put out.
    async fn keep_known_hub(mut self, hub: ReplicaId) {
        let mut bound_ms = BACK_OFF_FIRST_MS;
        loop {
            until(&mut self.line, true).await;
            let Some((_, address)) = self.known_hubs().await.into_iter().find(|(of, _)| *of == hub) else {
                return;
            };
            if self.links.has(hub) {
                sleep(NEIGHBOURHOOD).await;
                continue;
            }
            match self.connect(&address, &server_name(hub)).await {
                Ok(connection) => {
                    bound_ms = BACK_OFF_FIRST_MS;
                    self.serve(connection, Towards::Hub).await;
                }
                Err(error) => tracing::debug!(%address, %error, "no link to a hub that the journals tell of"),
            }
            let pause_ms = rand::rng().random_range(BACK_OFF_FIRST_MS / 2..=bound_ms);
            bound_ms = (bound_ms * 2).min(BACK_OFF_MOST_MS);
            sleep(Duration::from_millis(pause_ms)).await;
        }
    }

    /// Opens links to replicas as they are asked for.
    pub(crate) async fn serve_requests(self, mut requests: mpsc::UnboundedReceiver<ReplicaId>) {
        while let Some(replica) = requests.recv().await {
            let addresses = self.neighbours().await;
            let address = addresses.into_iter().find(|(of, _)| *of == replica);
            if let Some((replica, address)) = address.filter(|_| *self.line.borrow()) {
                tokio::spawn(self.clone().visit(replica, address));
            }
        }
    }

    async fn visit(self, replica: ReplicaId, address: String) {
        if self.links.has(replica) {
            return;
        }
        match self.connect(&address, &server_name(replica)).await {
            Ok(connection) => {
                let links = Arc::clone(&self.links);
                let served = self.serve(connection.clone(), Towards::Neighbour);
                tokio::pin!(served);
                tokio::select! {
                    () = &mut served => {}
                    () = hub_is_back(&links) => {
                        connection.close(quinn::VarInt::from_u32(6), b"a hub is back");
                        served.await;
                    }
                }
            }
            Err(error) => tracing::debug!(%address, %error, "no link to a neighbour"),
        }
    }

    /// Runs a link until it is gone, or the line is cut.
    pub(crate) async fn serve(&self, connection: Connection, towards: Towards) {
        let Ok(peer) = peer_identity(&connection) else {
            connection.close(quinn::VarInt::from_u32(1), b"who are you?");
            return;
        };
        let id = self.links.open(peer.replica, towards);
        let mut line = self.line.clone();
        let served =
            link::serve(self.handle.clone(), connection.clone(), peer.replica, id, Arc::clone(&self.inbound));
        tokio::pin!(served);
        tokio::select! {
            () = &mut served => {}
            () = until(&mut line, false) => {
                connection.close(quinn::VarInt::from_u32(4), b"line cut");
                served.await;
            }
        }
        self.links.close(id);
    }

    async fn connect(&self, address: &str, name: &str) -> Result<Connection, DialError> {
        let addresses: Vec<SocketAddr> = lookup_host(address).await?.collect();
        let mut failure = DialError::NoAddress;
        for address in addresses {
            let connecting = self.endpoint.connect_with(self.config.clone(), address, name)?;
            match timeout(CONNECT_PATIENCE, connecting).await {
                Ok(Ok(connection)) => return Ok(connection),
                Ok(Err(error)) => failure = error.into(),
                Err(_) => failure = DialError::NoAnswer,
            }
        }
        Err(failure)
    }

    async fn some_neighbours(&self, count: usize) -> Vec<(ReplicaId, String)> {
        let neighbours = self.neighbours().await;
        let linked = |replica: &ReplicaId| self.links.has(*replica);
        let unlinked = neighbours.into_iter().filter(|(replica, _)| !linked(replica));
        unlinked.sample(&mut rand::rng(), count)
    }

    /// Stores of the directory that say where they listen.
    async fn neighbours(&self) -> Vec<(ReplicaId, String)> {
        self.listed(Role::Store).await
    }

    /// Hubs of the directory that say where they listen.
    async fn known_hubs(&self) -> Vec<(ReplicaId, String)> {
        self.listed(Role::Hub).await
    }

    async fn listed(&self, wanted: Role) -> Vec<(ReplicaId, String)> {
        let directory = self.handle.inspect(|engine| engine.replica().neighbours()).await;
        let rows = directory.ok().and_then(Result::ok).unwrap_or_default();
        let of_role = rows.into_iter().filter(|(_, role, _)| *role == wanted);
        of_role.filter_map(|(replica, _, address)| Some((replica, address?))).collect()
    }
}

/// Waits until a hub has been linked for two looks.
async fn hub_is_back(links: &Links) {
    let mut looks = 0;
    while looks < 2 {
        sleep(NEIGHBOURHOOD).await;
        looks = if links.hubs() > 0 { looks + 1 } else { 0 };
    }
}

/// Waits until the line is up (or cut). For ever, if nobody is left to change it.
async fn until(line: &mut watch::Receiver<bool>, up: bool) {
    if line.wait_for(|now| *now == up).await.map(drop).is_err() {
        std::future::pending::<()>().await;
    }
}

/// Why a connection was not made.
#[derive(Debug, thiserror::Error)]
enum DialError {
    #[error("its name cannot be looked up: {0}")]
    Name(#[from] std::io::Error),
    #[error("its name has no address")]
    NoAddress,
    #[error(transparent)]
    Connect(#[from] quinn::ConnectError),
    #[error(transparent)]
    Connection(#[from] quinn::ConnectionError),
    #[error("no answer")]
    NoAnswer,
}
