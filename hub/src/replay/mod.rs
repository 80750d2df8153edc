//! `purser-hub replay`: plays a purchase history through a whole city and checks what comes
//! of it against a plain account.
//!
//! The hub and every store are real nodes in this process: a database file, a QUIC endpoint and
//! a link to the hub each. Their wall clock is the history's; what hours of real time give to
//! sync, the driver gives by waiting, never longer than bounds that are reported. The file
//! is read (`history`), lines are cut by a plan (`outage_plan`), baskets are checked out
//! (`driver`, `visit`), and at the end all replicas (`evidence`) are held against sums made
//! straight from the file (`account`, `checks`).

mod account;
mod checks;
mod city;
mod driver;
mod evidence;
mod history;
mod moment;
mod outage;
mod outage_plan;
mod registration;
mod replay_error;
mod report;
mod site;
mod table;
mod tally;
mod timeline;
mod virtual_clock;
mod visit;
mod waiting;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};
use purser_node::{Failure, say};
use purser_replica::Policy;
use tempfile::TempDir;

use self::{
    account::Account,
    checks::Trial,
    city::{City, Plan},
    driver::Driver,
    evidence::Evidence,
    history::History,
    outage_plan::OutagePlan,
    report::Findings,
};
pub use self::{
    replay_error::ReplayError,
    report::{Report, Spread},
};

/// Plays a purchase history through a hub and all its stores, and checks what comes of it.
#[derive(Debug, Clone, clap::Args)]
pub struct ReplayArgs {
    /// The history: CSV, also packed by gzip, with the columns transaction_timestamp (UTC),
    /// store_id, household_id, basket_id and sales_value, in any order, others passed over.
    #[arg(long, value_name = "FILE")]
    baskets: PathBuf,
    /// When lines are cut: a CSV file with the columns store_id (or `hub`), from and until
    /// (UTC), or `none`. Without it a moderate plan is drawn.
    #[arg(long, value_name = "PLAN")]
    outages: Option<PathBuf>,
    /// Points for each full unit of a basket's value.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(i64).range(1..=100_000))]
    rate: i64,
    /// What chance goes by: replica ids, the drawn plan, the stores looked at more closely.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Writes the report as JSON too.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// An empty folder for the databases, which stay there. Without it they go at the end.
    #[arg(long)]
    dir: Option<PathBuf>,
    /// Where rights go after a visit: keep, hub, share, habit or spread.
    #[arg(long, default_value_t = Policy::default())]
    policy: Policy,
    /// Replays the first so many baskets only.
    #[arg(long, value_name = "BASKETS")]
    limit: Option<usize>,
    /// How long the hub gathers what stores wrote before it passes it on, in milliseconds.
    #[arg(long, default_value_t = 250, value_parser = clap::value_parser!(u64).range(0..=1_000))]
    gather_ms: u64,
}

/// Threads that move frames; beside them every replica has one that writes.
const WORKERS: usize = 4;
/// How long the city may take at the end until all know the same.
const CONVERGE_PATIENCE: Duration = Duration::from_mins(2);

/// Runs the command: 0 if every check held, 1 if not.
///
/// # Errors
/// What keeps it from being played to its end.
pub fn run(args: &ReplayArgs) -> Result<ExitCode, Failure> {
    let report = replay(args)
        .map_err(|error| if error.blames_input() { Failure::of_input(&error) } else { error.into() })?;
    say(&report.to_string());
    Ok(if report.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Replays a history.
///
/// # Errors
/// If the input is at fault, or a replica does not do what it must. Checks that fail are part
/// of the report.
pub fn replay(args: &ReplayArgs) -> Result<Report, ReplayError> {
    let began = Instant::now();
    let history = History::read(&args.baskets, args.limit)?;
    let outages = match &args.outages {
        Some(none) if none.as_os_str() == "none" => OutagePlan::default(),
        Some(path) => OutagePlan::read(path, &history)?,
        None => OutagePlan::draw(args.seed, &history),
    };
    let account = Account::of(&args.baskets, args.rate, args.limit)?;
    let (directory, _temporary) = folder(args.dir.as_deref())?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .enable_all()
        .build()
        .map_err(ReplayError::Runtime)?;
    let replay = Replay { args, history: &history, outages: &outages, account: &account, began };
    let report = runtime.block_on(replay.play(&directory))?;
    if let Some(path) = &args.report {
        report.write(path)?;
    }
    Ok(report)
}

/// What is replayed.
struct Replay<'r> {
    args: &'r ReplayArgs,
    history: &'r History,
    outages: &'r OutagePlan,
    account: &'r Account,
    began: Instant,
}

impl Replay<'_> {
    async fn play(&self, directory: &Path) -> Result<Report, ReplayError> {
        let ReplayArgs { seed, policy, rate, gather_ms, .. } = *self.args;
        let progress = progress_bar(self.history.baskets.len());
        progress.set_message("starting the city");
        let plan = Plan {
            directory,
            stores: &self.history.stores,
            begins_ms: self.history.begins_ms(),
            seed,
            policy,
            rate,
            gather_ms,
        };
        let city = City::found(&plan).await?;
        progress.set_message("registering the members");
        let members = registration::register(&city, self.history).await?;
        let driver =
            Driver::new(Arc::clone(&city), self.history, self.outages, &members, rate, progress.clone());
        let (tally, outages) = driver.play().await?;
        progress.set_message("converging");
        let last_basket = Instant::now();
        let converged = city.converge(CONVERGE_PATIENCE).await?;
        let converge = last_basket.elapsed();
        progress.set_message("reading all replicas");
        city.sites().for_each(|site| city.note_alarms(site));
        let evidence = Evidence::gather(&city, &members, seed).await?;
        let (history, account, alarms) = (self.history, self.account, city.alarms());
        let trial =
            Trial { history, account, tally: &tally, evidence: &evidence, converged, alarms: &alarms };
        let checks = trial.checks();
        let (bytes_sent, turns, took) = (city.bytes_sent(), city.turns(), self.began.elapsed());
        progress.finish_and_clear();
        if let Ok(city) = Arc::try_unwrap(city) {
            city.stop().await;
        }
        Ok(Report::of(Findings {
            history,
            account,
            tally,
            outages,
            evidence,
            checks,
            bytes_sent,
            turns,
            converge,
            took,
        }))
    }
}

/// A folder for the databases, and what removes it at the end if nobody named it.
fn folder(named: Option<&Path>) -> Result<(PathBuf, Option<TempDir>), ReplayError> {
    let unwritable = |path: &Path| {
        let path = path.to_owned();
        |source| ReplayError::Unwritable { path, source }
    };
    if let Some(path) = named {
        std::fs::create_dir_all(path).map_err(unwritable(path))?;
        if std::fs::read_dir(path).map_err(unwritable(path))?.next().is_some() {
            return Err(ReplayError::FolderInUse(path.to_owned()));
        }
        return Ok((path.to_owned(), None));
    }
    let folder = TempDir::new().map_err(unwritable(&std::env::temp_dir()))?;
    Ok((folder.path().to_owned(), Some(folder)))
}

/// None where nobody looks: indicatif draws on a terminal only.
fn progress_bar(baskets: usize) -> ProgressBar {
    let bar = ProgressBar::new(baskets as u64);
    let style = ProgressStyle::with_template("{elapsed_precise} {wide_bar} {pos}/{len} baskets {msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}
