use std::collections::BTreeSet;

use rusqlite::Connection;

use crate::{StorageError, schema_steps::STEPS};

/// Tables that the fold can derive anew from `entries`, in the order of their names.
/// Every one is keyed by its primary key, so two equal states are equal row by row.
pub(crate) const DERIVED: [&str; 20] = [
    "accounts",
    "acts",
    "addresses",
    "cards",
    "checks",
    "enrolments",
    "fences",
    "figures",
    "holds",
    "late_settlements",
    "members",
    "merges",
    "movements",
    "offers",
    "profile_changes",
    "programmes",
    "requests",
    "shares",
    "top_ups",
    "totals",
];

/// What an open database has that no version of Purser makes, or lacks: tables, indexes, triggers
/// and views, by name. One that an older version left behind is as that version made it.
///
/// # Errors
/// Whatever SQLite reports.
pub(crate) fn strange(connection: &Connection) -> Result<Vec<String>, StorageError> {
    let expected = Connection::open_in_memory()?;
    migrate_to(&expected, version(connection)?)?;
    let (expected, found) = (objects(&expected)?, objects(connection)?);
    let strange: BTreeSet<String> =
        expected.symmetric_difference(&found).map(|(name, _)| name.clone()).collect();
    Ok(strange.into_iter().collect())
}

/// Everything in a schema: name and definition.
fn objects(connection: &Connection) -> Result<BTreeSet<(String, String)>, StorageError> {
    // What `ANALYZE` leaves changes no result.
    let sql = "SELECT name, coalesce(sql, '') FROM sqlite_schema WHERE name NOT LIKE 'sqlite_stat%'";
    let mut query = connection.prepare(sql)?;
    let objects = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(objects.collect::<Result<_, _>>()?)
}

/// Brings the schema of an open database to the newest version.
///
/// # Errors
/// [`StorageError::Newer`] if a later version of Purser has written it.
pub(crate) fn migrate(connection: &Connection) -> Result<(), StorageError> {
    migrate_to(connection, STEPS.len())
}

fn migrate_to(connection: &Connection, last: usize) -> Result<(), StorageError> {
    let at = version(connection)?;
    let last = last.min(STEPS.len());
    for (version, step) in (at + 1..).zip(STEPS.iter().take(last).skip(at)) {
        connection
            .execute_batch(&format!("BEGIN IMMEDIATE; {step} PRAGMA user_version = {version}; COMMIT"))?;
    }
    Ok(())
}

/// How many steps were taken.
fn version(connection: &Connection) -> Result<usize, StorageError> {
    let at: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let at = usize::try_from(at).unwrap_or(usize::MAX);
    if at > STEPS.len() { Err(StorageError::Newer { found: at, known: STEPS.len() }) } else { Ok(at) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at_step(step: usize) -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        migrate_to(&connection, step).unwrap();
        connection
    }

    #[test]
    fn an_older_schema_is_known_and_becomes_the_newest() {
        for step in 1..=STEPS.len() {
            let older = at_step(step);
            assert_eq!(strange(&older).unwrap(), Vec::<String>::new());
            migrate(&older).unwrap();
            assert_eq!(strange(&older).unwrap(), Vec::<String>::new());
            assert_eq!(objects(&older).unwrap(), objects(&at_step(STEPS.len())).unwrap());
        }
    }

    #[test]
    fn what_was_advanced_before_is_folded_anew() {
        for (held, refolds) in [(0, false), (60, true)] {
            let older = at_step(1);
            let row = format!("INSERT INTO shares VALUES (0, 6, 0, 2147483647, 1, 40, {held})");
            older.execute(&row, []).unwrap();
            migrate(&older).unwrap();
            let noted: i64 = older
                .query_row("SELECT count(*) FROM meta WHERE key = 'refold'", [], |row| row.get(0))
                .unwrap();
            assert_eq!(noted == 1, refolds);
        }
    }
}
