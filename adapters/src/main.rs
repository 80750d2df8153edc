//! `purser-adapter`: loyalty endpoints of POS vendors' shapes in front of Purser.

use std::process::ExitCode;

fn main() -> ExitCode {
    purser_adapters::run_command_line(std::env::args_os())
}
