use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, Mutex},
    thread::JoinHandle,
    time::Duration,
};

use purser_replica::{Finding, Founding, Order, Replica, ReplicaError, Settings, Undertaking};
use purser_sync::{Engine, EngineSettings};
use purser_types::{Coded, ReplicaId};
use quinn::{Endpoint, VarInt};
use tokio::{
    sync::{Semaphore, mpsc, watch},
    task::JoinSet,
};

use crate::{
    Arrival, Authority, Clock, Handle, Identity, SubmitError, TlsError, admit, client_config,
    dialler::{Dialler, Towards},
    handle::Shared,
    link::INBOUND_KIB,
    links::Links,
    own_address::own_address,
    registrar::Registrar,
    serve_enrolment, server_config,
    witness::{Witness, WitnessFault},
    writer::{Message, Writer},
};

/// How a node runs.
pub struct NodeSettings {
    /// The database file; made if there is none.
    pub database: PathBuf,
    /// Who the node is.
    pub identity: Identity,
    /// Where it listens for other replicas (UDP).
    pub listen: SocketAddr,
    /// What it tells the others about where it listens: `host:port`. `None` for what it listens on,
    /// with the address that leads to a hub if it listens on every interface.
    pub advertise: Option<String>,
    /// The hubs to stay linked to: `host:port`.
    pub hubs: Vec<String>,
    /// Stores to be linked to while nobody else is: `host:port` of each.
    pub stores: Vec<(ReplicaId, String)>,
    /// The chain's authority: with it, the node lets shops join.
    pub authority: Option<Authority>,
    /// What the chain has chosen.
    pub replica: Settings,
    /// What the operator has chosen.
    pub engine: EngineSettings,
    /// The node's clocks.
    pub clock: Clock,
}

/// A running node. Stops when told to; dropped, it stops as a crash would.
pub struct Node {
    handle: Handle,
    address: SocketAddr,
    endpoint: Endpoint,
    line: watch::Sender<bool>,
    tasks: JoinSet<()>,
    writer: Option<JoinHandle<()>>,
    fatal: mpsc::UnboundedReceiver<String>,
}

/// Why a node does not start.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// The replica cannot be opened.
    #[error(transparent)]
    Replica(#[from] ReplicaError),
    /// The database is not the newest.
    #[error(transparent)]
    Witness(#[from] WitnessFault),
    /// The database holds what cannot be.
    #[error(
        "{}: {finding}; `verify` tells more: where a table differs, `rebuild` mends it, else restore the newest backup \
         as a new replica: join again",
        database.display()
    )]
    Damaged {
        /// The database.
        database: PathBuf,
        /// What is wrong with it.
        finding: Finding,
    },
    /// TLS cannot be set up.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The address cannot be listened on.
    #[error("cannot listen on {address} for other replicas: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The writer thread cannot be started.
    #[error("cannot start the writer: {0}")]
    Thread(std::io::Error),
    /// The node refuses to tell where it listens.
    #[error("cannot announce where this node listens: {0}")]
    Announce(#[from] SubmitError),
}

impl Coded for NodeError {
    fn code(&self) -> &'static str {
        match self {
            NodeError::Replica(error) => error.code(),
            NodeError::Witness(fault) => fault.code(),
            NodeError::Damaged { .. } => "database_damaged",
            NodeError::Tls(error) => error.code(),
            NodeError::Listen { .. } => "cannot_listen",
            NodeError::Thread(_) => "cannot_start_thread",
            NodeError::Announce(error) => error.code(),
        }
    }
}

/// Orders that may wait at once.
const ORDERS_WAITING: usize = 2_048;
/// Connections that may be open or opening at once: more than two cities' worth.
const CONNECTIONS_MAX: usize = 1_024;
const SHUT_DOWN: VarInt = VarInt::from_u32(0);

impl Node {
    /// Starts a node: opens its database, listens, and links up. Needs a tokio runtime.
    ///
    /// # Errors
    /// What keeps it from starting.
    pub async fn start(settings: NodeSettings) -> Result<Self, NodeError> {
        let NodeSettings {
            database,
            identity,
            listen,
            advertise,
            hubs,
            stores,
            authority,
            replica,
            engine,
            clock,
        } = settings;
        let (server, client) = (server_config(&identity)?, client_config(&identity)?);
        let me = identity.replica;
        let founding = Founding {
            charter: identity.charter.clone(),
            credential: identity.papers.credential.clone(),
            key: identity.key.clone(),
        };
        let mut witness = Witness::of(&database, me)?;
        let opened = Replica::open(&database, founding, replica)?;
        witness.confront(&opened)?;
        if let Some(finding) = opened.self_check().map_err(ReplicaError::from)?.into_iter().next() {
            return Err(NodeError::Damaged { database, finding });
        }
        let endpoint = Endpoint::server(server, listen)
            .map_err(|source| NodeError::Listen { address: listen, source })?;
        let address =
            endpoint.local_addr().map_err(|source| NodeError::Listen { address: listen, source })?;

        let (inbox, messages) = std::sync::mpsc::channel();
        let (dial, dials) = mpsc::unbounded_channel();
        let (tell_fatal, fatal) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared {
            inbox,
            orders: Arc::new(Semaphore::new(ORDERS_WAITING)),
            clock,
            database,
            tally: crate::handle::Tally::default(),
            alarms: Mutex::default(),
        });
        let handle = Handle { shared: Arc::clone(&shared) };
        let writer = Writer::new(Engine::new(opened, engine), witness, messages, shared, dial, tell_fatal);
        let thread = std::thread::Builder::new().name(format!("writer-{}", me.short()));
        let writer = thread.spawn(move || writer.run()).map_err(NodeError::Thread)?;

