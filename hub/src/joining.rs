use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

use clap::Args;
use purser_journal::Role;
use purser_node::{Addresses, Failure, Folder, join_as, lay_out};

/// A further hub that joins the city.
#[derive(Debug, Args)]
pub struct HubJoining {
    /// The folder to make; one that was made by an attempt before is used again.
    #[arg(long)]
    dir: PathBuf,
    /// Where to listen for other replicas (UDP).
    #[arg(long, default_value = "0.0.0.0:8641")]
    listen: SocketAddr,
    /// Where the others find it, host:port, if that is not where it listens.
    #[arg(long)]
    advertise: Option<String>,
    /// Where to listen for requests (HTTP).
    #[arg(long, default_value = "127.0.0.1:8640")]
    http: SocketAddr,
    /// The join code from `purser-hub invite --hub`; `-` reads it from standard input.
    #[arg(required = true, num_args = 1..)]
    code: Vec<String>,
}

/// Makes the folder and enrols. What a further hub cannot do without the chain's authority in its
/// folder is to let others join.
///
/// # Errors
/// If the folder is another's, the code is not for a hub, or no hub lets it in.
pub(crate) fn join(joining: HubJoining) -> Result<ExitCode, Failure> {
    let HubJoining { dir, listen, advertise, http, code } = joining;
    let folder = Folder::new(dir);
    if !folder.path().join("purser.toml").exists() {
        lay_out(&folder, Addresses { listen, advertise, http })?;
    }
    join_as(Role::Hub, &folder, &code)
}
