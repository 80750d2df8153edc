//! Speed as a ratio to what SQLite itself can do, both measured in one run, in turns: absolute
//! times mean nothing on a shared machine. `cargo bench -p purser-simulations --bench ratios`.
//!
//! - *checkouts*: durable checkouts a second with 1 and with 32 tills, beside raw transactions
//!   that insert one row of the same bytes, with the same settings (WAL, synchronous=FULL).
//! - *sync*: entries a second taken in (verified, folded, durable), beside raw inserts of the
//!   same bytes with an index on the member, and beside raw inserts of all rows that an entry
//!   becomes, 1,000 entries a transaction.

use std::{
    cell::Cell,
    path::Path,
    time::{Duration, Instant},
};

use purser_documents::{Edit, Field};
use purser_replica::{Basket, Order, Outcome, Policy, Redemption, Run, RunLimit, Tenders, Undertaking};
use purser_simulations::{City, Identity};
use purser_sync::{Engine, EngineSettings, Frame, Input, LinkId, Output, Ticket};
use purser_types::{Fen, MemberId, Now};

const MEMBERS: usize = 50_000;
const ROUNDS: usize = 8;
const CHECKOUTS_A_ROUND: usize = 512;
const TILLS: usize = 32;
/// The journal that is taken in, and how much of it in turn with raw inserts.
const JOURNAL_ENTRIES: u64 = 1_000_000;
const SLICE_ENTRIES: u64 = 100_000;
/// Entries in a frame, as sessions cut them.
const FRAME_ENTRIES: u64 = 512;
/// Frames that a peer has on their way at once.
const WINDOW: usize = 4;
/// Checkouts that are committed together while the journal is written, off the clock.
const BATCH: usize = 256;
const LINK: LinkId = LinkId(1);
const START: Now = Now { wall_ms: 1_772_413_200_000, monotonic_ms: 1_000 };

fn main() {
    let city = City::found(Policy::KeepWhereEarned).expect("room for databases");
    let mut store = Till::open(&city);
    let entry_bytes = store.entry_bytes();
    println!("entry of a checkout: {entry_bytes} bytes; {MEMBERS} members, {ROUNDS} rounds in turns\n");
    checkouts(&city, &mut store, entry_bytes);
    sync(&city, &mut store);
}

fn checkouts(city: &City, store: &mut Till, entry_bytes: usize) {
    let raw = RawJournal::open(&city.directory().join("raw-transactions.db"));
    let (mut raw_time, mut one_till, mut many_tills) = (Duration::ZERO, Duration::ZERO, Duration::ZERO);
    for _ in 0..ROUNDS {
        raw_time += timed(|| (0..CHECKOUTS_A_ROUND).for_each(|_| raw.insert_each(&vec![7; entry_bytes])));
        one_till += timed(|| (0..CHECKOUTS_A_ROUND).for_each(|_| store.check_out(1)));
        many_tills += timed(|| (0..CHECKOUTS_A_ROUND / TILLS).for_each(|_| store.check_out(TILLS)));
    }
    let count = ROUNDS * CHECKOUTS_A_ROUND;
    let raw = rate(count, raw_time);
    println!("checkouts        raw transactions  {raw:>8.0}/s");
    report("  1 till ", rate(count, one_till), raw, "0.7");
    report("  32 tills", rate(count, many_tills), raw, "7");
    println!();
}

/// Takes in a journal of a year, slice by slice, in turns with raw inserts: both slow down as
/// their indexes outgrow the caches.
fn sync(city: &City, store: &mut Till) {
    while store.head() < JOURNAL_ENTRIES {
        store.check_out(BATCH);
    }
    let raw = RawJournal::open(&city.directory().join("raw-batches.db"));
    let rows_raw = RawRows::open(&city.directory().join("raw-rows.db"));
    let mut target = Target::open(city);
    println!("sync       entries known   raw, one row   all its rows        Purser      of one row   of all");
    let mut known = 0;
    while known < JOURNAL_ENTRIES {
        let runs = store.runs_after(known);
        let rows: Vec<Vec<u8>> = runs.iter().flat_map(|run| run.entries.clone()).collect();
        let raw_time = timed(|| rows.chunks(1_000).for_each(|rows| raw.insert_batch(rows)));
        let rows_time = timed(|| rows.chunks(1_000).for_each(|rows| rows_raw.insert_batch(rows)));
        let frames: Vec<Vec<u8>> = runs.into_iter().zip(1..).map(frame).collect();
        let taken_time = timed(|| frames.chunks(WINDOW).for_each(|frames| target.take_in(frames)));
        let [raw, all, taken] = [raw_time, rows_time, taken_time].map(|time| rate(rows.len(), time));
        let (of_one, of_all) = (ratio(taken, raw), ratio(taken, all));
        println!("{known:>24} {raw:>12.0}/s {all:>12.0}/s {taken:>11.0}/s {of_one:>15.2} {of_all:>8.2}");
        known = target.knows();
    }
}

