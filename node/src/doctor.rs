//! Looks at all that has to be right for a replica to work, from the outside: nothing is
//! changed, and the process may run or not.

use std::{
    collections::BTreeMap,
    fs,
    net::{SocketAddr, TcpListener, UdpSocket},
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    time::Duration,
};

use clap::Args;
use purser_journal::Role;
use purser_service::Config;
use purser_storage::Database;
use purser_transport::{Authority, HUB_SERVER_NAME, Identity, client_config, peer_identity};
use purser_types::ReplicaId;
use serde_json::Value;
use tokio::{net::lookup_host, time::timeout};

use crate::{
    Client, Failure, Folder, checkup::Checkup, folder::start_command, joining::endpoint, running::runtime,
};

/// What to look at.
#[derive(Debug, Args)]
pub struct Examination {
    /// The replica's folder.
    #[arg(long)]
    dir: PathBuf,
    /// Where its process listens, if that is not what purser.toml says.
    #[arg(long)]
    http: Option<SocketAddr>,
}

/// How long a hub may take to answer.
const HUB_PATIENCE: Duration = Duration::from_secs(5);
/// Less free space than this, and a busy store may run out before somebody looks again.
const FREE_BYTES_MIN: u64 = 2 << 30;
/// Clocks further apart than this make receipts look wrong; half of what raises an alarm.
const SKEW_MS_MAX: u64 = 30_000;
const SECRETS: [&str; 4] = ["identity.key", "authority.key", "applicant.key", "api-token"];

/// Prints one line for each thing looked at; ends with 1 if something does not work.
///
/// # Errors
/// If there is no configuration to go by.
pub fn doctor(examination: &Examination) -> Result<ExitCode, Failure> {
    let folder = &Folder::new(examination.dir.clone());
    let mut checkup = Checkup::default();
    let config = Config::load(folder.path()).map_err(|error| Failure::of_input(&error))?;
    checkup.ok(format_args!("configuration of {}", folder.path().display()));
    check_modes(folder, &mut checkup);
    check_space(folder.path(), &mut checkup);
    let identity = Identity::load(folder.path()).map_err(Failure::from);
    let identity = checkup.judge(identity, |identity| {
        let credential = &identity.credential;
        format!("joined as store {}, {}; replica {}", credential.store, credential.name, identity.replica)
    });
    let Some(identity) = identity else { return Ok(checkup.exit_code()) };
    if identity.credential.role == Role::Hub {
        check_authority(folder, &mut checkup);
    }
    check_database(folder, &mut checkup);
    check_process(folder, &config, identity.credential.role, examination.http, &mut checkup);
    check_hubs(&config, &identity, &mut checkup)?;
    Ok(checkup.exit_code())
}

/// Keys and token are for the owner only.
fn check_modes(folder: &Folder, checkup: &mut Checkup) {
    let open_to_others = |name: &&str| is_open_to_others(&folder.path().join(name));
    let open: Vec<&str> = SECRETS.into_iter().filter(open_to_others).collect();
    if open.is_empty() {
        checkup.ok("keys and token can be read by their owner only");
    } else {
        checkup.fail(format_args!("others can read {}: chmod 600 them, and ask who has", open.join(", ")));
    }
}

#[cfg(unix)]
fn is_open_to_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_open_to_others(_: &Path) -> bool {
    false
}

/// Asks `df`: the standard library does not know. Where there is none, nothing is said.
fn check_space(dir: &Path, checkup: &mut Checkup) {
    let asked = Command::new("df").arg("-Pk").arg(dir).output();
    let Ok(output) = asked else { return };
    let answer = String::from_utf8_lossy(&output.stdout);
    let Some(free_bytes) = free_bytes(&answer) else { return };
    let mib = free_bytes >> 20;
    if free_bytes < FREE_BYTES_MIN {
        checkup.warn(format_args!("{mib} MiB free on the disk: make room"));
    } else {
        checkup.ok(format_args!("{mib} MiB free on the disk"));
    }
}

