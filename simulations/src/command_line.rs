use std::{collections::BTreeMap, ffi::OsString, fs, path::PathBuf, process::ExitCode};

use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use crate::{FaultCounts, Scenario, Verdict};

/// Plays whole cities on virtual time, each from one seed, and checks at every step what must
/// always hold, and at the end that all replicas are equal and quiet.
#[derive(Debug, Parser)]
#[command(name = "purser-simulate", version)]
struct CommandLine {
    /// The first seed. What happens in a city follows from its seed and size alone.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// So many cities, from as many seeds; faults are drawn for each.
    #[arg(long, default_value_t = 1, value_name = "SEEDS", value_parser = clap::value_parser!(u64).range(1..))]
    swarm: u64,
    /// Stores in a city, beside its hub.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=500))]
    stores: u32,
    /// Visits of members in a city.
    #[arg(long, default_value_t = 200)]
    visits: usize,
    /// Writes the report as JSON.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

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
    let mut sum = Sum::default();
    let bar = ProgressBar::new(args.swarm).with_style(style());
    for seed in args.seed..args.seed.saturating_add(args.swarm) {
        let scenario = Scenario::draw(seed, args.stores as usize, args.visits);
        let verdict = scenario.play(seed);
        if !verdict.violations.is_empty() {
            bar.suspend(|| show(&args, &scenario, &verdict));
        }
        sum.add(&verdict);
        bar.inc(1);
    }
    bar.finish_and_clear();
    println!("{}", sum.text());
    if let Some(path) = &args.report
        && let Err(error) = fs::write(path, format!("{:#}\n", sum.json()))
    {
        eprintln!("error: cannot write {}: {error} [file_unwritable]", path.display());
        return ExitCode::FAILURE;
    }
    if sum.violations.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("{bar:40} {pos}/{len} seeds, {eta} left")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// What was violated, how the run ended, and how to see it again in the smallest city found.
fn show(args: &CommandLine, scenario: &Scenario, verdict: &Verdict) {
    println!("seed {}: {scenario:?}", verdict.seed);
    for line in &verdict.latest {
        println!("  {line}");
    }
    for violation in &verdict.violations {
        println!("  VIOLATED {}: {}", violation.checker, violation.what);
    }
    let smallest = scenario.shrink(verdict.seed);
    println!("  smallest found: {smallest:?}");
    let (seed, stores, visits) = (verdict.seed, args.stores, args.visits);
    println!("  again: purser-simulate --seed {seed} --stores {stores} --visits {visits}");
}

/// All runs together.
#[derive(Default)]
struct Sum {
    seeds: u64,
    events: u64,
    virtual_ms: u64,
    wishes: u64,
    refused: u64,
    faults: BTreeMap<&'static str, u64>,
    violations: BTreeMap<&'static str, u64>,
}

const DAY_MS: u64 = 86_400_000;

impl Sum {
    fn add(&mut self, verdict: &Verdict) {
        self.seeds += 1;
        self.events += verdict.events;
        self.virtual_ms += verdict.virtual_ms;
        self.wishes += verdict.wishes;
        self.refused += verdict.refused;
        for (kind, count) in by_kind(verdict.faults) {
            *self.faults.entry(kind).or_default() += count;
        }
        for violation in &verdict.violations {
            *self.violations.entry(violation.checker).or_default() += 1;
        }
    }

    /// The share of wishes to redeem that were not refused for want of rights, in thousandths.
    fn served_per_mille(&self) -> u64 {
        1_000 - (1_000 * self.refused).checked_div(self.wishes).unwrap_or(0)
    }

    fn text(&self) -> String {
        let counts = |counts: &BTreeMap<&str, u64>| {
            let rows: Vec<String> = counts.iter().map(|(name, count)| format!("{name} {count}")).collect();
            if rows.is_empty() { "none".to_owned() } else { rows.join(", ") }
        };
        let (served, hours) = (self.served_per_mille(), self.virtual_ms / (DAY_MS / 24));
        [
            format!("seeds         {}", self.seeds),
            format!("virtual time  {hours} hours"),
            format!("events        {}", self.events),
            format!("faults        {}", counts(&self.faults)),
            format!("served        {}.{} % of {} wishes to redeem", served / 10, served % 10, self.wishes),
            format!("violations    {}", counts(&self.violations)),
        ]
        .join("\n")
    }

    fn json(&self) -> Value {
        json!({
            "seeds": self.seeds,
            "virtual_days": self.virtual_ms / DAY_MS,
            "virtual_ms": self.virtual_ms,
            "events": self.events,
            "faults": self.faults,
            "violations": self.violations,
            "served_share": format!("{}.{:03}", self.served_per_mille() / 1_000, self.served_per_mille() % 1_000),
        })
    }
}

fn by_kind(faults: FaultCounts) -> [(&'static str, u64); 6] {
    let FaultCounts { doubled, broken, crashed_before_commit, crashed_before_send, cut, clocks_off } = faults;
    [
        ("clock_off", clocks_off),
        ("crash_before_commit", crashed_before_commit),
        ("crash_before_send", crashed_before_send),
        ("frame_doubled", doubled),
        ("line_cut", cut),
        ("link_broken", broken),
    ]
}
