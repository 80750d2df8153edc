use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;
use purser_node::{Failure, say};
use purser_programme::Programme;
use purser_replica::{Difference, DryRun, View};
use purser_types::{BusinessDate, MemberId};

use crate::fleet::hub_folder;

/// A programme to try on sales of the past.
#[derive(Debug, Args)]
pub struct Trial {
    /// The file, TOML as docs/programme.md describes it.
    pub(crate) file: PathBuf,
    /// The hub's folder.
    #[arg(long)]
    dir: PathBuf,
    /// The first day, such as 2026-07-01.
    #[arg(long)]
    from: BusinessDate,
    /// The last day.
    #[arg(long)]
    until: BusinessDate,
    /// How many members to list, those first for whom most would have changed.
    #[arg(long, default_value_t = 20)]
    members: usize,
    /// A file to write all members to whose sales would have come to something else, as CSV.
    #[arg(long)]
    csv: Option<PathBuf>,
}

/// Prices the sales of some days by a programme that is in force nowhere, and says what would have been otherwise.
///
/// # Errors
/// If the hub's database cannot be read, or the CSV not written.
pub(crate) fn try_out(trial: &Trial, programme: &Programme) -> Result<ExitCode, Failure> {
    let folder = hub_folder(&trial.dir)?;
    let mut view = View::open(&folder.database()).map_err(Failure::from)?;
    let run = view.dry_run(programme, (trial.from, trial.until));
    let mut run = run.map_err(|refusal| Failure::of_input(&refusal))?;
    run.members.sort_by_key(|(member, it)| (std::cmp::Reverse(change(it)), *member));
    say(&told(&run, trial));
    if let Some(path) = &trial.csv {
        write_csv(path, &run.members)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn told(run: &DryRun, trial: &Trial) -> String {
    let Difference { sales, .. } = run.total;
    let mut text = format!("{sales} sales from {} to {} priced anew\n", trial.from, trial.until);
    if run.without_lines > 0 {
        let _ = writeln!(text, "{} of them without their lines: as one thing each", run.without_lines);
    }
    if run.points_refused > 0 {
        let _ = writeln!(
            text,
            "{} of them without the points that had paid, which it would not take",
            run.points_refused
        );
    }
    if let Some(refusal) = &run.refusal {
        let _ = writeln!(text, "{} sales that it cannot price, the first: {refusal}", run.refused);
    }
    let _ = writeln!(
        text,
        "\n{:<20} {:>14} {:>14} {:>12} {:>10} {:>10} {:>9}",
        "member", "price was", "would be", "difference", "points were", "would be", "difference"
    );
    text.push_str(&row("all", &run.total));
    for (member, difference) in run.members.iter().take(trial.members) {
        text.push_str(&row(&member.to_string(), difference));
    }
    let unlisted = run.members.len().saturating_sub(trial.members);
    if unlisted > 0 {
        let _ = writeln!(text, "and {unlisted} more members");
    }
    text.trim_end().to_owned()
}

fn row(name: &str, of: &Difference) -> String {
    let Difference { price: (was, is), points: (were, are), .. } = of;
    let less = if is < was { "-" } else { "" };
    let by = purser_types::Fen((is.0 - was.0).abs());
    format!(
        "{name:<20} {:>14} {:>14} {:>12} {were:>11} {are:>10} {:>10}\n",
        was.to_string(),
        is.to_string(),
        format!("{less}{by}"),
        are - were
    )
}

fn change(of: &Difference) -> u64 {
    of.price.0.0.abs_diff(of.price.1.0) + of.points.0.abs_diff(of.points.1)
}

fn write_csv(path: &Path, members: &[(MemberId, Difference)]) -> Result<(), Failure> {
    let mut text = "member,sales,price_was,price_would_be,points_were,points_would_be\n".to_owned();
    for (member, it) in members {
        let Difference { sales, price: (was, is), points: (were, are) } = it;
        let _ = writeln!(text, "{member},{sales},{was},{is},{were},{are}");
    }
    std::fs::write(path, text).map_err(|error| Failure::io("write", path, &error))
}
