use std::{path::PathBuf, process::ExitCode};

use clap::Args;
use purser_node::{Failure, Folder, hint, random, say};
use purser_service::Config;
use purser_transport::{Authority, Invitation, JoinCode, JoinCodeError};
use purser_types::StoreNumber;

use crate::founding::now_ms;

/// A store to invite.
#[derive(Debug, Args)]
pub struct Inviting {
    /// The hub's folder.
    #[arg(long)]
    dir: PathBuf,
    /// The store's number, 1 to 9999; the same as before if its machine is replaced.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=9999), required_unless_present = "hub")]
    store: Option<u32>,
    /// A further hub is invited, not a store.
    #[arg(long, conflicts_with = "store")]
    hub: bool,
    /// The store's or the hub's name, for people.
    #[arg(long)]
    name: String,
    /// How many hours the code holds. Hubs take it up to 14 hours longer, so that a machine whose
    /// clock shows local time for UTC is not sent away.
    #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(u64).range(1..=8760))]
    valid_hours: u64,
    /// Where this store finds the hub, host:port, if that is not what the hub advertises; may
    /// be given several times.
    #[arg(long)]
    at: Vec<String>,
}

const HOUR_MS: u64 = 3_600_000;

/// Prints a join code. Needs the authority's key and nothing else: the hub may run or not.
///
/// # Errors
/// If nobody has said where the hub is to be found, or the name is none.
pub(crate) fn invite(inviting: &Inviting) -> Result<ExitCode, Failure> {
    let code = inviting.code()?;
    say(&code.to_string());
    let Inviting { store, name, valid_hours, .. } = inviting;
    let (whom, there) = match store {
        Some(store) => {
            (format!("store {store}"), "purser-node init --dir DIR\npurser-node join --dir DIR CODE")
        }
        None => ("a further hub".to_owned(), "purser-hub join --dir DIR --advertise HOST:PORT CODE"),
    };
    hint(&format!(
        "For {whom}, {name}, once, within {valid_hours} h (and 14 h more, for clocks that show \
         local time).\nA secret until it is used. There:\n{there}"
    ));
    Ok(ExitCode::SUCCESS)
}

impl Inviting {
    /// A join code with a fresh invitation.
    pub(crate) fn code(&self) -> Result<JoinCode, Failure> {
        let folder = Folder::new(self.dir.clone());
        let authority = Authority::load(folder.path())?;
        let hubs = if self.at.is_empty() { vec![advertised(&folder)?] } else { self.at.clone() };
        let expires_ms = now_ms().saturating_add(self.valid_hours * HOUR_MS);
        let (store, name) = (StoreNumber(self.store.unwrap_or(0)), self.name.clone());
        let invitation = Invitation { id: random()?, store, name, expires_ms };
        authority.invite(hubs, &invitation).map_err(|error: JoinCodeError| Failure::of_input(&error))
    }
}

/// Where the hub says that it is to be found.
fn advertised(folder: &Folder) -> Result<String, Failure> {
    let link = Config::load(folder.path()).map_err(|error| Failure::of_input(&error))?.link;
    let listens_somewhere = !link.listen.ip().is_unspecified() && link.listen.port() != 0;
    link.advertise.or_else(|| listens_somewhere.then(|| link.listen.to_string())).ok_or_else(|| {
        let message = "nobody has said where stores find this hub: \
                       set [link] advertise in purser.toml, or give --at host:port";
        Failure::usage("advertise_missing", message)
    })
}
