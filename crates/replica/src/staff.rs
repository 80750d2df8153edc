//! Accounts by which staff sign in, and what they do: in the journal like everything else, so that nobody edits it
//! unnoticed and every replica knows who left.

use std::collections::BTreeSet;

use purser_journal::{AccountFact, ActFact, Credential, Entry, Fact, Role, StaffRole};
use purser_storage::{AccountRow, ActPlace, ActRow, AuthorNumber, StorageError};
use purser_types::{BusinessDate, EntryId, StoreNumber, steers_display};

use crate::{
    About, Refusal, Transaction, Undertaking, View,
    about::ABOUT_BYTES_MAX,
    draft::{Draft, Plan},
    merging::is_sound_merge,
    state::State,
    words::is_line,
};

/// An account's name: 1 to 32 of `a` to `z`, `0` to `9`, `.`, `_` and `-`.
const NAME_BYTES_MAX: usize = 32;
/// Who somebody is, on one line.
const PERSON_BYTES_MAX: usize = 100;
/// A PHC string of argon2id is about 100 bytes long.
const VERIFIER_BYTES_MAX: usize = 200;
/// Who has done something: the name of an account, or what somebody typed for one.
const BY_BYTES_MAX: usize = 4 * NAME_BYTES_MAX;
/// What an act is called.
const ACT_BYTES_MAX: usize = 40;

/// Which acts are asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct ActsAsked<'a> {
    /// Those before this one; the latest if none is given.
    pub before: Option<ActPlace>,
    /// Those of an account, or of a token.
    pub by: Option<&'a str>,
    /// Those of a day in the city.
    pub day: Option<BusinessDate>,
}

impl Transaction<'_> {
    /// Makes or changes an account: a store its own, a hub any.
    pub(crate) fn plan_account(&self, fact: &AccountFact) -> Result<Draft, Refusal> {
        if !is_name(&fact.name) {
            return Err(Refusal::OutOfRange { what: "name", range: "1 to 32 of a-z, 0-9, '.', '_' and '-'" });
        }
        if !is_line(&fact.person, PERSON_BYTES_MAX) {
            return Err(Refusal::OutOfRange { what: "person", range: "1 to 100 bytes on one line" });
        }
        if !may_set(fact, &self.replica.me().credential) {
            let range = "of a store: its own cashiers and managers; everybody else a hub";
            return Err(Refusal::OutOfRange { what: "role", range });
        }
        // Nobody at a store acts by the name of who comes from outside.
        if let Some(store) = fact.store
            && self
                .replica
                .state
                .database
                .account(store, &fact.name)?
                .is_some_and(|known| known.store.is_none())
        {
            return Err(Refusal::OutOfRange { what: "name", range: "one that no account of the city has" });
        }
        Ok(Draft::of([Fact::Account(fact.clone())]))
    }

    /// Carries out what somebody signed in wants, and notes who.
    pub(crate) fn plan_by(&mut self, by: &str, undertaking: &Undertaking) -> Result<Plan, Refusal> {
        let plan = match undertaking {
            Undertaking::ChangeAccount(change) => Plan::Write(self.plan_account_change(by, change)?),
            _ => self.plan(undertaking)?,
        };
        match plan {
            Plan::Write(mut draft) => {
                let about = About::of(undertaking, &draft.facts).to_string();
                let (by, act) = (by.to_owned(), undertaking.name().to_owned());
                draft.facts.push(Fact::Act(ActFact { by, act, about }));
                Ok(Plan::Write(draft))
            }
            done @ Plan::Done { .. } => Ok(done),
        }
    }

    /// Notes something that somebody did and that has no other entry.
    pub(crate) fn plan_note(by: &str, act: &str, about: &str) -> Draft {
        // Whatever somebody has typed: a character has up to four bytes.
        let shown = |text: &str, most_bytes: usize| -> String {
            text.chars().filter(|c| !steers_display(*c)).take(most_bytes / 4).collect()
        };
        let by = Some(shown(by, BY_BYTES_MAX)).filter(|by| !by.is_empty()).unwrap_or_else(|| "-".to_owned());
        Draft::of([Fact::Act(ActFact { by, act: act.to_owned(), about: shown(about, ABOUT_BYTES_MAX) })])
    }
}

