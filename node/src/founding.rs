use std::net::SocketAddr;

use purser_service::{ApiToken, Config};
use purser_types::is_host_port;

use crate::{Failure, Folder};

/// Where a process listens.
#[derive(Debug, Clone)]
pub struct Addresses {
    /// For other replicas (UDP).
    pub listen: SocketAddr,
    /// Where the others find it, `host:port`, if that is not where it listens.
    pub advertise: Option<String>,
    /// For tills (HTTP).
    pub http: SocketAddr,
}

/// Makes the folder of a replica: API token, and the configuration last, so that a folder with
/// one is whole.
///
/// # Errors
/// If an address is none, the folder is in use, or something cannot be written.
pub fn lay_out(folder: &Folder, addresses: Addresses) -> Result<(), Failure> {
    let Addresses { listen, advertise, http } = addresses;
    if let Some(wrong) = advertise.as_ref().filter(|address| !is_host_port(address)) {
        return Err(Failure::usage("address_invalid", format!("--advertise {wrong:?} is not host:port")));
    }
    let mut config = Config::default();
    config.http.listen = http;
    config.link.listen = listen;
    config.link.advertise = advertise;
    folder.create()?;
    ApiToken::create(folder.path())?;
    config.create(folder.path())?;
    Ok(())
}
