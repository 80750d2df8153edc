//! The API over real sockets, in front of real nodes on temporary folders.

#![allow(clippy::unwrap_used)] // clippy.toml allows it in tests, but not in what tests share

mod allowance;
mod bad_input;
mod city;
mod conformity;
mod contract;
mod docs_page;
mod finding_members;
mod fleet;
mod guarding;
mod occasions;
mod profiles;
mod repetition;
mod scheme;
mod scopes;
mod selling_ahead;
mod till_day;
mod worked_examples;
