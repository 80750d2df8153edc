//! Frames: golden files, round trips, damage, bombs, and those of a later version.

#![allow(clippy::unwrap_used, reason = "clippy.toml allows it in tests, but not in what tests share")]

// Shared with crates/journal, which uses more of it.
#[allow(dead_code, reason = "crates/journal uses the rest")]
#[path = "../../../journal/tests/journal/city.rs"]
mod city;
#[allow(dead_code, reason = "crates/journal uses the rest")]
#[path = "../../../journal/tests/journal/golden_file.rs"]
mod golden_file;
#[path = "../../../journal/tests/journal/worked_example.rs"]
mod worked_example;

mod arbitrary;
mod bombs;
mod damage;
mod golden;
mod later_frames;
mod round_trips;
