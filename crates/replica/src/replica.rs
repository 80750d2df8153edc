use std::{path::Path, sync::Arc};

use purser_escrow::LeaseClock;
use purser_journal::{Charter, Entry, Head, Role, SignedCredential, SigningKey, VersionVector, from_cbor};
use purser_ledger::Totals;
use purser_programme::Programme;
use purser_storage::{Database, StorageError};
use purser_types::{CityZone, Coded, Digest, HlcClock, Now, ReplicaId};

use crate::{
    Alarm, Author, LEASE_MS, Lease, Policy, Run, Transaction,
    fence::OLD_COPY,
    state::{State, StateError},
};

/// One replica, ready to take orders.
pub struct Replica {
    pub(crate) state: State,
    pub(crate) key: SigningKey,
    pub(crate) clock: HlcClock,
    pub(crate) settings: Settings,
    /// A hub that is connected now.
    pub(crate) hub: Option<ReplicaId>,
    /// Why nothing may be written any more.
    pub(crate) stopped: Option<&'static str>,
    pub(crate) transactions: u64,
    pub(crate) fences_folded: u64,
    /// How long rights may be spent here.
    pub(crate) lease: Lease,
    /// The time that has come since then.
    pub(crate) lease_clock: LeaseClock,
    /// The same, as it stands on disk.
    pub(crate) lease_seen_noted_ms: u64,
    /// How far the clocks of linked replicas are ahead of ours.
    pub(crate) peers_ahead_ms: Vec<i64>,
    /// Whether no other hub is there to be met.
    pub(crate) is_only_hub: bool,
    /// When a hub was met, as it stands on disk.
    pub(crate) lease_noted_ms: u64,
}

/// Who a replica is: what enrolment gave it.
pub struct Founding {
    /// What the city has agreed on.
    pub charter: Charter,
    /// Who the replica is.
    pub credential: SignedCredential,
    /// The key that belongs to the credential.
    pub key: SigningKey,
}

/// What a chain can choose.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What is sold by until a programme is published.
    pub programme: Arc<Programme>,
    /// Where rights go after a visit.
    pub policy: Policy,
}

impl Default for Settings {
    fn default() -> Self {
        Self { programme: Arc::new(Programme::basic()), policy: Policy::default() }
    }
}

/// How much of a journal to read at once.
#[derive(Debug, Clone, Copy)]
pub struct RunLimit {
    /// Entries to aim at.
    pub entries: u64,
    /// Bytes above which fewer are taken.
    pub bytes: usize,
}

/// Why a replica cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum ReplicaError {
    /// The database is of another replica, or does not check out.
    #[error("{0}")]
    Unusable(String),
    /// The database could not.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Coded for ReplicaError {
    fn code(&self) -> &'static str {
        match self {
            ReplicaError::Unusable(_) => "replica_unusable",
            ReplicaError::Storage(error) => error.code(),
        }
    }
}

impl From<StateError> for ReplicaError {
    fn from(error: StateError) -> Self {
        match error {
            StateError::Storage(error) => ReplicaError::Storage(error),
            other => ReplicaError::Unusable(other.to_string()),
        }
    }
}

impl Replica {
    /// Opens the database at `path` for the replica of `founding`; a new file becomes its.
    ///
    /// # Errors
    /// If the file is another replica's, damaged, in use, or of a later version.
    pub fn open(path: &Path, founding: Founding, settings: Settings) -> Result<Self, ReplicaError> {
        let database = Database::open(path)?;
        let Founding { charter, credential, key } = founding;
        let mut state = State::found(database, &charter, &credential, &settings.programme)?;
        if state.mine().key != key.verifying_key() {
            let reason = "the key does not belong to this replica's credential".to_owned();
            return Err(ReplicaError::Unusable(reason));
        }
        state.noted.offers_to_me = true;
        state.noted.look_for_advances = true;
        let clock = HlcClock::after(state.last_hlc()?);
        let stopped = state.why_stopped()?;
        let (lease, lease_seen_ms) = (state.lease(LEASE_MS)?, state.lease_seen_ms()?);
        let mut replica = Self {
            lease,
            lease_clock: LeaseClock::from(clock.last().wall_ms.max(lease.met_hub_ms).max(lease_seen_ms)),
            lease_seen_noted_ms: lease_seen_ms,
            peers_ahead_ms: Vec::new(),
            is_only_hub: false,
            lease_noted_ms: lease.met_hub_ms,
            state,
            key,
            clock,
            settings,
            hub: None,
            stopped,
            transactions: 0,
            fences_folded: 0,
        };
        replica.look_for_hubs()?;
        Ok(replica)
    }

