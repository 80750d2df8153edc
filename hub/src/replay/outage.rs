//! Cutting lines and healing them, with the fair chance for sync that hours of real time give.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use purser_journal::VersionVector;
use purser_types::EntryId;
use tokio::{sync::watch, task::JoinSet};

use super::{city::City, replay_error::ReplayError, site::Site, waiting::Patience};

/// How long real sync may take for what virtual time gives it hours for.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// The lines of the city: which are cut, and which have healed and are catching up.
pub(crate) struct Lines {
    city: Arc<City>,
    hub_away: bool,
    stores: Vec<Line>,
    catching_up: JoinSet<Result<Option<u64>, ReplayError>>,
    /// What outages were like.
    pub(crate) record: OutageRecord,
}

#[derive(Default)]
struct Line {
    cut: bool,
    /// Becomes true once a healed line has caught up.
    healed: Option<Healed>,
    /// Entries that give rights to this store: they arrive before its line is cut.
    due: VersionVector,
}

/// Tells when a healed line has caught up.
pub(crate) type Healed = watch::Receiver<bool>;

/// What outages were like.
#[derive(Debug, Default)]
pub(crate) struct OutageRecord {
    /// Outages; one of the hub counts once.
    pub(crate) cuts: u64,
    /// How long each healed line took until the store and the hub knew the same, in ms.
    pub(crate) catch_up_ms: Vec<u64>,
    /// Healed lines that took longer than was waited for.
    pub(crate) timed_out: u64,
}

/// Lines that are about to be cut.
pub(crate) struct Cutting {
    city: Arc<City>,
    /// Stores, with what they wait for: their lines, if just healed, and entries.
    stores: Vec<(Site, Option<Healed>, VersionVector)>,
    hub_too: bool,
}

impl Lines {
    pub(crate) fn new(city: Arc<City>) -> Self {
        let stores = city.sites().filter(|site| *site != Site::Hub).map(|_| Line::default()).collect();
        let (catching_up, record) = (JoinSet::new(), OutageRecord::default());
        Self { city, hub_away: false, stores, catching_up, record }
    }

    /// Whether a store's line can be used.
    pub(crate) fn is_up(&self, store: usize) -> bool {
        !self.hub_away && !self.stores[store].cut
    }

    /// The line of a store, if it has healed and is catching up.
    pub(crate) fn healing(&mut self, store: usize) -> Option<Healed> {
        let line = &mut self.stores[store];
        line.healed.take_if(|healed| *healed.borrow());
        line.healed.clone()
    }

    /// Notes that an entry gives rights to a store.
    pub(crate) fn note_offer(&mut self, store: usize, entry: EntryId) {
        self.stores[store].due.advance(entry.replica, entry.seq);
    }

    /// Cuts a line (the hub's: all), from now on as far as this account of lines goes; the rest
    /// is for [`Cutting::carry_out`]. `visitors` are entries about those who come to a store
    /// while it is cut off.
    pub(crate) fn cut(&mut self, site: Site, visitors: &BTreeMap<usize, VersionVector>) -> Cutting {
        self.record.cuts += 1;
        let mut stores = Vec::new();
        for store in self.with_line(site) {
            let mut due = std::mem::take(&mut self.stores[store].due);
            visitors.get(&store).into_iter().for_each(|visitors| due.merge(visitors));
            stores.push((Site::Store(store), self.healing(store), due));
        }
        self.mark(site, false);
        Cutting { city: Arc::clone(&self.city), stores, hub_too: site == Site::Hub }
    }

    /// Heals a line (the hub's: all that are not cut by themselves).
    pub(crate) fn heal(&mut self, site: Site) -> Result<(), ReplayError> {
        self.mark(site, true);
        if site == Site::Hub {
            self.city.set_line(Site::Hub, true);
        }
        for store in self.with_line(site) {
            self.city.set_line(Site::Store(store), true);
            let (tell, healed) = watch::channel(false);
            self.stores[store].healed = Some(healed);
            self.catching_up.spawn(catch_up(Arc::clone(&self.city), store, tell));
        }
        while let Some(caught_up) = self.catching_up.try_join_next() {
            self.note(caught_up??);
        }
        Ok(())
    }

    /// Heals everything and waits until all healed lines have caught up.
    pub(crate) async fn heal_all(&mut self) -> Result<(), ReplayError> {
        for store in 0..self.stores.len() {
            if self.stores[store].cut {
                self.heal(Site::Store(store))?;
            }
        }
        if self.hub_away {
            self.heal(Site::Hub)?;
        }
        while let Some(caught_up) = self.catching_up.join_next().await {
            self.note(caught_up??);
        }
        Ok(())
    }

    /// Stores that are on line but for this outage.
    fn with_line(&self, site: Site) -> Vec<usize> {
        match site {
            Site::Store(store) => Vec::from_iter(self.is_up(store).then_some(store)),
            Site::Hub => (0..self.stores.len()).filter(|store| self.is_up(*store)).collect(),
        }
    }

    fn mark(&mut self, site: Site, up: bool) {
        match site {
            Site::Store(store) => self.stores[store].cut = !up,
            Site::Hub => self.hub_away = !up,
        }
    }

    fn note(&mut self, caught_up_ms: Option<u64>) {
        match caught_up_ms {
            Some(ms) => self.record.catch_up_ms.push(ms),
            None => self.record.timed_out += 1,
        }
    }
}

impl Cutting {
    /// Cuts the lines. Before that, what was written in time arrives: rights on their way to
    /// those cut off, what there is to know of their next visitors, and their own entries.
    pub(crate) async fn carry_out(self) -> Result<(), ReplayError> {
        for (store, healed, due) in &self.stores {
            if let Some(mut healed) = healed.clone() {
                // Its task tells in any case, or is gone.
                let _ = healed.wait_for(|healed| *healed).await;
            }
            self.city.until_known(*store, due, PATIENCE).await?;
            let head = self.city.head(*store).await?;
            let own = VersionVector::from_iter([(head.replica, head.seq)]);
            self.city.until_known(Site::Hub, &own, PATIENCE).await?;
        }
        for (store, ..) in &self.stores {
            self.city.set_line(*store, false);
        }
        if self.hub_too {
            self.city.set_line(Site::Hub, false);
        }
        for (store, ..) in self.stores {
            let mut patience = Patience::of(PATIENCE);
            while !self.city.is_cut_off(store).await? && patience.pause().await {}
        }
        Ok(())
    }
}

impl City {
    /// Whether no link leads to a store, as both ends see it.
    async fn is_cut_off(&self, store: Site) -> Result<bool, ReplayError> {
        let here = self.is_unlinked(store, None).await?;
        Ok(here && self.is_unlinked(Site::Hub, Some(store)).await?)
    }
}

/// Waits until a store is linked to the hub and both know what the other knew when the line
/// healed. How long that took, `None` if it took too long.
async fn catch_up(
    city: Arc<City>,
    store: usize,
    tell: watch::Sender<bool>,
) -> Result<Option<u64>, ReplayError> {
    let (store, began) = (Site::Store(store), Instant::now());
    let (of_hub, of_store) = (city.version_vector(Site::Hub).await?, city.version_vector(store).await?);
    let mut patience = Patience::of(PATIENCE);
    let caught_up = loop {
        let level = city.is_linked(store).await?
            && city.knows(store, &of_hub).await?
            && city.knows(Site::Hub, &of_store).await?;
        if level || !patience.pause().await {
            break level;
        }
    };
    city.note_alarms(store);
    city.note_alarms(Site::Hub);
    // Those who waited may have gone.
    let _ = tell.send(true);
    Ok(caught_up.then(|| u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX)))
}
