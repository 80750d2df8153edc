//! The process of a store: `purser-node`.
//!
//! A folder holds all that a replica has: configuration, keys, API token, database. `init`
//! makes it, `join` gives it an identity, `run` starts it; `verify`, `backup`, `rebuild` and
//! `doctor` look after it. A hub is a replica with more duties, so `purser-hub` is built from
//! the same parts.
//!
//! What a command was asked for goes to stdout, hints and errors go to stderr; an error is one
//! line with its cause, what to do, and a code in brackets. Exit codes: 0 done, 1 failed, 2 the
//! command or the configuration has to be changed.

mod certify;
mod checkup;
mod client;
mod command_line;
mod doctor;
mod failure;
mod folder;
mod founding;
mod joining;
mod outages;
mod random;
mod running;
mod staff;
mod standing;
mod stop_signal;
mod terminal;
mod token;
mod upkeep;
mod webhook;

pub use client::Client;
pub use command_line::run_command_line;
pub use doctor::{Examination, doctor};
pub use failure::Failure;
pub use folder::Folder;
pub use founding::{Addresses, lay_out};
pub use joining::join_as;
pub use random::random;
pub use running::run;
pub use staff::{Staff, manage};
pub use terminal::{hint, run_parsed, say};
pub use token::{Token, manage_tokens};
pub use upkeep::{Copying, Which, backup, rebuild, verify};
pub use webhook::{Webhook, manage_webhooks};
