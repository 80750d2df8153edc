use std::{future::Future, io, time::Duration};

use axum::Router;
use tokio::{net::TcpListener, sync::oneshot};

/// How long requests under way get once the end has come: longer than any may take.
const GRACE: Duration = Duration::from_secs(11);

/// Serves until `shutdown` is done; then takes no new connections, finishes the requests under
/// way, and ends. A connection that is still open after 11 s is cut.
///
/// There is no TLS here: tills reach Purser on their own machine, and whoever listens elsewhere
/// puts a reverse proxy in front.
///
/// # Errors
/// If the listener fails.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    if !listener.local_addr()?.ip().is_loopback() {
        tracing::warn!("the API listens beyond this machine, and the token travels in the clear");
    }
    let (tell, told) = oneshot::channel();
    let server = axum::serve(listener, router).with_graceful_shutdown(async {
        shutdown.await;
        // If nobody listens any more, the server has ended.
        let _ = tell.send(());
    });
    let out_of_grace = async {
        match told.await {
            Ok(()) => tokio::time::sleep(GRACE).await,
            // It ended without being told to, and its own result says why.
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        served = server => served,
        () = out_of_grace => {
            tracing::warn!("requests under way were broken off");
            Ok(())
        }
    }
}
