use std::{ffi::OsString, fs, future::pending, net::SocketAddr, path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};
use tokio::{net::TcpListener, runtime::Runtime};

use crate::{Keruyun, KeruyunSettings, Notes, Purser, Toast, ToastSettings, ToastToken, serving::serve};

/// Loyalty endpoints of the shapes that POS vendors call, in front of a Purser store. Examples: docs/adapters.md.
#[derive(Debug, Parser)]
#[command(name = "purser-adapter", version)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// One endpoint, `/loyalty`, shaped like Toast's loyalty integration.
    Toast(ToastArgs),
    /// Endpoints under `/keruyun`, shaped like those that Keruyun calls for members of others.
    Keruyun(KeruyunArgs),
}

#[derive(Debug, Args)]
struct Ends {
    /// Where to listen for the vendor's calls. There is no TLS here: put what ends it in front.
    #[arg(long, default_value = "127.0.0.1:8660")]
    listen: SocketAddr,
    /// Purser's API.
    #[arg(long, default_value = "http://127.0.0.1:8650")]
    purser: String,
    /// The file with its token.
    #[arg(long)]
    token_file: PathBuf,
    /// The till's name in Purser, for this adapter alone: 1 to 16 printable ASCII characters.
    #[arg(long)]
    till: Option<String>,
}

#[derive(Debug, Args)]
struct ToastArgs {
    #[command(flatten)]
    ends: Ends,
    /// The restaurant's id in `Toast-Restaurant-External-ID`.
    #[arg(long)]
    restaurant: String,
    /// The RSA public key, in PEM, of who signs the calls' tokens.
    #[arg(long)]
    public_key: PathBuf,
    /// The file in which transactions are noted; made if it is not there.
    #[arg(long)]
    notes: PathBuf,
    /// How many points each offer takes.
    #[arg(long, value_delimiter = ',', default_value = "100,200,500,1000")]
    offers: Vec<i64>,
}

#[derive(Debug, Args)]
struct KeruyunArgs {
    #[command(flatten)]
    ends: Ends,
    /// The key that Keruyun gave the application.
    #[arg(long)]
    app_key: String,
    /// The file with the token that calls are signed with.
    #[arg(long)]
    signing_token_file: PathBuf,
    /// The shop's id at Keruyun.
    #[arg(long)]
    shop: String,
    /// Keruyun's id of the asset that points are.
    #[arg(long, default_value = "points")]
    points_mapping: String,
    /// Keruyun's id of the asset that stored value is.
    #[arg(long, default_value = "stored-value")]
    stored_value_mapping: String,
}

/// An offer takes so many points at most, and there are so many offers: more than any till shows.
const OFFER_POINTS_MAX: i64 = 1_000_000;
const OFFERS_MAX: usize = 10;

/// Carries out a command line of `purser-adapter`; the first argument is the program's name. What goes wrong is told
/// in a line on standard error.
pub fn run_command_line(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let command = match CommandLine::try_parse_from(args) {
        Ok(CommandLine { command }) => command,
        Err(asked) => {
            let _ = asked.print();
            return ExitCode::from(if asked.use_stderr() { 2 } else { 0 });
        }
    };
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_ansi(false).init();
    match run(command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            tracing::error!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<(), String> {
    let (ends, router) = match command {
        Command::Toast(args) => {
            let router = toast(&args)?.router();
            (args.ends, router)
        }
        Command::Keruyun(args) => {
            let router = keruyun(&args)?.router();
            (args.ends, router)
        }
    };
    let runtime = Runtime::new().map_err(|error| format!("cannot start threads: {error}"))?;
    runtime.block_on(async {
        let listener = TcpListener::bind(ends.listen).await;
        let listener = listener.map_err(|error| format!("cannot listen on {}: {error}", ends.listen))?;
        tracing::info!(listen = %ends.listen, purser = ends.purser, "running");
        let until_stopped = async {
            // Where no signal can be waited for, the process is stopped from outside all the same.
            if tokio::signal::ctrl_c().await.is_err() {
                pending::<()>().await;
            }
        };
        serve(listener, router, until_stopped).await.map_err(|error| error.to_string())
    })
}

fn toast(args: &ToastArgs) -> Result<Toast, String> {
    let offers = args.offers.clone();
    if offers.len() > OFFERS_MAX || !offers.iter().all(|points| (1..=OFFER_POINTS_MAX).contains(points)) {
        return Err(format!("--offers: at most {OFFERS_MAX}, each of 1 to {OFFER_POINTS_MAX} points"));
    }
    let key = fs::read(&args.public_key).map_err(|error| unreadable(&args.public_key, &error))?;
    let token = ToastToken::signed_by(&key).map_err(|error| format!("--public-key: {error}"))?;
    let till = till(&args.ends, "toast")?;
    let notes = Notes::open(&args.notes).map_err(|error| error.to_string())?;
    let settings = ToastSettings { restaurant: args.restaurant.clone(), token, till, offers };
    Ok(Toast::new(purser(&args.ends)?, notes, settings))
}

fn keruyun(args: &KeruyunArgs) -> Result<Keruyun, String> {
    let settings = KeruyunSettings {
        app_key: args.app_key.clone(),
        signing_token: secret(&args.signing_token_file)?,
        shop: args.shop.clone(),
        till: till(&args.ends, "keruyun")?,
        points_mapping: args.points_mapping.clone(),
        stored_value_mapping: args.stored_value_mapping.clone(),
    };
    Ok(Keruyun::new(purser(&args.ends)?, settings))
}

fn purser(ends: &Ends) -> Result<Purser, String> {
    Purser::at(&ends.purser, &secret(&ends.token_file)?).map_err(|error| error.to_string())
}

fn till(ends: &Ends, usual: &str) -> Result<String, String> {
    let till = ends.till.as_deref().unwrap_or(usual);
    let sound = (1..=16).contains(&till.len()) && till.bytes().all(|byte| byte.is_ascii_graphic());
    if sound { Ok(till.to_owned()) } else { Err("--till: 1 to 16 printable ASCII characters".to_owned()) }
}

fn secret(path: &PathBuf) -> Result<String, String> {
    let text = fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
    let secret = text.trim();
    if secret.is_empty() { Err(format!("{} is empty", path.display())) } else { Ok(secret.to_owned()) }
}

fn unreadable(path: &std::path::Path, error: &std::io::Error) -> String {
    format!("cannot read {}: {error}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_lines_of_the_handbook_are_understood() {
        let toast = "toast --token-file t --restaurant GUID --public-key k --notes n --offers 100,200,500";
        let keruyun = "keruyun --token-file t --app-key KEY --signing-token-file s --shop SHOP --till k";
        for line in [toast, keruyun] {
            let words = ["purser-adapter"].into_iter().chain(line.split(' '));
            assert!(CommandLine::try_parse_from(words).is_ok(), "{line}");
        }
        for line in ["", "toast", "toast --token-file t", "square --token-file t"] {
            let words = ["purser-adapter"].into_iter().chain(line.split_whitespace());
            assert!(CommandLine::try_parse_from(words).is_err(), "{line}");
        }
    }
}
