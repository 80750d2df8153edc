use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Subcommand};
use purser_journal::Role;
use purser_transport::Identity;
use purser_webhooks::{Condition, EventFilter, Standing, Target, WebhookFolder, Whose, moment};

use crate::{Failure, Folder, hint, say};

/// Programs that are told what happens (docs/webhooks.md).
#[derive(Debug, Subcommand)]
pub enum Webhook {
    /// Adds an endpoint, which is told what happens from now on; tells its secret once.
    Add(Adding),
    /// Lists the endpoints: how far each is behind, and what is wrong.
    List(At),
    /// Removes an endpoint.
    Remove(Removing),
}

/// An endpoint to add.
#[derive(Debug, Args)]
pub struct Adding {
    #[command(flatten)]
    at: At,
    /// Where messages go: https, or http on this machine.
    #[arg(long)]
    url: Target,
    /// What it is told of, for example sale or sale.returned; everything if nothing is said. Can be given several times.
    #[arg(long = "event")]
    events: Vec<String>,
}

/// An endpoint to remove.
#[derive(Debug, Args)]
pub struct Removing {
    #[command(flatten)]
    at: At,
    /// Its id, as `webhook list` shows it.
    #[arg(long)]
    id: String,
}

/// At which replica.
#[derive(Debug, Args)]
pub struct At {
    /// The replica's folder.
    #[arg(long)]
    dir: PathBuf,
}

/// Carries out what is wanted of endpoints, in the folder. A running process notices within a second or two.
///
/// # Errors
/// If the folder is none of a replica, or the endpoint cannot be added or removed.
pub fn manage_webhooks(webhook: &Webhook) -> Result<ExitCode, Failure> {
    match webhook {
        Webhook::Add(Adding { at, url, events }) => {
            let (folder, whose) = at.replica()?;
            let events = EventFilter::of(events.iter().map(String::as_str))
                .map_err(|unknown| Failure::usage("event_unknown", unknown.to_string()))?;
            let webhooks = WebhookFolder::of(folder.path());
            let (id, secret) = webhooks.add(url.clone(), events, &folder.database(), whose)?;
            say(&format!("{id}  {}", secret.text()));
            hint(
                "the secret is told this once: the receiver needs it to check signatures (docs/webhooks.md)",
            );
        }
        Webhook::List(at) => list(at)?,
        Webhook::Remove(Removing { at, id }) => {
            let (folder, _) = at.replica()?;
            WebhookFolder::of(folder.path()).remove(id)?;
            say(&format!("{id} is removed"));
        }
    }
    Ok(ExitCode::SUCCESS)
}

impl At {
    /// The folder, and whose entries its replica tells of.
    fn replica(&self) -> Result<(Folder, Whose), Failure> {
        let folder = Folder::new(self.dir.clone());
        let identity = Identity::load(folder.path())?;
        Ok((folder, told_by(identity.credential.role)))
    }
}

/// A store tells of what it writes, a hub of all that it holds.
pub(crate) fn told_by(role: Role) -> Whose {
    match role {
        Role::Store => Whose::Own,
        Role::Hub => Whose::All,
    }
}

fn list(at: &At) -> Result<(), Failure> {
    let (folder, whose) = at.replica()?;
    let webhooks = WebhookFolder::of(folder.path());
    for id in webhooks.ids()? {
        let endpoint = match webhooks.endpoint(&id) {
            Ok(endpoint) => endpoint,
            Err(error) => {
                say(&format!("{id}  {error}"));
                continue;
            }
        };
        say(&format!("{id}  {}  {}", endpoint.target, endpoint.events));
        let standing = match webhooks.standing(&endpoint) {
            Ok(standing) => standing,
            Err(error) => {
                say(&format!("    {error}"));
                continue;
            }
        };
        let behind = match webhooks.behind(&[&standing], &folder.database(), whose)?.as_slice() {
            [0] | [] => "told everything".to_owned(),
            [behind, ..] => format!("{behind} entries to go through"),
        };
        say(&format!("    {behind}{}", condition(&standing)));
    }
    Ok(())
}

fn condition(standing: &Standing) -> String {
    let mut said = Vec::new();
    if let Some(at_ms) = standing.last_delivered_ms {
        said.push(format!("; last message taken {}", moment(at_ms)));
    }
    if let Some(error) = &standing.last_error {
        said.push(format!("; {error} ({} in a row)", standing.failures));
    }
    if let Some(at_ms) = standing.next_attempt_ms {
        said.push(format!("; next attempt {}", moment(at_ms)));
    }
    if standing.condition == Condition::Disabled {
        said.push("; told nothing any more: remove it, and add it again if that was a mistake".to_owned());
    }
    said.concat()
}
