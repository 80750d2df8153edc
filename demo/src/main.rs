//! `purser-demo`: a city on one machine, and what happens when its lines are cut.

use std::process::ExitCode;

fn main() -> ExitCode {
    purser_demo::run_command_line(std::env::args_os())
}
