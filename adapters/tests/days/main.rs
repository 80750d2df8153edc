//! Whole days of tills in the vendors' shapes: over real sockets, through the adapters, in front of a real node.

#![allow(clippy::unwrap_used)] // clippy.toml allows it in tests, but not in what tests share

mod keruyun_till;
mod line;
mod shop;
mod toast_till;

mod keruyun;
mod toast;
