use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use purser_journal::{Credential, Role};
use purser_types::{Coded, ReplicaId, Scope};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyUsagePurpose,
    PKCS_ED25519, PublicKeyData, SignatureAlgorithm, date_time_ymd,
};
use rustls::pki_types::CertificateDer;
use x509_parser::{
    extensions::GeneralName,
    oid_registry::OID_SIG_ED25519,
    prelude::{FromDer, X509Certificate},
};

/// The name that every hub's certificate bears: whoever connects under it reaches a hub, also
/// one that was rebuilt as a new replica, and never a shop that poses as one.
pub const HUB_SERVER_NAME: &str = "hub.purser.internal";

const REPLICA_DOMAIN: &str = ".replica.purser.internal";

/// The name that a replica's certificate bears, for connecting to that very replica.
pub fn server_name(replica: ReplicaId) -> String {
    format!("{replica}{REPLICA_DOMAIN}")
}

/// Why an X.509 certificate is not one that the chain's authority makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CertificateFault {
    /// Not the DER of a certificate.
    #[error("the certificate is malformed")]
    Malformed,
    /// Its key is not an Ed25519 key.
    #[error("the certificate's key is not an Ed25519 key")]
    ForeignKey,
    /// It names no replica, or several.
    #[error("the certificate does not name one replica")]
    Nameless,
    /// Not signed by the chain's authority.
    #[error("the certificate is not signed by the chain's authority")]
    Forged,
}

impl Coded for CertificateFault {
    fn code(&self) -> &'static str {
        match self {
            CertificateFault::Malformed => "certificate_malformed",
            CertificateFault::ForeignKey => "certificate_foreign_key",
            CertificateFault::Nameless => "certificate_nameless",
            CertificateFault::Forged => "certificate_forged",
        }
    }
}

/// The certificate (DER) of the authority of a city, signed by itself.
pub(crate) fn of_authority(key: &SigningKey, scope: &Scope) -> Result<Vec<u8>, rcgen::Error> {
    let mut params = lasting(scope, "authority", "authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    Ok(params.self_signed(&AuthorityKey(key))?.der().to_vec())
}

/// The certificate (DER) for the key that `credential` names. The same credential gives the
/// same bytes, so that a hub can answer a repeated request from its journal.
pub(crate) fn of_replica(
    authority: &SigningKey,
    authority_certificate_der: &[u8],
    credential: &Credential,
) -> Result<Vec<u8>, rcgen::Error> {
    let mut names = vec![server_name(credential.replica)];
    let role = match credential.role {
        Role::Store => "store",
        Role::Hub => "hub",
    };
    if credential.role == Role::Hub {
        names.push(HUB_SERVER_NAME.to_owned());
    }
    let mut params = lasting(&credential.scope, role, &format!("{role} {}", credential.store));
    params.subject_alt_names = CertificateParams::new(names)?.subject_alt_names;
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages =
        vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
    let authority_certificate = CertificateDer::from(authority_certificate_der);
    let issuer = Issuer::from_ca_cert_der(&authority_certificate, AuthorityKey(authority))?;
    Ok(params.signed_by(&ReplicaKey(credential.public_key), &issuer)?.der().to_vec())
}

/// What all certificates have in common. They hold from 1970 to the end of time (RFC 5280,
/// section 4.1.2.5): fencing ends a replica, a date does not. A date would only cut off honest
/// shops, all at once and into a retry storm, and those whose clock is years off.
fn lasting(scope: &Scope, role: &str, name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.not_before = date_time_ymd(1970, 1, 1);
    params.not_after = date_time_ymd(9999, 12, 31);
    params.distinguished_name.push(DnType::OrganizationName, scope.chain.as_str());
    params.distinguished_name.push(DnType::LocalityName, scope.city.as_str());
    params.distinguished_name.push(DnType::OrganizationalUnitName, role);
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

/// The authority's key as rcgen wants it.
struct AuthorityKey<'a>(&'a SigningKey);

/// The key of whom a certificate is made out to.
struct ReplicaKey([u8; 32]);

impl PublicKeyData for AuthorityKey<'_> {
    fn der_bytes(&self) -> &[u8] {
        let key: &VerifyingKey = self.0.as_ref();
        key.as_bytes()
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ED25519
    }
}

impl rcgen::SigningKey for AuthorityKey<'_> {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        Ok(Signer::sign(self.0, message).to_vec())
    }
}

impl PublicKeyData for ReplicaKey {
    fn der_bytes(&self) -> &[u8] {
        &self.0
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ED25519
    }
}

/// A certificate that was read.
pub(crate) struct Certificate<'a>(X509Certificate<'a>);

impl<'a> Certificate<'a> {
    /// Reads the DER of one certificate.
    pub(crate) fn read(der: &'a [u8]) -> Result<Self, CertificateFault> {
        match X509Certificate::from_der(der) {
            Ok(([], certificate)) => Ok(Self(certificate)),
            _ => Err(CertificateFault::Malformed),
        }
    }

    /// The key (Ed25519, RFC 8410) that it is made out to.
    pub(crate) fn public_key(&self) -> Result<[u8; 32], CertificateFault> {
        let info = self.0.public_key();
        if info.algorithm.algorithm != OID_SIG_ED25519 {
            return Err(CertificateFault::ForeignKey);
        }
        info.subject_public_key.as_ref().try_into().map_err(|_| CertificateFault::ForeignKey)
    }

    /// The one replica that it names.
    pub(crate) fn replica(&self) -> Result<ReplicaId, CertificateFault> {
        let extension = self.0.subject_alternative_name().map_err(|_| CertificateFault::Malformed)?;
        let names = extension.map_or(&[][..], |names| &names.value.general_names);
        let mut replicas = names.iter().filter_map(|name| match name {
            GeneralName::DNSName(name) => name.strip_suffix(REPLICA_DOMAIN),
            _ => None,
        });
        match (replicas.next().map(str::parse), replicas.next()) {
            (Some(Ok(replica)), None) => Ok(replica),
            _ => Err(CertificateFault::Nameless),
        }
    }

    /// Checks that the owner of `authority` signed it. The algorithm stands in it twice, and
    /// only one of the two is signed (RFC 5280, section 4.1.1.2).
    pub(crate) fn verify(&self, authority: &[u8; 32]) -> Result<(), CertificateFault> {
        let Self(X509Certificate { tbs_certificate, signature_algorithm, signature_value, .. }) = self;
        let signature = Signature::from_slice(&signature_value.data);
        let key = VerifyingKey::from_bytes(authority);
        let (Ok(signature), Ok(key)) = (signature, key) else { return Err(CertificateFault::Forged) };
        let signed = *signature_algorithm == tbs_certificate.signature
            && signature_value.unused_bits == 0
            && key.verify_strict(tbs_certificate.as_ref(), &signature).is_ok();
        if signed { Ok(()) } else { Err(CertificateFault::Forged) }
    }
}