/// A frame as a link brings it.
fn frame((run, number): (Run, u64)) -> Vec<u8> {
    Frame::Runs { number, runs: vec![run.into()] }.to_bytes()
}

/// A replica that is brought up to date.
struct Target(Engine);

impl Target {
    fn open(city: &City) -> Self {
        let mut engine = city.open(2, EngineSettings::default());
        engine.handle(vec![Input::LinkUp { link: LINK, peer: Identity::first(1).replica() }], START);
        Self(engine)
    }

    /// Takes frames in that wait together and sees that they are answered: they are durable then.
    fn take_in(&mut self, frames: &[Vec<u8>]) {
        let inputs = frames.iter().map(|bytes| Input::Frame { link: LINK, bytes: bytes.clone() });
        let outputs = self.0.handle(inputs.collect(), START);
        let answers = outputs.iter().filter(|output| matches!(output, Output::Send { .. }));
        assert_eq!(answers.count(), frames.len(), "{outputs:?}");
    }

    /// How far it knows the store's journal.
    fn knows(&self) -> u64 {
        self.0.replica().version_vector().of(Identity::first(1).replica())
    }
}

/// A store with members, whose tills close sales.
struct Till {
    engine: Engine,
    members: Vec<MemberId>,
    sales: usize,
}

impl Till {
    fn open(city: &City) -> Self {
        let mut till =
            Self { engine: city.open(1, EngineSettings::default()), members: Vec::new(), sales: 0 };
        for first in (0..MEMBERS).step_by(250) {
            let orders = (first..first + 250).map(|index| {
                let name = Edit::SetField { field: Field::Name, value: Some(format!("会员 {index}")) };
                Undertaking::Register { edits: vec![name], with_card: true }
            });
            for outcome in till.submit(orders) {
                match outcome {
                    Outcome::Member(member, _) => till.members.push(member),
                    other => panic!("{other:?}"),
                }
            }
        }
        till.check_out(1);
        till
    }

    /// `count` tills close a sale each; they wait for the same commit.
    fn check_out(&mut self, count: usize) {
        let first = self.sales;
        self.sales += count;
        let sales = (first..first + count).map(|sale| {
            // Spread over the members as a day's customers are: no two of a batch alike.
            let member = self.members[sale * 7_919 % MEMBERS];
            let gross = Fen(1_000 + i64::try_from(sale % 9_000).unwrap_or(0));
            let (till, check) = (format!("{}", sale % TILLS), sale.to_string());
            let redemption = Redemption::None;
            Undertaking::CheckOut(Basket {
                member,
                till,
                check,
                gross,
                redemption,
                lines: Vec::new(),
                tenders: Tenders::default(),
                claimed_of: None,
            })
        });
        let sales: Vec<Undertaking> = sales.collect();
        assert_eq!(self.submit(sales.into_iter()).len(), count);
    }

    fn submit(&mut self, orders: impl Iterator<Item = Undertaking>) -> Vec<Outcome> {
        let inputs = (0..).zip(orders).map(|(ticket, undertaking)| Input::Order {
            ticket: Ticket(ticket),
            order: Box::new(Order { request: None, undertaking }),
        });
        let outputs = self.engine.handle(inputs.collect(), START);
        let answers = outputs.into_iter().map(|output| match output {
            Output::Answer { result: Ok(reply), .. } => reply.outcome,
            other => panic!("{other:?}"),
        });
        answers.collect()
    }

    fn head(&self) -> u64 {
        self.engine.replica().me().head.seq
    }

    fn entry_bytes(&self) -> usize {
        let run = self.run(self.head() - 1, 1);
        run.map_or(0, |run| run.entries[0].len())
    }

    /// A slice of its journal, as its links would cut it into frames.
    fn runs_after(&self, after: u64) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        let mut reached = after;
        while reached < after + SLICE_ENTRIES {
            let Some(run) = self.run(reached, FRAME_ENTRIES) else { break };
            reached = run.seal.seq;
            runs.push(run);
        }
        runs
    }

    fn run(&self, after: u64, entries: u64) -> Option<Run> {
        let replica = self.engine.replica();
        replica.run_after(replica.id(), after, RunLimit { entries, bytes: 1 << 20 }).expect("readable")
    }
}

