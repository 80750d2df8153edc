use std::{ffi::OsString, path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};

use crate::{
    Addresses, Copying, Failure, Folder, Which, backup, doctor, hint,
    joining::{Joining, join},
    lay_out, rebuild, run, run_parsed, say, verify,
};

/// A store of a Purser city: keeps the members' points and serves the tills, with the line to
/// the others up or down.
#[derive(Debug, Parser)]
#[command(name = "purser-node", version)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Makes the folder of a new store: configuration and API token.
    Init(Init),
    /// Joins the city with a join code from the hub (`purser-hub invite`).
    Join(Joining),
    /// Runs the store until it is stopped.
    Run(Dir),
    /// Proves the database: chains, seals, postings, derived tables.
    Verify(Which),
    /// Copies the database to a file while the store runs.
    Backup(Copying),
    /// Derives all tables anew from the journals; the store has to be stopped.
    Rebuild(Dir),
    /// Looks at all that has to be right for the store to work.
    Doctor(Dir),
}

#[derive(Debug, Args)]
struct Init {
    /// The folder to make.
    #[arg(long)]
    dir: PathBuf,
    #[command(flatten)]
    addresses: NodeAddresses,
}

#[derive(Debug, Args)]
struct NodeAddresses {
    /// Where to listen for other replicas (UDP).
    #[arg(long, default_value = "0.0.0.0:8651")]
    listen: std::net::SocketAddr,
    /// Where the others find it, host:port, if that is not where it listens.
    #[arg(long)]
    advertise: Option<String>,
    /// Where to listen for tills (HTTP).
    #[arg(long, default_value = "127.0.0.1:8650")]
    http: std::net::SocketAddr,
}

#[derive(Debug, Args)]
struct Dir {
    /// The store's folder.
    #[arg(long)]
    dir: PathBuf,
}

/// Carries out a command line of `purser-node`; the first argument is the program's name.
pub fn run_command_line(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    run_parsed(args, carry_out)
}

fn carry_out(CommandLine { command }: CommandLine) -> Result<ExitCode, Failure> {
    match command {
        Command::Init(init) => found(init),
        Command::Join(joining) => join(&joining),
        Command::Run(Dir { dir }) => run(&Folder::new(dir), None),
        Command::Verify(which) => verify(&which),
        Command::Backup(copying) => backup(&copying),
        Command::Rebuild(Dir { dir }) => rebuild(&Folder::new(dir)),
        Command::Doctor(Dir { dir }) => doctor(&Folder::new(dir)),
    }
}

fn found(Init { dir, addresses }: Init) -> Result<ExitCode, Failure> {
    let folder = Folder::new(dir);
    let NodeAddresses { listen, advertise, http } = addresses;
    lay_out(&folder, Addresses { listen, advertise, http })?;
    let path = folder.path().display();
    say(&format!("made {path}"));
    hint(&format!("join the city: purser-node join --dir {path} CODE, with a code from purser-hub invite"));
    Ok(ExitCode::SUCCESS)
}