/// The fourth column of the last line (POSIX, `df -Pk`).
fn free_bytes(df: &str) -> Option<u64> {
    let kib: u64 = df.lines().last()?.split_whitespace().nth(3)?.parse().ok()?;
    kib.checked_mul(1024)
}

fn check_authority(folder: &Folder, checkup: &mut Checkup) {
    match Authority::load(folder.path()) {
        Ok(_) => checkup.ok("authority.key is here: stores can join (keep a copy of it in a safe)"),
        Err(error) => checkup.warn(format_args!("nobody can join at this hub: {error}")),
    }
}

fn check_database(folder: &Folder, checkup: &mut Checkup) {
    let path = folder.database();
    if !path.exists() {
        checkup.warn("no database yet: it is made by the first `run`");
        return;
    }
    match Database::open_reader(&path).and_then(|database| database.integrity_check()) {
        Ok(complaints) if complaints.is_empty() => checkup.ok("the database file is sound"),
        Ok(complaints) => {
            let first = complaints.first().map_or("", String::as_str);
            checkup.fail(format_args!("the database file is damaged ({first}): join again in a new folder"));
        }
        Err(error) => checkup.fail(Failure::from(error)),
    }
}

/// Running, or able to: the ports are free then.
fn check_process(
    folder: &Folder,
    config: &Config,
    role: Role,
    http: Option<SocketAddr>,
    checkup: &mut Checkup,
) {
    let client = match Client::of(folder, http) {
        Ok(client) => client,
        Err(failure) => return checkup.fail(failure),
    };
    match client.get("/v1/status") {
        Ok(status) => {
            checkup.ok(format_args!("it runs and answers at {}", client.address()));
            check_standing(&status, checkup);
            check_clocks(&status, checkup);
        }
        Err(failure) if failure.code() == "not_running" => {
            let start = start_command(role, folder);
            checkup.warn(format_args!("it does not run: start it with {start}"));
            let http = TcpListener::bind(config.http.listen).map(drop);
            check_port("HTTP", config.http.listen, http, checkup);
            let link = UdpSocket::bind(config.link.listen).map(drop);
            check_port("link", config.link.listen, link, checkup);
        }
        Err(failure) => checkup.fail(failure),
    }
}

fn check_port(what: &str, address: SocketAddr, bound: std::io::Result<()>, checkup: &mut Checkup) {
    match bound {
        Ok(()) => checkup.ok(format_args!("the {what} address {address} is free")),
        Err(error) => {
            let remedy = "stop what uses it, or change purser.toml";
            checkup.fail(format_args!("the {what} address {address} cannot be used ({error}): {remedy}"));
        }
    }
}

/// Whether the replica may write, and what somebody should look at: of each kind of alarm the
/// latest.
fn check_standing(status: &Value, checkup: &mut Checkup) {
    match status["stopped"].as_str() {
        None => checkup.ok("it may write"),
        Some(reason) => {
            let remedy = "join again as a new replica, in a new folder";
            checkup.fail(format_args!("it may not write any more, it was {reason}: {remedy}"));
        }
    }
    check_outcasts(status, checkup);
    let alarms = status["alarms"].as_array().map(Vec::as_slice).unwrap_or_default();
    let by_code: BTreeMap<_, _> = alarms.iter().map(|alarm| (alarm["code"].as_str(), alarm)).collect();
    for (code, alarm) in by_code {
        let [at, message] = ["at", "message"].map(|name| alarm[name].as_str().unwrap_or_default());
        checkup.warn(format_args!("alarm at {at}: {message} [{}]", code.unwrap_or_default()));
    }
}

