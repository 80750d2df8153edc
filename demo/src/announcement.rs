//! The line that a process begins with: where it listens.

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::ChildStdout,
    sync::mpsc,
    thread,
};

/// The first line of a stream, which is then read on so that its writer never waits.
pub(crate) fn first_line(stdout: ChildStdout) -> mpsc::Receiver<String> {
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            // Only the first is waited for.
            let _ = tell.send(line);
        }
    });
    told
}

/// Reads `listening http=… link=…`.
pub(crate) fn listening(line: &str) -> Option<(SocketAddr, SocketAddr)> {
    let (http, link) = line.strip_prefix("listening http=")?.split_once(" link=")?;
    Some((http.parse().ok()?, link.trim().parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_that_a_process_begins_with_is_understood() {
        let addresses = listening("listening http=127.0.0.1:80 link=127.0.0.1:81").unwrap();
        assert_eq!((addresses.0.port(), addresses.1.port()), (80, 81));
        for line in ["", "listening", "listening http=x link=y", "http=127.0.0.1:80 link=127.0.0.1:81"] {
            assert_eq!(listening(line), None, "{line}");
        }
    }
}
