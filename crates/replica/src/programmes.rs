use std::sync::Arc;

use purser_programme::Programme;
use purser_storage::{Database, StorageError};
use purser_types::{BusinessDate, Digest};

use crate::View;

/// The versions of the programme that are known here, read once.
#[derive(Debug, Clone)]
pub(crate) struct Programmes {
    /// What counts while none is in force.
    basic: Arc<Programme>,
    /// The oldest first.
    versions: Vec<Arc<Programme>>,
    /// The hashes of the rows that they were read from.
    hashes: Vec<Digest>,
}

impl Programmes {
    /// What the table says. One that this version of Purser cannot read is passed on and not sold by: a later
    /// version has checked and signed it.
    pub(crate) fn read(database: &Database, basic: Arc<Programme>) -> Result<Self, StorageError> {
        let rows = database.programmes()?;
        let mut versions: Vec<Arc<Programme>> = Vec::new();
        let mut last = 0;
        for row in &rows {
            // Two hubs may have published one version at the same time: the first by its hash counts everywhere.
            if row.version == last {
                continue;
            }
            last = row.version;
            match Programme::read(&row.document) {
                Ok(read) => {
                    let (version, in_force_from) = (row.version, row.in_force_from);
                    versions.push(Arc::new(Programme { version, in_force_from, ..read }));
                }
                Err(faults) => tracing::warn!(row.version, %faults, "a programme that cannot be read here"),
            }
        }
        Ok(Self { basic, versions, hashes: rows.iter().map(|row| row.hash).collect() })
    }

    /// Without any version.
    pub(crate) fn none(basic: Arc<Programme>) -> Self {
        Self { basic, versions: Vec::new(), hashes: Vec::new() }
    }

    /// What is sold by on a day: of the versions in force the greatest.
    pub(crate) fn on(&self, date: BusinessDate) -> &Arc<Programme> {
        let in_force = self.versions.iter().rev().find(|version| version.in_force_from <= date);
        in_force.unwrap_or(&self.basic)
    }

    /// All that can be read here, the latest first, and the basic one.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Arc<Programme>> {
        self.versions.iter().rev().chain([&self.basic])
    }

    /// What counts while none is in force.
    pub(crate) fn basic(&self) -> Arc<Programme> {
        Arc::clone(&self.basic)
    }
}

impl View {
    /// Takes another programme for what is sold by until one is published: that of the replica's settings.
    pub fn sells_by(&mut self, basic: Arc<Programme>) {
        self.programmes.basic = basic;
    }

    /// The programme that is sold by on a day.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn programme_on(&mut self, date: BusinessDate) -> Result<Arc<Programme>, StorageError> {
        if self.database().programme_hashes()? != self.programmes.hashes {
            self.programmes = Programmes::read(self.database(), self.programmes.basic())?;
        }
        Ok(Arc::clone(self.programmes.on(date)))
    }

    /// The programme of a version, or the basic one if it is not known here.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn programme_of(&mut self, version: u32) -> Result<Arc<Programme>, StorageError> {
        let mut all = self.programmes()?;
        let place = all.iter().position(|programme| programme.version == version);
        Ok(all.swap_remove(place.unwrap_or(all.len() - 1)))
    }

    /// All versions of the programme that can be read here, the latest first, and the basic one.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn programmes(&mut self) -> Result<Vec<Arc<Programme>>, StorageError> {
        self.programme_on(BusinessDate::from_days(0))?;
        Ok(self.programmes.all().cloned().collect())
    }
}
