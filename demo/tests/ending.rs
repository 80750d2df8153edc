//! How the demo ends: as its story says; and by whatever signal, nothing of its city goes on.

#![cfg(target_os = "linux")] // where processes are looked for in /proc
#![allow(clippy::unwrap_used)] // clippy.toml allows it in tests, but not in what tests share

use std::{
    fs,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(30);

/// A demo that has come to some point of its story.
struct Demo {
    child: Child,
    /// Where its city is.
    files: TempDir,
}

impl Demo {
    /// Starts it, and returns when it says this.
    fn when_it_says(words: &str) -> Self {
        let files = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_purser-demo"));
        command.env("TMPDIR", files.path()).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        assert!(lines.any(|line| line.contains(words)), "it never says {words:?}");
        thread::spawn(move || lines.for_each(drop));
        Self { child, files }
    }

    /// How many processes are at work on its files. Its own command line does not name them.
    fn processes(&self) -> usize {
        let files = self.files.path().to_str().unwrap();
        let names_them = |entry: &fs::DirEntry| {
            let command_line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
            String::from_utf8_lossy(&command_line).contains(files)
        };
        fs::read_dir("/proc").unwrap().flatten().filter(names_them).count()
    }

    fn send(&self, signal: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", signal, &pid]).status().unwrap().success());
    }

    /// Waits for its end; gives the exit code.
    fn ended(&mut self) -> Option<i32> {
        let mut status = None;
        eventually("it ends", || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        });
        status.unwrap().code()
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // Where the test has failed; its city ends with it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < PATIENCE, "still not so: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn everything_comes_out_as_it_should() {
    let mut demo = Demo::when_it_says("Everything came out as it should");
    assert_eq!(demo.ended(), Some(0));
}

#[test]
fn a_demo_that_is_asked_to_end_leaves_nothing_behind() {
    for (signal, words, exit_code) in
        [("HUP", "PURSER", 129), ("INT", "1 · Members", 130), ("TERM", "2 · Every yuan", 143)]
    {
        let mut demo = Demo::when_it_says(words);
        demo.send(signal);
        assert_eq!(demo.ended(), Some(exit_code), "{signal}");
        assert_eq!(demo.processes(), 0, "{signal}");
        assert_eq!(fs::read_dir(demo.files.path()).unwrap().count(), 0, "{signal}");
    }
}

#[test]
fn a_demo_that_is_killed_takes_its_city_along() {
    let mut demo = Demo::when_it_says("1 · Members");
    assert_eq!(demo.processes(), 4);
    demo.child.kill().unwrap();
    eventually("its processes have ended", || demo.processes() == 0);
}
