//! A city in one thread: the real engines of crates/sync with their real databases, on a
//! virtual clock and a virtual network, driven by one seed. The same seed gives the same run.
//!
//! [`City`] enrols replicas, [`World`] owns time and links, moves frames and lets things go wrong,
//! [`Shoppers`] are the members who earn and redeem and keep the account of what tills were told. The
//! [`Oracle`] sees every entry as it becomes durable and checks what must never be so; the [`EventLog`]
//! hashes all that happens. A [`Scenario`] plays one city and gives a [`Verdict`]; `purser-simulate` plays many.
//! [`policies`] is another thing: where rights should live, tried on a year of baskets by `purser-policies`.
//!
//! So far the disk is the machine's own: what tears, rots or comes back from a backup is tried on real
//! files and processes, in crates/replica and tests/.

mod city;
mod command_line;
mod deaths;
mod event_log;
mod faults;
mod oracle;
pub mod policies;
mod run;
mod shoppers;
mod world;

pub use city::City;
pub use command_line::run_command_line;
pub use event_log::EventLog;
pub use faults::{FaultCounts, Faults};
pub use oracle::{Oracle, Violation};
pub use run::{Scenario, Verdict};
pub use shoppers::{Account, Shoppers};
pub use world::{StoreIndex, World};
