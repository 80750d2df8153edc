use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

use clap::{Args, Subcommand};
use purser_node::{Client, Failure, say};
use purser_types::ReplicaId;
use serde_json::{Value, json};

use crate::fleet::hub_folder;

/// What fenced replicas wrote too late.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Late {
    #[command(subcommand)]
    settling: Option<Settling>,
    /// The hub's folder.
    #[arg(long, required = true)]
    dir: Option<PathBuf>,
    /// Only what this store wrote.
    #[arg(long)]
    store: Option<u32>,
    /// As JSON, for programs.
    #[arg(long)]
    json: bool,
    /// Where the hub listens, if that is not what purser.toml says.
    #[arg(long)]
    http: Option<SocketAddr>,
}

#[derive(Debug, Subcommand)]
enum Settling {
    /// Has late entries count after all: sales, members and cards, and their points.
    Accept(Choice),
    /// Has late entries never have happened.
    WriteOff(Choice),
}

/// Late entries, and what to say of them.
#[derive(Debug, Args)]
pub struct Choice {
    /// The hub's folder.
    #[arg(long)]
    dir: PathBuf,
    /// Who wrote them.
    #[arg(long)]
    replica: ReplicaId,
    /// Their places, as `late` shows them; may be given several times.
    #[arg(long, required = true)]
    seq: Vec<u64>,
    /// Why, for those who read it later.
    #[arg(long)]
    reason: String,
    /// Who decides.
    #[arg(long)]
    by: String,
    /// Where the hub listens, if that is not what purser.toml says.
    #[arg(long)]
    http: Option<SocketAddr>,
}

/// Lists late entries, or settles some.
///
/// # Errors
/// If the hub does not run, or refuses.
pub(crate) fn late(late: &Late) -> Result<ExitCode, Failure> {
    match &late.settling {
        Some(Settling::Accept(choice)) => settle(choice, "accept"),
        Some(Settling::WriteOff(choice)) => settle(choice, "write_off"),
        None => list(late),
    }
}

fn list(late: &Late) -> Result<ExitCode, Failure> {
    let dir = late.dir.clone().unwrap_or_default();
    let client = Client::of(&hub_folder(&dir)?, late.http)?;
    let store = late.store.map(|store| format!("&store={store}")).unwrap_or_default();
    let answer = client.get(&format!("/v1/late?limit=200{store}"))?;
    if late.json {
        say(&answer.to_string());
        return Ok(ExitCode::SUCCESS);
    }
    let entries = answer["entries"].as_array().map(Vec::as_slice).unwrap_or_default();
    for entry in entries {
        say(&row(entry));
    }
    let waiting = answer["waiting"].as_u64().unwrap_or_default();
    say(&format!("{} shown, {waiting} wait for a decision at all stores", entries.len()));
    Ok(ExitCode::SUCCESS)
}

fn settle(choice: &Choice, decision: &str) -> Result<ExitCode, Failure> {
    let Choice { dir, replica, seq, reason, by, http } = choice;
    let client = Client::of(&hub_folder(dir)?, *http)?;
    let body = json!({ "decision": decision, "reason": reason, "by": by });
    for seq in seq {
        let settled = client.post(&format!("/v1/late/{replica}/{seq}"), &body)?;
        let [credited, debited, owed] =
            ["credited", "debited", "owed"].map(|name| settled[name].as_i64().unwrap_or_default());
        say(&match decision {
            "accept" => format!("{seq} counts: {credited} points earned, {} spent", debited + owed),
            _ => format!("{seq} is written off"),
        });
    }
    Ok(ExitCode::SUCCESS)
}

/// One entry: what names it, when it was written, what it is and whom it is about.
fn row(entry: &Value) -> String {
    let text = |name: &str| entry[name].as_str().unwrap_or_default();
    let number = |name: &str| entry[name].as_i64().unwrap_or_default();
    let goods = entry["gross"].as_str().map(|gross| format!("¥{gross} (receipt {})", text("check")));
    let (earned, redeemed) = (number("points_earned"), number("points_redeemed"));
    let points = (earned != 0 || redeemed != 0).then(|| format!("+{earned} -{redeemed} points"));
    let card = entry["card"].as_str().map(|card| format!("card {card}"));
    let what = format!("{:<8}  {}", text("kind"), text("member"));
    let parts = [Some(what), goods, points, card].into_iter().flatten();
    let parts: Vec<String> = parts.collect();
    let (store, replica, seq, at) = (number("store"), text("replica"), number("seq"), text("at"));
    format!("{store:>4}  {replica}  {seq:>6}  {at}  {}", parts.join("  "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_says_what_a_person_has_to_judge() {
        let sale = json!({
            "store": 12, "replica": "0f", "seq": 7, "at": "2026-08-01T09:30:00.000Z", "kind": "sale", "member": "mbr_1",
            "gross": "40.00", "check": "A-9", "points_earned": 40, "points_redeemed": 100, "card": null,
        });
        assert!(
            row(&sale).ends_with("sale      mbr_1  ¥40.00 (receipt A-9)  +40 -100 points"),
            "{}",
            row(&sale)
        );
    }
}