        let (line, line_seen) = watch::channel(true);
        let dialler = Dialler {
            handle: handle.clone(),
            endpoint: endpoint.clone(),
            config: client,
            links: Arc::new(Links::default()),
            inbound: Arc::new(Semaphore::new(INBOUND_KIB)),
            line: line_seen,
        };
        let registrar = authority.map(|authority| Registrar::new(authority, handle.clone(), me));
        let tasks = keep_links(dialler, registrar, me, &hubs, stores, dials);
        let node = Self { handle, address, endpoint, line, tasks, writer: Some(writer), fatal };
        let advertise = match advertise {
            Some(address) => Some(address),
            None => own_address(address, &hubs).await.map(|address| address.to_string()),
        };
        if let Some(address) = advertise {
            node.announce(me, address).await?;
        } else {
            tracing::warn!("neighbours are not told where this node listens: set [link] advertise");
        }
        Ok(node)
    }

    /// How others talk to the node.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Where it listens for other replicas.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Cuts the line, or lets it be used again: an outage on purpose. While it is cut no
    /// connection is open, made or taken.
    pub fn set_line(&self, up: bool) {
        self.line.send_replace(up);
    }

    /// Waits until the node can work no more; says why.
    pub async fn failed(&mut self) -> String {
        match self.fatal.recv().await {
            Some(reason) => reason,
            None => "the writer has ended".to_owned(),
        }
    }

    /// Stops: closes all connections, waits until the writer has ended.
    pub async fn stop(mut self) {
        self.endpoint.close(SHUT_DOWN, b"shutting down");
        self.tasks.shutdown().await;
        // The writer may have ended by itself.
        let _ = self.handle.send(Message::Stop);
        if let Some(writer) = self.writer.take() {
            let joined = tokio::task::spawn_blocking(move || writer.join()).await;
            if !matches!(joined, Ok(Ok(()))) {
                tracing::error!("the writer ended in a panic");
            }
        }
        let _ = tokio::time::timeout(Duration::from_secs(1), self.endpoint.wait_idle()).await;
    }

    /// Tells the others where this node listens, if that has changed.
    async fn announce(&self, me: ReplicaId, address: String) -> Result<(), SubmitError> {
        let known = self.handle.inspect(move |engine| engine.replica().address_of(me)).await?;
        let stopped = self.handle.inspect(|engine| engine.replica().stopped()).await?;
        if known.ok().flatten().as_deref() != Some(address.as_str()) && stopped.is_none() {
            let undertaking = Undertaking::Announce { address };
            self.handle.submit(Order { request: None, undertaking }).await?;
        }
        Ok(())
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.handle.send(Message::Stop);
    }
}

/// Starts whatever opens and takes links.
fn keep_links(
    dialler: Dialler,
    registrar: Option<Arc<Registrar>>,
    me: ReplicaId,
    hubs: &[String],
    stores: Vec<(ReplicaId, String)>,
    dials: mpsc::UnboundedReceiver<ReplicaId>,
) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    for hub in hubs {
        tasks.spawn(dialler.clone().keep_hub(hub.clone()));
    }
    for (store, address) in stores {
        tasks.spawn(dialler.clone().keep_store(store, address));
    }
    tasks.spawn(dialler.clone().keep_known_hubs(me));
    tasks.spawn(dialler.clone().keep_neighbours());
    tasks.spawn(dialler.clone().serve_requests(dials));
    tasks.spawn(accept(dialler, registrar));
    tasks
}

/// Takes connections for as long as the endpoint is open.
async fn accept(dialler: Dialler, registrar: Option<Arc<Registrar>>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    while let Some(incoming) = dialler.endpoint.accept().await {
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            incoming.refuse();
            continue;
        };
        if !*dialler.line.borrow() {
            incoming.ignore();
            continue;
        }
        if !incoming.remote_address_validated() {
            // Whoever cannot be reached where it claims to be takes up no place. What was made
            // for a retry that came too late is dropped.
            let _ = incoming.retry();
            continue;
        }
        let (dialler, registrar) = (dialler.clone(), registrar.clone());
        tokio::spawn(async move {
            receive(incoming, &dialler, registrar).await;
            drop(place);
        });
    }
}

async fn receive(incoming: quinn::Incoming, dialler: &Dialler, registrar: Option<Arc<Registrar>>) {
    let from = incoming.remote_address();
    match admit(incoming).await {
        Ok(Arrival::Peer(connection, _)) => dialler.serve(connection, Towards::Neighbour).await,
        Ok(Arrival::Applicant(connection)) => match registrar {
            Some(registrar) => {
                let (key, now_ms) = (registrar.authority_key(), dialler.handle.now().wall_ms);
                let decide = async |request| registrar.decide(request).await;
                match serve_enrolment(connection, &key, now_ms, decide).await {
                    Ok(_) => tracing::info!(%from, "answered an applicant"),
                    Err(error) => tracing::warn!(%from, code = error.code(), %error, "an applicant"),
                }
            }
            None => connection.close(VarInt::from_u32(5), b"this node lets nobody join: ask a hub"),
        },
        Err(error) => tracing::warn!(%from, code = error.code(), %error, "not let in"),
    }
}
