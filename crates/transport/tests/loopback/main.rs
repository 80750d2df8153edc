//! Cities of real endpoints on the loopback interface: founding, joining, connecting, and
//! everybody who should be turned away.

#![allow(clippy::unwrap_used)] // clippy.toml allows it in tests, but not in what tests share

mod city;
mod connecting;
mod files;
mod joining;
mod wire;
