use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;
use purser_journal::{Credential, Role};
use purser_node::{Client, Failure, Folder, say};
use purser_transport::Identity;
use purser_types::ReplicaId;
use serde_json::{Value, json};

/// A replica to put out.
#[derive(Debug, Args)]
pub struct Fencing {
    /// The hub's folder.
    #[arg(long)]
    dir: PathBuf,
    /// The replica, as `status` shows it.
    #[arg(long)]
    replica: ReplicaId,
    /// Why, for those who read it later.
    #[arg(long)]
    reason: String,
    /// Where the hub listens, if that is not what purser.toml says.
    #[arg(long)]
    http: Option<SocketAddr>,
}

/// A fenced replica whose rights are to come back.
#[derive(Debug, Args)]
pub struct Reclaiming {
    /// The hub's folder.
    #[arg(long)]
    dir: PathBuf,
    /// The replica, as `status` shows it.
    #[arg(long)]
    replica: ReplicaId,
    /// Where the hub listens, if that is not what purser.toml says.
    #[arg(long)]
    http: Option<SocketAddr>,
}

/// A hub to ask.
#[derive(Debug, Args)]
pub struct Asking {
    /// The hub's folder.
    #[arg(long)]
    dir: PathBuf,
    /// As JSON, for programs.
    #[arg(long)]
    json: bool,
    /// Where the hub listens, if that is not what purser.toml says.
    #[arg(long)]
    http: Option<SocketAddr>,
}

/// Puts a replica out.
///
/// # Errors
/// If the hub does not run, or knows no such replica.
pub(crate) fn fence(fencing: &Fencing) -> Result<ExitCode, Failure> {
    let client = Client::of(&hub_folder(&fencing.dir)?, fencing.http)?;
    let body = json!({ "replica": fencing.replica.to_string(), "reason": fencing.reason });
    client.post("/v1/fence", &body)?;
    say(&format!("{} is out: nothing that it writes from here on counts", fencing.replica));
    Ok(ExitCode::SUCCESS)
}

/// Takes back what a fenced replica held.
///
/// # Errors
/// If the hub does not run, or the replica's lease is not over.
pub(crate) fn reclaim(reclaiming: &Reclaiming) -> Result<ExitCode, Failure> {
    let client = Client::of(&hub_folder(&reclaiming.dir)?, reclaiming.http)?;
    let body = json!({ "replica": reclaiming.replica.to_string() });
    let (mut lots, mut points) = (0, 0);
    loop {
        match client.post("/v1/reclaim", &body) {
            Ok(reclaimed) => {
                lots += reclaimed["lots"].as_u64().unwrap_or_default();
                points += reclaimed["points"].as_i64().unwrap_or_default();
            }
            // 4,000 lots come back at a time; after the last there is nothing left.
            Err(failure) if failure.code() == "nothing_to_reclaim" && lots > 0 => break,
            Err(failure) => return Err(failure),
        }
    }
    say(&format!("{points} points and {lots} lots in all came back from {}", reclaiming.replica));
    Ok(ExitCode::SUCCESS)
}

/// The folder, if it is a hub's.
pub(crate) fn hub_folder(dir: &Path) -> Result<Folder, Failure> {
    match Identity::load(dir).map(|identity| identity.credential) {
        Ok(Credential { role: Role::Store, store, name, .. }) => {
            let dir = dir.display();
            let message = format!("{dir} is the folder of store {store}, {name}: give the folder of a hub");
            Err(Failure::usage("not_a_hub", message))
        }
        // What is missing or damaged is said by whoever needs it.
        _ => Ok(Folder::new(dir.to_owned())),
    }
}

/// Shows how the hub and the fleet stand.
///
/// # Errors
/// If the hub does not run.
pub(crate) fn status(asking: &Asking) -> Result<ExitCode, Failure> {
    let client = Client::of(&hub_folder(&asking.dir)?, asking.http)?;
    let (status, fleet) = (client.get("/v1/status")?, client.get("/v1/fleet")?);
    if asking.json {
        say(&json!({ "hub": status, "fleet": fleet }).to_string());
        return Ok(ExitCode::SUCCESS);
    }
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    say(&format!(
        "{}, {}, version {}",
        text(&status["city"]),
        text(&status["name"]),
        text(&status["version"])
    ));
    for replica in fleet["replicas"].as_array().into_iter().flatten() {
        say(&row(replica));
    }
    if let Some(until) = status["lease_until"].as_str() {
        say(&format!("rights can be spent here until {until} without meeting another hub"));
    }
    if let late @ 1.. = status["late_waiting"].as_u64().unwrap_or_default() {
        say(&format!("{late} entries of fenced replicas wait for a decision: purser-hub late"));
    }
    let alarms = status["alarms"].as_array().map_or(&[][..], Vec::as_slice);
    for alarm in alarms.iter().rev().take(ALARMS_SHOWN) {
        say(&format!("alarm {}: {}", text(&alarm["at"]), text(&alarm["message"])));
    }
    Ok(ExitCode::SUCCESS)
}

const ALARMS_SHOWN: usize = 5;

/// One replica: number, whole id (for `fence`), how it is linked, what it holds, its name.
fn row(replica: &Value) -> String {
    let link = match (&replica["fenced"], &replica["set_aside"], replica["behind"].as_u64()) {
        (Value::String(reason), _, _) => format!("fenced: {reason}"),
        (_, Value::String(reason), _) => format!("set aside: {reason}"),
        (_, _, Some(0)) => "up to date".to_owned(),
        (_, _, Some(behind)) => format!("{behind} behind"),
        _ => format!("off line since {}", replica["last_seen"].as_str().unwrap_or("ever")),
    };
    let store = replica["store"].as_u64().unwrap_or_default();
    let id = replica["replica"].as_str().unwrap_or_default();
    let points = replica["points_out"].as_i64().unwrap_or_default();
    let name = replica["name"].as_str().unwrap_or_default();
    let [available, used] =
        ["available", "used"].map(|part| replica["allowance"][part].as_i64().unwrap_or(0));
    let allowance = match available + used {
        0 => String::new(),
        granted => format!("  ({used} of {granted} points in advance)"),
    };
    format!("{store:>4}  {id}  {points:>9} points  {link:<12}  {name}{allowance}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_says_what_matters_most() {
        let rows = [
            (json!({ "store": 1, "behind": 0, "name": "泉城路店" }), "up to date    泉城路店"),
            (json!({ "store": 2, "behind": 7, "name": "East" }), "7 behind      East"),
            (json!({ "store": 3, "behind": null, "last_seen": null }), "off line since ever"),
            (
                json!({ "store": 5, "behind": 0, "name": "West", "allowance": { "available": 600, "used": 400 } }),
                "West  (400 of 1000 points in advance)",
            ),
            (json!({ "store": 4, "behind": 0, "fenced": "stolen" }), "fenced: stolen"),
        ];
        for (replica, end) in rows {
            assert!(row(&replica).contains(end), "{}", row(&replica));
        }
    }
}
