use std::ops::AddAssign;

/// What one replica has ever posted of one asset kind: running sums, so that conservation
/// and the rights held in a store are read, never scanned for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Sum of credits.
    pub credited: i64,
    /// Sum of debits, captures and advances.
    pub debited: i64,
    /// Sum of claw-backs.
    pub clawed_back: i64,
    /// Sum of offers given.
    pub offered: i64,
    /// Sum of offers taken up.
    pub accepted: i64,
    /// What is in holds now.
    pub held: i64,
}

impl Totals {
    /// What the replica has available now, by its own journal:
    /// `credited + accepted − debited − clawed_back − offered − held`.
    pub fn available(&self) -> i128 {
        let gained = i128::from(self.credited) + i128::from(self.accepted);
        let lost = i128::from(self.debited) + i128::from(self.clawed_back) + i128::from(self.offered);
        gained - lost - i128::from(self.held)
    }
}

impl AddAssign for Totals {
    /// Wraps on overflow: [`fold`](crate::fold) refuses postings that would overflow one
    /// author's sums, so only sums over many authors of absurd amounts could.
    fn add_assign(&mut self, other: Self) {
        self.credited = self.credited.wrapping_add(other.credited);
        self.debited = self.debited.wrapping_add(other.debited);
        self.clawed_back = self.clawed_back.wrapping_add(other.clawed_back);
        self.offered = self.offered.wrapping_add(other.offered);
        self.accepted = self.accepted.wrapping_add(other.accepted);
        self.held = self.held.wrapping_add(other.held);
    }
}
