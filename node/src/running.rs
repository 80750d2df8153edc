use std::{net::SocketAddr, process::ExitCode, time::Duration};

use purser_journal::Role;
use purser_replica::{Order, Settings, Undertaking};
use purser_service::{ApiToken, ApiTokenError, Callers, Config, MemberPages, TokenFolder};
use purser_sync::EngineSettings;
use purser_transport::{Authority, Clock, FileError, Handle, Identity, Node, NodeSettings};
use purser_types::Coded;
use purser_webhooks::{Pace, Webhooks};
use tokio::{net::TcpListener, runtime::Runtime, sync::oneshot};

use crate::{Failure, Folder, outages, random, say, standing, stop_signal::StopSignal, webhook::told_by};

/// How long file reads under way may keep the process when it ends.
const LAST_READS: Duration = Duration::from_secs(2);

/// Runs the replica in `folder` until somebody stops it. A hub that has the chain's authority
/// in its folder lets shops join.
///
/// # Errors
/// What keeps it from starting, or from going on.
pub fn run(folder: &Folder) -> Result<ExitCode, Failure> {
    let config = Config::load(folder.path()).map_err(|error| Failure::of_input(&error))?;
    purser_service::start_log(&config.log);
    let runtime = runtime()?;
    let ended = runtime.block_on(serve(folder, &config));
    runtime.shutdown_timeout(LAST_READS);
    ended.map(|()| ExitCode::SUCCESS)
}

/// The runtime of a process that lives by its links and requests.
pub(crate) fn runtime() -> Result<Runtime, Failure> {
    Runtime::new()
        .map_err(|error| Failure::new("cannot_start_thread", format!("cannot start threads: {error}")))
}

async fn serve(folder: &Folder, config: &Config) -> Result<(), Failure> {
    let mut stop_signal = StopSignal::listen()?;
    let identity = Identity::load(folder.path())?;
    let callers = Callers::new(token(folder)?, TokenFolder::of(folder.path()));
    let authority = authority(folder, &identity)?;
    let is_founder = authority.is_some();
    let (listener, http) = listen(config.http.listen).await?;
    let mut node = Node::start(settings(folder, config, &identity, authority.clone())).await?;
    if is_founder {
        enrol_founder(&node.handle(), &identity).await?;
    }
    let router = match identity.credential.role {
        Role::Store => {
            let pages = purser_pages::store_pages(node.handle(), identity.credential.clone());
            purser_pages::beside(purser_service::node_router(node.handle(), callers), pages)
        }
        Role::Hub => {
            let pages = MemberPages::of(folder.path(), config.rights.voucher_hours)?;
            let office =
                purser_pages::hub_pages(node.handle(), identity.credential.clone(), authority, pages.clone());
            purser_pages::beside(purser_service::hub_router(node.handle(), callers, pages), office)
        }
    };
    if identity.credential.role == Role::Store {
        tokio::spawn(outages::watch(node.handle()));
    }
    tokio::spawn(standing::watch(node.handle(), identity.replica));
    let (stop, stopped) = oneshot::channel::<()>();
    let mut server = tokio::spawn(purser_service::serve(listener, router, async {
        // Dropped or sent: both mean that it is time to go.
        let _ = stopped.await;
    }));
    let _webhooks = tell(folder, &identity, node.handle());
    say(&format!("listening http={http} link={}", node.address()));
    tracing::info!(%http, link = %node.address(), replica = %identity.replica, "running");
    let ended = tokio::select! {
        signal = stop_signal.received() => {
            tracing::info!(signal, "stopping");
            Ok(())
        }
        reason = node.failed() => Err(Failure::new("node_failed", reason)),
        _ = &mut server => Err(Failure::new("http_server_ended", "the HTTP server has ended: see the log")),
    };
    drop(stop);
    if !server.is_finished() {
        // It ends by itself, and whether well or not, the process ends too.
        let _ = server.await;
    }
    node.stop().await;
    ended
}

/// Tells webhooks what is written, until what comes back is dropped.
fn tell(folder: &Folder, identity: &Identity, handle: Handle) -> Webhooks {
    let whose = told_by(identity.credential.role);
    let database = folder.database();
    purser_webhooks::start(folder.path(), &database, whose, Pace::default(), move || handle.now().wall_ms)
}

/// The folder's token, or a new one if somebody has removed it.
fn token(folder: &Folder) -> Result<ApiToken, Failure> {
    match ApiToken::load(folder.path()) {
        Err(missing @ ApiTokenError::Missing(_)) => {
            tracing::warn!(
                code = missing.code(),
                "made a new api-token: callers with the old one are shut out"
            );
            Ok(ApiToken::create(folder.path())?)
        }
        token => Ok(token?),
    }
}

/// The chain's authority, where shops are to join: without it a hub does all else.
fn authority(folder: &Folder, identity: &Identity) -> Result<Option<Authority>, Failure> {
    if identity.credential.role != Role::Hub {
        return Ok(None);
    }
    match Authority::load(folder.path()) {
        Ok(authority) => Ok(Some(authority)),
        Err(missing @ FileError::Missing { .. }) => {
            tracing::warn!(code = missing.code(), "nobody can join at this hub: {missing}");
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

fn settings(
    folder: &Folder,
    config: &Config,
    identity: &Identity,
    authority: Option<Authority>,
) -> NodeSettings {
    NodeSettings {
        database: folder.database(),
        identity: identity.clone(),
        listen: config.link.listen,
        advertise: config.link.advertise.clone(),
        hubs: config.link.hubs.clone(),
        stores: config.stores(),
        authority,
        replica: Settings { policy: config.rights.policy, ..Settings::default() },
        engine: EngineSettings::default(),
        clock: Clock::system(),
    }
}

async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), Failure> {
    let listener = TcpListener::bind(address).await;
    listener.and_then(|listener| listener.local_addr().map(|bound| (listener, bound))).map_err(|error| {
        let remedy = "stop what uses it, or change [http] listen in purser.toml";
        Failure::new("cannot_listen", format!("cannot listen on {address} for tills: {error}; {remedy}"))
    })
}

/// A hub that has its papers from the authority in its own folder writes itself into the directory:
/// nobody else does.
async fn enrol_founder(handle: &Handle, identity: &Identity) -> Result<(), Failure> {
    let me = identity.replica;
    if !handle.inspect(move |engine| engine.replica().is_enrolled(me)).await?? {
        let credential = identity.papers.credential.clone();
        let undertaking = Undertaking::Enrol { credential, invitation: random()? };
        handle.submit(Order { request: None, undertaking }).await?;
    }
    Ok(())
}
