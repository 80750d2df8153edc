//! A city in one thread: the real engines of crates/sync with their real databases, on virtual
//! clocks, a virtual network and virtual disks, driven by one seed. The same seed gives the same run.
//!
//! A [`World`] has [`Machine`]s, each with a [`Clock`], a database on a disk of its own (module `disk`, under
//! SQLite itself) and, while it runs, an engine. The `network` says who reaches whom. Things go wrong by
//! themselves ([`Faults`]) or befall somebody ([`Incident`]); people put things in order (`operators`).
//! [`Workload`] draws what members do, [`Tills`] ask for it and ask again. The [`Oracle`] sees every entry as
//! it becomes durable and keeps an account of its own; `checkers` look after every turn, and once
//! the faults have stopped. [`Marks`] count which situations were reached; the [`EventLog`] hashes all
//! that happens. A [`Scenario`] plays one city and gives a [`Verdict`]; `purser-simulate` plays many.
//!
//! [`policies`] is another thing: where rights should live, tried on a year of baskets by `purser-policies`.

mod account;
mod baskets;
mod carriers;
mod checkers;
mod city;
mod clock;
mod command_line;
pub mod dealings;
mod disk;
mod event_log;
mod faults;
mod incidents;
mod liars;
mod lines;
mod lives;
mod machine;
mod marks;
mod mutants;
mod network;
mod operators;
mod oracle;
pub mod policies;
mod recount;
mod report;
mod run;
mod scenarios;
mod sqlite_files;
mod story;
mod tills;
mod turns;
mod workload;
mod world;

pub use account::Account;
pub use city::{City, Identity};
pub use clock::Clock;
pub use command_line::run_command_line;
pub use event_log::EventLog;
pub use faults::Faults;
pub use incidents::Incident;
pub use lives::Backup;
pub use machine::Machine;
pub use marks::Marks;
pub use mutants::{BUGS, Bug};
pub use oracle::{Oracle, Violation};
pub use run::Verdict;
pub use scenarios::{Scenario, TROUBLES, Trouble};
pub use sqlite_files::install;
pub use story::StoryId;
pub use tills::Tills;
pub use workload::{Member, Wish, Workload};
pub use world::{Layout, QUIET_WITHIN_MS, StoreIndex, World};
