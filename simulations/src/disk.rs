//! Disks in memory under the real SQLite: each database lies on a drive of its own that can lose what was
//! not synced, sector by sector, be full, fail to sync, rot, or be put back as it was once.
//!
//! Drives belong to the thread, so cities on different threads share nothing.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    io::{Error, ErrorKind},
    path::Path,
};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// What a power failure keeps or loses as a whole.
const SECTOR_BYTES: usize = 512;

/// The files of one database, byte for byte.
pub type Image = BTreeMap<String, Vec<u8>>;

thread_local! {
    static DRIVES: RefCell<BTreeMap<String, Drive>> = const { RefCell::new(BTreeMap::new()) };
}

/// Where the files of one database lie.
#[derive(Default)]
pub(crate) struct Drive {
    files: BTreeMap<String, Contents>,
    is_full: bool,
    syncs_fail: bool,
    /// Whether a write found no room since the last sync: what it belongs to is taken back, and lies
    /// about unsynced.
    found_no_room: bool,
    /// The power fails after so many writes and syncs, and what it leaves is drawn from the seed.
    fails_in: Option<(u32, u64)>,
    /// What the power failure has left. What the process does from then on reaches nothing.
    left: Option<Image>,
}

/// A file as its process sees it.
#[derive(Default)]
pub(crate) struct Contents {
    pub(crate) bytes: Vec<u8>,
    /// What takes back what is not synced, newest last.
    unsynced: Vec<Change>,
    /// Who has it locked, and whether to write.
    pub(crate) locks: BTreeMap<u64, bool>,
}

struct Change {
    at: usize,
    /// How much was written there.
    length: usize,
    before: Vec<u8>,
    size_before: usize,
}

/// Carries out `work` on the drive of the database whose file (or log, or journal) has this name.
pub(crate) fn with_drive<T>(file: &str, work: impl FnOnce(&mut Drive) -> T) -> T {
    let database = ["-wal", "-journal", "-shm"].iter().find_map(|end| file.strip_suffix(end)).unwrap_or(file);
    DRIVES.with_borrow_mut(|drives| match drives.get_mut(database) {
        Some(drive) => work(drive),
        None => work(drives.entry(database.to_owned()).or_default()),
    })
}

fn on<T>(database: &Path, work: impl FnOnce(&mut Drive) -> T) -> T {
    with_drive(&database.to_string_lossy(), work)
}

/// What the power failing now leaves: all that is synced, and of the rest any sectors.
pub fn power_cut(database: &Path, seed: u64) -> Image {
    on(database, |drive| drive.torn(seed))
}

/// The power is to fail after `steps` more writes and syncs.
pub fn fail_power_in(database: &Path, steps: u32, seed: u64) {
    on(database, |drive| drive.fails_in = Some((steps, seed)));
}

/// What the power failure that was ordered has left; `None` if there was none so far. It is
/// not ordered any longer.
pub fn take_power_failure(database: &Path) -> Option<Image> {
    on(database, |drive| {
        drive.fails_in = None;
        drive.left.take()
    })
}

/// The files as they are.
pub fn copy(database: &Path) -> Image {
    on(database, |drive| drive.files.iter().map(|(name, file)| (name.clone(), file.bytes.clone())).collect())
}

/// Puts files in the place of all that is there, under the names that belong to `database`; nobody
/// may have it open.
pub fn put(database: &Path, image: &Image) {
    let own = database.to_string_lossy().into_owned();
    on(database, |drive| {
        drive.files.clear();
        let base = image.keys().min_by_key(|name| name.len()).cloned().unwrap_or_default();
        for (name, bytes) in image {
            let ending = name.strip_prefix(&base).unwrap_or_default();
            let file = Contents { bytes: bytes.clone(), ..Contents::default() };
            drive.files.insert(format!("{own}{ending}"), file);
        }
    });
}

/// Removes everything.
pub fn wipe(database: &Path) {
    on(database, |drive| *drive = Drive::default());
}

/// Whether there is room for more.
pub fn set_full(database: &Path, is_full: bool) {
    on(database, |drive| drive.is_full = is_full);
}

/// Whether syncing fails.
pub fn set_syncs_fail(database: &Path, fail: bool) {
    on(database, |drive| drive.syncs_fail = fail);
}

/// Whether all that was written is synced, but for what found no room.
pub fn is_synced(database: &Path) -> bool {
    on(database, |drive| drive.found_no_room || drive.files.values().all(|file| file.unsynced.is_empty()))
}

/// Turns one bit of the database file over; tells whether there was one.
pub fn rot(database: &Path, seed: u64) -> bool {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    on(database, |drive| {
        let file = drive.files.values_mut().max_by_key(|file| file.bytes.len());
        let Some(file) = file.filter(|file| !file.bytes.is_empty()) else { return false };
        let at = rng.random_range(0..file.bytes.len());
        file.bytes[at] ^= 1 << rng.random_range(0..8);
        true
    })
}

