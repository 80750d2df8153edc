use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};

use crate::{Client, Failure, Folder, hint, say};

/// Accounts by which staff sign in to the pages.
#[derive(Debug, Subcommand)]
pub enum Staff {
    /// Makes an account, or gives one a new password or role; tells the password once.
    Set(Setting),
    /// Closes an account: nobody signs in by it any more.
    Close(Named),
    /// Lists the accounts.
    List(Whose),
}

/// An account to make or change.
#[derive(Debug, Args)]
pub struct Setting {
    #[command(flatten)]
    named: Named,
    /// What its owner may do.
    #[arg(long, value_enum)]
    role: RoleWord,
}

/// Which account.
#[derive(Debug, Args)]
pub struct Named {
    #[command(flatten)]
    whose: Whose,
    /// What its owner types: 1 to 32 of a-z, 0-9, '.', '_' and '-'.
    #[arg(long)]
    name: String,
    /// Who that is, as others see it; the name, if nothing is said.
    #[arg(long)]
    person: Option<String>,
}

/// Whose accounts: those of the replica that runs in a folder.
#[derive(Debug, Args)]
pub struct Whose {
    /// The folder.
    #[arg(long)]
    dir: PathBuf,
    /// Where it listens for tills, if that is not what its configuration says.
    #[arg(long)]
    http: Option<SocketAddr>,
}

/// What somebody may do.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum RoleWord {
    /// Serves at the counter.
    Cashier,
    /// Runs a store.
    Manager,
    /// Runs the chain; at a hub only.
    HeadOffice,
    /// Looks, and changes nothing; at a hub only.
    Auditor,
}

/// Carries out what is wanted of accounts, at the running process.
///
/// # Errors
/// If the process does not run, or refuses.
pub fn manage(staff: &Staff) -> Result<ExitCode, Failure> {
    match staff {
        Staff::Set(Setting { named, role }) => {
            let answer = set(named, role.word(), false)?;
            let name = answer["name"].as_str().unwrap_or_default();
            say(&format!("{name}  {}", answer["password"].as_str().unwrap_or_default()));
            hint(
                "the password is told this once: pass it on, and have it changed if anybody else has seen it",
            );
        }
        Staff::Close(named) => {
            set(named, RoleWord::Cashier.word(), true)?;
            say(&format!("{} is closed", named.name));
        }
        Staff::List(whose) => {
            let answer = client(whose)?.get("/v1/staff")?;
            for account in answer["accounts"].as_array().into_iter().flatten() {
                say(&line(account));
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn set(Named { whose, name, person }: &Named, role: &str, closed: bool) -> Result<Value, Failure> {
    let person = person.as_ref().unwrap_or(name);
    client(whose)?.post("/v1/staff", &json!({"name": name, "person": person, "role": role, "closed": closed}))
}

fn client(Whose { dir, http }: &Whose) -> Result<Client, Failure> {
    Client::of(&Folder::new(dir.clone()), *http)
}

fn line(account: &Value) -> String {
    let text = |key: &str| account[key].as_str().unwrap_or_default().to_owned();
    let place = account["store"].as_u64().map_or_else(|| "city".to_owned(), |store| format!("store {store}"));
    let closed = if account["closed"] == true { "  closed" } else { "" };
    format!("{:<20} {:<12} {place:<10} {}{closed}", text("name"), text("role"), text("person"))
}

impl RoleWord {
    fn word(self) -> &'static str {
        match self {
            RoleWord::Cashier => "cashier",
            RoleWord::Manager => "manager",
            RoleWord::HeadOffice => "head_office",
            RoleWord::Auditor => "auditor",
        }
    }
}
