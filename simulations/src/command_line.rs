use std::{
    ffi::OsString,
    fs,
    num::NonZero,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    thread,
};

use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};

use crate::{BUGS, Scenario, TROUBLES, Verdict, policies::History, report::Report};

/// Plays whole cities on virtual time, each from one seed, and checks at every step what must
/// always hold, and at the end that all replicas are equal and quiet.
#[derive(Debug, Parser)]
#[command(name = "purser-simulate", version)]
struct CommandLine {
    /// The first seed. What happens in a city follows from its seed, size and scenario alone.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// So many cities, from as many seeds; troubles are drawn for each, unless a scenario is named.
    #[arg(long, default_value_t = 1, value_name = "SEEDS", value_parser = clap::value_parser!(u64).range(1..))]
    swarm: u64,
    /// Stores in a city, beside its hub.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=500))]
    stores: u32,
    /// Visits of members in a city.
    #[arg(long, default_value_t = 200)]
    visits: usize,
    /// Days of a city, at two visits a store and day, instead of a number of visits.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=3_650))]
    days: Option<u32>,
    /// Plays a purchase history in the format of the hub's replay, as many days of it as `--days` says.
    #[arg(long, value_name = "FILE")]
    baskets: Option<PathBuf>,
    /// One kind of trouble, and plenty of it; `--scenarios` lists them. `calm` is none.
    #[arg(long, value_name = "NAME")]
    scenario: Option<String>,
    /// Lists the scenarios.
    #[arg(long)]
    scenarios: bool,
    /// Writes the report as JSON.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Writes every event of the city of the first seed, line by line.
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
    /// Looks for the smallest city in which a violation is still seen.
    #[arg(long)]
    shrink: bool,
    /// Switches a bug on that is built in on purpose: the exit status must not be 0.
    #[arg(long, value_name = "NAME")]
    mutant: Option<String>,
    /// Lists these bugs, with the scenario that brings each out and the checker that finds it.
    #[arg(long)]
    mutants: bool,
}

const DAY_MS: u64 = 86_400_000;
const VISITS_A_DAY: u64 = 2;
const HUNTED_SEEDS: u64 = 30;

/// Carries out a command line; the first argument is the program's name. 0 if nothing was
/// violated, 1 if something was, 2 if the command line is at fault.
pub fn run_command_line(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args = match CommandLine::try_parse_from(args) {
        Ok(args) => args,
        Err(error) => {
            // Whoever has closed the terminal reads nothing.
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(2) } else { ExitCode::SUCCESS };
        }
    };
    if args.scenarios {
        for trouble in TROUBLES {
            println!("{:<12} {}", trouble.name, trouble.what);
        }
        return ExitCode::SUCCESS;
    }
    if args.mutants {
        for bug in BUGS {
            println!("{:<26} {:<12} {}", bug.name, bug.trouble, bug.checker);
        }
        return ExitCode::SUCCESS;
    }
    if let Some(name) = &args.mutant {
        return hunt(name);
    }
    if args.scenario.as_ref().is_some_and(|name| !is_known(name)) {
        eprintln!("error: no scenario has that name: --scenarios lists them [scenario_unknown]");
        return ExitCode::from(2);
    }
    let report = match &args.baskets {
        None => play_all(&args),
        Some(path) => match History::read(path) {
            Ok(history) => play_history(&args, &history),
            Err(error) => {
                eprintln!("error: {error}");
                return ExitCode::FAILURE;
            }
        },
    };
    println!("{}", report.text());
    let written = args.report.as_ref().map(|path| fs::write(path, format!("{:#}\n", report.json())));
    if let Some(Err(error)) = written {
        eprintln!("error: the report cannot be written: {error} [file_unwritable]");
        return ExitCode::FAILURE;
    }
    let missed = missed(&args, &report);
    if !missed.is_empty() {
        println!("not reached   {}", missed.join(", "));
    }
    if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Looks for a bug that is built in: 1 if it is found, as it has to be.
fn hunt(name: &str) -> ExitCode {
    let Some(bug) = BUGS.iter().find(|bug| bug.name == name) else {
        eprintln!("error: no mutant has that name: --mutants lists them [mutant_unknown]");
        return ExitCode::from(2);
    };
    let Some(verdict) = bug.hunt(HUNTED_SEEDS) else {
        println!("{name} was not found in {HUNTED_SEEDS} cities");
        return ExitCode::SUCCESS;
    };
    for violation in verdict.violations.iter().filter(|it| it.checker == bug.checker).take(3) {
        println!("seed {}: VIOLATED {}: {}", verdict.seed, violation.checker, violation.what);
    }
    ExitCode::FAILURE
}

