//! Speed as a ratio to what SQLite itself can do, both measured in one run, in turns: absolute
//! times mean nothing on a shared machine. `cargo bench -p purser-simulations --bench ratios`.
//!
//! - *checkouts*: durable checkouts a second with 1 and with 32 tills, beside raw transactions
//!   that insert one row of the same bytes, with the same settings (WAL, synchronous=FULL).
//! - *sync*: entries a second taken in (verified, folded, durable), beside raw inserts of the
//!   same bytes with an index on the member, 1,000 rows a transaction.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use purser_documents::{Edit, Field};
use purser_replica::{Basket, Order, Outcome, Policy, Redemption, RunLimit, Undertaking};
use purser_simulations::City;
use purser_sync::{Engine, EngineSettings, Input, Output, Ticket};
use purser_types::{Fen, MemberId, Now};

const MEMBERS: usize = 2_000;
const ROUNDS: usize = 8;
const CHECKOUTS_A_ROUND: usize = 512;
const TILLS: usize = 32;
const START: Now = Now { wall_ms: 1_772_413_200_000, monotonic_ms: 1_000 };

fn main() {
    let city = City::found(Policy::KeepWhereEarned).expect("room for databases");
    let mut store = Till::open(&city);
    let entry_bytes = store.entry_bytes();
    println!("entry of a checkout: {entry_bytes} bytes; {MEMBERS} members, {ROUNDS} rounds in turns\n");
    checkouts(&city, &mut store, entry_bytes);
    sync(&city, &store);
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

fn sync(city: &City, store: &Till) {
    let replica = store.engine.replica();
    let (author, head) = (replica.id(), replica.me().head.seq);
    let mut runs = Vec::new();
    let mut after = 0;
    while let Some(run) =
        replica.run_after(author, after, RunLimit { entries: 512, bytes: 1 << 20 }).expect("readable")
    {
        after = run.seal.seq;
        runs.push(run);
    }
    let mut raw_time = Duration::ZERO;
    let mut taken_time = Duration::ZERO;
    for round in 0..3 {
        let raw = RawJournal::open(&city.directory().join(format!("raw-batches-{round}.db")));
        let rows: Vec<Vec<u8>> = runs.iter().flat_map(|run| run.entries.clone()).collect();
        raw_time += timed(|| rows.chunks(1_000).for_each(|rows| raw.insert_batch(rows)));
        let mut target = city.open(90 + round, EngineSettings::default());
        taken_time += timed(|| take_in(&mut target, &runs));
        assert_eq!(target.replica().version_vector().of(author), head);
    }
    let entries = 3 * usize::try_from(head).unwrap_or(0);
    let raw = rate(entries, raw_time);
    println!("sync             raw inserts       {raw:>8.0}/s");
    report("  entries", rate(entries, taken_time), raw, "0.4");
}

/// What a link would bring, frame by frame, each durable before the next.
fn take_in(target: &mut Engine, runs: &[purser_replica::Run]) {
    let link = purser_sync::LinkId(1);
    target.handle(vec![Input::LinkUp { link, peer: City::replica(1) }], START);
    for (number, run) in (1..).zip(runs) {
        let frame = purser_sync::Frame::Runs { number, runs: vec![run.clone().into()] };
        let outputs = target.handle(vec![Input::Frame { link, bytes: frame.to_bytes() }], START);
        assert!(outputs.iter().any(|output| matches!(output, Output::Send { .. })), "{outputs:?}");
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
        let members = self.members.clone();
        let orders = (first..first + count).map(|sale| {
            // Spread over the members as a day's customers are: no two of a batch alike.
            let member = members[sale * 7_919 % MEMBERS];
            let gross = Fen(1_000 + i64::try_from(sale % 9_000).unwrap_or(0));
            let (till, check) = (format!("{}", sale % TILLS), sale.to_string());
            let redemption = Redemption::None;
            Undertaking::CheckOut(Basket { member, till, check, gross, redemption, lines: None })
        });
        assert_eq!(self.submit(orders).len(), count);
    }

    fn submit(&mut self, orders: impl Iterator<Item = Undertaking>) -> Vec<Outcome> {
        let inputs = (0..).zip(orders).map(|(ticket, undertaking)| Input::Order {
            ticket: Ticket(ticket),
            order: Order { request: None, undertaking },
        });
        let outputs = self.engine.handle(inputs.collect(), START);
        let answers = outputs.into_iter().map(|output| match output {
            Output::Answer { result: Ok(reply), .. } => reply.outcome,
            other => panic!("{other:?}"),
        });
        answers.collect()
    }

    fn entry_bytes(&self) -> usize {
        let replica = self.engine.replica();
        let before = replica.me().head.seq - 1;
        let run = replica.run_after(replica.id(), before, RunLimit { entries: 1, bytes: 1 << 20 });
        run.expect("readable").map_or(0, |run| run.entries[0].len())
    }
}

/// A table like that of the entries, written as fast as SQLite goes.
struct RawJournal(rusqlite::Connection);

impl RawJournal {
    fn open(path: &Path) -> Self {
        let connection = rusqlite::Connection::open(path).expect("a database");
        connection.pragma_update(None, "journal_mode", "WAL").expect("WAL");
        connection.pragma_update(None, "synchronous", "FULL").expect("FULL");
        connection.pragma_update(None, "wal_autocheckpoint", 4096).expect("autocheckpoint");
        let table =
            "CREATE TABLE rows (seq INTEGER PRIMARY KEY, member INTEGER NOT NULL, bytes BLOB NOT NULL);
                     CREATE INDEX rows_by_member ON rows (member)";
        connection.execute_batch(table).expect("a table");
        Self(connection)
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
        let sql = "INSERT INTO rows (member, bytes) VALUES ((abs(random()) % 2000), ?1)";
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

#[allow(clippy::float_arithmetic)]
fn report(what: &str, ours: f64, raw: f64, aim: &str) {
    println!("{what:<16} Purser            {ours:>8.0}/s   ratio {:.2}   (aim {aim})", ours / raw);
}
