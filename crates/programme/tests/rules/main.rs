//! Programmes as chains would write them, and what they say of baskets.

#![allow(clippy::unwrap_used)] // clippy.toml allows it in tests, but not in what tests share

mod always;
mod basket;
mod coupons;
mod damage;
mod faults;
mod quotes;
mod receipts;
mod returns;
mod splitting;
mod tiers;
mod worked_examples;
