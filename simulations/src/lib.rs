//! A city in one thread: the real engines of crates/sync with their real databases, on a
//! virtual clock and a virtual network, driven by one seed. The same seed gives the same run.
//!
//! [`City`] enrols replicas, [`World`] owns time and links and moves frames, [`Shoppers`] are the
//! members who earn and redeem, and keep the plain account that the replicas are checked against.
//!
//! So far the disk is the machine's own and replicas do not die here; faults are those of the
//! line. (Process deaths are tried on real processes, in tests/.)

mod city;
mod shoppers;
mod world;

pub use city::City;
pub use shoppers::{Account, Shoppers};
pub use world::{Faults, StoreIndex, World};
