use std::{
    fs::{self, File},
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use purser_replica::View;
use purser_types::Coded;

use crate::{
    Api, CityError,
    address_cell::AddressCell,
    announcement::{first_line, listening},
    interruption, leash,
};

/// A hub or a store: a folder, and a process of its own while it runs.
///
/// Started again, it listens on other ports: ask [`Process::api`] again. Dropped, it is killed,
/// and it ends with the process that started it, however that ends.
pub struct Process {
    executable: PathBuf,
    part: &'static str,
    name: String,
    dir: PathBuf,
    log: PathBuf,
    link: AddressCell,
    running: Option<Running>,
}

struct Running {
    child: Child,
    api: Api,
}

/// How long a start may take: a test machine may be busy with others.
const START_PATIENCE: Duration = Duration::from_secs(30);
/// How long an orderly end may take.
const STOP_PATIENCE: Duration = Duration::from_secs(15);
const LOOK_AGAIN: Duration = Duration::from_millis(10);

impl Process {
    /// A process that does not run yet: `part` is the part of the executable that it is, its
    /// folder is `<root>/<folder>`, and it logs to `<root>/<folder>.log`.
    pub(crate) fn new(executable: &Path, part: &'static str, name: &str, root: &Path, folder: &str) -> Self {
        Self {
            executable: executable.to_owned(),
            part,
            name: name.to_owned(),
            dir: root.join(folder),
            log: root.join(format!("{folder}.log")),
            link: AddressCell::default(),
            running: None,
        }
    }

    /// Its name, for people.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Its database file.
    pub fn database(&self) -> PathBuf {
        self.dir.join("purser.db")
    }

    /// Its log, over all its starts.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// Where it listens for other replicas, past all lines; `None` while it does not run.
    pub fn link(&self) -> Option<SocketAddr> {
        self.link.get()
    }

    /// Where it listens, for those who keep up with its starts.
    pub(crate) fn link_cell(&self) -> AddressCell {
        self.link.clone()
    }

    /// Its HTTP API. Valid until it ends.
    ///
    /// # Errors
    /// [`CityError::NotRunning`].
    pub fn api(&self) -> Result<Api, CityError> {
        let running = self.running.as_ref().ok_or_else(|| CityError::NotRunning(self.name.clone()))?;
        Ok(running.api.clone())
    }

    /// Whether it was started and not ended from here.
    pub fn is_running(&self) -> bool {
        self.running.is_some()
    }

    /// The digest of all that it has in common with replicas that know the same, read from its
    /// database, whether it runs or not.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn digest(&self) -> Result<String, CityError> {
        let unreadable = |error: &dyn Coded| CityError::Database(self.name.clone(), error.to_string());
        let view = View::open(&self.database()).map_err(|error| unreadable(&error))?;
        Ok(view.digest().map_err(|error| unreadable(&error))?.to_string())
    }

    /// Changes its configuration; it has to be started anew to take notice.
    ///
    /// # Errors
    /// If there is none, or it cannot be written.
    pub fn configure(&self, change: impl FnOnce(&mut toml::Table)) -> Result<(), CityError> {
        let path = self.dir.join("purser.toml");
        let action = format!("change {}", path.display());
        let text = fs::read_to_string(&path).map_err(CityError::system(action.clone()))?;
        let mut table: toml::Table = text.parse().map_err(|error| {
            CityError::system(action.clone())(io::Error::new(io::ErrorKind::InvalidData, error))
        })?;
        change(&mut table);
        fs::write(&path, table.to_string()).map_err(CityError::system(action))
    }

    /// Runs a command of its executable to its end, with `--dir`: what it printed on stdout.
    ///
    /// # Errors
    /// If it fails, with what it said.
    pub fn command(&self, command: &str, arguments: &[&str]) -> Result<String, CityError> {
        let mut process = Command::new(&self.executable);
        process.args([self.part, command, "--dir"]).arg(&self.dir).args(arguments);
        let output = process.output().map_err(CityError::system(format!("run {command}")))?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        if output.status.success() {
            return Ok(text(&output.stdout));
        }
        let said = format!("{} {}", text(&output.stdout), text(&output.stderr));
        Err(CityError::Command { command: format!("{} {command}", self.part), said: said.trim().to_owned() })
    }

    /// Starts it and waits until it is ready.
    ///
    /// # Errors
    /// If it does not become ready, with the end of its log.
    pub fn start(&mut self) -> Result<(), CityError> {
        let log = File::options().create(true).append(true).open(&self.log);
        let log = log.map_err(CityError::system(format!("write {}", self.log.display())))?;
        let mut command = Command::new(&self.executable);
        command.args([self.part, "run", "--dir"]).arg(&self.dir);
        command.stdout(Stdio::piped()).stderr(log);
        leash::put_on(&mut command);
        let mut child = command.spawn().map_err(CityError::system(format!("start {}", self.name)))?;
        match self.await_ready(&mut child) {
            Ok((api, link)) => {
                self.link.set(Some(link));
                self.running = Some(Running { child, api });
                Ok(())
            }
            Err(reason) => {
                // Already ended, or about to: either way it is gone.
                let _ = child.kill();
                let _ = child.wait();
                let (name, log) = (self.name.clone(), self.log.clone());
                Err(CityError::NotStarted { name, reason, log, said: self.last_words() })
            }
        }
    }

    /// Ends it as a power cut would: it learns nothing of it (SIGKILL).
    ///
    /// # Errors
    /// [`CityError::NotRunning`], or what the operating system says.
    pub fn kill(&mut self) -> Result<(), CityError> {
        let mut running = self.take()?;
        running.child.kill().map_err(CityError::system(format!("kill {}", self.name)))?;
        running.child.wait().map_err(CityError::system(format!("kill {}", self.name)))?;
        Ok(())
    }

    /// Asks it to end (SIGTERM), and waits until it has. Where there are no signals, kills it.
    ///
    /// # Errors
    /// [`CityError::TooLate`] if it does not end; it is killed then.
    pub fn stop(&mut self) -> Result<ExitStatus, CityError> {
        let Running { mut child, .. } = self.take()?;
        if cfg!(unix) {
            signal(&child, "TERM")?;
        } else {
            child.kill().map_err(CityError::system(format!("end {}", self.name)))?;
        }
        let began = Instant::now();
        while began.elapsed() < STOP_PATIENCE {
            let status = child.try_wait().map_err(CityError::system(format!("wait for {}", self.name)))?;
            if let Some(status) = status {
                return Ok(status);
            }
            thread::sleep(LOOK_AGAIN);
        }
        // Whether it can be killed or not, it is late.
        let _ = child.kill();
        let _ = child.wait();
        Err(CityError::TooLate { what: format!("{} ends", self.name), seconds: STOP_PATIENCE.as_secs() })
    }

    /// Kills it and starts it again, as after a power cut.
    ///
    /// # Errors
    /// If it does not run, or does not become ready again.
    pub fn restart(&mut self) -> Result<(), CityError> {
        self.kill()?;
        self.start()
    }

    /// How it ended by itself, if it has.
    ///
    /// # Errors
    /// [`CityError::NotRunning`], or what the operating system says.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>, CityError> {
        let running = self.running.as_mut().ok_or_else(|| CityError::NotRunning(self.name.clone()))?;
        running.child.try_wait().map_err(CityError::system(format!("look for {}", self.name)))
    }

    fn take(&mut self) -> Result<Running, CityError> {
        self.link.set(None);
        self.running.take().ok_or_else(|| CityError::NotRunning(self.name.clone()))
    }

    /// Waits for the line that tells where it listens, and until it says that it is ready.
    fn await_ready(&self, child: &mut Child) -> Result<(Api, SocketAddr), String> {
        let began = Instant::now();
        let stdout = child.stdout.take().ok_or("no stdout")?;
        let first =
            first_line(stdout).recv_timeout(START_PATIENCE).map_err(|_| "it says nothing".to_owned())?;
        let (http, link) = listening(&first).ok_or_else(|| format!("it says {first:?}"))?;
        let token = fs::read_to_string(self.dir.join("api-token")).map_err(|error| error.to_string())?;
        let api = Api::new(&self.name, http, token.trim()).map_err(|error| error.to_string())?;
        while !api.get("/v1/health").is_ok_and(|answer| answer.is_success()) {
            interruption::check().map_err(|error| error.to_string())?;
            if began.elapsed() > START_PATIENCE {
                return Err("it does not become healthy".to_owned());
            }
            thread::sleep(LOOK_AGAIN);
        }
        Ok((api, link))
    }

    fn last_words(&self) -> String {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        log.lines().rev().take(3).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join(" | ")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.running.is_some() {
            // Nobody is left to tell.
            let _ = self.kill();
        }
    }
}

/// The standard library sends no signals, `kill` (POSIX) does.
fn signal(child: &Child, signal: &str) -> Result<(), CityError> {
    let mut kill = Command::new("kill");
    kill.args([format!("-{signal}"), child.id().to_string()]);
    let sent = kill.status().map_err(CityError::system(format!("send SIG{signal}")))?;
    if sent.success() {
        return Ok(());
    }
    Err(CityError::Command { command: format!("kill -{signal}"), said: sent.to_string() })
}
