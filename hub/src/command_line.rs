use std::{ffi::OsString, path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};
use purser_node::{
    Copying, Examination, Failure, Folder, Staff, Token, Webhook, Which, backup, doctor, hint, manage,
    manage_tokens, manage_webhooks, rebuild, run, run_parsed, verify,
};

use crate::{
    allowance::{Granting, grant},
    commission::{Period, commission},
    fleet::{Asking, Fencing, Reclaiming, fence, reclaim, status},
    founding::{Founding, found},
    inviting::{Inviting, invite},
    joining::{HubJoining, join},
    late::{Late, late},
    programme::{Rules, programme},
    replay::{self, ReplayArgs},
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
    /// Makes a join code for one store, or for a further hub; prints nothing else on stdout.
    Invite(Inviting),
    /// Makes the folder of a further hub, and joins with a code of `invite --hub`.
    Join(HubJoining),
    /// Runs the hub until it is stopped.
    Run(Dir),
    /// Puts a lost replica out, for good; the hub has to run.
    Fence(Fencing),
    /// Takes back the rights of a replica that was put out, once its lease is over; the hub has to run.
    Reclaim(Reclaiming),
    /// Lists what fenced replicas wrote too late, or settles it; the hub has to run.
    Late(Late),
    /// Lets a store spend points beyond its rights, so many at most; the hub has to run.
    Allowance(Granting),
    /// Checks the rules of a scheme, tries them on past sales, publishes them.
    Programme(Rules),
    /// Reckons what staff get for stored value that they sold; the hub has to run.
    Commission(Period),
    /// Shows how the hub and its stores stand; the hub has to run.
    Status(Asking),
    /// Proves the database: chains, seals, postings, derived tables.
    Verify(Which),
    /// Copies the database to a file while the hub runs.
    Backup(Copying),
    /// Derives all tables anew from the journals; the hub has to be stopped.
    Rebuild(Dir),
    /// Makes, changes and lists the accounts by which staff sign in, good at every replica; the hub has to run.
    #[command(subcommand)]
    Staff(Staff),
    /// Makes, revokes and lists tokens of the API, each good for what it needs; the hub may run or not.
    #[command(subcommand)]
    Token(Token),
    /// Adds, removes and lists programs that are told what the city writes (docs/webhooks.md); the hub may run or not.
    #[command(subcommand)]
    Webhook(Webhook),
    /// Looks at all that has to be right for the hub to work.
    Doctor(Examination),
    /// Plays a purchase history through a city in this process, and checks what comes of it.
    Replay(ReplayArgs),
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
        Command::Invite(inviting) => invite(&inviting),
        Command::Join(joining) => join(joining),
        Command::Run(Dir { dir }) => run(&Folder::new(dir)),
        Command::Fence(fencing) => fence(&fencing),
        Command::Reclaim(reclaiming) => reclaim(&reclaiming),
        Command::Late(of) => late(&of),
        Command::Allowance(granting) => grant(&granting),
        Command::Programme(rules) => programme(&rules),
        Command::Commission(period) => commission(&period),
        Command::Status(asking) => status(&asking),
        Command::Verify(which) => verify(&which),
        Command::Backup(copying) => back_up(&copying),
        Command::Rebuild(Dir { dir }) => rebuild(&Folder::new(dir)),
        Command::Staff(staff) => manage(&staff),
        Command::Token(token) => manage_tokens(&token),
        Command::Webhook(webhook) => manage_webhooks(&webhook),
        Command::Doctor(examination) => doctor(&examination),
        Command::Replay(args) => replay::run(&args),
    }
}

fn back_up(copying: &Copying) -> Result<ExitCode, Failure> {
    let done = backup(copying)?;
    hint("Keep a copy of authority.key in a safe too: without it no store can join again.");
    Ok(done)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use purser_transport::{Authority, Identity, JoinCode};

    use super::*;

    fn parsed(words: &[&str]) -> Result<CommandLine, clap::Error> {
        CommandLine::try_parse_from([&["purser-hub"], words].concat())
    }

    fn refusal(words: &[&str]) -> String {
        let failure = carry_out(parsed(words).unwrap()).unwrap_err();
        assert!(!failure.to_string().contains('\n'), "{failure}");
        failure.code().to_owned()
    }

    fn text(path: &Path) -> &str {
        path.to_str().unwrap()
    }

    #[test]
    fn a_city_is_founded_once_and_its_hub_has_papers() {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("hub");
        let init = ["init", "--dir", text(&dir), "--chain", "Laiwu Books 莱芜书店", "--city", "Jinan"];
        carry_out(parsed(&init).unwrap()).unwrap();
        let identity = Identity::load(&dir).unwrap();
        assert_eq!(identity.credential.store.0, 0);
        assert_eq!(identity.charter.card_prefix, 6688);
        assert_eq!(Authority::load(&dir).unwrap().public_key(), identity.charter.authority);
        assert_eq!(refusal(&init), "folder_not_empty");
    }

    #[test]
    fn a_city_that_cannot_be_is_not_founded() {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("hub");
        let init = |more: &[&str]| {
            let words = ["init", "--dir", text(&dir), "--chain", "Books", "--city", "Jinan"];
            refusal(&[&words, more].concat())
        };
        for (chain, city) in [("Bo\noks", "Jinan"), ("Books", "nan\u{202e}iJ"), ("", "Jinan")] {
            let words = ["init", "--dir", text(&dir), "--chain", chain, "--city", city];
            assert_eq!(refusal(&words), "charter_invalid", "{chain:?} {city:?}");
        }
        assert_eq!(init(&["--time-zone", "Asia/Atlantis"]), "invalid_value");
        assert_eq!(init(&["--card-prefix", "12"]), "charter_invalid");
        assert_eq!(init(&["--name", "Hub\u{1b}[2J"]), "name_invalid");
        assert_eq!(init(&["--advertise", "hub"]), "address_invalid");
        assert!(!dir.exists());
    }

    #[test]
    fn a_join_code_says_where_the_hub_is() {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("hub");
        let init = ["init", "--dir", text(&dir), "--chain", "Books", "--city", "Jinan"];
        carry_out(parsed(&init).unwrap()).unwrap();
        let invite = ["invite", "--dir", text(&dir), "--store", "12", "--name", "春风路店"];
        // It listens on all addresses, and none of these is one to be found at.
        assert_eq!(refusal(&invite), "advertise_missing");
        assert_eq!(refusal(&[&invite[..], &["--at", "hub"]].concat()), "hub_address_invalid");
        let strange = ["invite", "--dir", text(&dir), "--store", "12", "--at", "h:1", "--name", "春\n风路店"];
        assert_eq!(refusal(&strange), "store_name_invalid");
        carry_out(parsed(&[&invite[..], &["--at", "hub.example:8641"]].concat()).unwrap()).unwrap();

        let Command::Invite(inviting) =
            parsed(&[&invite[..], &["--at", "h:1", "--at", "h:2"]].concat()).unwrap().command
        else {
            unreachable!()
        };
        let code: JoinCode = inviting.code().unwrap().to_string().parse().unwrap();
        assert_eq!(code.hub_addresses, ["h:1", "h:2"]);
        for wrong in [["--store", "0"], ["--store", "10000"], ["--valid-hours", "0"]] {
            let mut words = vec!["invite", "--dir", "d", "--name", "n"];
            words.extend(wrong);
            assert!(parsed(&words).is_err(), "{wrong:?}");
        }
    }
}