/// Forgets all drives of this thread: a city is over.
pub fn forget_all() {
    DRIVES.with_borrow_mut(BTreeMap::clear);
}

impl Drive {
    pub(crate) fn file(&mut self, name: &str) -> &mut Contents {
        self.files.entry(name.to_owned()).or_default()
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.files.contains_key(name)
    }

    pub(crate) fn remove(&mut self, name: &str) {
        self.files.remove(name);
    }

    pub(crate) fn write(&mut self, name: &str, at: usize, data: &[u8]) -> Result<(), Error> {
        self.step();
        let end = at + data.len();
        if self.is_full && end > self.file(name).bytes.len() {
            self.found_no_room = true;
            return Err(ErrorKind::WriteZero.into());
        }
        let file = self.file(name);
        let size_before = file.bytes.len();
        let before = file.bytes[at.min(size_before)..end.min(size_before)].to_vec();
        file.unsynced.push(Change { at, length: data.len(), before, size_before });
        file.bytes.resize(size_before.max(end), 0);
        file.bytes[at..end].copy_from_slice(data);
        Ok(())
    }

    pub(crate) fn resize(&mut self, name: &str, size: usize) {
        self.step();
        let file = self.file(name);
        let size_before = file.bytes.len();
        let before = file.bytes[size.min(size_before)..].to_vec();
        file.unsynced.push(Change { at: size.min(size_before), length: 0, before, size_before });
        file.bytes.resize(size, 0);
    }

    pub(crate) fn sync(&mut self, name: &str) -> Result<(), Error> {
        self.step();
        if self.syncs_fail {
            return Err(Error::other("the disk does not sync"));
        }
        self.found_no_room = false;
        self.file(name).unsynced.clear();
        Ok(())
    }

    /// Counts down to the power failure.
    fn step(&mut self) {
        match self.fails_in {
            Some((0, seed)) => {
                self.left = Some(self.torn(seed));
                self.fails_in = None;
            }
            Some((steps, seed)) => self.fails_in = Some((steps - 1, seed)),
            None => {}
        }
    }

    fn torn(&self, seed: u64) -> Image {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        self.files.iter().map(|(name, file)| (name.clone(), file.torn(&mut rng))).collect()
    }
}

impl Contents {
    /// The bytes that are synced, and of the others any sectors, whichever way they were ordered.
    fn torn(&self, rng: &mut ChaCha8Rng) -> Vec<u8> {
        let mut left = self.bytes.clone();
        for change in self.unsynced.iter().rev() {
            left.resize(change.size_before, 0);
            let end = change.at + change.before.len();
            left[change.at..end].copy_from_slice(&change.before);
        }
        let sectors: BTreeSet<usize> = self.unsynced.iter().flat_map(Change::sectors).collect();
        let share = rng.random_range(0..=100_u32);
        for start in sectors.into_iter().map(|sector| sector * SECTOR_BYTES) {
            let end = (start + SECTOR_BYTES).min(self.bytes.len());
            if start < end && rng.random_range(0..100) < share {
                left.resize(left.len().max(end), 0);
                left[start..end].copy_from_slice(&self.bytes[start..end]);
            }
        }
        left
    }
}

impl Change {
    fn sectors(&self) -> std::ops::Range<usize> {
        self.at / SECTOR_BYTES..(self.at + self.length).div_ceil(SECTOR_BYTES)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_synced_survives_the_power_and_of_the_rest_any_sectors_may() {
        let name = Path::new("/virtual/power.db");
        let file = "/virtual/power.db-wal";
        wipe(name);
        with_drive(file, |drive| {
            drive.write(file, 0, &[1; 2_000]).expect("there is room");
            drive.sync(file).expect("it syncs");
            drive.write(file, 1_000, &[2; 4_000]).expect("there is room");
        });
        assert!(!is_synced(name));
        let (mut kept, mut lost) = (0, 0);
        for seed in 0..50 {
            let left = &power_cut(name, seed)[file];
            assert_eq!(left[..1_000], [1; 1_000]);
            let rest = &left[1_000..];
            kept += usize::from(rest.len() == 4_000 && rest.iter().all(|byte| *byte == 2));
            lost += usize::from(rest.iter().all(|byte| *byte != 2));
        }
        assert!(kept < 50 && lost < 50);
    }

    #[test]
    fn the_power_fails_in_the_middle_and_what_comes_after_reaches_nothing() {
        let name = Path::new("/virtual/middle.db");
        let file = "/virtual/middle.db";
        wipe(name);
        fail_power_in(name, 2, 7);
        with_drive(file, |drive| {
            drive.write(file, 0, &[1; 512]).expect("there is room");
            drive.sync(file).expect("it syncs");
            drive.write(file, 512, &[2; 512]).expect("there is room");
            drive.sync(file).expect("it syncs");
        });
        let left = take_power_failure(name).expect("the power has failed");
        assert_eq!(left[file], [1; 512]);
        assert_eq!(take_power_failure(name), None);
    }
}
