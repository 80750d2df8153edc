//! The drives of `disk` as SQLite's file system.

use std::{
    io::{Error, ErrorKind},
    ops::Range,
    sync::{
        Once,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use sqlite_vfs::{
    DatabaseHandle, LockKind, OpenAccess, OpenOptions, Vfs, register,
    wip::{WalIndex, WalIndexLock},
};

use crate::disk::with_drive;

/// From now on every database that this process opens lies on a drive in memory.
///
/// # Panics
/// If SQLite does not take the file system: nothing could be simulated then.
pub fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        if let Err(error) = register("purser-drives", Drives, true) {
            panic!("SQLite does not take the drives: {error:?}");
        }
    });
}

struct Drives;

/// An open file.
struct OpenFile {
    name: String,
    /// Which of those who have it open.
    id: u64,
    lock: LockKind,
}

static NEXT_ID: AtomicU64 = AtomicU64::new(0);

impl Vfs for Drives {
    type Handle = OpenFile;

    fn open(&self, name: &str, options: OpenOptions) -> Result<OpenFile, Error> {
        with_drive(name, |drive| match options.access {
            OpenAccess::Read | OpenAccess::Write if !drive.has(name) => Err(ErrorKind::NotFound.into()),
            OpenAccess::CreateNew if drive.has(name) => Err(ErrorKind::AlreadyExists.into()),
            _ => {
                drive.file(name);
                let id = NEXT_ID.fetch_add(1, Ordering::Relaxed);
                Ok(OpenFile { name: name.to_owned(), id, lock: LockKind::None })
            }
        })
    }

    fn delete(&self, name: &str) -> Result<(), Error> {
        with_drive(name, |drive| drive.remove(name));
        Ok(())
    }

    fn exists(&self, name: &str) -> Result<bool, Error> {
        Ok(with_drive(name, |drive| drive.has(name)))
    }

    fn temporary_name(&self) -> String {
        format!("/virtual/temporary-{}", NEXT_ID.fetch_add(1, Ordering::Relaxed))
    }

    /// Nothing that SQLite draws reaches an entry or a frame.
    fn random(&self, buffer: &mut [i8]) {
        buffer.fill(42);
    }

    fn sleep(&self, duration: Duration) -> Duration {
        duration
    }
}

impl DatabaseHandle for OpenFile {
    type WalIndex = OwnIndex;

    fn size(&self) -> Result<u64, Error> {
        Ok(with_drive(&self.name, |drive| drive.file(&self.name).bytes.len() as u64))
    }

    /// Reads what is there and zeros behind it, as SQLite wants it.
    fn read_exact_at(&mut self, buffer: &mut [u8], offset: u64) -> Result<(), Error> {
        let at = place(offset)?;
        with_drive(&self.name, |drive| {
            let bytes = &drive.file(&self.name).bytes;
            let there = bytes.get(at..).unwrap_or_default();
            let length = there.len().min(buffer.len());
            buffer[..length].copy_from_slice(&there[..length]);
            buffer[length..].fill(0);
            if length < buffer.len() { Err(ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
        })
    }

    fn write_all_at(&mut self, data: &[u8], offset: u64) -> Result<(), Error> {
        let at = place(offset)?;
        with_drive(&self.name, |drive| drive.write(&self.name, at, data))
    }

    fn sync(&mut self, _data_only: bool) -> Result<(), Error> {
        with_drive(&self.name, |drive| drive.sync(&self.name))
    }

    fn set_len(&mut self, size: u64) -> Result<(), Error> {
        let size = place(size)?;
        with_drive(&self.name, |drive| drive.resize(&self.name, size));
        Ok(())
    }

    fn lock(&mut self, lock: LockKind) -> Result<bool, Error> {
        let writes = !matches!(lock, LockKind::None | LockKind::Shared);
        let granted = with_drive(&self.name, |drive| {
            let locks = &mut drive.file(&self.name).locks;
            let others = || locks.iter().filter(|(id, _)| **id != self.id);
            let refused = match lock {
                LockKind::None => false,
                LockKind::Exclusive => others().next().is_some(),
                _ => others().any(|(_, writes)| *writes),
            };
            if refused {
                return false;
            }
            match lock {
                LockKind::None => locks.remove(&self.id),
                _ => locks.insert(self.id, writes),
            };
            true
        });
        if granted {
            self.lock = lock;
        }
        Ok(granted)
    }

    fn reserved(&mut self) -> Result<bool, Error> {
        Ok(with_drive(&self.name, |drive| drive.file(&self.name).locks.values().any(|writes| *writes)))
    }

    fn current_lock(&self) -> Result<LockKind, Error> {
        Ok(self.lock)
    }

    fn wal_index(&self, _readonly: bool) -> Result<OwnIndex, Error> {
        Ok(OwnIndex)
    }
}

impl Drop for OpenFile {
    fn drop(&mut self) {
        with_drive(&self.name, |drive| {
            if drive.has(&self.name) {
                drive.file(&self.name).locks.remove(&self.id);
            }
        });
    }
}

/// The index of the log: every connection makes its own from the log itself, since a replica has one only.
struct OwnIndex;

impl WalIndex for OwnIndex {
    #[allow(clippy::large_stack_arrays, reason = "SQLite's file system wants it so")]
    fn map(&mut self, _region: u32) -> Result<[u8; 32_768], Error> {
        Ok([0; 32_768])
    }

    fn lock(&mut self, _locks: Range<u8>, _lock: WalIndexLock) -> Result<bool, Error> {
        Ok(true)
    }

    fn delete(self) -> Result<(), Error> {
        Ok(())
    }
}

fn place(offset: u64) -> Result<usize, Error> {
    usize::try_from(offset).map_err(|_| ErrorKind::InvalidInput.into())
}
