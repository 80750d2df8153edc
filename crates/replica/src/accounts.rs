//! What whoever runs a store, or the chain, does to accounts: four acts, so that none of them does another by mistake.
//! (The operator at the machine sets an account whole: [`Undertaking::SetAccount`](crate::Undertaking::SetAccount).)

use purser_journal::{AccountFact, Role, StaffRole};
use purser_storage::AccountRow;
use purser_types::{Coded, StoreNumber};

use crate::{Refusal, Transaction, draft::Draft};

/// One act. Of the city's accounts a hub's only, of a store's that store's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountChange {
    /// A new account, by a name that nobody has or had.
    Open {
        /// What its owner types.
        name: String,
        /// Who that is.
        person: String,
        /// What its owner may do.
        role: StaffRole,
        /// What the password is checked against.
        verifier: String,
    },
    /// A new password: one that was closed is open again.
    SetPassword {
        /// Whose.
        name: String,
        /// What the password is checked against.
        verifier: String,
    },
    /// Another role.
    SetRole {
        /// Whose.
        name: String,
        /// Which.
        role: StaffRole,
    },
    /// Nobody signs in by it any more.
    Close {
        /// Which.
        name: String,
    },
}

/// Why it is not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AccountRefused {
    /// The name is, or was, somebody else's.
    #[error("an account has this name, or had it: choose another one")]
    Taken,
    /// No account of that name is this replica's to change.
    #[error("this replica has no account of that name to change")]
    Unknown,
    /// Nobody closes their own account, nor changes its role.
    #[error("nobody changes the role of their own account, or closes it: somebody else has to")]
    Own,
    /// Nobody would run the store any more.
    #[error("this is the last manager of the store: make another one first")]
    LastManager,
}

impl Coded for AccountRefused {
    fn code(&self) -> &'static str {
        match self {
            AccountRefused::Taken => "account_taken",
            AccountRefused::Unknown => "account_unknown",
            AccountRefused::Own => "account_own",
            AccountRefused::LastManager => "account_last_manager",
        }
    }
}

impl AccountChange {
    /// A name that does not change, for audits.
    pub(crate) fn act(&self) -> &'static str {
        match self {
            AccountChange::Open { .. } => "open_account",
            AccountChange::SetPassword { .. } => "set_password",
            AccountChange::SetRole { .. } => "set_role",
            AccountChange::Close { .. } => "close_account",
        }
    }
}

impl Transaction<'_> {
    /// Plans an act of somebody, by the name of their account.
    pub(crate) fn plan_account_change(&self, by: &str, change: &AccountChange) -> Result<Draft, Refusal> {
        let fact = match change.clone() {
            AccountChange::Open { name, person, role, verifier } => {
                self.require_free_name(&name)?;
                let (store, verifier) = (self.own_scope(), Some(verifier));
                AccountFact { store, name, person, role, verifier }
            }
            AccountChange::SetPassword { name, verifier } => {
                AccountFact { verifier: Some(verifier), ..self.own_account(&name)? }
            }
            AccountChange::SetRole { name, role } => {
                let account = self.own_account(&name)?;
                self.require_dispensable(by, &account, Some(role))?;
                AccountFact { role, ..account }
            }
            AccountChange::Close { name } => {
                let account = self.own_account(&name)?;
                self.require_dispensable(by, &account, None)?;
                AccountFact { verifier: None, ..account }
            }
        };
        self.plan_account(&fact)
    }

    /// Where accounts that are made here are good: at this store, or in the whole city.
    fn own_scope(&self) -> Option<StoreNumber> {
        let me = &self.replica.me().credential;
        (me.role == Role::Store).then_some(me.store)
    }

    /// An account of the city stands before every store's: its name must be free at all of them.
    fn require_free_name(&self, name: &str) -> Result<(), Refusal> {
        let database = &self.replica.state.database;
        let is_taken = match self.own_scope() {
            Some(store) => database.account(store, name)?.is_some(),
            None => database.has_account(name)?,
        };
        if is_taken { Err(AccountRefused::Taken.into()) } else { Ok(()) }
    }

    fn own_account(&self, name: &str) -> Result<AccountFact, Refusal> {
        let scope = self.own_scope();
        let known = self.replica.state.database.account(self.replica.me().credential.store, name)?;
        let AccountRow { store, name, person, role, verifier, .. } =
            known.filter(|row| row.store == scope).ok_or(AccountRefused::Unknown)?;
        Ok(AccountFact { store, name, person, role, verifier })
    }

    /// Refuses to take from somebody what they are needed for: `role` is what they will have instead.
    fn require_dispensable(
        &self,
        by: &str,
        account: &AccountFact,
        role: Option<StaffRole>,
    ) -> Result<(), Refusal> {
        if account.name == by {
            return Err(AccountRefused::Own.into());
        }
        let Some(store) = account.store else { return Ok(()) };
        let is_manager =
            |role: StaffRole, verifier: &Option<String>| role == StaffRole::Manager && verifier.is_some();
        let stays = role == Some(StaffRole::Manager);
        if stays || !is_manager(account.role, &account.verifier) {
            return Ok(());
        }
        let accounts = self.replica.state.database.accounts(store)?;
        let has_another =
            accounts.iter().any(|row| row.name != account.name && is_manager(row.role, &row.verifier));
        if has_another { Ok(()) } else { Err(AccountRefused::LastManager.into()) }
    }
}
