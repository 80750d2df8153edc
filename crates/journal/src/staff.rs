use minicbor::{Decode, Encode};
use purser_types::StoreNumber;

/// An account by which somebody signs in at a replica, as it is from now on.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct AccountFact {
    /// Where it is good: at one store, or at every replica of the city. With `name` it says which account.
    #[n(0)]
    pub store: Option<StoreNumber>,
    /// What its owner types to sign in.
    #[n(1)]
    pub name: String,
    /// Who that is, as others see it.
    #[n(2)]
    pub person: String,
    /// What its owner may do.
    #[n(3)]
    pub role: StaffRole,
    /// What a password is checked against (argon2id, PHC string format); nobody signs in without one.
    #[n(4)]
    pub verifier: Option<String>,
}

/// What somebody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum StaffRole {
    /// Serves at the counter.
    #[n(0)]
    Cashier,
    /// Runs a store.
    #[n(1)]
    Manager,
    /// Runs the chain.
    #[n(2)]
    HeadOffice,
    /// Looks, and changes nothing.
    #[n(3)]
    Auditor,
}

/// Who had an entry written, or what else somebody has done that the chain keeps: signing in, for example.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct ActFact {
    /// Who: the name of an account, or of a token.
    #[n(0)]
    pub by: String,
    /// What: a name that does not change, such as `check_out`.
    #[n(1)]
    pub act: String,
    /// About whom or what, if that is not in the entry.
    #[n(2)]
    pub about: String,
}

impl StaffRole {
    /// All there are.
    pub const ALL: [StaffRole; 4] =
        [StaffRole::Cashier, StaffRole::Manager, StaffRole::HeadOffice, StaffRole::Auditor];

    /// A stable name.
    pub fn name(self) -> &'static str {
        match self {
            StaffRole::Cashier => "cashier",
            StaffRole::Manager => "manager",
            StaffRole::HeadOffice => "head_office",
            StaffRole::Auditor => "auditor",
        }
    }

    /// The role with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}
