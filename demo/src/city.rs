use std::{
    panic::resume_unwind,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

use crate::{CityError, Line, Process, interruption, line::Exchange};

/// A city on loopback: a hub and stores as processes of their own, each store behind a line
/// that can be cut. All ports are free ones, all files are in a folder that goes with it.
///
/// Store `i` is `stores[i]`, its line is `lines[i]`; its number in the city is `i + 1`, unless
/// it was added under another.
pub struct City {
    /// The hub.
    pub hub: Process,
    /// The stores.
    pub stores: Vec<Process>,
    /// The lines of the stores.
    pub lines: Vec<Line>,
    exchange: Exchange,
    options: Options,
    executable: PathBuf,
    /// Runs the relays.
    network: Runtime,
    // Last, so that the files go when nobody uses them any more.
    root: TempDir,
}

/// How a city is set up.
#[derive(Debug, Clone)]
pub struct Options {
    /// The company.
    pub chain: String,
    /// The city.
    pub city: String,
    /// The names of the stores; those beyond are called by their number.
    pub names: Vec<String>,
    /// Where the stores say that others find them.
    pub advertise: Advertise,
    /// Where rights go (`keep`, `hub`, `share`, `habit`, `spread`); what the programme prefers, if `None`.
    pub policy: Option<String>,
}

/// Where a store says that others find it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advertise {
    /// At the door of its line: stores find each other while the hub is away, and a line that
    /// is cut is cut for everybody.
    Door,
    /// Nowhere: it talks to the hub only.
    Nowhere,
}

/// Where nobody listens (the discard service, RFC 863).
const NOWHERE: &str = "127.0.0.1:9";
const ANY_PORT: &str = "127.0.0.1:0";
const LOOK_AGAIN: Duration = Duration::from_millis(50);

impl Default for Options {
    fn default() -> Self {
        Self {
            chain: "Laiwu Books 莱芜书店".to_owned(),
            city: "Jinan".to_owned(),
            names: Vec::new(),
            advertise: Advertise::Door,
            policy: None,
        }
    }
}

impl City {
    /// Founds a city with so many stores and waits until all are ready. `executable` is one
    /// that runs [`crate::run_command_line`].
    ///
    /// # Errors
    /// What keeps a part of it from starting.
    pub fn launch(executable: &Path, stores: usize, options: Options) -> Result<Self, CityError> {
        let root = TempDir::with_prefix("purser-city-").map_err(CityError::system("make a folder"))?;
        let network = Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let network = network.map_err(CityError::system("start the network"))?;
        let mut hub = Process::new(executable, "hub", "Hub", root.path(), "hub");
        let (chain, city) = (options.chain.as_str(), options.city.as_str());
        let names = ["--chain", chain, "--city", city];
        // Stores are to reach it through their lines only.
        let addresses = ["--listen", ANY_PORT, "--http", ANY_PORT, "--advertise", NOWHERE];
        hub.command("init", &[&names[..], &addresses].concat())?;
        options.apply_to(&hub)?;
        hub.start()?;
        let (stores_wanted, executable) = (stores, executable.to_owned());
        let (stores, lines, exchange) = (Vec::new(), Vec::new(), Exchange::default());
        let mut city = Self { hub, stores, lines, exchange, options, executable, network, root };
        for index in 0..stores_wanted {
            let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
            let name = city.options.names.get(index).cloned().unwrap_or_else(|| format!("Store {number}"));
            city.add_store(number, &name)?;
        }
        Ok(city)
    }

    /// Has one more store join under this number, and starts it; gives its index. The number
    /// of a store that is there already is for the machine that replaces it.
    ///
    /// # Errors
    /// What keeps it from joining or starting.
    pub fn add_store(&mut self, number: u32, name: &str) -> Result<usize, CityError> {
        let index = self.prepare_store(name)?;
        let code = self.invite(index, number)?;
        self.stores[index].command("join", &[&code])?;
        self.stores[index].start()?;
        Ok(index)
    }

