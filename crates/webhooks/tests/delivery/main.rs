//! Whether what is written arrives: once, in order, signed, and without anybody's name.
#![allow(clippy::unwrap_used)] // clippy.toml allows it in tests, but not in what tests share

mod arriving;
mod folder;
mod receiver;
mod shop;
