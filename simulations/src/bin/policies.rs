//! `purser-policies`: which escrow policy serves members best when lines are cut.

use std::process::ExitCode;

fn main() -> ExitCode {
    purser_simulations::policies::run_policies(std::env::args_os())
}