    /// Makes the folder and the line of one more store, which has not joined; gives its index.
    ///
    /// # Errors
    /// What keeps them from being made.
    pub fn prepare_store(&mut self, name: &str) -> Result<usize, CityError> {
        let index = self.stores.len();
        let folder = format!("store-{index}");
        let store = Process::new(&self.executable, "node", name, self.root.path(), &folder);
        let (here, hub) = (store.link_cell(), self.hub.link_cell());
        let line = Line::lay(self.network.handle(), &self.exchange, here, hub);
        let line = line.map_err(CityError::system("open a relay"))?;
        let advertise = match self.options.advertise {
            Advertise::Door => line.door().to_string(),
            Advertise::Nowhere => NOWHERE.to_owned(),
        };
        store.command("init", &["--listen", ANY_PORT, "--http", ANY_PORT, "--advertise", &advertise])?;
        self.options.apply_to(&store)?;
        self.stores.push(store);
        self.lines.push(line);
        Ok(index)
    }

    /// A further hub of this city, which has no folder yet.
    pub fn prepare_hub(&self, name: &str, folder: &str) -> Process {
        Process::new(&self.executable, "hub", name, self.root.path(), folder)
    }

    /// A join code with which the store at `index` finds the hub through its line.
    ///
    /// # Errors
    /// What the hub's command line says.
    pub fn invite(&self, index: usize, number: u32) -> Result<String, CityError> {
        let (number, uplink) = (number.to_string(), self.lines[index].uplink().to_string());
        let name = self.stores[index].name();
        self.hub.command("invite", &["--store", &number, "--name", name, "--at", &uplink])
    }

    /// The stores and, last, the hub.
    pub fn processes(&self) -> impl Iterator<Item = &Process> {
        self.stores.iter().chain([&self.hub])
    }

    /// The folder that everything is in.
    pub fn root(&self) -> &Path {
        self.root.path()
    }

    /// The digest of what all running replicas agree on, if they do.
    ///
    /// # Errors
    /// [`CityError::NoAnswer`].
    pub fn common_digest(&self) -> Result<Option<String>, CityError> {
        let mut digests = Vec::new();
        for process in self.processes().filter(|process| process.is_running()) {
            digests.push(process.digest()?);
        }
        digests.dedup();
        let first = digests.pop();
        Ok(first.filter(|_| digests.is_empty()))
    }

    /// Waits until all running replicas agree; gives the digest of what they agree on. Agreeing
    /// is not the same as knowing all: while lines are cut, wait for something to arrive first.
    ///
    /// # Errors
    /// [`CityError::TooLate`], or [`CityError::NoAnswer`].
    pub fn await_agreement(&self, patience: Duration) -> Result<String, CityError> {
        let mut agreed = None;
        wait_for("all replicas agree", patience, || {
            agreed = self.common_digest()?;
            Ok(agreed.is_some())
        })?;
        Ok(agreed.unwrap_or_default())
    }
}

/// The end of a city.
impl City {
    /// Stops all that runs, in good order.
    ///
    /// # Errors
    /// If a process does not end, or does not end well.
    pub fn stop(mut self) -> Result<(), CityError> {
        let running = self.stores.iter_mut().chain([&mut self.hub]).filter(|process| process.is_running());
        thread::scope(|scope| {
            let ends: Vec<_> = running.map(|process| scope.spawn(|| end_well(process))).collect();
            ends.into_iter().try_for_each(|end| end.join().unwrap_or_else(|panic| resume_unwind(panic)))
        })
    }
}

fn end_well(process: &mut Process) -> Result<(), CityError> {
    let status = process.stop()?;
    if status.success() || !cfg!(unix) {
        return Ok(());
    }
    Err(CityError::Command {
        command: format!("the process of {}", process.name()),
        said: status.to_string(),
    })
}

impl Options {
    /// Writes into a folder's configuration what `init` has no option for.
    fn apply_to(&self, process: &Process) -> Result<(), CityError> {
        let Some(policy) = &self.policy else { return Ok(()) };
        process.configure(|config| {
            let rights = config.entry("rights").or_insert_with(|| toml::Table::new().into());
            if let Some(rights) = rights.as_table_mut() {
                rights.insert("policy".to_owned(), policy.clone().into());
            }
        })
    }
}

/// Waits until something is so.
///
/// # Errors
/// [`CityError::TooLate`], [`CityError::Interrupted`], or what looking for it says.
pub fn wait_for(
    what: &str,
    patience: Duration,
    mut is_so: impl FnMut() -> Result<bool, CityError>,
) -> Result<(), CityError> {
    let began = Instant::now();
    while !is_so()? {
        interruption::check()?;
        if began.elapsed() > patience {
            return Err(CityError::TooLate { what: what.to_owned(), seconds: patience.as_secs() });
        }
        thread::sleep(LOOK_AGAIN);
    }
    Ok(())
}
