use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;
use purser_journal::Role;
use purser_service::Config;
use purser_transport::{Applicant, Enrolment, FileError, Identity, JoinCode, JoinCodeError, enrol};
use quinn::{Endpoint, VarInt};

use crate::{Failure, Folder, folder::start_command, hint, random, running::runtime, say};

/// How a store joins the city.
#[derive(Debug, Args)]
pub struct Joining {
    /// The folder that `init` made.
    #[arg(long)]
    dir: PathBuf,
    /// The join code from the hub; `-` reads it from standard input, which keeps it out of the
    /// shell's history.
    #[arg(required = true, num_args = 1..)]
    code: Vec<String>,
}

/// Enrols with a hub. Safe to repeat after a crash or a lost answer: the applicant is saved
/// before the hub is asked, and the identity is saved last.
///
/// # Errors
/// If the folder has joined already, the code is none, or no hub lets it in.
pub fn join(joining: &Joining) -> Result<ExitCode, Failure> {
    join_as(Role::Store, &Folder::new(joining.dir.clone()), &joining.code)
}

/// The same for either kind of replica, in a folder that is made already.
///
/// # Errors
/// The same, and if the code is for the other kind.
pub fn join_as(role: Role, folder: &Folder, code: &[String]) -> Result<ExitCode, Failure> {
    let mut config = Config::load(folder.path()).map_err(|error| Failure::of_input(&error))?;
    refuse_if_joined(folder)?;
    let code: JoinCode = read_code(code)?.parse().map_err(|e: JoinCodeError| Failure::of_input(&e))?;
    refuse_other_role(role, &code)?;
    let applicant = applicant(folder.path())?;
    let identity = runtime()?.block_on(ask(&code, &applicant))?.identity;
    config.link.hubs = code.hub_addresses;
    config.save(folder.path())?;
    identity.save(folder.path())?;
    let (store, name) = (identity.credential.store, &identity.credential.name);
    say(&format!("joined {} as store {store}, {name}; replica {}", identity.charter.scope, identity.replica));
    hint(&format!("start it: {}", start_command(identity.credential.role, folder)));
    Ok(ExitCode::SUCCESS)
}

/// Asks the hubs of the code, and tells the one that answers that its answer has arrived: it
/// would wait for that.
async fn ask(code: &JoinCode, applicant: &Applicant) -> Result<Enrolment, Failure> {
    let endpoint = endpoint()?;
    let enrolled = enrol(&endpoint, code, applicant).await;
    endpoint.close(VarInt::from_u32(0), b"answered");
    endpoint.wait_idle().await;
    Ok(enrolled?)
}

/// A hub's command line makes hubs, a store's makes stores.
fn refuse_other_role(role: Role, code: &JoinCode) -> Result<(), Failure> {
    let invitation = code.invitation.verify(&code.authority);
    let invitation = invitation.map_err(|fault| Failure::of_input(&JoinCodeError::from(fault)))?;
    match (role, invitation.store.0) {
        (Role::Store, 0) => {
            let message = "this join code is for a hub: use it with purser-hub join".to_owned();
            Err(Failure::usage("join_code_for_hub", message))
        }
        (Role::Hub, store @ 1..) => {
            let message = format!("this join code is for store {store}: use it with purser-node join");
            Err(Failure::usage("join_code_for_store", message))
        }
        _ => Ok(()),
    }
}

fn refuse_if_joined(folder: &Folder) -> Result<(), Failure> {
    let path = folder.path().display();
    match Identity::load(folder.path()) {
        Ok(identity) => {
            let credential = identity.credential;
            let message = format!(
                "{path} has joined as store {}, {}: start it with `run`; a new life needs a new folder",
                credential.store, credential.name
            );
            Err(Failure::usage("already_joined", message))
        }
        Err(FileError::Missing { .. }) if folder.database().exists() => {
            let message = format!("{path} holds the database of an earlier life: join in a new folder");
            Err(Failure::usage("already_joined", message))
        }
        Err(FileError::Missing { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// The code as typed; a terminal or a mail may have broken it into pieces.
fn read_code(words: &[String]) -> Result<String, Failure> {
    if words != ["-"] {
        return Ok(words.concat());
    }
    let code = io::read_to_string(io::stdin());
    code.map_err(|error| Failure::usage("input_unreadable", format!("cannot read the join code: {error}")))
}

/// The applicant of an enrolment that was not finished, or a new one.
fn applicant(dir: &Path) -> Result<Applicant, Failure> {
    if let Some(applicant) = Applicant::load(dir)? {
        return Ok(applicant);
    }
    let applicant = Applicant::new(&random()?);
    applicant.save(dir)?;
    Ok(applicant)
}

/// An endpoint that only dials, over IPv6 and IPv4 where the machine has both.
pub(crate) fn endpoint() -> Result<Endpoint, Failure> {
    let any = [SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0)), SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0))];
    let endpoint = Endpoint::client(any[0]).or_else(|_| Endpoint::client(any[1]));
    endpoint.map_err(|error| Failure::new("cannot_open_socket", format!("cannot open a UDP socket: {error}")))
}
