//! The SQLite file of a replica: schema, migrations, transactions, and the queries of each
//! table. Knows tables, not rules: what the rows mean, crates/replica says.
//!
//! # Contract
//! - WAL with `synchronous=FULL`: when [`Database::commit`] returns, the transaction is on disk.
//! - `entries`, `seals`, `authors`, `set_aside`, `details` and `meta` are what the replica *has*; all other
//!   tables are derived from `entries` and can be dropped and folded anew
//!   ([`Database::clear_derived`], [`Database::derived_fingerprint`]).
//! - Keys have locality: members, sales, holds and offers are numbered by the replica that made
//!   them and then in order, so inserts go to few pages.
//! - Balances and version vector are rows, read by key, never scanned for.

mod authors;
mod cards;
mod checks;
mod columns;
mod database;
mod derived;
mod details;
mod directory;
mod entries;
mod error;
mod figures;
mod holds;
mod late;
mod machine_acts;
mod members;
mod merges;
mod meta;
mod movements;
mod offers;
mod programmes;
mod requests;
mod schema;
mod schema_steps;
mod shares;
mod staff;
mod top_ups;
mod totals;

pub use authors::{AuthorNumber, AuthorRow};
pub use cards::CardRow;
pub use database::Database;
pub use details::DetailWanted;
pub use directory::{DirectoryRow, FenceRow};
pub use error::StorageError;
pub use figures::{Figures, FiguresKey};
pub use holds::HoldRow;
pub use late::{LateRow, LateSettlementRow};
pub use machine_acts::MachineAct;
pub use members::MemberRow;
pub use merges::MergeStamp;
pub use movements::{MovementKind, MovementRow};
pub use offers::OfferRow;
pub use programmes::ProgrammeRow;
pub use shares::ShareRow;
pub use staff::{AccountRow, ActPlace, ActRow, WhichActs};
pub use top_ups::TopUpRow;
