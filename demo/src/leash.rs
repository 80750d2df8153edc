//! A city ends with the process that launched it, however that ends: each of its processes holds
//! one end of a pipe as its standard input, and the launcher holds the other. The system closes
//! that one even if the launcher is killed.

use std::{
    env, io,
    process::{self, Command, Stdio},
    thread,
};

/// Says to a process that its standard input is a leash. One that somebody starts by hand is on
/// none: its standard input may be closed from the start.
const MARK: &str = "PURSER_ON_LEASH";

/// Puts a process that is about to be started on a leash: the child's `stdin`.
pub(crate) fn put_on(command: &mut Command) {
    command.env(MARK, "1").stdin(Stdio::piped());
}

/// Ends this process when its leash does, if it is on one: at once, as in a power cut, which a
/// replica survives.
pub(crate) fn follow() {
    if env::var_os(MARK).is_none() {
        return;
    }
    thread::spawn(|| {
        // Nothing is ever sent, so what ends this is the end of the pipe.
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        process::exit(1);
    });
}
