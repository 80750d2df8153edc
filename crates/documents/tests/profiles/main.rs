//! Profiles edited at several stores that cannot see each other, and changes that are damaged,
//! forged or of a later version, among honest ones.

#![allow(clippy::unwrap_used, reason = "clippy.toml allows it in tests, but not in what tests share")]

mod bounds;
mod cards;
mod conflicts;
mod convergence;
mod damage;
mod forged;
mod forgery;
mod later_version;
mod stores;
mod texts;
mod waiting;