    /// Begins a transaction. Dropped without a commit, it leaves no trace.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn begin(&mut self, now: Now) -> Result<Transaction<'_>, StorageError> {
        Transaction::begin(self, now)
    }

    /// Who this is.
    pub fn id(&self) -> ReplicaId {
        self.state.me
    }

    /// Our own journal and credential.
    pub fn me(&self) -> &Author {
        self.state.mine()
    }

    /// What the city has agreed on.
    pub fn charter(&self) -> &Charter {
        &self.state.charter
    }

    /// The city's time zone.
    pub fn zone(&self) -> CityZone {
        self.state.zone
    }

    /// The journal of `replica`, if anything is known of it.
    pub fn author(&self, replica: ReplicaId) -> Option<&Author> {
        self.state.authors.get(replica)
    }

    /// All journals known.
    pub fn authors(&self) -> impl Iterator<Item = &Author> {
        self.state.authors.iter()
    }

    /// How far each journal is known here, durably.
    pub fn version_vector(&self) -> VersionVector {
        self.state.authors.version_vector()
    }

    /// Notes which hub is connected now, if any: rights move only while one is.
    pub fn set_hub(&mut self, hub: Option<ReplicaId>) {
        self.hub = hub;
    }

    /// Notes how far the clocks of the replicas that are linked now are ahead of ours, in milliseconds.
    pub fn set_peers_ahead(&mut self, ahead_ms: Vec<i64>) {
        self.peers_ahead_ms = ahead_ms;
    }

    /// Why nothing may be written any more, if so.
    pub fn stopped(&self) -> Option<&'static str> {
        self.stopped
    }

    /// Stops writing until the replica is opened again: a peer says that it knows more of our
    /// own journal than we do. (What proves it, [`Transaction::take_in`] keeps in mind for good.)
    pub fn stop_as_old_copy(&mut self, peer: ReplicaId, known: u64) {
        let have = self.state.mine().head.seq;
        self.stop(OLD_COPY, Alarm::OwnJournalAhead { peer, known, have });
    }

    /// Stops writing, and tells so once.
    pub(crate) fn stop(&mut self, why: &'static str, alarm: Alarm) {
        if self.stopped.is_none() {
            self.stopped = Some(why);
            self.state.noted.alarm(alarm);
        }
    }

    /// What somebody should look at, since last asked.
    pub fn take_alarms(&mut self) -> Vec<Alarm> {
        std::mem::take(&mut self.state.noted.alarms)
    }

    /// Entries of a journal after `after` up to a seal: what a peer can verify and fold. `None`
    /// if there is nothing after it that a seal known here covers. Where the last entries that
    /// count have no seal of their own, what is set aside after them comes along up to the next:
    /// the peer comes to the same end.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn run_after(
        &self,
        author: ReplicaId,
        after: u64,
        limit: RunLimit,
    ) -> Result<Option<Run>, StorageError> {
        let Some(known) = self.author(author) else { return Ok(None) };
        let database = &self.state.database;
        let mut aim = limit.entries.max(1);
        loop {
            let end = after.saturating_add(aim).min(known.head.seq);
            let Some(seal) = database.seal_near(known.number, after, end)? else { return Ok(None) };
            let Some(entries) = self.state.sealed_entries(known, after, seal)? else { return Ok(None) };
            let bytes: usize = entries.iter().map(Vec::len).sum();
            if bytes > limit.bytes && aim > 1 {
                aim /= 4;
                continue;
            }
            let credential = Some(known.signed.clone());
            return Ok(Some(Run { author, credential, first_seq: after + 1, entries, seal }));
        }
    }

    /// The hash of the entry `seq` of a journal; the genesis hash for 0.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn hash_at(&self, author: ReplicaId, seq: u64) -> Result<Option<Digest>, StorageError> {
        let Some(known) = self.author(author) else { return Ok(None) };
        if seq == known.head.seq {
            return Ok(Some(known.head.hash));
        }
        if seq == 0 {
            return Ok(Some(Head::genesis(&self.state.charter.scope, author).hash));
        }
        Ok(self.state.database.entry(known.number, seq)?.map(|bytes| Entry::hash(&bytes)))
    }

    /// A hash of all that replicas with the same entries must agree on.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn digest(&self) -> Result<Digest, StorageError> {
        self.state.database.agreed_fingerprint()
    }

    /// The running sums of every author: (author, kind of asset, sums).
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn totals(&self) -> Result<Vec<(ReplicaId, u8, Totals)>, StorageError> {
        let rows = self.state.database.all_totals()?;
        let named = |(number, kind, totals)| Some((self.state.authors.numbered(number)?, kind, totals));
        Ok(rows.into_iter().filter_map(named).collect())
    }

    /// The replicas of the city that are not fenced, with where they listen.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn neighbours(&self) -> Result<Vec<(ReplicaId, Role, Option<String>)>, StorageError> {
        let fenced: Vec<_> = self.state.database.fences()?.into_iter().map(|fence| fence.replica).collect();
        let mut neighbours = Vec::new();
        for row in self.state.database.directory()? {
            let Some(enrolled) = row.enrolled else { continue };
            if row.replica == self.state.me || fenced.contains(&row.replica) {
                continue;
            }
            let role = from_cbor::<SignedCredential>("credential", &enrolled)
                .ok()
                .and_then(|signed| Some(signed.claims().ok()?.role));
            neighbours.extend(role.map(|role| (row.replica, role, row.address)));
        }
        Ok(neighbours)
    }

    /// Where a replica listens, if it has told.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn address_of(&self, replica: ReplicaId) -> Result<Option<String>, StorageError> {
        self.state.database.address(replica)
    }

    /// Whether a hub's journal tells that `replica` has joined.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn is_enrolled(&self, replica: ReplicaId) -> Result<bool, StorageError> {
        self.state.database.is_enrolled(replica)
    }

    /// Whether a hub has put `replica` out.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn is_fenced(&self, replica: ReplicaId) -> Result<bool, StorageError> {
        Ok(self.state.fence_of(replica)?.is_some())
    }

    /// How many fences were folded since the start: more than before means that somebody was put out.
    pub fn fences_folded(&self) -> u64 {
        self.fences_folded
    }

    /// When something falls due by itself: the deadline of the next hold, in milliseconds
    /// since 1970. Nothing does at a replica that may not write.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn next_deadline_ms(&self) -> Result<Option<u64>, StorageError> {
        if self.stopped.is_some() {
            return Ok(None);
        }
        self.state.database.next_hold_deadline_ms(self.state.my_number)
    }
}
