use purser_types::{BusinessDate, Coded, Fen};
use serde::Deserialize;

use crate::{
    basket::AMOUNT_FEN_MAX,
    label::{Label, RuleId},
    ratio::{Ratio, Rounding},
    when::When,
};

/// What points are good for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Redemption {
    /// Days on which points can be redeemed: one of these has to fit. Always, if there are none.
    pub open: Vec<When>,
    /// Points as money at the till.
    pub cash: Option<Cash>,
}

/// Points that pay for goods.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cash {
    /// Points go in steps of so many.
    pub step: i64,
    /// Each takes so much off.
    pub off: Fen,
    /// At most this share of what is to be paid.
    #[serde(default = "all")]
    pub at_most: Ratio,
}

/// Something that points are redeemed for, in whole pieces.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reward {
    /// What it is called in rules and entries.
    pub id: RuleId,
    /// What members call it.
    pub name: Label,
    /// What one costs.
    pub points: i64,
    /// What one is worth, for the books.
    pub worth: Fen,
    /// What it is.
    #[serde(default)]
    pub gives: RewardGives,
}

/// What a reward is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case", deny_unknown_fields)]
pub enum RewardGives {
    /// A piece of something that lies in the store.
    Piece {},
    /// A coupon.
    Coupon {
        /// Which.
        coupon: RuleId,
    },
    /// A tier, for as long as its own validity says.
    Tier {
        /// Which.
        tier: RuleId,
    },
    /// Entry to something: points are the fee.
    Entry {},
}

impl Default for RewardGives {
    fn default() -> Self {
        RewardGives::Piece {}
    }
}

/// Why points cannot be redeemed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotRedeemed {
    /// Not on this day.
    #[error("points cannot be redeemed on {0}: the scheme's days are others")]
    Closed(BusinessDate),
    /// Points are no money here.
    #[error("points do not take anything off at the till: choose a reward")]
    NoCash,
    /// Not a whole number of steps.
    #[error("{points} points cannot be redeemed: points are redeemed in steps of {step}")]
    NotInSteps {
        /// The points wanted.
        points: i64,
        /// The points of a step.
        step: i64,
    },
    /// Worth more than may be taken off.
    #[error("{points} points are worth ¥{worth}, at most ¥{most} can be taken off: redeem fewer")]
    TooMuch {
        /// The points wanted.
        points: i64,
        /// What they are worth.
        worth: Fen,
        /// What may be taken off.
        most: Fen,
    },
}

impl Coded for NotRedeemed {
    fn code(&self) -> &'static str {
        match self {
            NotRedeemed::Closed(_) => "redemption_closed",
            NotRedeemed::NoCash => "redemption_no_cash",
            NotRedeemed::NotInSteps { .. } => "redemption_not_in_steps",
            NotRedeemed::TooMuch { .. } => "redemption_exceeds_goods",
        }
    }
}

/// Nothing costs more points.
const POINTS_MAX: i64 = 1_000_000_000;

fn all() -> Ratio {
    Ratio::ONE
}

impl Redemption {
    /// Whether points can be redeemed on a day.
    ///
    /// # Errors
    /// [`NotRedeemed::Closed`].
    pub fn is_open(&self, date: BusinessDate) -> Result<(), NotRedeemed> {
        let is_open = self.open.is_empty() || self.open.iter().any(|when| when.fits_date(date));
        if is_open { Ok(()) } else { Err(NotRedeemed::Closed(date)) }
    }

    /// What points take off of so much that is to be paid.
    ///
    /// # Errors
    /// Why they do not.
    pub fn off(&self, points: i64, to_pay: Fen, date: BusinessDate) -> Result<Fen, NotRedeemed> {
        if points == 0 {
            return Ok(Fen(0));
        }
        self.is_open(date)?;
        let cash = self.cash.as_ref().ok_or(NotRedeemed::NoCash)?;
        if points < 0 || points % cash.step != 0 {
            return Err(NotRedeemed::NotInSteps { points, step: cash.step });
        }
        let worth = Fen((points / cash.step).saturating_mul(cash.off.0));
        let most = cash.at_most.of(to_pay, Rounding::Down);
        if worth > most {
            return Err(NotRedeemed::TooMuch { points, worth, most });
        }
        Ok(worth)
    }

    /// What is wrong with it.
    pub(crate) fn faults(&self) -> Vec<String> {
        let mut faults: Vec<String> = self.open.iter().flat_map(When::date_faults).collect();
        if let Some(cash) = &self.cash {
            if !(1..=POINTS_MAX).contains(&cash.step) || !(1..=AMOUNT_FEN_MAX).contains(&cash.off.0) {
                faults.push(format!(
                    "`step` and `off` are above zero, at most {POINTS_MAX} and ¥{}",
                    Fen(AMOUNT_FEN_MAX)
                ));
            }
            if cash.at_most > Ratio::ONE {
                faults.push("`at_most` is a share, at most 1".to_owned());
            }
        }
        faults
    }
}

impl Reward {
    /// How many of it somebody with so many points can have.
    pub fn pieces(&self, points: i64) -> i64 {
        points.max(0) / self.points
    }

    pub(crate) fn faults(&self, coupons: &[&RuleId], tiers: &[RuleId]) -> Vec<String> {
        let is_odd =
            !(1..=POINTS_MAX).contains(&self.points) || !(0..=AMOUNT_FEN_MAX).contains(&self.worth.0);
        let mut faults: Vec<String> = is_odd
            .then(|| format!("`points` is from 1 to {POINTS_MAX}, `worth` not below zero"))
            .into_iter()
            .collect();
        match &self.gives {
            RewardGives::Coupon { coupon } if !coupons.contains(&coupon) => {
                faults.push(format!("there is no coupon `{coupon}`"));
            }
            RewardGives::Tier { tier } if !tiers.contains(tier) => {
                faults.push(format!("there is no tier `{tier}`"));
            }
            _ => {}
        }
        faults
    }
}
