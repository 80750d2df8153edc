use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a token is good for. An operation names those of which one is wanted; a token may have several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TokenScope {
    /// What a till does: finds and registers members, quotes, sells, takes back, sets aside, hands over.
    Till,
    /// Changes members without a purchase: profiles, the state of cards, gifts, coupons on paper, links to pages.
    Members,
    /// Reads about members and sales, and changes nothing.
    Read,
    /// Sees how the node and the city stand: no personal data.
    Operation,
    /// Runs the scheme: accounts, programmes, replicas put out, late entries, allowances.
    Admin,
}

/// A text that is no scope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no scope: there are till, members, read, operation and admin")]
pub struct UnknownScope(String);

impl TokenScope {
    /// All there are.
    pub const ALL: [TokenScope; 5] =
        [TokenScope::Till, TokenScope::Members, TokenScope::Read, TokenScope::Operation, TokenScope::Admin];

    /// A stable name.
    pub fn name(self) -> &'static str {
        match self {
            TokenScope::Till => "till",
            TokenScope::Members => "members",
            TokenScope::Read => "read",
            TokenScope::Operation => "operation",
            TokenScope::Admin => "admin",
        }
    }
}

impl fmt::Display for TokenScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for TokenScope {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        let named = Self::ALL.into_iter().find(|scope| scope.name() == text);
        named.ok_or_else(|| UnknownScope(text.to_owned()))
    }
}
