use std::{net::SocketAddr, time::Duration};

use tokio::{
    net::{UdpSocket, lookup_host},
    time::timeout,
};

/// How long the name of a hub may take to be looked up.
const PATIENCE: Duration = Duration::from_secs(2);

/// Where others reach a node that listens on `bound`: there, or, if it listens on every
/// interface, on the one from which a packet to a hub would leave. `None` if that leads nowhere now.
pub(crate) async fn own_address(bound: SocketAddr, hubs: &[String]) -> Option<SocketAddr> {
    if !bound.ip().is_unspecified() {
        return Some(bound);
    }
    for hub in hubs {
        let Ok(Ok(mut addresses)) = timeout(PATIENCE, lookup_host(hub)).await else { continue };
        let Some(hub) = addresses.find(|hub| hub.is_ipv4() == bound.is_ipv4()) else { continue };
        if let Some(address) = route(hub).await {
            return Some(SocketAddr::new(address.ip(), bound.port()));
        }
    }
    None
}

/// The local address from which packets to `target` would leave. None is sent.
async fn route(target: SocketAddr) -> Option<SocketAddr> {
    let any = if target.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
    let socket = UdpSocket::bind(any).await.ok()?;
    socket.connect(target).await.ok()?;
    socket.local_addr().ok().filter(|address| !address.ip().is_unspecified())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_address_that_means_every_interface_is_told_to_nobody() {
        let bound: SocketAddr = "0.0.0.0:8651".parse().unwrap();
        assert_eq!(own_address(bound, &[]).await, None);
        let towards = own_address(bound, &["127.0.0.1:8641".to_owned()]).await;
        assert_eq!(towards, Some("127.0.0.1:8651".parse().unwrap()));
        let chosen: SocketAddr = "127.0.0.2:8651".parse().unwrap();
        assert_eq!(own_address(chosen, &[]).await, Some(chosen));
    }
}
