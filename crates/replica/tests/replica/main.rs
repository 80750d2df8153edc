//! Replicas with real databases, without a network: runs of journals are carried from one to the
//! other by hand, late, twice, in any order, or forged.

#![allow(clippy::unwrap_used, reason = "clippy.toml allows it in tests, but not in what tests share")]

mod city;
mod forger;

mod allowances;
mod checkout;
mod commits;
mod dry_runs;
mod fences;
mod figures;
mod forgeries;
mod forks;
mod holds;
mod idempotency;
mod intake;
mod late;
mod late_truths;
mod leases;
mod merges;
mod old_copies;
mod opening;
mod placement;
mod profiles;
mod programme;
mod programme_traps;
mod publications;
mod random_lives;
mod reclaims;
mod returns;
mod rights;
mod staff;
mod verification;
mod vouchers;
