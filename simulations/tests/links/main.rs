//! Links at the wrong moment: what goes first, what is late, and what is lost is up to the test.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

mod details;
mod overtaking;
mod yard;
