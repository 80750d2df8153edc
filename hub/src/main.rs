//! `purser-hub`: the process of a hub.

use std::process::ExitCode;

fn main() -> ExitCode {
    purser_hub::run_command_line(std::env::args_os())
}
