//! The process of a hub: `purser-hub`.
//!
//! A hub is a replica with more duties: it lets stores join, relays what they write, keeps
//! rights for all of them, and puts lost replicas out. What it has in common with a store comes
//! from `purser-node`.

mod allowance;
mod command_line;
mod commission;
mod dry_run;
mod fleet;
mod founding;
mod inviting;
mod joining;
mod late;
mod programme;
pub mod replay;

pub use command_line::run_command_line;
