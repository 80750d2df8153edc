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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::routing::get;
    use tokio::sync::Notify;

    use super::*;

    #[tokio::test]
    async fn the_request_under_way_is_finished_and_no_other_begun() {
        let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (tell, wait) = (Arc::clone(&begun), Arc::clone(&go_on));
        let slow = async move || {
            tell.notify_one();
            wait.notified().await;
            "done"
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel::<()>();
        let server = tokio::spawn(serve(listener, Router::new().route("/", get(slow)), async {
            stopped.await.unwrap();
        }));
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let under_way = tokio::spawn(client.get(&url).send());
        begun.notified().await;
        stop.send(()).unwrap();
        go_on.notify_one();
        assert_eq!(under_way.await.unwrap().unwrap().text().await.unwrap(), "done");
        server.await.unwrap().unwrap();
    }
}
