//! Frames: golden files, round trips, damage, bombs, and those of a later version.

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
