//! One store has a slow line, or its machine stands still.

use std::{
    fs,
    path::Path,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use purser_demo::Process;

use super::{
    till::{Till, assert_comparable},
    town::{Town, eventually, median, points, register, status},
};

/// What the slow line takes, each way.
const LINE_MS: u64 = 1_500;
/// Sales for a median.
const SALES_TIMED: usize = 20;
/// Sales that pass the hub while one store is slow to take them.
const SALES_PASSING: usize = 400;
/// What the hub may grow by meanwhile: some buffers, not a queue without an end.
const GROWTH_MIB_MAX: u64 = 64;

#[test]
fn a_slow_line_slows_nobody_but_its_own_news() {
    let town = Town::found(3);
    let member = register(&town.stores[0], "李伟");
    town.settle();
    town.lines[2].slow(LINE_MS);
    let mut tills = [0, 1, 2].map(|store| Till::at(&town.stores[store], "1"));

    // Whoever sells waits for nobody.
    let mut times = [(); 3].map(|()| Vec::new());
    for _ in 0..SALES_TIMED {
        for (till, times) in tills.iter_mut().zip(&mut times) {
            times.push(till.sell(&member, 1).took);
        }
    }
    let [near, other, slow] = times.map(median);
    assert_comparable(slow, near);
    assert_comparable(other, near);

    // News between the others do not wait for the slow one: its line takes 3 s there and back.
    let newer = Till::at(&town.stores[0], "2");
    let journeys = news_travel(&town, newer);
    println!("news at the other store after {journeys:?}");
    assert!(median(journeys) < Duration::from_millis(2 * LINE_MS));

    let before = memory_mib(&town.hub);
    thread::scope(|scope| {
        for till in tills.iter_mut().take(2) {
            scope.spawn(|| (0..SALES_PASSING / 2).for_each(|_| drop(till.sell(&member, 1))));
        }
    });
    let after = memory_mib(&town.hub);
    println!("the hub's memory: {before:?} MiB before {SALES_PASSING} sales, {after:?} after");
    if let (Some(before), Some(after)) = (before, after) {
        assert!(after < before + GROWTH_MIB_MAX, "{before} MiB became {after}");
    }

    println!("all know all after {:?} over the slow line", town.settle());
    town.lines[2].heal();
    let sold = 3 * SALES_TIMED + SALES_PASSING;
    town.assert_balance(&member, i64::try_from(sold).unwrap());
    town.audit();
}

const JOURNEYS: usize = 7;

/// How long sales at the first store take to be known at the second.
fn news_travel(town: &Town, mut till: Till) -> Vec<Duration> {
    let member = register(&town.stores[0], "Traveller");
    eventually("the member is known", || {
        town.stores[1].api().unwrap().get(&format!("/v1/members/{member}")).unwrap().is_success()
    });
    let one = |known: i64| {
        let began = Instant::now();
        till.sell(&member, 1);
        eventually("the sale is known at the other store", || {
            points(&town.stores[1], &member).balance == known
        });
        began.elapsed()
    };
    (1..=i64::try_from(JOURNEYS).unwrap()).map(one).collect()
}

#[cfg(target_os = "linux")]
#[test]
fn a_store_that_stands_still_holds_up_nobody_and_catches_up() {
    let town = Town::found(2);
    let member = register(&town.stores[0], "李伟");
    Till::at(&town.stores[0], "1").sell(&member, 300);
    town.settle();
    // A virtual machine is suspended: the process is there and does nothing.
    signal(&town.stores[0], "STOP");
    let mut till = Till::at(&town.stores[1], "1");
    let times: Vec<Duration> = (0..SALES_TIMED).map(|_| till.sell(&member, 1).took).collect();
    println!("median sale while another store stands still: {:?}", median(times.clone()));
    assert!(median(times) < Duration::from_millis(500));

    // It holds the rights, so a till that wants them is told within its patience.
    let refused = till.redeem(&member, 3, 300);
    assert_eq!(refused.code(), Some("insufficient_rights_here"), "{}", refused.body);
    assert!(refused.took < Duration::from_secs(10), "{:?}", refused.took);
    let lost =
        eventually("the hub takes it for gone", || status(&town.hub)["links"].as_array().unwrap().len() == 1);
    println!("taken for gone after {lost:?}");
    let refused = till.redeem(&member, 3, 300);
    assert_eq!(refused.body["cause"], "holder_off_line", "{}", refused.body);

    signal(&town.stores[0], "CONT");
    println!("caught up after {:?}", town.settle());
    let sold = i64::try_from(SALES_TIMED).unwrap();
    town.assert_balance(&member, 300 + sold);
    eventually("the points can be had", || till.redeem(&member, 3, 300).is_success());
    town.settle();
    town.assert_balance(&member, sold + 3);
    town.audit();
}

#[cfg(target_os = "linux")]
fn signal(process: &Process, signal: &str) {
    let id = process_id(process.dir()).unwrap();
    assert!(Command::new("kill").args([format!("-{signal}"), id.to_string()]).status().unwrap().success());
}

/// What a process has in memory, where the operating system tells.
fn memory_mib(process: &Process) -> Option<u64> {
    let id = process_id(process.dir())?;
    let status = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib >> 10)
}

/// The process that runs a folder, where the operating system tells.
fn process_id(dir: &Path) -> Option<u32> {
    let running = format!("run\0--dir\0{}\0", dir.to_str()?);
    let processes = fs::read_dir("/proc").ok()?;
    let ids = processes.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    ids.into_iter().find(|id: &u32| {
        let line = fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&line).ends_with(&running)
    })
}
