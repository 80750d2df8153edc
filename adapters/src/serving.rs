use std::{future::Future, io, time::Duration};

use axum::{Router, extract::DefaultBodyLimit};
use tokio::net::TcpListener;
use tower_http::catch_panic::CatchPanicLayer;

/// Vendors wait five seconds and then ask again: an answer has to be there before, whatever it is.
pub(crate) const DEADLINE: Duration = Duration::from_millis(4_500);
/// Orders of the largest table are far smaller.
const BODY_BYTES_MAX: usize = 256 * 1024;

/// What every adapter has around it.
pub(crate) fn guarded(router: Router) -> Router {
    router.layer(DefaultBodyLimit::max(BODY_BYTES_MAX)).layer(CatchPanicLayer::new())
}

/// Serves until `shutdown` is done.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    axum::serve(listener, router).with_graceful_shutdown(shutdown).await
}
