use std::{collections::BTreeSet, sync::Arc};

use purser_journal::{Charter, ForkProof, SignedCredential, from_cbor, to_cbor};
use purser_programme::Programme;
use purser_storage::{AuthorNumber, Database, StorageError};
use purser_types::{BusinessDate, CityZone, MemberId, ReplicaId};

use crate::{
    Alarm,
    authors::{Author, Authors},
    ledger_cache::LedgerCache,
    profiles::Profiles,
    programmes::Programmes,
};

/// The state of a replica: its tables, and in memory what is asked for at every turn.
/// Changed by folding entries and by nothing else.
pub(crate) struct State {
    pub(crate) database: Database,
    pub(crate) charter: Charter,
    pub(crate) zone: CityZone,
    /// Whose replica this is.
    pub(crate) me: ReplicaId,
    pub(crate) my_number: AuthorNumber,
    pub(crate) authors: Authors,
    pub(crate) cache: LedgerCache,
    pub(crate) profiles: Profiles,
    /// Versions of the programme.
    pub(crate) programmes: Programmes,
    /// What folding has found out and somebody has to act on.
    pub(crate) noted: Noted,
}

/// What folding has found out.
#[derive(Debug, Default)]
pub(crate) struct Noted {
    /// Somebody joined or was put out.
    pub(crate) city_changed: bool,
    /// Rights were offered to us.
    pub(crate) offers_to_me: bool,
    /// Members whose points somebody has earned, spent or taken up: advances for them may be settled.
    pub(crate) touched: BTreeSet<MemberId>,
    /// Advances of everybody may be settled.
    pub(crate) look_for_advances: bool,
    /// The last member that was looked at for that.
    pub(crate) advances_after: Option<MemberId>,
    /// Members bought something elsewhere: their rights may have to follow.
    pub(crate) seen_elsewhere: BTreeSet<MemberId>,
    /// A journal has to be cut at its fence.
    pub(crate) fenced: Vec<ReplicaId>,
    /// Proofs that authors have told two stories.
    pub(crate) forks: Vec<ForkProof>,
    /// Whether a journal was begun anew, or is wanted again.
    pub(crate) begun: Begun,
    /// What was added to journals: author, first and last place.
    pub(crate) grown: Vec<(ReplicaId, u64, u64)>,
    /// What somebody should look at.
    pub(crate) alarms: Vec<Alarm>,
}

impl Noted {
    /// Raises an alarm, once.
    pub(crate) fn alarm(&mut self, alarm: Alarm) {
        if !self.alarms.contains(&alarm) {
            self.alarms.push(alarm);
        }
    }
}

/// What is left to do since a journal was begun anew, or is wanted again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Begun {
    /// None was.
    #[default]
    Not,
    /// Everything is to be folded without it.
    ToFold,
    /// Peers believe that more of it is known, or that it is not wanted.
    ToTell,
}

impl Begun {
    /// More of a journal is wanted than peers believe.
    pub(crate) fn want_again(&mut self) {
        if *self == Begun::Not {
            *self = Begun::ToTell;
        }
    }
    /// All is folded anew.
    pub(crate) fn told_next(&mut self) {
        if *self == Begun::ToFold {
            *self = Begun::ToTell;
        }
    }
}

const CHARTER: &str = "charter";
const REPLICA: &str = "replica";
/// Set by a migration.
const REFOLD: &str = "refold";

impl State {
    /// Takes a database into use for the owner of `credential`; a fresh one becomes theirs.
    pub(crate) fn found(
        database: Database,
        charter: &Charter,
        signed: &SignedCredential,
        basic: &Arc<Programme>,
    ) -> Result<Self, StateError> {
        let credential = signed.verify(charter).map_err(|fault| StateError::NotOurs(fault.to_string()))?;
        zone_of(charter)?;
        match database.meta(REPLICA)? {
            Some(owner) if owner == credential.replica.0 => {}
            Some(_) => return Err(StateError::NotOurs("it belongs to another replica".to_owned())),
            None if database.author_count()? > 0 => return Err(StateError::Ownerless),
            None => {
                database.begin()?;
                database.set_meta(CHARTER, &to_cbor(charter))?;
                let head = purser_journal::Head::genesis(&charter.scope, credential.replica);
                database.add_author(credential.replica, &to_cbor(signed), head)?;
                database.set_meta(REPLICA, &credential.replica.0)?;
                database.commit()?;
            }
        }
        let mut state = Self::load(database)?;
        state.refold_if_due()?;
        state.programmes = Programmes::read(&state.database, Arc::clone(basic))?;
        Ok(state)
    }

