//! The pages over real sockets, in front of a real store on a temporary folder, as a browser without scripts sees them.

#![allow(clippy::unwrap_used)] // clippy.toml allows it in tests, but not in what tests share

mod counter;
mod dealings;
mod fleet;
mod hostile;
mod hub;
mod looking_back;
mod mishaps;
mod office;
mod office_member;
mod phone;
mod scanner;
mod shop;
mod signing_in;
mod staff;
mod words;
