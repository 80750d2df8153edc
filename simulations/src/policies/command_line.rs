use std::{
    error::Error,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use purser_escrow::Policy;

use super::{
    comparison::{Terms, compare},
    generated::Generated,
    history::History,
    outage::Outage,
    plots,
    report::Report,
};

/// Compares where members' points can live, by what a store, a district or a hub without a line can
/// still serve: on a purchase history, or in a city made up from a seed.
#[derive(Debug, Parser)]
#[command(name = "purser-policies", version)]
struct CommandLine {
    /// A purchase history in the format of `purser-hub replay`, packed by gzip or not.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["stores", "members", "days", "seed"])]
    baskets: Option<PathBuf>,
    /// Stores of the made-up city.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(2..=10_000))]
    stores: u32,
    /// Its members.
    #[arg(long, default_value_t = 2_000, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    members: u32,
    /// Days on which they shop.
    #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(u32).range(1..=3_660))]
    days: u32,
    /// What everything in it follows from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Points for goods of 1.00.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(i64).range(1..=1_000))]
    rate: i64,
    /// Points that a store without a line may advance to a member; 100 points are ¥1.
    #[arg(long, default_value_t = 2_000, value_parser = clap::value_parser!(i64).range(0..=1_000_000))]
    allowance: i64,
    /// Members in a hundred who have a phone.
    #[arg(long, default_value_t = 80, value_parser = clap::value_parser!(u64).range(0..=100))]
    phones: u64,
    /// Writes report.md, report.json and the plots into this folder.
    #[arg(long, value_name = "FOLDER")]
    report: Option<PathBuf>,
}

/// Carries out a command line; the first argument is the program's name. 0 if all went well, 1 if
/// a file could not be read or written, 2 if the command line is at fault.
pub fn run_policies(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args = match CommandLine::try_parse_from(args) {
        Ok(args) => args,
        Err(error) => {
            // Whoever has closed the terminal reads nothing.
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(2) } else { ExitCode::SUCCESS };
        }
    };
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &CommandLine) -> Result<(), Box<dyn Error>> {
    let (source, history) = if let Some(path) = &args.baskets {
        ("A purchase history".to_owned(), History::read(path)?)
    } else {
        let [stores, members] = [args.stores, args.members].map(|count| count as usize);
        let (days, seed) = (u64::from(args.days), args.seed);
        let city = Generated { stores, members, days, seed };
        (format!("A city made up from seed {seed}"), city.history())
    };
    let terms =
        Terms { rate: args.rate, phones_percent: args.phones, allowance: args.allowance, ..Terms::default() };
    let bar = ProgressBar::new((history.members.len() * Policy::ALL.len()) as u64).with_style(style());
    let outages = Outage::all();
    let outcomes = Policy::ALL.map(|policy| compare(&history, &terms, policy, &outages, || bar.inc(1)));
    bar.finish_and_clear();
    let report = Report::new(source, &history, terms, outcomes.to_vec());
    match &args.report {
        Some(folder) => write(&report, folder)?,
        None => print!("{}", report.markdown()),
    }
    Ok(())
}

fn write(report: &Report, folder: &Path) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(folder.join("report.md"), report.markdown()))
        .and_then(|()| fs::write(folder.join("report.json"), format!("{:#}\n", report.json())))
        .map_err(|error| format!("cannot write to {}: {error} [file_unwritable]", folder.display()))?;
    plots::draw(report, folder)
        .map_err(|error| format!("cannot draw into {}: {error} [file_unwritable]", folder.display()))?;
    println!("wrote {}", folder.join("report.md").display());
    Ok(())
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("{bar:40} {pos}/{len} lives, {eta} left")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
}