impl State {
    pub(crate) fn fold_account(&self, entry: &Entry, account: &AccountFact) -> Result<(), StorageError> {
        let AccountFact { store, name, person, role, verifier } = account.clone();
        let set = (entry.hlc, entry.replica, entry.seq);
        self.database.set_account(&AccountRow { store, name, person, role, verifier, set })
    }

    pub(crate) fn fold_acts(&self, entry: &Entry, number: AuthorNumber) -> Result<(), StorageError> {
        let acts = entry.facts.iter().filter_map(|fact| match fact {
            Fact::Act(act) => Some(act),
            _ => None,
        });
        for (act, nth) in acts.zip(0..) {
            let ActFact { by, act, about } = act.clone();
            let place = ActPlace { wall_ms: entry.hlc.wall_ms, author: number, seq: entry.seq, nth };
            self.database.add_act(&ActRow { place, by, act, about })?;
        }
        Ok(())
    }
}

impl View {
    /// The account of this name that is good at this replica.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn account(&mut self, name: &str) -> Result<Option<AccountRow>, StorageError> {
        let store = self.store_of(self.me())?;
        self.database.account(store, name)
    }

    /// All accounts that are good at this replica, by name.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn accounts(&mut self) -> Result<Vec<AccountRow>, StorageError> {
        let store = self.store_of(self.me())?;
        self.database.accounts(store)
    }

    /// Who an account of a store, or of the city, belongs to.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn person_at(&self, store: StoreNumber, name: &str) -> Result<Option<String>, StorageError> {
        Ok(self.database.account(store, name)?.map(|row| row.person))
    }

    /// What was done, the latest first, at most `limit`, each with the store where it was.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn acts(
        &mut self,
        asked: &ActsAsked<'_>,
        limit: u32,
    ) -> Result<Vec<(ActRow, StoreNumber)>, StorageError> {
        let days = asked.day.map(|day| (self.zone().start_of(day), self.zone().start_of(day.plus_days(1))));
        let mut acts = Vec::new();
        for act in self.database.acts((asked.before, asked.by, days), limit)? {
            let replica = self.author_named(act.place.author)?;
            let store = replica.map(|replica| self.store_of(replica)).transpose()?;
            acts.push((act, store.unwrap_or(StoreNumber(0))));
        }
        Ok(acts)
    }

    /// The entries that somebody at this store, or at a hub, has ticked off as seen since `from_ms`.
    ///
    /// # Errors
    /// Whatever the database reports.
    pub fn reviewed(&mut self, from_ms: u64) -> Result<BTreeSet<EntryId>, StorageError> {
        let own = self.store_of(self.me())?;
        let mut entries = BTreeSet::new();
        for act in self.database.reviews(from_ms)? {
            let Some(replica) = self.author_named(act.place.author)? else { continue };
            // Another store has no say in what this one has to look at.
            if [own, StoreNumber(0)].contains(&self.store_of(replica)?) {
                entries.extend(About::read(&act.about).and_then(|about| about.entry));
            }
        }
        Ok(entries)
    }
}

/// Whether what staff have decided or done can stand in an author's journal.
pub(crate) fn is_sound_staff(fact: &Fact, author: &Credential) -> bool {
    match fact {
        Fact::Account(account) => {
            let is_verifier = account.verifier.as_ref().is_none_or(|text| is_line(text, VERIFIER_BYTES_MAX));
            let is_named = is_name(&account.name) && is_line(&account.person, PERSON_BYTES_MAX);
            is_named && is_verifier && may_set(account, author)
        }
        Fact::Act(ActFact { by, act, about }) => {
            let is_about = about.is_empty() || is_line(about, ABOUT_BYTES_MAX);
            is_line(by, BY_BYTES_MAX) && is_line(act, ACT_BYTES_MAX) && is_about
        }
        Fact::Merge(merge) => is_sound_merge(merge),
        _ => true,
    }
}

fn is_name(name: &str) -> bool {
    let fits =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'_' | b'-');
    (1..=NAME_BYTES_MAX).contains(&name.len()) && name.bytes().all(fits)
}

/// A store whose machine is stolen can let nobody in but at itself.
fn may_set(account: &AccountFact, author: &Credential) -> bool {
    let is_own = account.store == Some(author.store) && account.role < StaffRole::HeadOffice;
    author.role == Role::Hub || is_own
}
