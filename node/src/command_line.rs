use std::{ffi::OsString, path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};

use crate::{
    Addresses, Copying, Examination, Failure, Folder, Staff, Token, Webhook, Which, backup,
    certify::{Certification, certify},
    doctor, hint,
    joining::{Joining, join},
    lay_out, manage, manage_tokens, manage_webhooks, rebuild, run, run_parsed, say, verify,
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
    /// Makes, changes and lists the accounts by which staff sign in to the pages; the store has to run.
    #[command(subcommand)]
    Staff(Staff),
    /// Makes, revokes and lists tokens of the API, each good for what it needs; the store may run or not.
    #[command(subcommand)]
    Token(Token),
    /// Adds, removes and lists programs that are told what it writes (docs/webhooks.md); the store may run or not.
    #[command(subcommand)]
    Webhook(Webhook),
    /// Looks at all that has to be right for the store to work.
    Doctor(Examination),
    /// Plays a till's script against an API, a vendor's own included, and says what is not as the contract promises.
    Certify(Certification),
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
        Command::Run(Dir { dir }) => run(&Folder::new(dir)),
        Command::Verify(which) => verify(&which),
        Command::Backup(copying) => backup(&copying),
        Command::Rebuild(Dir { dir }) => rebuild(&Folder::new(dir)),
        Command::Staff(staff) => manage(&staff),
        Command::Token(token) => manage_tokens(&token),
        Command::Webhook(webhook) => manage_webhooks(&webhook),
        Command::Doctor(examination) => doctor(&examination),
        Command::Certify(certification) => certify(&certification),
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

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    /// What a command line comes to, without the program's name.
    fn run_line(words: &[&str]) -> Result<ExitCode, Failure> {
        carry_out(CommandLine::try_parse_from([&["purser-node"], words].concat()).unwrap())
    }

    fn refusal(words: &[&str]) -> (String, ExitCode) {
        let failure = run_line(words).unwrap_err();
        assert!(!failure.to_string().contains('\n'), "{failure}");
        (failure.code().to_owned(), failure.exit_code())
    }

    fn text(path: &Path) -> &str {
        path.to_str().unwrap()
    }

    #[test]
    fn the_command_lines_of_the_handbook_are_understood() {
        let lines = [
            "init --dir d --listen 0.0.0.0:8651 --advertise shop.example:8651 --http 127.0.0.1:8650",
            "join --dir d purser-join-abc",
            "join --dir d -",
            "join --dir d purser-join-abc def ghi",
            "run --dir d",
            "verify --dir d",
            "verify --database f",
            "backup --dir d --to f",
            "rebuild --dir d",
            "doctor --dir d",
            "certify http://127.0.0.1:8650 --token-file f",
            "certify http://127.0.0.1:8650 --token-file f --member-card 66880012013456786",
            "token create --dir d --name till-1 --scope till --scope read",
            "token list --dir d",
            "token revoke --dir d --name till-1",
            "webhook add --dir d --url https://crm.example.com/purser --event sale --event member.registered",
            "webhook list --dir d",
            "webhook remove --dir d --id wh-a1b2c3d4",
        ];
        for line in lines {
            let words = ["purser-node"].into_iter().chain(line.split(' '));
            assert!(CommandLine::try_parse_from(words).is_ok(), "{line}");
        }
        for line in [
            "",
            "run",
            "join --dir d",
            "verify",
            "verify --dir d --database f",
            "init --dir d --http x",
            "token create --dir d --name a",
            "token create --dir d --name a --scope everything",
            "webhook add --dir d --url http://crm.example.com/",
            "webhook add --dir d",
        ] {
            let words = ["purser-node"].into_iter().chain(line.split_whitespace());
            assert!(CommandLine::try_parse_from(words).is_err(), "{line}");
        }
    }

    #[test]
    fn a_folder_is_made_once_and_for_its_owner_only() {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("store");
        run_line(&["init", "--dir", text(&dir), "--listen", "127.0.0.1:0"]).unwrap();
        assert!(dir.join("purser.toml").exists() && dir.join("api-token").exists());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&dir).unwrap().permissions().mode() & 0o777, 0o700);
        }
        let usage = ExitCode::from(2);
        assert_eq!(refusal(&["init", "--dir", text(&dir)]), ("folder_not_empty".to_owned(), usage));
        let bad = ["init", "--dir", text(root.path()), "--advertise", "nowhere"];
        assert_eq!(refusal(&bad), ("address_invalid".to_owned(), usage));
    }

    #[test]
    fn what_comes_too_early_is_refused_with_what_to_do() {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("store");
        let usage = ExitCode::from(2);
        for command in ["run", "doctor"] {
            assert_eq!(refusal(&[command, "--dir", text(&dir)]), ("config_missing".to_owned(), usage));
        }
        assert_eq!(refusal(&["join", "--dir", text(&dir), "x"]), ("config_missing".to_owned(), usage));
        run_line(&["init", "--dir", text(&dir)]).unwrap();
        assert_eq!(refusal(&["join", "--dir", text(&dir), "x"]), ("not_a_join_code".to_owned(), usage));
        assert_eq!(refusal(&["run", "--dir", text(&dir)]).0, "file_missing");
        for command in ["verify", "rebuild"] {
            assert_eq!(refusal(&[command, "--dir", text(&dir)]), ("database_missing".to_owned(), usage));
        }
        let to = root.path().join("copy");
        let backup = ["backup", "--dir", text(&dir), "--to", text(&to)];
        assert_eq!(refusal(&backup), ("database_missing".to_owned(), usage));

        fs::write(dir.join("purser.db"), "of an earlier life").unwrap();
        assert_eq!(refusal(&["join", "--dir", text(&dir), "x"]), ("already_joined".to_owned(), usage));
        fs::write(&to, "there already").unwrap();
        assert_eq!(refusal(&backup), ("file_exists".to_owned(), usage));
        assert_eq!(refusal(&["verify", "--dir", text(&dir)]).0, "storage_corrupt");
    }
}
