//! A store's disk takes no more.
//!
//! What every Unix offers without rights or a disk of one's own is a limit on the length of
//! files. Beyond it a write fails (EFBIG), which SQLite reports as it does a failing device or
//! a used-up quota, and not as a full disk (ENOSPC): it cannot be told whether the next write
//! would work. So the process stops, and says why; nothing that it has acknowledged is lost.

#![cfg(unix)]

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use super::{
    till::Till,
    town::{EXECUTABLE, Town, eventually, points, register, sales},
};

/// Blocks of 512 bytes that a file may have while there is little room.
const BLOCKS: &str = "3000";
/// More sales than fit into a write-ahead log of that length.
const SALES_MAX: u32 = 2_000;

/// An executable that runs stores within the limit that stands in a file, if there is one.
fn within_limits(dir: &Path) -> (PathBuf, PathBuf) {
    let (script, limit) = (dir.join("city.sh"), dir.join("limit"));
    let at = limit.display();
    // A process that does not ignore the signal is ended by it (setrlimit(2)).
    let text = format!(
        "#!/bin/sh\nif [ \"$1 $2\" = 'node run' ] && [ -f '{at}' ]; then\n\
         trap '' XFSZ\nulimit -f \"$(cat '{at}')\"\nfi\nexec '{EXECUTABLE}' \"$@\"\n"
    );
    fs::write(&script, text).unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    (script, limit)
}

#[test]
fn a_store_that_cannot_write_stops_and_has_lost_nothing() {
    let scripts = tempfile::tempdir().unwrap();
    let (script, limit) = within_limits(scripts.path());
    let mut town = Town::found_by(&script, 1);
    let member = register(&town.stores[0], "李伟");
    town.settle();
    town.stores[0].stop().unwrap();
    fs::write(&limit, BLOCKS).unwrap();
    town.stores[0].start().unwrap();

    let api = town.stores[0].api().unwrap();
    let mut till = Till::at(&town.stores[0], "1");
    let mut sold = 0_u32;
    let failed = loop {
        let basket = till.basket(&member, 1);
        match basket.send(&api) {
            Ok(answer) if answer.status == 201 => sold += 1,
            other => break (basket, other),
        }
        assert!(sold < SALES_MAX, "the limit limits nothing");
    };
    let (basket, answer) = failed;
    let said = answer.as_ref().ok().and_then(|answer| answer.code()).unwrap_or("nothing").to_owned();
    println!("{sold} sales, then {said}");
    assert!(sold > 0);
    assert!(
        ["storage_device_failed", "storage_full", "shutting_down", "nothing"].contains(&said.as_str()),
        "{said}"
    );

    let mut ended = None;
    eventually("the store ends by itself", || {
        ended = town.stores[0].ended().unwrap();
        ended.is_some()
    });
    assert_eq!(ended.unwrap().code(), Some(1));
    let log = fs::read_to_string(town.stores[0].log()).unwrap();
    assert!(log.contains("the disk failed to write"), "{log}");

    // Somebody makes room.
    fs::remove_file(&limit).unwrap();
    town.stores[0].restart().unwrap();
    let again = basket.send(&town.stores[0].api().unwrap()).unwrap();
    assert_eq!(again.status, 201, "the sale that failed can be made now: {}", again.body);
    town.settle();
    assert_eq!(sales(&town.hub), (u64::from(sold) + 1, (i64::from(sold) + 1) * 100));
    assert_eq!(points(&town.stores[0], &member).balance, i64::from(sold) + 1);
    town.audit();
}
