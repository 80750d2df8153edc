//! One replica: orders in, journal entries and replies out, and the fold that turns entries
//! into state. The same code runs in stores, hubs and simulations.
//!
//! # Contract
//! - Inputs are orders, runs of other journals, and readings of the clock ([`Now`]); nothing
//!   here reads a clock, draws randomness or opens a socket. SQLite is called synchronously.
//! - **Nothing leaves before it is durable.** What a [`Transaction`] decides comes wrapped in
//!   [`Gated`] and opens only with the [`Committed`] that [`Transaction::commit`] returns;
//!   runs of journals are read from [`Replica`], which a running transaction keeps borrowed.
//! - Orders that wait together are decided in one transaction: one commit, one fsync, one seal.
//! - One effect per request: by the caller's request id, and by store, till and check number.
//! - The fold ([`fold`](mod@fold)) of a set of entries is the same whatever order the journals
//!   arrived in. An author whose journal cannot stand is set aside with an [`Alarm`]; a broken
//!   invariant of our own panics, and the process with it.
//!
//! # An order's way
//! [`Order`] → a planner (`checkout`, `holding`, …) reads state and drafts facts → `append`
//! makes the entry, folds it, stores it → commit seals the head → the reply opens.

mod about;
mod accounts;
mod alarm;
mod allowance;
mod append;
mod aside;
mod authors;
mod awards;
mod basket;
mod carrying;
mod checkout;
mod codes;
mod commission;
mod details;
mod draft;
mod drawing;
mod dry_run;
mod enrolment;
mod fence;
mod fence_rule;
mod figures;
mod finding;
mod fleet;
mod fold;
mod fork;
mod gated;
mod giving;
mod holding;
mod holdings;
mod initials;
mod intake;
mod journals;
mod late;
mod late_view;
mod lease;
mod ledger_cache;
mod lending;
mod machine;
mod membership;
mod merging;
mod order;
mod passes;
mod past;
mod person;
mod placement;
mod pricing;
mod profiles;
mod programmes;
mod publications;
mod publishing;
mod quoting;
mod rebuild;
mod receipts;
mod reclaim;
mod refund;
mod refusal;
mod repayment;
mod replica;
mod reply;
mod rewards;
mod rights;
mod rights_cause;
mod self_check;
mod soundness;
mod staff;
mod state;
mod stored_value;
mod stores;
mod taking_back;
mod transaction;
mod verify;
mod view;
mod words;

pub use about::About;
pub use accounts::{AccountChange, AccountRefused};
pub use alarm::{Alarm, Unsound};
pub use allowance::AllowanceStanding;
pub use authors::Author;
pub use basket::{Basket, BasketLine, GoodsBack, Redemption, TakeBack, Tenders};
pub use dry_run::{Difference, DryRun};
pub use figures::DayFigures;
pub use fleet::FleetReplica;
pub use gated::{Committed, Gated};
pub use intake::{Intake, IntakeFault, Run};
pub use journals::Journal;
pub use late_view::{LateEntry, LateKind};
pub use lease::LEASE_MS;
pub use machine::{NotedAlarm, Outage};
pub use merging::Merging;
pub use order::{
    CodeClaim, CodeIssue, Giving, LateChoice, Order, PassReturn, PassSale, RewardWish, TopUp, TopUpReturn,
    Undertaking,
};
pub use purser_escrow::{Lease, Policy};
pub use purser_types::Now;
pub use quoting::{MemberStanding, Quoted, Wanted};
pub use refusal::Refusal;
pub use replica::{Founding, Replica, ReplicaError, RunLimit, Settings};
pub use reply::{Outcome, Reply};
pub use rights_cause::{AdvanceShort, RightsCause};
pub use staff::ActsAsked;
pub use stores::{OpenOffer, StoreView};
pub use transaction::Transaction;
pub use verify::{Finding, Verification, verify};
pub use view::{Balance, HoldView, Movement, View};
