//! The journal's format and what it withstands: golden files, round trips, damage, forgery.

#![allow(clippy::unwrap_used, reason = "clippy.toml allows it in tests, but not in what tests share")]

mod arbitrary;
mod chain;
mod city;
mod credentials;
mod damage;
mod dealings_journal;
mod golden;
mod golden_file;
mod hostile_cbor;
mod hub_journal;
mod late_journal;
mod later_version;
mod round_trips;
mod store_journal;
mod version_vectors;
mod vouchers;
mod worked_example;
