//! Escrow policies compared: where rights should live, so that a store whose line is cut can
//! still serve its members.
//!
//! A year of baskets is played member by member: first with all lines up, so that rights come to lie
//! where the policy puts them, then once more through every outage of every store, district and hub.
//! A referee who knows everything at once says which wishes could have been served. The policies are
//! those of crates/escrow, to the line; of the rest this is a model, which docs/policies.md describes.

mod command_line;
mod comparison;
mod generated;
mod history;
mod member;
mod outage;
mod plots;
mod purse;
mod referee;
mod report;
mod sizes;

pub use command_line::run_policies;
pub use comparison::{Mode, Outcome, Terms, compare};
pub use generated::Generated;
pub use history::{History, HistoryError, Shopping};
pub use outage::{Outage, Reach};
pub use report::Report;
pub use sizes::Sizes;
