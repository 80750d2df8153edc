use purser_types::ReplicaId;

/// The part of a hold that lies on one lot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HoldLine {
    /// Whose share is held: the author of the hold, the only one that can settle it.
    pub holder: ReplicaId,
    /// What was set aside.
    pub amount: i64,
    /// When the holder will release it by itself, in milliseconds since 1970.
    pub deadline_ms: u64,
    /// Whether it is still set aside.
    pub state: HoldState,
}

/// What has become of a hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HoldState {
    /// Set aside.
    Open,
    /// Settled: so much was captured, the rest freed.
    Settled {
        /// What was spent of it; 0 for a hold that was released.
        captured: i64,
    },
}

impl HoldState {
    /// What was spent of it; `None` while it is set aside.
    pub fn captured(self) -> Option<i64> {
        match self {
            HoldState::Open => None,
            HoldState::Settled { captured } => Some(captured),
        }
    }
}
