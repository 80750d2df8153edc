use std::{ffi::OsString, process::ExitCode};

use crate::{demonstration::demonstrate, leash, past};

/// Runs `node …` and `hub …` as the processes of a store and a hub, so that one executable is
/// a whole city, and `fill …` to make up a store's past; without such a part, the demo. The first argument is the program's name.
pub fn run_command_line(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let mut args = args.into_iter();
    let program = args.next().unwrap_or_default();
    let mut rest = args.peekable();
    leash::follow();
    match rest.peek().and_then(|part| part.to_str()) {
        Some("node") => purser_node::run_command_line(rest),
        Some("fill") => past::fill(rest),
        Some("hub") => purser_hub::run_command_line(rest),
        _ => demonstrate([program].into_iter().chain(rest)),
    }
}