/// Until when rights can be spent, who is out, and what waits for a decision because of that.
fn check_outcasts(status: &Value, checkup: &mut Checkup) {
    if let Some(until) = status["lease_until"].as_str() {
        let now = status["now"].as_str().unwrap_or_default();
        // Both are of one form and length, in UTC: their order is that of their characters.
        if until < now {
            checkup.warn(format_args!("the lease ended at {until}: nothing is redeemed until a hub is met"));
        } else {
            checkup.ok(format_args!("rights can be spent until {until} without meeting a hub"));
        }
    }
    let listed = |name: &str| status[name].as_array().map(Vec::as_slice).unwrap_or_default().to_vec();
    for ended in listed("set_aside") {
        let [replica, reason] = ["replica", "reason"].map(|name| ended[name].as_str().unwrap_or_default());
        checkup.warn(format_args!("{replica} is set aside ({reason}): find out why, then fence it"));
    }
    let fences = listed("fences").len();
    if fences > 0 {
        checkup.ok(format_args!("{fences} replicas are fenced"));
    }
    if let late @ 1.. = status["late_waiting"].as_u64().unwrap_or_default() {
        checkup.warn(format_args!(
            "{late} entries of fenced replicas wait for a decision: purser-hub late, at the hub that reclaims"
        ));
    }
}

/// What the process has found out about the clocks of those it is linked to.
fn check_clocks(status: &Value, checkup: &mut Checkup) {
    let links = status["links"].as_array().map(Vec::as_slice).unwrap_or_default();
    let ahead_ms = links.iter().filter_map(|link| link["clock_ahead_ms"].as_i64());
    match ahead_ms.map(i64::unsigned_abs).max() {
        None => checkup.warn("no link is open: the clock cannot be compared with another's"),
        Some(apart_ms) if apart_ms > SKEW_MS_MAX => {
            checkup.warn(format_args!(
                "the clock differs from another replica's by {apart_ms} ms: set it (NTP)"
            ));
        }
        Some(apart_ms) => checkup.ok(format_args!("the clock agrees with the others' within {apart_ms} ms")),
    }
}

fn check_hubs(config: &Config, identity: &Identity, checkup: &mut Checkup) -> Result<(), Failure> {
    runtime()?.block_on(async {
        for hub in &config.link.hubs {
            let reached = timeout(HUB_PATIENCE, reach(hub, identity)).await;
            let late = || format!("no answer within {} s", HUB_PATIENCE.as_secs());
            match reached.unwrap_or_else(|_| Err(late())) {
                Ok(replica) => checkup.ok(format_args!("hub {hub} answers; replica {replica}")),
                Err(cause) => {
                    let remedy = "check the line, the firewall (UDP) and whether the hub runs";
                    checkup.fail(format_args!("hub {hub} cannot be reached ({cause}): {remedy}"));
                }
            }
        }
        Ok(())
    })
}

/// Opens a connection as this replica, and closes it.
async fn reach(hub: &str, identity: &Identity) -> Result<ReplicaId, String> {
    let config = client_config(identity).map_err(|error| error.to_string())?;
    let endpoint = endpoint().map_err(|failure| failure.to_string())?;
    let address = lookup_host(hub).await.map_err(|error| error.to_string())?.next();
    let address = address.ok_or("its name has no address")?;
    let connecting =
        endpoint.connect_with(config, address, HUB_SERVER_NAME).map_err(|error| error.to_string())?;
    let connection = connecting.await.map_err(|error| error.to_string())?;
    let replica = peer_identity(&connection).map_err(|error| error.to_string())?.replica;
    connection.close(quinn::VarInt::from_u32(0), b"doctor");
    endpoint.wait_idle().await;
    Ok(replica)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_replica_that_may_not_write_fails_and_alarms_do_not() {
        let after = |status: Value| {
            let mut checkup = Checkup::default();
            check_standing(&status, &mut checkup);
            checkup.exit_code()
        };
        let alarm = json!({ "at": "2026-08-01T09:30:00.000Z", "code": "alarm_forked", "message": "…" });
        assert_eq!(after(json!({ "stopped": null, "alarms": [] })), ExitCode::SUCCESS);
        assert_eq!(after(json!({ "stopped": null, "alarms": [alarm, alarm] })), ExitCode::SUCCESS);
        assert_eq!(after(json!({ "stopped": "fenced by the hub", "alarms": [alarm] })), ExitCode::FAILURE);
    }

    #[test]
    fn free_space_is_read_from_the_posix_columns() {
        let df = "Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/sda1 100 60 40 60% /srv\n";
        assert_eq!(free_bytes(df), Some(40 * 1024));
        assert_eq!(free_bytes(""), None);
        assert_eq!(free_bytes("df: no such file"), None);
    }
}
