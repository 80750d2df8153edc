use std::{ffi::OsString, path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};
use purser_node::{Copying, Failure, Folder, Which, backup, doctor, hint, rebuild, run, run_parsed, verify};
use purser_transport::Authority;

use crate::{
    fleet::{Asking, Fencing, fence, status},
    founding::{Founding, found},
    inviting::{Inviting, invite},
};

/// The hub of a Purser city: lets stores join, relays what they write, and keeps their rights.
#[derive(Debug, Parser)]
#[command(name = "purser-hub", version)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Founds a city: its authority, and its first hub.
    Init(Founding),
    /// Makes a join code for one store; prints nothing else on stdout.
    Invite(Inviting),
    /// Runs the hub until it is stopped.
    Run(Dir),
    /// Puts a lost replica out, for good; the hub has to run.
    Fence(Fencing),
    /// Shows how the hub and its stores stand; the hub has to run.
    Status(Asking),
    /// Proves the database: chains, seals, postings, derived tables.
    Verify(Which),
    /// Copies the database to a file while the hub runs.
    Backup(Copying),
    /// Derives all tables anew from the journals; the hub has to be stopped.
    Rebuild(Dir),
    /// Looks at all that has to be right for the hub to work.
    Doctor(Dir),
}

#[derive(Debug, Args)]
struct Dir {
    /// The hub's folder.
    #[arg(long)]
    dir: PathBuf,
}

/// Carries out a command line of `purser-hub`; the first argument is the program's name.
pub fn run_command_line(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    run_parsed(args, carry_out)
}

fn carry_out(CommandLine { command }: CommandLine) -> Result<ExitCode, Failure> {
    match command {
        Command::Init(founding) => found(founding),
        Command::Invite(inviting) => invite(inviting),
        Command::Run(Dir { dir }) => run_hub(&Folder::new(dir)),
        Command::Fence(fencing) => fence(&fencing),
        Command::Status(asking) => status(&asking),
        Command::Verify(which) => verify(&which),
        Command::Backup(copying) => back_up(&copying),
        Command::Rebuild(Dir { dir }) => rebuild(&Folder::new(dir)),
        Command::Doctor(Dir { dir }) => doctor(&Folder::new(dir)),
    }
}

fn run_hub(folder: &Folder) -> Result<ExitCode, Failure> {
    let authority = Authority::load(folder.path())?;
    run(folder, Some(authority))
}

fn back_up(copying: &Copying) -> Result<ExitCode, Failure> {
    let done = backup(copying)?;
    hint("Keep a copy of authority.key in a safe too: without it no store can join again.");
    Ok(done)
}
