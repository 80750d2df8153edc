use std::{
    fs::{File, TryLockError},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, config::DbConfig};

use purser_types::mutant::{Mutant, is_on};

use crate::{StorageError, schema};

/// Pages of 4 KiB in the log before they go to the file: what a day's customers touch again and
/// again goes there once.
const WAL_PAGES: i64 = 16_384;

/// What the writer keeps of the file in memory, at most.
const CACHE_KIB: i64 = 64 * 1024;

/// An open database file: one that may write, or any number that read beside it.
///
/// Its methods are the queries, in one file for each table; they know columns, not rules.
pub struct Database {
    pub(crate) connection: Connection,
    /// Keeps other processes from writing; dropped with the database.
    _lock: Option<File>,
}

impl Database {
    /// Opens the file for writing, creating it if there is none: WAL, `synchronous=FULL`,
    /// newest schema. One process and connection at a time, held by a lock on `<path>.lock`.
    ///
    /// # Errors
    /// [`StorageError::InUse`] if another process writes it, or whatever SQLite reports.
    pub fn open(path: &Path) -> Result<Self, StorageError> {
        let lock = lock(path)?;
        let connection = Connection::open(path)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        let synchronous = if is_on(Mutant::SkipsSync) { "OFF" } else { "FULL" };
        connection.pragma_update(None, "synchronous", synchronous)?;
        connection.pragma_update(None, "wal_autocheckpoint", WAL_PAGES)?;
        connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
        prepare(&connection)?;
        schema::migrate(&connection)?;
        Ok(Self { connection, _lock: Some(lock) })
    }

    /// Opens the file for reading beside the writer. Sees what was committed when each
    /// query (or [`Database::snapshot`]) begins.
    ///
    /// # Errors
    /// If there is no such file, or it is no database.
    pub fn open_reader(path: &Path) -> Result<Self, StorageError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        prepare(&connection)?;
        Ok(Self { connection, _lock: None })
    }

    /// Begins a transaction for writing.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn begin(&self) -> Result<(), StorageError> {
        self.run("BEGIN IMMEDIATE")
    }

    /// Makes the transaction durable: when this returns, it is on the disk.
    ///
    /// # Errors
    /// Whatever SQLite reports; the transaction then has to be rolled back.
    pub fn commit(&self) -> Result<(), StorageError> {
        self.run("COMMIT")
    }

    /// Forgets the transaction, if one is open.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn rollback(&self) -> Result<(), StorageError> {
        if self.connection.is_autocommit() { Ok(()) } else { self.run("ROLLBACK") }
    }

    /// Runs `read` so that all its queries see the same commit.
    ///
    /// # Errors
    /// What `read` returns, or whatever SQLite reports.
    pub fn snapshot<T, E: From<StorageError>>(
        &self,
        read: impl FnOnce(&Self) -> Result<T, E>,
    ) -> Result<T, E> {
        self.run("BEGIN")?;
        let result = read(self);
        self.run("COMMIT")?;
        result
    }

    /// Writes a consistent copy to a new file while others go on writing.
    ///
    /// # Errors
    /// If the file exists already, or whatever SQLite reports.
    pub fn copy_to(&self, path: &Path) -> Result<(), StorageError> {
        let file = |source| StorageError::File { path: path.to_owned(), source: Arc::new(source) };
        File::create_new(path).map_err(file)?;
        let mut target = Connection::open(path)?;
        let backup = rusqlite::backup::Backup::new(&self.connection, &mut target)?;
        let copied = backup.run_to_completion(1_000, Duration::from_millis(1), None);
        drop(backup);
        if copied.is_err() {
            drop(target);
            Self::remove_files(path);
        }
        Ok(copied?)
    }

    /// What SQLite's own check of the whole file finds wrong; empty if nothing is.
    ///
    /// # Errors
    /// If the file cannot be read at all.
    pub fn integrity_check(&self) -> Result<Vec<String>, StorageError> {
        self.complaints("PRAGMA integrity_check(20)")
    }

    /// The same without comparing indexes to tables: about as fast as the file can be read.
    ///
    /// # Errors
    /// If the file cannot be read at all.
    pub fn quick_check(&self) -> Result<Vec<String>, StorageError> {
        self.complaints("PRAGMA quick_check(20)")
    }

    /// Tables, indexes, triggers and views that should not be there, are missing, or were changed,
    /// by name.
    ///
    /// # Errors
    /// Whatever SQLite reports.
    pub fn strange_objects(&self) -> Result<Vec<String>, StorageError> {
        schema::strange(&self.connection)
    }

    fn complaints(&self, check: &str) -> Result<Vec<String>, StorageError> {
        let mut query = self.connection.prepare(check)?;
        let lines = query.query_map([], |row| row.get::<_, String>(0))?;
        let lines: Vec<String> = lines.collect::<Result<_, _>>()?;
        Ok(lines.into_iter().filter(|line| line != "ok").collect())
    }

    /// Removes a database that nobody has open, with its companions.
    pub fn remove_files(path: &Path) {
        for ending in ["", "-wal", "-shm", ".lock"] {
            let mut name = path.as_os_str().to_owned();
            name.push(ending);
            // What is not there needs no removing; what cannot be removed harms nobody.
            let _ = std::fs::remove_file(PathBuf::from(name));
        }
    }

    fn run(&self, sql: &str) -> Result<(), StorageError> {
        self.connection.prepare_cached(sql)?.execute([])?;
        Ok(())
    }
}

fn prepare(connection: &Connection) -> Result<(), StorageError> {
    connection.set_prepared_statement_cache_capacity(128);
    connection.busy_timeout(Duration::from_secs(5))?;
    // Plans hang on the SQL alone: otherwise a statement is compiled anew for every value bound.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    Ok(())
}

fn lock(path: &Path) -> Result<File, StorageError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let lock_path = PathBuf::from(name);
    let failed = |source| StorageError::File { path: lock_path.clone(), source: Arc::new(source) };
    let file = File::options().create(true).truncate(false).write(true).open(&lock_path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StorageError::InUse(path.to_owned())),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}
