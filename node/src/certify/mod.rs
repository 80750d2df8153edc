//! `purser-node certify`: plays a till's script against an API under `/v1` and says, check by check, whether what came
//! is what the contract promises. Against a node it proves the script; against a vendor's own middleware, the middleware.

mod enrolling;
mod expected;
mod figures;
mod finishing;
mod holding;
mod raw;
mod reaching;
mod redeeming;
mod refusing;
mod repeating;
mod report;
mod returning;
mod run;
mod selling;
mod till;

use std::{fs, path::PathBuf, process::ExitCode};

use clap::Args;
use purser_types::CardNumber;

use crate::Failure;

use run::Run;
use till::Till;

/// What to certify.
#[derive(Debug, Args)]
pub struct Certification {
    /// Where the API is, for example `http://127.0.0.1:8650`. It sells: use a city made for tests.
    url: String,
    /// The file with the bearer token, such as `api-token` in a store's folder.
    #[arg(long)]
    token_file: PathBuf,
    /// The card of a member who is there already; without it, one is registered. Nobody else may use it meanwhile.
    #[arg(long)]
    member_card: Option<CardNumber>,
}

/// Prints one line for each check, and what was sent, expected and came for each that fails; ends with 1 if one does.
///
/// # Errors
/// If the URL or the token cannot be used.
pub fn certify(certification: &Certification) -> Result<ExitCode, Failure> {
    let file = &certification.token_file;
    let token = fs::read_to_string(file).map_err(|error| Failure::io("read", file, &error))?;
    let mut run = Run::new(Till::at(&certification.url, token.trim())?)?;
    play(&mut run, certification.member_card);
    Ok(run.report.exit_code())
}

/// The whole script. A part without which nothing else makes sense ends it.
fn play(run: &mut Run, card: Option<CardNumber>) {
    if reaching::play(run).is_none() {
        return run.report.give_up("the API was not reached");
    }
    if enrolling::play(run, card).is_none() {
        return run.report.give_up("there is no member to sell to");
    }
    let Some(sale) = selling::play(run) else {
        return run.report.give_up("not even a sale could be closed");
    };
    // Each of these stands alone: one that breaks off has said why, and the next may still tell something.
    let _ = repeating::play(run, &sale);
    let _ = redeeming::play(run);
    let _ = holding::play(run);
    let _ = returning::play(run, &sale);
    let _ = refusing::play(run);
    let _ = finishing::play(run);
}
