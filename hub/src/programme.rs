use std::{
    fs::File,
    io::Read,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, Subcommand};
use data_encoding::BASE64;
use purser_journal::to_cbor;
use purser_node::{Client, Failure, say};
use purser_programme::Programme;
use purser_transport::Authority;
use serde_json::json;

use crate::{
    dry_run::{Trial, try_out},
    fleet::hub_folder,
};

/// The rules of the scheme.
#[derive(Debug, Args)]
pub struct Rules {
    #[command(subcommand)]
    doing: Doing,
}

#[derive(Debug, Subcommand)]
enum Doing {
    /// Reads a programme and lists every mistake in it, with its line; exit status 1 if there is one.
    Check(Document),
    /// Prices past sales by a programme, and says by member and in all what would have come to something else. Reads
    /// the hub's database, also while the hub runs.
    DryRun(Trial),
    /// Signs a programme with the chain's authority and has the running hub publish it to the whole city.
    Publish(Publication),
}

/// A programme in a file.
#[derive(Debug, Args)]
pub struct Document {
    /// The file, TOML as docs/programme.md describes it.
    file: PathBuf,
}

/// A programme to publish.
#[derive(Debug, Args)]
pub struct Publication {
    #[command(flatten)]
    document: Document,
    /// The hub's folder.
    #[arg(long)]
    dir: PathBuf,
    /// The chain's authority, if it is not `authority.key` in the hub's folder.
    #[arg(long)]
    authority: Option<PathBuf>,
    /// Where the hub listens, if that is not what purser.toml says.
    #[arg(long)]
    http: Option<SocketAddr>,
}

/// Does what is asked with a programme.
///
/// # Errors
/// If the file cannot be read, or the hub does not take it.
pub fn programme(Rules { doing }: &Rules) -> Result<ExitCode, Failure> {
    match doing {
        Doing::Check(Document { file }) => check(file),
        Doing::DryRun(trial) => match sound(&trial.file, &text_of(&trial.file)?) {
            Some(programme) => try_out(trial, &programme),
            None => Ok(ExitCode::FAILURE),
        },
        Doing::Publish(publication) => publish(publication),
    }
}

fn check(file: &Path) -> Result<ExitCode, Failure> {
    let Some(programme) = sound(file, &text_of(file)?) else { return Ok(ExitCode::FAILURE) };
    let Programme { name, version, in_force_from, tiers, discounts, .. } = programme;
    let (tiers, discounts) = (tiers.len(), discounts.len());
    say(&format!(
        "{} · {}, version {version}, in force from {in_force_from}: {tiers} tiers, {discounts} discounts; no mistake found",
        name.zh, name.en
    ));
    Ok(ExitCode::SUCCESS)
}

/// The programme in a file, or every mistake in it said.
fn sound(file: &Path, text: &[u8]) -> Option<Programme> {
    match Programme::read_bytes(text) {
        Ok(programme) => Some(programme),
        Err(faults) => {
            for fault in &faults.0 {
                say(&format!("{}: {fault}", file.display()));
            }
            None
        }
    }
}

/// Signs a programme and has the running hub publish it.
fn publish(publication: &Publication) -> Result<ExitCode, Failure> {
    let Publication { document: Document { file }, dir, authority, http } = publication;
    let text = text_of(file)?;
    let Some(Programme { version, in_force_from, .. }) = sound(file, &text) else {
        return Ok(ExitCode::FAILURE);
    };
    let folder = hub_folder(dir)?;
    let authority = match authority {
        Some(path) => Authority::load_file(path),
        None => Authority::load(folder.path()),
    };
    let signed = to_cbor(&authority?.sign_programme(
        version,
        in_force_from,
        String::from_utf8_lossy(&text).into_owned(),
    ));
    let client = Client::of(&folder, *http)?;
    client.post("/v1/programmes", &json!({ "signed": BASE64.encode(&signed) }))?;
    say(&format!("version {version} is published: stores sell by it from {in_force_from} on"));
    Ok(ExitCode::SUCCESS)
}

/// What a file says, as far as a programme can go and a little more: one that is longer is refused as such.
fn text_of(file: &Path) -> Result<Vec<u8>, Failure> {
    const READ_BYTES_MAX: u64 = 1024 * 1024;
    let mut bytes = Vec::new();
    let read = File::open(file).and_then(|open| open.take(READ_BYTES_MAX).read_to_end(&mut bytes));
    read.map(|_| bytes).map_err(|error| Failure::io("read", file, &error))
}
