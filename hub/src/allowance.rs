use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

use clap::Args;
use purser_node::{Client, Failure, say};
use serde_json::json;

use crate::fleet::hub_folder;

/// An allowance to grant.
#[derive(Debug, Args)]
pub struct Granting {
    /// The hub's folder.
    #[arg(long)]
    dir: PathBuf,
    /// The store's number.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=9_999))]
    store: u32,
    /// How many points more the store may spend beyond its rights: so much can be lost at most.
    #[arg(long, value_parser = clap::value_parser!(i64).range(1..))]
    points: i64,
    /// Where the hub listens, if that is not what purser.toml says.
    #[arg(long)]
    http: Option<SocketAddr>,
}

/// Grants a store an allowance.
///
/// # Errors
/// If the hub does not run, or the store has not joined.
pub(crate) fn grant(granting: &Granting) -> Result<ExitCode, Failure> {
    let Granting { dir, store, points, http } = granting;
    let client = Client::of(&hub_folder(dir)?, *http)?;
    client.post("/v1/allowance", &json!({ "store": store, "points": points }))?;
    say(&format!("store {store} may spend {points} points more in advance of rights"));
    Ok(ExitCode::SUCCESS)
}
