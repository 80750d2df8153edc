//! Programmes as chains would write them, and what they say of baskets.

#![allow(clippy::unwrap_used)] // clippy.toml allows it in tests, but not in what tests share

mod always;
mod basket;
mod faults;
mod tiers;
mod worked_examples;
