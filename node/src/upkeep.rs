//! What an operator does to a database file: prove it, copy it, derive its tables anew.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;
use purser_replica::{Founding, Replica, ReplicaError, Settings};
use purser_storage::{Database, StorageError};
use purser_transport::Identity;
use purser_types::Coded;

use crate::{Failure, Folder, folder::close_to_others, hint, say};

/// Which database to look at.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct Which {
    /// The replica's folder.
    #[arg(long)]
    dir: Option<PathBuf>,
    /// A database file, for example a backup.
    #[arg(long)]
    database: Option<PathBuf>,
}

/// Where to copy from and to.
#[derive(Debug, Args)]
pub struct Copying {
    /// The replica's folder.
    #[arg(long)]
    dir: PathBuf,
    /// The file to make; it must not exist.
    #[arg(long)]
    to: PathBuf,
}

/// Checks chains, seals, postings and derived tables, and prints what is wrong.
///
/// # Errors
/// If the file cannot be read at all.
pub fn verify(which: &Which) -> Result<ExitCode, Failure> {
    let path = match (&which.dir, &which.database) {
        (_, Some(file)) => file.clone(),
        (Some(dir), None) => Folder::new(dir.clone()).database(),
        (None, None) => return Err(Failure::usage("usage", "give --dir or --database")),
    };
    require_file(&path)?;
    let scratch = beside(&path, "verifying");
    // One left over by a check that was interrupted.
    Database::remove_files(&scratch);
    let found = purser_replica::verify(&path, &scratch);
    Database::remove_files(&scratch);
    let found = found.map_err(|error| unreadable(&path, error))?;
    for finding in &found.findings {
        say(&finding.to_string());
    }
    let (journals, entries, seals) = (found.journals, found.entries, found.seals);
    if found.findings.is_empty() {
        say(&format!(
            "ok: {journals} journals, {entries} entries, {seals} seals, all tables as the journals say"
        ));
        return Ok(ExitCode::SUCCESS);
    }
    let remedy = "stop the node; `rebuild` mends derived tables, everything else needs a new life: \
                  new folder, `init`, `join`";
    hint(&format!(
        "{} findings after {entries} entries of {journals} journals: {remedy}",
        found.findings.len()
    ));
    Ok(ExitCode::FAILURE)
}

/// Writes a consistent copy of the database while the node goes on.
///
/// # Errors
/// If the copy exists already, or cannot be written.
pub fn backup(copying: &Copying) -> Result<ExitCode, Failure> {
    let source = Folder::new(copying.dir.clone()).database();
    require_file(&source)?;
    let to = &copying.to;
    if fs::exists(to).map_err(|error| Failure::io("look for", to, &error))? {
        let path = to.display();
        return Err(Failure::usage("file_exists", format!("{path} exists already: choose a new file")));
    }
    let copied = Database::open_reader(&source)?.snapshot(|database| {
        // The first read fixes what the snapshot shows, so that commits meanwhile do not make
        // the copy begin again.
        database.author_count()?;
        database.copy_to(to)
    });
    if let Err(error) = copied {
        Database::remove_files(to);
        return Err(error.into());
    }
    close_to_others(to, 0o600)?;
    let bytes = fs::metadata(to).map_err(|error| Failure::io("look at", to, &error))?.len();
    say(&format!("{}: {bytes} bytes", to.display()));
    hint(
        "This copy is for `verify --database` and for looking things up. Do not run it as this replica:\n\
         it would write entries under numbers that are used already, and could spend points that were\n\
         spent since. To replace a lost machine, join again (`init` in a new folder, `join` with a new\n\
         code from the hub): everything the hub knows comes back by itself; then fence the old replica.",
    );
    Ok(ExitCode::SUCCESS)
}

/// Derives every derived table anew from the journals. The node has to be stopped.
///
/// # Errors
/// If the database is in use, or damaged beyond its derived tables.
pub fn rebuild(folder: &Folder) -> Result<ExitCode, Failure> {
    require_file(&folder.database())?;
    let identity = Identity::load(folder.path())?;
    let founding =
        Founding { charter: identity.charter, credential: identity.papers.credential, key: identity.key };
    let mut replica = Replica::open(&folder.database(), founding, Settings::default())?;
    replica.rebuild()?;
    let entries: u64 = replica.authors().map(|author| author.head.seq).sum();
    say(&format!("rebuilt from {entries} entries; digest {}", replica.digest()?));
    Ok(ExitCode::SUCCESS)
}

/// A file that cannot be verified. Of a damaged one no part is to be trusted.
fn unreadable(path: &Path, error: ReplicaError) -> Failure {
    match error {
        ReplicaError::Storage(damaged @ StorageError::Corrupt(_)) => {
            let remedy = "restore from a backup as a new replica: join again, in a new folder";
            Failure::new(damaged.code(), format!("{} is damaged: {remedy}", path.display()))
        }
        error => error.into(),
    }
}

fn require_file(path: &Path) -> Result<(), Failure> {
    if path.is_file() {
        return Ok(());
    }
    let message = format!("{} is not there: is it the right folder, and has it run?", path.display());
    Err(Failure::usage("database_missing", message))
}

/// A path beside `path`: on the same disk, so with the same room.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{ending}"));
    PathBuf::from(name)
}
