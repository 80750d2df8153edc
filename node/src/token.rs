use std::{
    path::PathBuf,
    process::ExitCode,
    time::{SystemTime, UNIX_EPOCH},
};

use clap::{Args, Subcommand};
use purser_service::{Config, TokenFolder, TokenScope};

use crate::{Failure, Folder, hint, say};

/// Tokens by which programs call the API, beside the one in `api-token`.
#[derive(Debug, Subcommand)]
pub enum Token {
    /// Makes a token; tells it once.
    Create(Making),
    /// Lists the tokens, by name, with what they are good for.
    List(Whose),
    /// Ends a token: within seconds nobody gets in by it any more.
    Revoke(Ending),
}

/// A token to make.
#[derive(Debug, Args)]
pub struct Making {
    #[command(flatten)]
    whose: Whose,
    /// What it is called, in lists and in the journals: 1 to 32 of a-z, 0-9, '.', '_' and '-'.
    #[arg(long)]
    name: String,
    /// What it is good for: till, members, read, operation or admin. Can be given several times.
    #[arg(long = "scope", required = true)]
    scopes: Vec<TokenScope>,
}

/// A token to end.
#[derive(Debug, Args)]
pub struct Ending {
    #[command(flatten)]
    whose: Whose,
    /// What it is called.
    #[arg(long)]
    name: String,
}

/// Whose tokens.
#[derive(Debug, Args)]
pub struct Whose {
    /// The replica's folder.
    #[arg(long)]
    dir: PathBuf,
}

/// Carries out what is wanted of tokens, in the folder. A running process notices within a second or two.
///
/// # Errors
/// If the folder is none of a replica, or the token cannot be made or ended.
pub fn manage_tokens(token: &Token) -> Result<ExitCode, Failure> {
    match token {
        Token::Create(Making { whose, name, scopes }) => {
            let secret = whose.tokens()?.create(name, scopes, now_ms())?;
            say(&format!("{name}  {}", secret.text()));
            hint("the token is told this once: put it where the program finds it, and nowhere else");
        }
        Token::List(whose) => {
            for token in whose.tokens()?.list()? {
                let scopes: Vec<&str> = token.scopes.iter().map(|scope| scope.name()).collect();
                say(&format!("{:<32} {}  {}", token.name, token.created, scopes.join(" ")));
            }
        }
        Token::Revoke(Ending { whose, name }) => {
            whose.tokens()?.revoke(name)?;
            say(&format!("{name} is revoked"));
        }
    }
    Ok(ExitCode::SUCCESS)
}

impl Whose {
    /// The tokens of a folder that is a replica's.
    fn tokens(&self) -> Result<TokenFolder, Failure> {
        let folder = Folder::new(self.dir.clone());
        Config::load(folder.path()).map_err(|error| Failure::of_input(&error))?;
        Ok(TokenFolder::of(folder.path()))
    }
}

/// Since 1970, for lists: nothing hangs on it.
fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
