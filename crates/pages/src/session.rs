use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use data_encoding::BASE32_NOPAD;
use purser_journal::StaffRole;
use purser_storage::AccountRow;

/// Who is signed in. Kept in memory only: after a restart everybody signs in again.
#[derive(Debug, Default)]
pub(crate) struct Sessions(Mutex<HashMap<blake3::Hash, Kept>>);

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    /// The account's name.
    pub(crate) name: String,
    /// Who that is.
    pub(crate) person: String,
    /// What they may do.
    pub(crate) role: StaffRole,
    /// What every form of the session holds, so that no other site can send one.
    pub(crate) form_key: String,
}

#[derive(Debug)]
struct Kept {
    session: Session,
    account: AccountRow,
    signed_in_ms: u64,
    seen_ms: u64,
}

/// The cookie that holds a session's token.
pub(crate) const COOKIE: &str = "purser";

/// More than sign in at one store.
const SESSIONS_MAX: usize = 1_000;
/// Without a request for so long, a session ends: two hours.
const IDLE_MS: u64 = 2 * 3_600_000;
/// And after so long in any case: a long shift.
const LONGEST_MS: u64 = 12 * 3_600_000;

impl Sessions {
    /// Begins a session; the token that shows it. `None` if the system has no random bytes.
    pub(crate) fn begin(&self, account: AccountRow, monotonic_ms: u64) -> Option<String> {
        let (token, form_key) = (random()?, random()?);
        let session = Session {
            name: account.name.clone(),
            person: account.person.clone(),
            role: account.role,
            form_key,
        };
        let kept = Kept { session, account, signed_in_ms: monotonic_ms, seen_ms: monotonic_ms };
        let mut sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.retain(|_, kept| kept.is_open(monotonic_ms));
        if sessions.len() >= SESSIONS_MAX
            && let Some(oldest) = sessions.iter().min_by_key(|(_, kept)| kept.seen_ms).map(|(key, _)| *key)
        {
            sessions.remove(&oldest);
        }
        sessions.insert(blake3::hash(token.as_bytes()), kept);
        Some(token)
    }

    /// The session of a token, and the account as it was when it began. Somebody is there.
    pub(crate) fn find(&self, token: &str, monotonic_ms: u64) -> Option<(Session, AccountRow)> {
        let mut sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kept =
            sessions.get_mut(&blake3::hash(token.as_bytes())).filter(|kept| kept.is_open(monotonic_ms))?;
        kept.seen_ms = monotonic_ms;
        Some((kept.session.clone(), kept.account.clone()))
    }

    /// The same for what a page asks by itself: that keeps no session open.
    pub(crate) fn peek(&self, token: &str, monotonic_ms: u64) -> Option<(Session, AccountRow)> {
        let sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = sessions.get(&blake3::hash(token.as_bytes())).filter(|kept| kept.is_open(monotonic_ms))?;
        Some((kept.session.clone(), kept.account.clone()))
    }

    /// Ends the session of a token.
    pub(crate) fn end(&self, token: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&blake3::hash(token.as_bytes()));
    }
}

impl Kept {
    fn is_open(&self, monotonic_ms: u64) -> bool {
        monotonic_ms.saturating_sub(self.seen_ms) < IDLE_MS
            && monotonic_ms.saturating_sub(self.signed_in_ms) < LONGEST_MS
    }
}

/// 160 bits as text.
pub(crate) fn random() -> Option<String> {
    let mut bytes = [0; 20];
    getrandom::fill(&mut bytes).ok()?;
    Some(BASE32_NOPAD.encode(&bytes).to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use purser_types::{Hlc, ReplicaId};

    use super::*;

    fn account() -> AccountRow {
        AccountRow {
            store: None,
            name: "li".into(),
            person: "李雷".into(),
            role: StaffRole::Cashier,
            verifier: Some("x".into()),
            set: (Hlc::default(), ReplicaId([1; 16]), 1),
        }
    }

    #[test]
    fn a_session_lasts_while_it_is_used_and_not_beyond_a_shift() {
        let sessions = Sessions::default();
        let token = sessions.begin(account(), 0).unwrap();
        assert_eq!(sessions.find(&token, IDLE_MS - 1).unwrap().0.name, "li");
        assert!(sessions.find("another", 1).is_none());
        assert!(sessions.peek(&token, 2 * IDLE_MS - 2).is_some());
        assert!(
            sessions.peek(&token, 2 * IDLE_MS - 1).is_none(),
            "a page that is left open keeps nobody signed in"
        );
        assert!(sessions.find(&token, 2 * IDLE_MS).is_none());
        let token = sessions.begin(account(), 0).unwrap();
        for hours in 1..12 {
            assert!(sessions.find(&token, hours * 3_600_000).is_some(), "{hours}");
        }
        assert!(sessions.find(&token, LONGEST_MS).is_none());
        let token = sessions.begin(account(), 0).unwrap();
        sessions.end(&token);
        assert!(sessions.find(&token, 1).is_none());
    }

    #[test]
    fn there_are_never_more_than_so_many() {
        let sessions = Sessions::default();
        let first = sessions.begin(account(), 0).unwrap();
        for n in 0..SESSIONS_MAX as u64 {
            sessions.begin(account(), n + 1).unwrap();
        }
        assert!(sessions.find(&first, SESSIONS_MAX as u64 + 1).is_none());
        assert_eq!(sessions.0.lock().unwrap().len(), SESSIONS_MAX);
    }
}
