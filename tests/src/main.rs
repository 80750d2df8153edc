//! `purser-city`: every process of a city in one executable, for the end-to-end tests.
//!
//! `purser-city node …` and `purser-city hub …` are the command lines of a store and a hub.

use std::process::ExitCode;

fn main() -> ExitCode {
    purser_demo::run_command_line(std::env::args_os())
}
