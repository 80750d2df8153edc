use std::{fmt, str::FromStr};

use purser_types::ParseError;

/// The state of a card, from the least safe to the safest: where stores have changed a card at
/// the same time, the safest of their states holds. So a lost card never comes back by a merge;
/// it comes back when somebody who knows that it was lost says that it was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CardState {
    /// In use.
    Active,
    /// Not to be served until somebody has looked (冻结).
    Frozen,
    /// Reported lost (挂失).
    Lost,
    /// No longer valid for want of use.
    Expired,
    /// Another card took its place (补办).
    Replaced,
    /// Given up for good.
    Cancelled,
}

impl CardState {
    /// All states, from the least safe to the safest.
    pub const ALL: [CardState; 6] = [
        CardState::Active,
        CardState::Frozen,
        CardState::Lost,
        CardState::Expired,
        CardState::Replaced,
        CardState::Cancelled,
    ];

    /// The state's stable name.
    pub fn name(self) -> &'static str {
        match self {
            CardState::Active => "active",
            CardState::Frozen => "frozen",
            CardState::Lost => "lost",
            CardState::Expired => "expired",
            CardState::Replaced => "replaced",
            CardState::Cancelled => "cancelled",
        }
    }
}

impl fmt::Display for CardState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for CardState {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let expected = "active, frozen, lost, expired, replaced or cancelled";
        let state = Self::ALL.into_iter().find(|state| state.name() == text);
        state.ok_or_else(|| ParseError::new("card state", text, expected))
    }
}
