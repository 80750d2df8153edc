use std::{sync::Arc, time::Duration};

use purser_types::ReplicaId;
use rustls::{
    CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
};

use crate::{certificate::Certificate, server_name, tls};

/// Checks a hub by the authority's public key alone, which is all that fits into a join code.
/// The last certificate that the hub presents must be the authority's: signed by, and made out
/// to, that key. It then is the only root for an ordinary check of the rest, names included.
#[derive(Debug)]
pub(crate) struct PinnedAuthority {
    authority: [u8; 32],
    provider: Arc<CryptoProvider>,
}

impl PinnedAuthority {
    /// A check by this public key (Ed25519).
    pub(crate) fn new(authority: [u8; 32]) -> Self {
        Self { authority, provider: tls::provider() }
    }

    /// Checks the certificate (DER) of a replica, given the authority's. At which time does not
    /// matter, for both hold always.
    pub(crate) fn check_replica(&self, own: &[u8], root: &[u8], replica: ReplicaId) -> Result<(), Error> {
        let name =
            ServerName::try_from(server_name(replica)).map_err(|error| Error::General(error.to_string()))?;
        let always = UnixTime::since_unix_epoch(Duration::ZERO);
        self.verify_server_cert(&own.into(), &[root.into()], &name, &[], always).map(|_| ())
    }

    fn is_authority(&self, der: &[u8]) -> bool {
        Certificate::read(der)
            .is_ok_and(|root| root.public_key() == Ok(self.authority) && root.verify(&self.authority).is_ok())
    }
}

impl ServerCertVerifier for PinnedAuthority {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let unknown = Error::InvalidCertificate(CertificateError::UnknownIssuer);
        let (root, between) = intermediates.split_last().ok_or_else(|| unknown.clone())?;
        if !self.is_authority(root) {
            return Err(unknown);
        }
        let mut roots = RootCertStore::empty();
        roots.add(root.clone().into_owned())?;
        WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&self.provider))
            .build()
            .map_err(|error| Error::General(error.to_string()))?
            .verify_server_cert(end_entity, between, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::General("QUIC has no TLS 1.2".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }
}

#[cfg(test)]
mod tests {
    use purser_journal::{Credential, Role};
    use purser_types::{Scope, StoreNumber};

    use super::*;
    use crate::{Applicant, Authority, HUB_SERVER_NAME, Papers};

    const YEAR_S: u64 = 365 * 86_400;

    fn hub_papers(authority: &Authority) -> Papers {
        let Applicant { replica, key } = Applicant::new(&[2; 48]);
        let scope = authority.charter().scope.clone();
        let (role, store, name) = (Role::Hub, StoreNumber(0), "Hub".to_owned());
        let public_key = key.verifying_key().to_bytes();
        let credential = Credential { scope, replica, role, store, life: 0, name, public_key, issued_ms: 0 };
        authority.issue(&credential).unwrap()
    }

    fn authority(seed: u8) -> Authority {
        let scope = Scope { chain: "Laiwu Books".into(), city: "Jinan".into() };
        Authority::found(scope, "Asia/Shanghai".parse().unwrap(), 6688, &[seed; 32]).unwrap()
    }

    /// Whether a shop that pins `pinned` takes `own` with `between` for a hub, after this many
    /// seconds since 1970.
    fn takes(pinned: &Authority, own: &[u8], between: &[&[u8]], now_s: u64) -> bool {
        let verifier = PinnedAuthority::new(pinned.public_key());
        let between: Vec<CertificateDer<'_>> = between.iter().map(|der| CertificateDer::from(*der)).collect();
        let name = ServerName::try_from(HUB_SERVER_NAME).unwrap();
        let now = UnixTime::since_unix_epoch(Duration::from_secs(now_s));
        verifier.verify_server_cert(&own.into(), &between, &name, &[], now).is_ok()
    }

    #[test]
    fn a_clock_that_is_years_off_keeps_nobody_out() {
        let ours = authority(1);
        let Papers { certificate_der, authority_certificate_der, .. } = hub_papers(&ours);
        for years in [0, 30, 56, 79, 80, 81, 1000] {
            let now_s = years * YEAR_S;
            assert!(takes(&ours, &certificate_der, &[&authority_certificate_der], now_s), "{years}");
        }
    }

    #[test]
    fn nothing_counts_but_a_chain_that_ends_in_the_pinned_key() {
        let (ours, theirs) = (authority(1), authority(2));
        let (genuine, foreign) = (hub_papers(&ours), hub_papers(&theirs));
        let (root, foreign_root) = (&genuine.authority_certificate_der, &foreign.authority_certificate_der);
        let now_s = 56 * YEAR_S;
        assert!(takes(&ours, &genuine.certificate_der, &[root], now_s));
        assert!(!takes(&ours, &genuine.certificate_der, &[], now_s));
        assert!(!takes(&ours, &foreign.certificate_der, &[foreign_root], now_s));
        assert!(!takes(&ours, &foreign.certificate_der, &[root], now_s));
        assert!(!takes(&ours, &foreign.certificate_der, &[foreign_root, root], now_s));
        assert!(!takes(&ours, root, &[root], now_s));
    }
}