fn is_known(name: &str) -> bool {
    name == "calm" || TROUBLES.iter().any(|trouble| trouble.name == name)
}

impl CommandLine {
    fn scenario_of(&self, seed: u64) -> Scenario {
        let stores = self.stores as usize;
        let a_day = VISITS_A_DAY * u64::from(self.stores);
        let visits = self.days.map(|days| u64::from(days) * a_day);
        let visits = visits.and_then(|visits| usize::try_from(visits).ok()).unwrap_or(self.visits);
        let scenario = match &self.scenario {
            None => Scenario::of_seed(seed, stores, visits),
            Some(name) => {
                let trouble = TROUBLES.iter().find(|trouble| trouble.name == name);
                trouble.map_or(Scenario::calm(stores, visits), |it| Scenario::calm(stores, visits).with(it))
            }
        };
        match self.days {
            None => scenario,
            // The pause is drawn between nothing and its most.
            Some(_) => Scenario {
                pause_most_ms: 2 * DAY_MS / a_day,
                gather_ms: 1_000,
                members: 6 * stores,
                proves: self.stores <= 20,
                ..scenario
            },
        }
    }
}

/// Plays every seed, as many at once as there are cores. A city stays on its thread.
fn play_all(args: &CommandLine) -> Report {
    let last = args.seed.saturating_add(args.swarm);
    let is_one = args.swarm == 1;
    let steps = if is_one { args.scenario_of(args.seed).visits as u64 } else { args.swarm };
    let bar = ProgressBar::new(steps).with_style(style());
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(steps_at_once(args));
    let (next, mut report) = (AtomicU64::new(args.seed), Report::default());
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..threads {
            let (sender, next, bar) = (sender.clone(), &next, &bar);
            scope.spawn(move || {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= last {
                        break;
                    }
                    let scenario = args.scenario_of(seed);
                    let log = args.log.as_deref().filter(|_| seed == args.seed);
                    let verdict = scenario.play_logged(seed, log, || bar.inc(u64::from(is_one)));
                    if sender.send((scenario, verdict)).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        for (scenario, verdict) in receiver {
            if !verdict.violations.is_empty() {
                bar.suspend(|| show(args, &scenario, &verdict));
            }
            report.add(&verdict);
            bar.inc(u64::from(!is_one));
        }
    });
    bar.finish_and_clear();
    report
}

fn steps_at_once(args: &CommandLine) -> usize {
    usize::try_from(args.swarm).unwrap_or(usize::MAX)
}

/// Plays a history from one seed.
fn play_history(args: &CommandLine, history: &History) -> Report {
    let days = u64::from(args.days.unwrap_or(u32::MAX));
    let bar = ProgressBar::new_spinner();
    let scenario = args.scenario_of(args.seed);
    let verdict = scenario.play_baskets(history, days, args.seed, || bar.inc(1));
    bar.finish_and_clear();
    if !verdict.violations.is_empty() {
        show(args, &scenario, &verdict);
    }
    let mut report = Report::default();
    report.add(&verdict);
    report
}

/// What the named scenario was to reach, and did not.
fn missed(args: &CommandLine, report: &Report) -> Vec<&'static str> {
    let named = TROUBLES.iter().filter(|trouble| args.scenario.as_deref() == Some(trouble.name));
    named.flat_map(|trouble| trouble.reaches).filter(|mark| report.marks().of(mark) == 0).copied().collect()
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("{bar:40} {pos}/{len}, {eta} left")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// What was violated, how the run ended, and how to see it again.
fn show(args: &CommandLine, scenario: &Scenario, verdict: &Verdict) {
    println!("seed {}: {scenario:?}", verdict.seed);
    for line in verdict.latest.iter().rev().take(40).rev() {
        println!("  {line}");
    }
    for violation in verdict.violations.iter().take(12) {
        println!("  VIOLATED {}: {}", violation.checker, violation.what);
    }
    if args.shrink {
        println!("  smallest found: {:?}", scenario.shrink(verdict.seed));
    }
    let (seed, stores, visits) = (verdict.seed, args.stores, args.visits);
    let named = args.scenario.as_ref().map(|name| format!(" --scenario {name}")).unwrap_or_default();
    let days = args.days.map(|days| format!(" --days {days}")).unwrap_or_default();
    println!(
        "  again: purser-simulate --seed {seed} --stores {stores} --visits {visits}{days}{named} --log FILE"
    );
}

/// Writes what a city's log holds.
pub(crate) fn write_log<'l>(path: &Path, lines: impl Iterator<Item = &'l str>) {
    let text: String = lines.flat_map(|line| [line, "\n"]).collect();
    if let Err(error) = fs::write(path, text) {
        eprintln!("error: the log cannot be written: {error} [file_unwritable]");
    }
}
