//! `purser-node`: the process of a store.

use std::process::ExitCode;

fn main() -> ExitCode {
    purser_node::run_command_line(std::env::args_os())
}
