//! A city for a test, with what tests ask of it again and again.

use std::{
    fs,
    ops::{Deref, DerefMut},
    path::Path,
    time::{Duration, Instant},
};

use purser_demo::{City, Options, Process, wait_for};
use purser_replica::View;
use serde_json::{Value, json};

/// The executable that is every process of the city.
pub const EXECUTABLE: &str = env!("CARGO_BIN_EXE_purser-city");

/// How long something may take that has to come about: far more than it takes on a machine
/// that is busy with others.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// Lines of each log that are shown when a test fails.
const LOG_LINES_SHOWN: usize = 25;

/// A city whose logs are shown if the test fails.
pub struct Town(City);

/// A member's points, as one store sees them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Points {
    /// In all.
    pub balance: i64,
    /// What this store may spend by itself.
    pub here: i64,
}

impl Town {
    /// A city with so many stores, where rights stay with the store where they were earned: so
    /// a test knows where they are.
    pub fn found(stores: usize) -> Self {
        Self::found_by(Path::new(EXECUTABLE), stores)
    }

    /// The same, with an executable of the test's own.
    pub fn found_by(executable: &Path, stores: usize) -> Self {
        let options = Options { policy: Some("keep".to_owned()), ..Options::default() };
        Self(City::launch(executable, stores, options).unwrap())
    }

    /// Waits until all running replicas know the same; says how long that took.
    pub fn settle(&self) -> Duration {
        let began = Instant::now();
        self.await_agreement(PATIENCE).unwrap();
        began.elapsed()
    }

    /// Proves every database of the city, as an operator would.
    pub fn audit(&self) {
        for process in self.processes() {
            let said = process.command("verify", &[]).unwrap();
            assert!(said.starts_with("ok: "), "{}: {said}", process.name());
        }
    }

    /// Asserts that every replica says that the member has so many points.
    pub fn assert_balance(&self, member: &str, balance: i64) {
        for process in self.processes() {
            assert_eq!(points(process, member).balance, balance, "{member} at {}", process.name());
        }
    }
}

impl Deref for Town {
    type Target = City;

    fn deref(&self) -> &City {
        &self.0
    }
}

impl DerefMut for Town {
    fn deref_mut(&mut self) -> &mut City {
        &mut self.0
    }
}

impl Drop for Town {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            return;
        }
        for process in self.processes() {
            let log = fs::read_to_string(process.log()).unwrap_or_default();
            let lines: Vec<&str> = log.lines().collect();
            let last = &lines[lines.len().saturating_sub(LOG_LINES_SHOWN)..];
            eprintln!("--- log of {}\n{}", process.name(), last.join("\n"));
        }
    }
}

/// Waits until something is so; says how long that took.
pub fn eventually(what: &str, mut is_so: impl FnMut() -> bool) -> Duration {
    let began = Instant::now();
    wait_for(what, PATIENCE, || Ok(is_so())).unwrap();
    began.elapsed()
}

/// Registers a member at a store; gives their id.
pub fn register(process: &Process, name: &str) -> String {
    let body = json!({ "profile": { "name": name }, "card": true });
    // A header takes no Chinese; every name that a test registers is another.
    let key = name.escape_unicode().to_string();
    let answer = process.api().unwrap().post("/v1/members", &key, &body).unwrap();
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.body["member"].as_str().unwrap().to_owned()
}

/// A member's points, as this process sees them.
pub fn points(process: &Process, member: &str) -> Points {
    let answer = process.api().unwrap().get(&format!("/v1/members/{member}/balances")).unwrap();
    assert_eq!(answer.status, 200, "{}", answer.body);
    let figure = |name: &str| answer.body["points"][name].as_i64().unwrap();
    Points { balance: figure("balance"), here: figure("spendable_here") }
}

/// How a process stands with the others.
pub fn status(process: &Process) -> Value {
    let answer = process.api().unwrap().get("/v1/status").unwrap();
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

/// Waits until a store has found out that no link is left to anybody.
pub fn await_off_line(store: &Process) -> Duration {
    eventually("the store knows that it is off line", || {
        status(store)["links"].as_array().is_some_and(Vec::is_empty)
    })
}

/// Waits until a store is linked to a hub.
pub fn await_on_line(store: &Process) -> Duration {
    eventually("the store is linked to a hub", || status(store)["on_line"] == true)
}

/// The codes of the alarms that a process has raised since it started.
pub fn alarms(process: &Process) -> Vec<String> {
    let status = status(process);
    let alarms = status["alarms"].as_array().unwrap().iter();
    alarms.map(|alarm| alarm["code"].as_str().unwrap().to_owned()).collect()
}

/// How many sales a database holds, of all stores, and the value of their goods in fen.
pub fn sales(process: &Process) -> (u64, i64) {
    let sums = View::open(&process.database()).unwrap().figures_of_all().unwrap();
    (sums.sales.unsigned_abs(), sums.gross_fen)
}

/// The middle one of some times.
pub fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