/// A table like that of the entries, written as fast as SQLite goes.
struct RawJournal(rusqlite::Connection);

/// A database with the settings of Purser's own.
fn raw_database(path: &Path, tables: &str) -> rusqlite::Connection {
    let connection = rusqlite::Connection::open(path).expect("a database");
    connection.pragma_update(None, "journal_mode", "WAL").expect("WAL");
    connection.pragma_update(None, "synchronous", "FULL").expect("FULL");
    connection.pragma_update(None, "wal_autocheckpoint", 16_384).expect("autocheckpoint");
    connection.pragma_update(None, "cache_size", -64 * 1024).expect("cache");
    connection.execute_batch(tables).expect("tables");
    connection
}

/// Tables as those that a sale goes into, without anybody who reads, checks or sums.
struct RawRows {
    connection: rusqlite::Connection,
    entries: Cell<i64>,
}

impl RawRows {
    fn open(path: &Path) -> Self {
        let connection = raw_database(
            path,
            "CREATE TABLE entries (author INTEGER, seq INTEGER, bytes BLOB, PRIMARY KEY (author, seq)) WITHOUT ROWID;
             CREATE TABLE movements (member INTEGER, wall_ms INTEGER, author INTEGER, seq INTEGER,
                                     PRIMARY KEY (member, wall_ms, author, seq)) WITHOUT ROWID;
             CREATE TABLE shares (member INTEGER, asset INTEGER, which INTEGER, available INTEGER,
                                  PRIMARY KEY (member, asset, which)) WITHOUT ROWID",
        );
        Self { connection, entries: Cell::new(0) }
    }

    fn insert_batch(&self, rows: &[Vec<u8>]) {
        self.connection.execute_batch("BEGIN IMMEDIATE").expect("begin");
        for bytes in rows {
            self.insert(bytes);
        }
        self.connection.execute_batch("COMMIT").expect("commit");
    }

    fn insert(&self, bytes: &[u8]) {
        let seq = self.entries.get() + 1;
        self.entries.set(seq);
        // The members come as those of the tills do.
        let member = seq * 7_919 % 50_000;
        let run = |sql: &str, values: &[&dyn rusqlite::ToSql]| {
            self.connection.prepare_cached(sql).expect("sql").execute(values).expect("insert");
        };
        run("INSERT INTO entries VALUES (1, ?1, ?2)", &[&seq, &bytes]);
        run("INSERT INTO movements VALUES (?1, 1772413200000, 1, ?2)", &[&member, &seq]);
        run("INSERT INTO shares VALUES (?1, 5, ?2, 1000)", &[&member, &seq]);
        let points = "INSERT INTO shares VALUES (?1, 0, 0, 10)
                      ON CONFLICT DO UPDATE SET available = available + excluded.available";
        run(points, &[&member]);
    }
}

impl RawJournal {
    fn open(path: &Path) -> Self {
        Self(raw_database(
            path,
            "CREATE TABLE rows (seq INTEGER PRIMARY KEY, member INTEGER NOT NULL, bytes BLOB NOT NULL);
             CREATE INDEX rows_by_member ON rows (member)",
        ))
    }

    fn insert_each(&self, bytes: &[u8]) {
        self.insert(bytes);
    }

    fn insert_batch(&self, rows: &[Vec<u8>]) {
        self.0.execute_batch("BEGIN IMMEDIATE").expect("begin");
        for bytes in rows {
            self.insert(bytes);
        }
        self.0.execute_batch("COMMIT").expect("commit");
    }

    fn insert(&self, bytes: &[u8]) {
        let sql = "INSERT INTO rows (member, bytes) VALUES ((abs(random()) % 50000), ?1)";
        self.0.prepare_cached(sql).expect("sql").execute([bytes]).expect("insert");
    }
}

fn timed(work: impl FnOnce()) -> Duration {
    let started = Instant::now();
    work();
    started.elapsed()
}

#[allow(clippy::cast_precision_loss, clippy::float_arithmetic)]
fn rate(count: usize, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64()
}

fn report(what: &str, ours: f64, raw: f64, aim: &str) {
    println!("{what:<16} Purser            {ours:>8.0}/s   ratio {:.2}   (aim {aim})", ratio(ours, raw));
}

#[allow(clippy::float_arithmetic)]
fn ratio(ours: f64, raw: f64) -> f64 {
    ours / raw
}
