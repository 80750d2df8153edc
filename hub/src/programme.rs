use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, Subcommand};
use purser_node::{Failure, say};
use purser_programme::Programme;

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
}

/// A programme in a file.
#[derive(Debug, Args)]
pub struct Document {
    /// The file, TOML as docs/programme.md describes it.
    file: PathBuf,
}

/// Does what is asked with a programme.
///
/// # Errors
/// If the file cannot be read.
pub fn programme(Rules { doing: Doing::Check(Document { file }) }: &Rules) -> Result<ExitCode, Failure> {
    match Programme::read(&text_of(file)?) {
        Ok(programme) => {
            let Programme { name, version, in_force_from, tiers, discounts, .. } = programme;
            let (tiers, discounts) = (tiers.len(), discounts.len());
            say(&format!(
                "{} · {}, version {version}, in force from {in_force_from}: {tiers} tiers, {discounts} discounts; no mistake found",
                name.zh, name.en
            ));
            Ok(ExitCode::SUCCESS)
        }
        Err(faults) => {
            for fault in &faults.0 {
                say(&format!("{}: {fault}", file.display()));
            }
            Ok(ExitCode::FAILURE)
        }
    }
}

/// What a file says, as far as a programme can go and a little more: one that is longer is refused as such.
fn text_of(file: &Path) -> Result<String, Failure> {
    const READ_BYTES_MAX: u64 = 1024 * 1024;
    let mut text = String::new();
    let read = File::open(file).and_then(|open| open.take(READ_BYTES_MAX).read_to_string(&mut text));
    read.map(|_| text).map_err(|error| Failure::io("read", file, &error))
}
