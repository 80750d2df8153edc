use std::{
    net::SocketAddr,
    path::PathBuf,
    process::ExitCode,
    time::{SystemTime, UNIX_EPOCH},
};

use clap::Args;
use purser_journal::{Credential, Role};
use purser_node::{Addresses, Failure, Folder, hint, lay_out, random, say};
use purser_service::Config;
use purser_transport::{Applicant, Authority, AuthorityError, Identity};
use purser_types::{CityZone, ParseError, Scope, StoreNumber};

/// A city to found.
#[derive(Debug, Args)]
pub struct Founding {
    /// The folder to make.
    #[arg(long)]
    dir: PathBuf,
    /// The company.
    #[arg(long, required_unless_present = "authority")]
    chain: Option<String>,
    /// The stores that will share points.
    #[arg(long, required_unless_present = "authority")]
    city: Option<String>,
    /// Not a new city: the hub of one whose hubs are lost is rebuilt, with the copy of authority.key
    /// that was kept in a safe.
    #[arg(long, conflicts_with_all = ["chain", "city", "time_zone", "card_prefix"])]
    authority: Option<PathBuf>,
    /// With --authority: which life of the hub this is, one more than any before.
    #[arg(long, default_value_t = 1, requires = "authority", value_parser = clap::value_parser!(u8).range(1..=99))]
    life: u8,
    /// With --authority: a store of the city from which all is learned, REPLICA@HOST:PORT as `purser-node
    /// doctor` shows them; may be given several times. Not needed if the hub is found where the lost
    /// one was.
    #[arg(long, requires = "authority")]
    through: Vec<String>,
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
    let authority = match &founding.authority {
        Some(file) => Authority::load_file(file)?,
        None => new_authority(&founding)?,
    };
    let Founding { dir, name, listen, advertise, http, authority: kept, life, through, .. } = founding;
    let life = if kept.is_some() { life } else { 0 };
    let identity = own_hub(&authority, name, life)?;
    let folder = Folder::new(dir);
    lay_out(&folder, Addresses { listen, advertise, http })?;
    if !through.is_empty() {
        let mut config = Config::load(folder.path()).map_err(|error| Failure::of_input(&error))?;
        config.link.stores = through;
        config.save(folder.path())?;
        // Read again, so that an address that is none is found now.
        Config::load(folder.path()).map_err(|error| Failure::of_input(&error))?;
    }
    authority.save(folder.path())?;
    identity.save(folder.path())?;
    let (path, scope) = (folder.path().display(), &authority.charter().scope);
    let done = if kept.is_some() { "made a new hub of" } else { "founded" };
    say(&format!("{done} {scope}; hub {}", identity.replica));
    hint(&format!(
        "Keep a copy of {path}/authority.key in a safe: who has it can make replicas of this city.\n\
         Then start the hub: purser-hub run --dir {path}"
    ));
    Ok(ExitCode::SUCCESS)
}

fn new_authority(founding: &Founding) -> Result<Authority, Failure> {
    let zone = founding.time_zone.parse();
    let zone: CityZone = zone.map_err(|error: ParseError| Failure::of_input(&error))?;
    let (chain, city) = (founding.chain.clone(), founding.city.clone());
    let scope = Scope { chain: chain.unwrap_or_default(), city: city.unwrap_or_default() };
    let authority = Authority::found(scope, zone, founding.card_prefix, &random()?);
    authority.map_err(|error: AuthorityError| Failure::of_input(&error))
}

/// A first hub, or one that is rebuilt, has nobody to ask: the authority in the same folder makes out
/// its papers.
fn own_hub(authority: &Authority, name: String, life: u8) -> Result<Identity, Failure> {
    let applicant = Applicant::new(&random()?);
    let credential = Credential {
        scope: authority.charter().scope.clone(),
        replica: applicant.replica,
        role: Role::Hub,
        store: StoreNumber(0),
        life,
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
