use std::{net::SocketAddr, sync::Arc};

use purser_transport::{
    HUB_SERVER_NAME, Identity, SYNC_ALPN, client_config, peer_identity, read_frame, server_name, write_frame,
};
use quinn::{Connection, ConnectionError, crypto::rustls::QuicClientConfig};

use crate::city::{self, Event, Hub};

async fn connect(
    identity: &Identity,
    address: SocketAddr,
    name: &str,
) -> Result<Connection, ConnectionError> {
    let endpoint = city::client();
    endpoint.connect_with(client_config(identity).unwrap(), address, name).unwrap().await
}

#[tokio::test]
async fn shops_connect_to_each_other_and_know_each_other() {
    let authority = city::authority(1);
    let (here, there) = (city::identity(&authority, 12, 12), city::identity(&authority, 13, 13));
    let (listener, address) = city::listener(&there);
    let (outgoing, incoming) =
        tokio::join!(async { connect(&here, address, &server_name(there.replica)).await.unwrap() }, async {
            listener.accept().await.unwrap().await.unwrap()
        },);
    let (seen_here, seen_there) = (peer_identity(&outgoing).unwrap(), peer_identity(&incoming).unwrap());
    assert_eq!((seen_here.replica, seen_there.replica), (there.replica, here.replica));
    assert_eq!(seen_there.public_key, here.credential.public_key);

    let (mut send, _receive) = outgoing.open_bi().await.unwrap();
    write_frame(&mut send, b"hello").await.unwrap();
    let (_send, mut receive) = incoming.accept_bi().await.unwrap();
    assert_eq!(read_frame(&mut receive, 5).await.unwrap().unwrap(), b"hello");
}

#[tokio::test]
async fn a_server_of_another_chain_or_name_is_refused() {
    let (ours, theirs) = (city::authority(1), city::authority(2));
    let shop = city::identity(&ours, 12, 12);
    let foreign = Hub::start(&theirs);
    assert!(connect(&shop, foreign.address, HUB_SERVER_NAME).await.is_err());

    let hub = Hub::start(&ours);
    let other = server_name(city::applicant(13).replica);
    assert!(connect(&shop, hub.address, &other).await.is_err());
    assert!(connect(&shop, hub.address, HUB_SERVER_NAME).await.is_ok());
}

#[tokio::test]
async fn a_client_of_another_chain_is_refused() {
    let (ours, theirs) = (city::authority(1), city::authority(2));
    let mut hub = Hub::start(&ours);
    // It trusts our authority and shows a certificate of its own.
    let mut foreign = city::identity(&theirs, 12, 12);
    foreign.papers.authority_certificate_der = city::identity(&ours, 13, 13).papers.authority_certificate_der;
    let connection = connect(&foreign, hub.address, HUB_SERVER_NAME).await;
    assert!(matches!(hub.events.recv().await, Some(Event::TurnedAway("handshake_failed"))));
    let Ok(connection) = connection else { return };
    assert!(matches!(connection.closed().await, ConnectionError::ConnectionClosed(_)));
}

#[tokio::test]
async fn to_sync_without_a_certificate_is_refused_at_once() {
    let ours = city::authority(1);
    let mut hub = Hub::start(&ours);
    let mut roots = rustls::RootCertStore::empty();
    roots.add(city::identity(&ours, 13, 13).papers.authority_certificate_der.into()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    tls.alpn_protocols = vec![SYNC_ALPN.to_vec()];
    let config = quinn::ClientConfig::new(Arc::new(QuicClientConfig::try_from(tls).unwrap()));
    let endpoint = city::client();
    let connection = endpoint.connect_with(config, hub.address, HUB_SERVER_NAME).unwrap().await.unwrap();
    assert!(matches!(hub.events.recv().await, Some(Event::TurnedAway("peer_without_certificate"))));
    let ConnectionError::ApplicationClosed(close) = connection.closed().await else { panic!("not closed") };
    assert_eq!(&close.reason[..], b"peer_without_certificate");
}
