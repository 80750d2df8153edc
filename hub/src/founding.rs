use std::{
    net::SocketAddr,
    path::PathBuf,
    process::ExitCode,
    time::{SystemTime, UNIX_EPOCH},
};

use clap::Args;
use purser_journal::{Credential, Role};
use purser_node::{Addresses, Failure, Folder, hint, lay_out, random, say};
use purser_transport::{Applicant, Authority, AuthorityError, Identity};
use purser_types::{CityZone, ParseError, Scope, StoreNumber};

/// A city to found.
#[derive(Debug, Args)]
pub struct Founding {
    /// The folder to make.
    #[arg(long)]
    dir: PathBuf,
    /// The company.
    #[arg(long)]
    chain: String,
    /// The stores that will share points.
    #[arg(long)]
    city: String,
    /// The hub's name, for people.
    #[arg(long, default_value = "Hub")]
    name: String,
    /// The city's time zone: when a business day ends.
    #[arg(long, default_value = "Asia/Shanghai")]
    time_zone: String,
    /// The first four digits of the chain's cards.
    #[arg(long, default_value_t = 6688)]
    card_prefix: u16,
    /// Where to listen for other replicas (UDP).
    #[arg(long, default_value = "0.0.0.0:8641")]
    listen: SocketAddr,
    /// Where the stores find it, host:port; stands in join codes.
    #[arg(long)]
    advertise: Option<String>,
    /// Where to listen for requests (HTTP).
    #[arg(long, default_value = "127.0.0.1:8640")]
    http: SocketAddr,
}

/// Founds the chain's authority for the city and the city's first hub.
///
/// # Errors
/// If a name, the zone or the prefix is none, or the folder is in use.
pub(crate) fn found(founding: Founding) -> Result<ExitCode, Failure> {
    let Founding { dir, chain, city, name, time_zone, card_prefix, listen, advertise, http } = founding;
    let zone: CityZone = time_zone.parse().map_err(|error: ParseError| Failure::of_input(&error))?;
    let authority = Authority::found(Scope { chain, city }, zone, card_prefix, &random()?)
        .map_err(|error: AuthorityError| Failure::of_input(&error))?;
    let identity = first_hub(&authority, name)?;
    let folder = Folder::new(dir);
    lay_out(&folder, Addresses { listen, advertise, http })?;
    authority.save(folder.path())?;
    identity.save(folder.path())?;
    let (path, scope) = (folder.path().display(), &authority.charter().scope);
    say(&format!("founded {scope}; hub {}", identity.replica));
    hint(&format!(
        "Keep a copy of {path}/authority.key in a safe: who has it can make replicas of this city.\n\
         Then start the hub: purser-hub run --dir {path}"
    ));
    Ok(ExitCode::SUCCESS)
}

/// The first hub has nobody to ask: the authority in the same folder makes out its papers.
fn first_hub(authority: &Authority, name: String) -> Result<Identity, Failure> {
    let applicant = Applicant::new(&random()?);
    let credential = Credential {
        scope: authority.charter().scope.clone(),
        replica: applicant.replica,
        role: Role::Hub,
        store: StoreNumber(0),
        life: 0,
        name,
        public_key: applicant.public_key(),
        issued_ms: now_ms(),
    };
    let papers = authority.issue(&credential)?;
    Ok(Identity::new(applicant, papers, &authority.public_key())?)
}

/// Milliseconds since 1970, by the machine's clock.
pub(crate) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
