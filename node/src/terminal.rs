use std::{
    ffi::OsString,
    io::{self, Write},
    process::ExitCode,
    sync::OnceLock,
};

use clap::{Parser, error::ErrorKind};

use crate::Failure;

/// Parses a command line, carries it out, and says in one line what went wrong if something
/// did. Node and hub both begin here.
pub fn run_parsed<C: Parser>(
    args: impl IntoIterator<Item = OsString>,
    carry_out: impl FnOnce(C) -> Result<ExitCode, Failure>,
) -> ExitCode {
    let outcome = match C::try_parse_from(args) {
        Ok(command) => carry_out(command),
        Err(asked) if !asked.use_stderr() => {
            say(asked.render().to_string().trim_end());
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => Err(usage_failure(&error)),
    };
    outcome.and_then(unless_unsaid).unwrap_or_else(|failure| {
        hint(&format!("error: {failure}"));
        failure.exit_code()
    })
}

/// Prints a line on stdout: what the command was asked for. If it cannot be written, the command
/// fails at its end (see [`run_parsed`]).
pub fn say(line: &str) {
    match writeln!(io::stdout().lock(), "{line}") {
        // A reader that has gone away (`| head`) wants no more lines, and is no error.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            UNSAID.get_or_init(|| error.to_string());
        }
        _ => {}
    }
}

/// Why a line that was to be said could not be written: the first cause.
static UNSAID: OnceLock<String> = OnceLock::new();

/// Nothing is done as long as nobody could read it.
fn unless_unsaid(done: ExitCode) -> Result<ExitCode, Failure> {
    match UNSAID.get() {
        Some(cause) if done == ExitCode::SUCCESS => {
            Err(Failure::new("output_lost", format!("not all output could be written: {cause}")))
        }
        _ => Ok(done),
    }
}

/// Prints a line on stderr: what a person should know, and no script reads.
pub fn hint(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

fn usage_failure(error: &clap::Error) -> Failure {
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return Failure::usage("usage", "a command is missing: see --help");
    }
    let text = error.render().to_string();
    let cause = text.split("\n\n").next().unwrap_or_default();
    Failure::usage("usage", format!("{}; see --help", cause.trim_start_matches("error: ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[arg(long)]
        number: u8,
    }

    #[test]
    fn what_clap_says_becomes_one_line() {
        for args in [&["x"][..], &["x", "--number", "300"], &["x", "--nmber", "3"]] {
            let failure = usage_failure(&Line::try_parse_from(args).unwrap_err());
            let said = failure.to_string();
            assert!(said.contains("--n") && said.contains("see --help") && !said.contains('\n'), "{said}");
            assert!(said.ends_with("[usage]") && !said.contains("error:"), "{said}");
        }
        let number = |line: Line| {
            assert_eq!(line.number, 3);
            Err(Failure::new("not_today", "no"))
        };
        assert_eq!(run_parsed(["x", "--number", "3"].map(OsString::from), number), ExitCode::FAILURE);
    }
}
