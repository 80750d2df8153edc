use std::{sync::Arc, time::Duration};

use ed25519_dalek::{SigningKey, pkcs8::EncodePrivateKey};
use purser_types::Coded;
use quinn::{
    TransportConfig, VarInt,
    crypto::rustls::{NoInitialCipherSuite, QuicClientConfig, QuicServerConfig},
};
use rustls::{
    RootCertStore,
    client::Resumption,
    crypto::CryptoProvider,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
    server::{NoServerSessionStorage, VerifierBuilderError, WebPkiClientVerifier},
    version::TLS13,
};

use crate::{Identity, pinned_authority::PinnedAuthority};

/// The protocol (ALPN, RFC 7301) that replicas speak with each other.
pub const SYNC_ALPN: &[u8] = b"purser/1";
/// The protocol by which a shop without a certificate joins.
pub const ENROLMENT_ALPN: &[u8] = b"purser-enrol/1";

/// After that long without a packet a peer counts as gone, and links are made anew.
const IDLE_TIMEOUT_MS: u32 = 10_000;
/// Three keep-alives fit into the idle time-out, so that one lost packet cuts nothing.
const KEEP_ALIVE: Duration = Duration::from_secs(3);
const STREAMS_MAX: u32 = 32;
/// What a peer may send ahead of what is read here, on one stream and in all: a slow reader
/// pushes back on the sender instead of filling memory. 1 MiB under way is 20 MB/s over 50 ms.
const STREAM_WINDOW_BYTES: u32 = 1 << 20;
const CONNECTION_WINDOW_BYTES: u32 = 4 << 20;
/// Handshakes that may wait at once: more than a city has shops, when all come back together.
const WAITING_MAX: usize = 1024;

/// An identity that TLS will not work with.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// rustls refuses the certificates or the key.
    #[error("the certificates of this replica cannot be used: {0}; enrol it again")]
    Certificates(#[from] rustls::Error),
    /// There is no authority to check others by.
    #[error("the certificate of the authority cannot be used: {0}; enrol this replica again")]
    Authority(#[from] VerifierBuilderError),
    /// The key cannot be handed to TLS.
    #[error("the private key of this replica cannot be used: {0}; enrol it again")]
    Key(#[from] ed25519_dalek::pkcs8::Error),
    /// The build lacks what QUIC needs.
    #[error("this build lacks the cipher that QUIC starts with: {0}")]
    Cipher(#[from] NoInitialCipherSuite),
}

impl Coded for TlsError {
    fn code(&self) -> &'static str {
        match self {
            TlsError::Certificates(_) => "tls_certificates_unusable",
            TlsError::Authority(_) => "tls_authority_unusable",
            TlsError::Key(_) => "tls_key_unusable",
            TlsError::Cipher(_) => "tls_cipher_missing",
        }
    }
}

/// How this replica listens: for replicas of the chain, and for those that want to join and
/// have no certificate yet. So a missing certificate passes TLS (a foreign one does not), and
/// whoever accepts a connection sends it through [`crate::admit`].
///
/// # Errors
/// If the identity's certificates cannot be used.
pub fn server_config(identity: &Identity) -> Result<quinn::ServerConfig, TlsError> {
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots(identity)?), provider())
        .allow_unauthenticated()
        .build()?;
    let mut tls = rustls::ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&TLS13])?
        .with_client_cert_verifier(verifier)
        .with_single_cert(chain(identity), private_key(&identity.key)?)?;
    tls.alpn_protocols = vec![SYNC_ALPN.to_vec(), ENROLMENT_ALPN.to_vec()];
    tls.session_storage = Arc::new(NoServerSessionStorage {});
    tls.send_tls13_tickets = 0;
    let mut config = quinn::ServerConfig::with_crypto(Arc::new(QuicServerConfig::try_from(tls)?));
    config.transport_config(transport()).max_incoming(WAITING_MAX);
    Ok(config)
}

/// How this replica connects to others of the chain, under the name [`crate::server_name`] or
/// [`crate::HUB_SERVER_NAME`].
///
/// # Errors
/// If the identity's certificates cannot be used.
pub fn client_config(identity: &Identity) -> Result<quinn::ClientConfig, TlsError> {
    let tls = rustls::ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&TLS13])?
        .with_root_certificates(roots(identity)?)
        .with_client_auth_cert(chain(identity), private_key(&identity.key)?)?;
    quic_client(tls, SYNC_ALPN)
}

/// How a shop that has only a join code connects, under [`crate::HUB_SERVER_NAME`]: to hubs whose
/// certificate is signed by the key `authority`.
///
/// # Errors
/// If TLS cannot be set up in this build.
pub fn enrolment_client_config(authority: [u8; 32]) -> Result<quinn::ClientConfig, TlsError> {
    let tls = rustls::ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(PinnedAuthority::new(authority)))
        .with_no_client_auth();
    quic_client(tls, ENROLMENT_ALPN)
}

fn quic_client(mut tls: rustls::ClientConfig, alpn: &[u8]) -> Result<quinn::ClientConfig, TlsError> {
    tls.alpn_protocols = vec![alpn.to_vec()];
    tls.resumption = Resumption::disabled();
    let mut config = quinn::ClientConfig::new(Arc::new(QuicClientConfig::try_from(tls)?));
    config.transport_config(transport());
    Ok(config)
}

fn transport() -> Arc<TransportConfig> {
    let mut config = TransportConfig::default();
    config
        .max_idle_timeout(Some(VarInt::from_u32(IDLE_TIMEOUT_MS).into()))
        .keep_alive_interval(Some(KEEP_ALIVE))
        .max_concurrent_uni_streams(VarInt::from_u32(STREAMS_MAX))
        .max_concurrent_bidi_streams(VarInt::from_u32(STREAMS_MAX))
        .stream_receive_window(VarInt::from_u32(STREAM_WINDOW_BYTES))
        .receive_window(VarInt::from_u32(CONNECTION_WINDOW_BYTES))
        .send_window(u64::from(CONNECTION_WINDOW_BYTES))
        .datagram_receive_buffer_size(None);
    Arc::new(config)
}

/// Named, so that no crate elsewhere in the build decides which cryptography this one uses.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn roots(identity: &Identity) -> Result<RootCertStore, rustls::Error> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(identity.papers.authority_certificate_der.clone()))?;
    Ok(roots)
}

/// The authority's certificate goes along for shops that join: they know its key only.
fn chain(identity: &Identity) -> Vec<CertificateDer<'static>> {
    let papers = &identity.papers;
    [&papers.certificate_der, &papers.authority_certificate_der].map(|der| der.clone().into()).to_vec()
}

fn private_key(key: &SigningKey) -> Result<PrivateKeyDer<'static>, ed25519_dalek::pkcs8::Error> {
    let der = key.to_pkcs8_der()?;
    Ok(PrivatePkcs8KeyDer::from(der.as_bytes().to_vec()).into())
}
