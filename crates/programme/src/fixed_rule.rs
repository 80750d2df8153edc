use purser_types::{BusinessDate, Coded, Fen};

/// 1 point for each full ¥1 of the goods' value; 100 points are ¥1 off; points earned in a
/// year can be spent until the end of the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FixedRule {
    /// Points for each full yuan of the gross value, whatever pays for it.
    pub points_per_yuan: i64,
}

/// Points are redeemed in steps of so many, each worth [`STEP_FEN`].
const STEP_POINTS: i64 = 100;
const STEP_FEN: i64 = 100;

/// Why points cannot be turned into that discount.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RedemptionRefused {
    /// Not a whole number of steps.
    #[error("{0} points cannot be redeemed: points are redeemed in steps of 100")]
    NotInSteps(i64),
    /// Worth more than the goods.
    #[error("{points} points are worth ¥{worth}, more than the goods (¥{gross}): redeem fewer")]
    MoreThanTheGoods {
        /// The points wanted.
        points: i64,
        /// What they are worth.
        worth: Fen,
        /// What the goods cost.
        gross: Fen,
    },
}

impl Coded for RedemptionRefused {
    fn code(&self) -> &'static str {
        match self {
            RedemptionRefused::NotInSteps(_) => "redemption_not_in_steps",
            RedemptionRefused::MoreThanTheGoods { .. } => "redemption_exceeds_goods",
        }
    }
}

impl FixedRule {
    /// The version that sales priced by this rule carry.
    pub const VERSION: u32 = 1;

    /// How long a store may spend rights without having met a hub: 30 days, in milliseconds.
    pub const LEASE_MS: u64 = 30 * 24 * 3_600_000;

    /// What one member may have spent at one store in advance of rights: 2,000 points, ¥20.
    pub const ADVANCED_PER_MEMBER_MAX: i64 = 2_000;

    /// The fewest points that can be redeemed.
    pub fn smallest_reward(&self) -> i64 {
        STEP_POINTS
    }

    /// Points that goods of this value earn.
    pub fn points_for(&self, gross: Fen) -> i64 {
        gross.whole_yuan().max(0).saturating_mul(self.points_per_yuan)
    }

    /// The last day on which points earned on `date` can be spent.
    pub fn points_expire_on(&self, date: BusinessDate) -> BusinessDate {
        BusinessDate::end_of_year(date.year() + 1)
    }

    /// What `points` take off goods of this value.
    ///
    /// # Errors
    /// If they are not in steps, or worth more than the goods.
    pub fn discount(&self, points: i64, gross: Fen) -> Result<Fen, RedemptionRefused> {
        if points < 0 || points % STEP_POINTS != 0 {
            return Err(RedemptionRefused::NotInSteps(points));
        }
        let worth = Fen((points / STEP_POINTS).saturating_mul(STEP_FEN));
        if worth > gross {
            return Err(RedemptionRefused::MoreThanTheGoods { points, worth, gross });
        }
        Ok(worth)
    }
}

impl Default for FixedRule {
    fn default() -> Self {
        Self { points_per_yuan: 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_for_full_yuan_only() {
        let rule = FixedRule::default();
        let points = [99, 100, 199, 3_050].map(|fen| rule.points_for(Fen(fen)));
        assert_eq!(points, [0, 1, 1, 30]);
        assert_eq!(FixedRule { points_per_yuan: 10 }.points_for(Fen(1_234)), 120);
    }

    #[test]
    fn hundred_points_are_one_yuan_and_never_more_than_the_goods() {
        let rule = FixedRule::default();
        assert_eq!(rule.discount(300, Fen(300)), Ok(Fen(300)));
        assert_eq!(rule.discount(0, Fen(0)), Ok(Fen(0)));
        assert_eq!(rule.discount(150, Fen(9_900)), Err(RedemptionRefused::NotInSteps(150)));
        assert_eq!(rule.discount(-100, Fen(9_900)), Err(RedemptionRefused::NotInSteps(-100)));
        assert!(matches!(rule.discount(300, Fen(299)), Err(RedemptionRefused::MoreThanTheGoods { .. })));
    }

    #[test]
    fn points_live_until_the_end_of_the_next_year() {
        let earned = "2026-12-31".parse().unwrap();
        assert_eq!(FixedRule::default().points_expire_on(earned).to_string(), "2027-12-31");
    }
}
