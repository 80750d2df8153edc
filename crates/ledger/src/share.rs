/// The rights of one replica to one lot.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Share {
    /// What the replica may spend, offer or hold. Below zero only by a claw-back or an advance.
    pub available: i64,
    /// What it has set aside in holds. Never below zero. Of an allowance also what is used of it.
    pub held: i64,
    /// How much of what lacks was spent against the allowance. Never below zero, and never more
    /// than what `available` lacks: what comes in later settles it.
    pub advanced: i64,
}

impl Share {
    /// No rights at all: what every replica starts with.
    pub const NONE: Share = Share { available: 0, held: 0, advanced: 0 };
}

impl Share {
    /// Lowers what is advanced to what still lacks; tells by how much.
    pub(crate) fn settle_advance(&mut self) -> i64 {
        let lacking = self.available.min(0).saturating_neg();
        let settled = (self.advanced - lacking).max(0);
        self.advanced -= settled;
        settled
    }
}
