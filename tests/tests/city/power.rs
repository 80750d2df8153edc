//! The plug is pulled, at any moment.

use std::{
    collections::HashSet,
    sync::{
        Mutex,
        atomic::{
            AtomicBool, AtomicUsize,
            Ordering::{Relaxed, SeqCst},
        },
    },
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use purser_demo::{Api, Process};

use super::{
    till::{Basket, Till},
    town::{PATIENCE, Town, eventually, points, register, sales},
};

const TILLS: usize = 3;
/// Sales between one power cut and the next.
const SALES_BETWEEN: usize = 12;

/// A store whose tills go on selling whatever happens to it.
struct Counter {
    /// Where the store answers now.
    api: Mutex<Api>,
    closed: AtomicBool,
    sold: AtomicUsize,
    /// Times that a basket had to be sent again.
    retries: AtomicUsize,
}

/// A sale that the store has acknowledged.
struct Receipt {
    till: String,
    check: String,
    sale: String,
    yuan: i64,
}

impl Counter {
    fn of(store: &Process) -> Self {
        Self {
            api: Mutex::new(store.api().unwrap()),
            closed: AtomicBool::new(false),
            sold: AtomicUsize::new(0),
            retries: AtomicUsize::new(0),
        }
    }

    fn api(&self) -> Api {
        self.api.lock().unwrap().clone()
    }

    /// One till: sells until closing time, each basket until the store has acknowledged it.
    fn work(&self, mut till: Till, name: &str, member: &str) -> Vec<Receipt> {
        let mut receipts = Vec::new();
        while !self.closed.load(SeqCst) {
            let yuan = 1 + i64::try_from(receipts.len()).unwrap() % 89;
            let basket = till.basket(member, yuan);
            let sale = self.insist(&basket);
            receipts.push(Receipt { till: name.to_owned(), check: basket.check, sale, yuan });
            self.sold.fetch_add(1, SeqCst);
        }
        receipts
    }

    /// Sends a basket again and again, under one idempotency key, until there is an answer.
    fn insist(&self, basket: &Basket) -> String {
        let began = Instant::now();
        loop {
            match basket.send(&self.api()) {
                Ok(answer) if answer.status == 201 => {
                    return answer.body["sale"].as_str().unwrap().to_owned();
                }
                Ok(answer) => assert!(answer.status >= 500, "{}", answer.body),
                Err(_) => {}
            }
            assert!(began.elapsed() < PATIENCE, "the store does not come back");
            self.retries.fetch_add(1, Relaxed);
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits until so many more sales were made, and then for a moment that nobody chose.
    fn await_some_moment(&self) {
        let before = self.sold.load(SeqCst);
        eventually("the tills sell", || self.sold.load(SeqCst) >= before + SALES_BETWEEN);
        let nanos = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_nanos();
        thread::sleep(Duration::from_micros(u64::from(nanos / 1_000 % 30_000)));
    }
}

/// Lets the tills of the first store sell while `trouble` goes on, then proves that every
/// acknowledged sale exists once, everywhere.
fn sell_through(town: &mut Town, trouble: impl FnOnce(&mut Town, &Counter)) {
    let names: Vec<String> = (1..=TILLS).map(|number| number.to_string()).collect();
    let members: Vec<String> =
        names.iter().map(|name| register(&town.stores[0], &format!("Member {name}"))).collect();
    let counter = Counter::of(&town.stores[0]);
    let receipts: Vec<Vec<Receipt>> = thread::scope(|scope| {
        let tills = names.iter().zip(&members).map(|(name, member)| {
            let till = Till::at(&town.stores[0], name);
            let counter = &counter;
            scope.spawn(move || counter.work(till, name, member))
        });
        let tills: Vec<_> = tills.collect();
        // Closed also if the trouble ends in a panic: the scope waits for the tills.
        let closing = Closing(&counter);
        trouble(town, &counter);
        drop(closing);
        tills.into_iter().map(|till| till.join().unwrap()).collect()
    });
    town.settle();

    let all: Vec<&Receipt> = receipts.iter().flatten().collect();
    let yuan: i64 = all.iter().map(|receipt| receipt.yuan).sum();
    let ids: HashSet<&str> = all.iter().map(|receipt| receipt.sale.as_str()).collect();
    println!("{} sales, {} sent again", all.len(), counter.retries.load(Relaxed));
    assert_eq!(ids.len(), all.len(), "two receipts for one sale");
    for receipt in &all {
        let Receipt { till, check, sale, .. } = receipt;
        let found =
            town.stores[0].api().unwrap().get(&format!("/v1/checkouts?till={till}&check={check}")).unwrap();
        assert_eq!(found.body["sale"], *sale, "till {till}, check {check}");
        let found = town.hub.api().unwrap().get(&format!("/v1/checkouts/{sale}")).unwrap();
        assert_eq!(found.body["check"], *check, "at the hub: {}", found.body);
    }
    for process in town.processes() {
        assert_eq!(sales(process), (all.len() as u64, yuan * 100), "{}", process.name());
    }
    for (member, receipts) in members.iter().zip(&receipts) {
        town.assert_balance(member, receipts.iter().map(|receipt| receipt.yuan).sum());
    }
    town.audit();
}

struct Closing<'a>(&'a Counter);

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        self.0.closed.store(true, SeqCst);
    }
}

#[test]
fn a_store_that_loses_power_again_and_again_keeps_every_sale_once() {
    const POWER_CUTS: usize = 6;
    let mut town = Town::found(2);
    sell_through(&mut town, |town, counter| {
        for _ in 0..POWER_CUTS {
            counter.await_some_moment();
            town.stores[0].restart().unwrap();
            *counter.api.lock().unwrap() = town.stores[0].api().unwrap();
        }
        counter.await_some_moment();
        assert!(counter.retries.load(Relaxed) >= POWER_CUTS, "no till has noticed anything");
    });
}

#[test]
fn a_hub_that_loses_power_delays_nobody_and_forgets_nothing() {
    let mut town = Town::found(2);
    sell_through(&mut town, |town, counter| {
        for _ in 0..2 {
            counter.await_some_moment();
            town.hub.restart().unwrap();
        }
        town.hub.kill().unwrap();
        counter.await_some_moment();
        assert_eq!(counter.retries.load(Relaxed), 0, "a sale waited for the hub");
        town.hub.start().unwrap();
        counter.await_some_moment();
    });
    let other = &town.stores[1];
    let late = register(other, "Late");
    town.settle();
    assert_eq!(points(&town.hub, &late).balance, 0);
}