    /// Folds everything anew if the schema has grown by what only the journals can tell.
    pub(crate) fn refold_if_due(&mut self) -> Result<(), StorageError> {
        if self.database.meta(REFOLD)?.is_none() {
            return Ok(());
        }
        self.database.begin()?;
        self.refold()?;
        self.database.remove_meta(REFOLD)?;
        self.database.commit()
    }

    /// Reads the state of a database that was founded before.
    pub(crate) fn load(database: Database) -> Result<Self, StateError> {
        let charter = database.meta(CHARTER)?.ok_or(StateError::NotFounded)?;
        let charter: Charter =
            from_cbor("charter", &charter).map_err(|fault| StateError::NotOurs(fault.to_string()))?;
        let me = database.meta(REPLICA)?.and_then(|bytes| bytes.try_into().ok().map(ReplicaId));
        let me = me.ok_or(StateError::NotFounded)?;
        let zone = zone_of(&charter)?;
        let authors = Authors::load(&database, &charter)?;
        let my_number = authors.get(me).ok_or(StateError::NotFounded)?.number;
        let programmes = Programmes::read(&database, Arc::new(Programme::basic()))?;
        let (cache, profiles, noted) = (LedgerCache::default(), Profiles::default(), Noted::default());
        Ok(Self { database, charter, zone, me, my_number, authors, cache, profiles, programmes, noted })
    }

    /// Goes back to what the tables say, after a transaction was rolled back.
    pub(crate) fn reload(&mut self) -> Result<(), StorageError> {
        self.cache.clear();
        self.profiles.clear();
        let before = std::mem::take(&mut self.noted);
        self.noted = Noted {
            offers_to_me: true,
            look_for_advances: true,
            city_changed: true,
            // An earlier transaction may have found them, and nobody was told so far.
            forks: before.forks,
            begun: if before.begun == Begun::Not { Begun::Not } else { Begun::ToTell },
            ..Noted::default()
        };
        self.authors = Authors::load(&self.database, &self.charter)?;
        self.programmes = Programmes::read(&self.database, self.programmes.basic())?;
        Ok(())
    }

    /// Our own journal.
    pub(crate) fn mine(&self) -> &Author {
        match self.authors.get(self.me) {
            Some(author) => author,
            None => unreachable!("a founded database knows its own replica"),
        }
    }

    /// The city's day at that time.
    pub(crate) fn date_at(&self, wall_ms: u64) -> BusinessDate {
        self.zone.date_at(wall_ms)
    }

    /// Writes what folding left in memory into the tables.
    pub(crate) fn flush(&mut self) -> Result<(), StorageError> {
        self.cache.flush(&self.database, &self.authors)
    }
}

fn zone_of(charter: &Charter) -> Result<CityZone, StateError> {
    charter.time_zone.parse().map_err(|_| StateError::BadTimeZone(charter.time_zone.clone()))
}

/// Why a database cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StateError {
    /// It is of another replica, or its charter or credential does not check out.
    #[error("this database cannot be used here: {0}")]
    NotOurs(String),
    /// It holds journals, and what says whose they are is gone.
    #[error("this database holds journals and no longer says whose it is: join again, in a new folder")]
    Ownerless,
    /// It was never founded.
    #[error("this database belongs to no replica yet: join first")]
    NotFounded,
    /// The charter's time zone does not exist.
    #[error("the time zone {0:?} is not known: use a name of the tz database")]
    BadTimeZone(String),
    /// The database could not.
    #[error(transparent)]
    Storage(#[from] StorageError),
}
