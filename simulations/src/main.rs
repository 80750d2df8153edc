//! `purser-simulate`: whole cities on virtual time, with everything that can go wrong.

use std::process::ExitCode;

fn main() -> ExitCode {
    purser_simulations::run_command_line(std::env::args_os())
}
