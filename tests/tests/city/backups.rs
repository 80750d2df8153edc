//! Copies of a database, and what is wrong with some.

use std::{fs, path::Path, thread};

use rusqlite::Connection;

use super::{
    command::{Ended, run},
    till::Till,
    town::{Town, register},
};

fn verify(database: &Path) -> Ended {
    run(["node", "verify", "--database", database.to_str().unwrap()])
}

fn back_up(town: &Town, to: &Path) -> Ended {
    let dir = town.stores[0].dir().to_str().unwrap().to_owned();
    run(["node", "backup", "--dir", &dir, "--to", to.to_str().unwrap()])
}

#[test]
fn a_copy_made_while_the_tills_sell_is_whole() {
    let town = Town::found(1);
    let member = register(&town.stores[0], "李伟");
    let copy = town.root().join("copy.db");
    let mut till = Till::at(&town.stores[0], "1");
    for _ in 0..20 {
        till.sell(&member, 1);
    }
    thread::scope(|scope| {
        let copying = scope.spawn(|| back_up(&town, &copy).well());
        while !copying.is_finished() {
            till.sell(&member, 1);
        }
        copying.join().unwrap();
    });
    let said = verify(&copy).well();
    assert!(said.starts_with("ok: "), "{said}");
    let sales: i64 = Connection::open(&copy)
        .unwrap()
        .query_row("SELECT sum(sales) FROM figures", [], |row| row.get(0))
        .unwrap();
    assert!(sales >= 20, "{sales} sales in the copy");
    back_up(&town, &copy).badly(2, "file_exists");
    #[cfg(unix)]
    assert_eq!(
        std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&copy).unwrap().permissions()) & 0o777,
        0o600
    );
    town.audit();
}

/// What somebody does to a file, and a word of what `verify` says then.
type Damage = (&'static str, &'static str, &'static str);

/// Statements of somebody with a SQLite shell.
const EDITS: [Damage; 7] = [
    ("points given away", "UPDATE shares SET available = available + 1000", "table shares differs"),
    ("a share removed", "DELETE FROM shares", "table shares differs"),
    ("a receipt forgotten", "DELETE FROM checks", "table checks differs"),
    (
        "an entry altered",
        "UPDATE entries SET bytes = CAST(substr(bytes, 1, length(bytes) - 1) || x'00' AS BLOB) WHERE seq = 2",
        "journal of",
    ),
    (
        "the last entry of each journal removed",
        "DELETE FROM entries WHERE seq = (SELECT max(seq) FROM entries AS e WHERE e.author = entries.author)",
        "journal of",
    ),
    (
        "a trigger that gives points away",
        "CREATE TRIGGER gift AFTER INSERT ON entries BEGIN UPDATE shares SET available = available + 1; END",
        "gift is not as Purser makes it",
    ),
    ("a seal altered", "UPDATE seals SET signature = zeroblob(64)", "journal of"),
];

#[test]
fn verify_finds_what_somebody_has_edited() {
    let mut town = Town::found(1);
    let member = register(&town.stores[0], "李伟");
    Till::at(&town.stores[0], "1").sell(&member, 100);
    town.settle();
    town.stores[0].stop().unwrap();
    for (index, (what, edit, said)) in EDITS.into_iter().enumerate() {
        let copy = town.root().join(format!("edited-{index}.db"));
        back_up(&town, &copy).well();
        let changed = Connection::open(&copy).unwrap().execute(edit, []).unwrap();
        assert!(changed > 0 || edit.starts_with("CREATE"), "{what}");
        let found = verify(&copy);
        assert_eq!(found.code, 1, "{what}: {found:?}");
        assert!(found.stdout.contains(said), "{what}: {found:?}");
        assert!(found.stderr.contains("findings"), "{what}: {found:?}");
    }
}

#[test]
fn a_database_that_is_cut_short_or_no_database_is_refused() {
    let mut town = Town::found(1);
    let member = register(&town.stores[0], "李伟");
    Till::at(&town.stores[0], "1").sell(&member, 100);
    town.settle();
    town.stores[0].stop().unwrap();
    let whole = fs::read(town.stores[0].database()).unwrap();
    let file = town.root().join("damaged.db");
    let write = |bytes: &[u8]| fs::write(&file, bytes).unwrap();

    write(&whole[..whole.len() / 2]);
    let found = verify(&file);
    assert_eq!(found.code, 1, "{found:?}");
    let said = format!("{}{}", found.stdout, found.stderr);
    assert!(said.contains("damaged"), "{found:?}");

    write(&whole[..100]);
    let said = verify(&file).badly(1, "storage_corrupt");
    assert!(said.contains("damaged.db") && said.contains("join again"), "{said}");
    write(&[]);
    assert_eq!(verify(&file).code, 1, "an empty file");
    write("这不是数据库 ".repeat(4_000).as_bytes());
    verify(&file).badly(1, "storage_corrupt");
    fs::remove_file(&file).unwrap();
    verify(&file).badly(2, "database_missing");

    // A store does not start on what is left of its database either, and says why.
    let database = town.stores[0].database();
    fs::write(&database, &whole[..whole.len() / 2]).unwrap();
    let refused = town.stores[0].start().unwrap_err().to_string();
    assert!(refused.contains("damaged"), "{refused}");
}
