use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

use clap::Args;
use purser_node::{Client, Failure, say};
use purser_types::BusinessDate;

use crate::fleet::hub_folder;

/// A period to reckon commission for.
#[derive(Debug, Args)]
pub struct Period {
    /// The hub's folder.
    #[arg(long)]
    dir: PathBuf,
    /// The first day, such as 2026-07-01.
    #[arg(long)]
    from: BusinessDate,
    /// The last day.
    #[arg(long)]
    until: BusinessDate,
    /// Who has which role, where the role has a target: `Li:manager`. Once for each person.
    #[arg(long = "role")]
    roles: Vec<String>,
    /// Where the hub listens, if that is not what purser.toml says.
    #[arg(long)]
    http: Option<SocketAddr>,
}

/// Says what staff get for stored value that they sold.
///
/// # Errors
/// If the hub does not run, or refuses.
pub(crate) fn commission(period: &Period) -> Result<ExitCode, Failure> {
    let Period { dir, from, until, roles, http } = period;
    let client = Client::of(&hub_folder(dir)?, *http)?;
    let query = [("from", from.to_string()), ("until", until.to_string()), ("roles", roles.join(","))];
    let answer = client.get_with("/v1/commission", &query)?;
    let columns = ["person", "sold", "share", "first_card", "best_seller", "appraisal", "sum"];
    say(&row(columns));
    for person in answer["people"].as_array().into_iter().flatten() {
        say(&row(columns.map(|column| person[column].as_str().unwrap_or_default())));
    }
    Ok(ExitCode::SUCCESS)
}

fn row([person, figures @ ..]: [&str; 7]) -> String {
    let figures: Vec<String> = figures.iter().map(|figure| format!("{figure:>14}")).collect();
    format!("{person:<16} {}", figures.join(" "))
}
