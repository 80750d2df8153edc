/// The rights of one replica to one lot.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Share {
    /// What the replica may spend, offer or hold. Below zero only by a claw-back.
    pub available: i64,
    /// What it has set aside in holds. Never below zero.
    pub held: i64,
}

impl Share {
    /// No rights at all: what every replica starts with.
    pub const NONE: Share = Share { available: 0, held: 0 };
}
