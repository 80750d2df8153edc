use purser_types::Fen;
use rust_decimal::Decimal;
use serde::Deserialize;

use crate::{
    basket::Occasion,
    goods::{Catalogue, Goods},
    label::RuleId,
    ratio::{Ratio, Rounding},
    when::When,
};

/// What a sale earns.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Earning {
    /// Of what amount.
    #[serde(default)]
    pub of: Amount,
    /// Which goods earn.
    #[serde(default)]
    pub goods: Goods,
    /// Points are for each full so much; the remainder is cut.
    pub per: Fen,
    /// How many points, by bands.
    pub bands: Vec<Band>,
    /// What the bands go by.
    #[serde(default)]
    pub by: BandsBy,
    /// Tenders of which nothing is earned.
    #[serde(default)]
    pub not_paid_by: Vec<Tender>,
}

/// The amount that earns.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Amount {
    /// What is paid in the end.
    #[default]
    Net,
    /// What the goods cost before any discount.
    Gross,
}

/// What pays for a part of a basket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tender {
    /// Cash, bank, telephone: whatever is money at the till.
    Money,
    /// Stored value that was paid in.
    Principal,
    /// Stored value that was given as a bonus.
    Bonus,
    /// Vouchers of others, which the till takes like money.
    Voucher,
    /// Points.
    Points,
}

/// From some figure on, so many points.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Band {
    /// From this on: an amount in yuan, or points held.
    #[serde(default)]
    pub from: i64,
    /// Points for each full `per`.
    #[serde(default)]
    pub points: Option<Ratio>,
    /// So many points for the whole sale instead.
    #[serde(default)]
    pub fixed: Option<i64>,
}

/// What the bands of an earning rule go by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BandsBy {
    /// The amount: its band goes for all of it.
    #[default]
    Amount,
    /// The amount: each band goes for the part of it that lies in the band.
    PartOfAmount,
    /// The points held: each earned point counts at once, so that a sale may go through several bands.
    PointsHeld,
}

/// More points on some occasions.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Multiplier {
    /// What it is called.
    pub id: RuleId,
    /// How many times as many. Several multiply.
    pub times: Ratio,
    /// When.
    #[serde(default)]
    pub when: When,
}

const FEN_PER_YUAN: i64 = 100;
/// No band begins beyond this, in yuan or points.
const BAND_FROM_MAX: i64 = 1_000_000_000;
/// A band cannot give more for each step than this, nor a fixed one more in all.
const POINTS_MAX: i64 = 1_000_000;

impl Earning {
    /// Points for so much, for somebody who holds so many.
    pub(crate) fn points(&self, amount: Fen, held: i64, times: Ratio) -> i64 {
        let steps = amount.0.max(0) / self.per.0;
        let points = match self.by {
            BandsBy::Amount => {
                let band =
                    self.bands.iter().rev().find(|band| band.from.saturating_mul(FEN_PER_YUAN) <= amount.0);
                band.map_or(Decimal::ZERO, |band| band.points_of(steps, times))
            }
            BandsBy::PartOfAmount => self.by_parts(steps, times),
            BandsBy::PointsHeld => self.growing(steps, held, times),
        };
        Rounding::Down.whole(points)
    }

    /// Full steps in each band, each at its band's rate.
    fn by_parts(&self, steps: i64, times: Ratio) -> Decimal {
        let step_of = |band: &Band| band.from.saturating_mul(FEN_PER_YUAN) / self.per.0;
        let ends = self.bands.iter().skip(1).map(step_of).chain([i64::MAX]);
        let parts = self.bands.iter().zip(ends).map(|(band, end)| {
            let within = steps.min(end).saturating_sub(step_of(band)).max(0);
            band.points_of(within, times)
        });
        parts.fold(Decimal::ZERO, Decimal::saturating_add)
    }

    /// Steps one band after the other: as many at each rate as it takes to hold the next band's points.
    fn growing(&self, steps: i64, held: i64, times: Ratio) -> Decimal {
        let (mut left, mut earned) = (Decimal::from(steps), Decimal::ZERO);
        let ends = self.bands.iter().skip(1).map(|band| Some(band.from)).chain([None]);
        for (band, end) in self.bands.iter().zip(ends) {
            let rate = band.rate(times);
            if left.is_zero() {
                break;
            }
            let holds = Decimal::from(held).saturating_add(earned);
            let room = end.map(|end| Decimal::from(end).saturating_sub(holds));
            if room.is_some_and(|room| room <= Decimal::ZERO) {
                continue;
            }
            // The step that reaches the next band still counts at this one's rate.
            // Where a step earns nothing, none ever reaches it.
            let fits = room.and_then(|room| room.checked_div(rate)).map(|steps| steps.ceil());
            let taken = fits.map_or(left, |fits| fits.min(left));
            earned = earned.saturating_add(taken.saturating_mul(rate));
            left = left.saturating_sub(taken);
        }
        earned
    }

    /// What is wrong with it.
    pub(crate) fn faults(&self, catalogue: &Catalogue) -> Vec<String> {
        let mut faults = self.goods.faults(catalogue);
        if !(1..=1_000_000).contains(&self.per.0) {
            faults.push("`per` is from 0.01 to 10000.00".to_owned());
        }
        if self.bands.first().is_none_or(|band| band.from != 0) {
            faults.push("the first band begins at 0".to_owned());
        }
        if self.bands.iter().any(|band| !(0..=BAND_FROM_MAX).contains(&band.from)) {
            faults.push(format!("a band begins at 0 to {BAND_FROM_MAX}"));
        }
        for pair in self.bands.windows(2) {
            if pair[0].from >= pair[1].from {
                faults.push(format!("the bands from {} and from {} overlap", pair[0].from, pair[1].from));
            }
        }
        if self.by == BandsBy::Amount && self.bands.windows(2).any(|pair| pair[1].gives_less(&pair[0])) {
            faults.push("who pays more earns less: the bands fall, or mix `points` and `fixed`".to_owned());
        }
        for band in &self.bands {
            let fixed = band.fixed.map_or(0..=0, |fixed| fixed..=fixed);
            let is_one = band.points.is_some() != band.fixed.is_some();
            if !is_one || *fixed.start() < 0 || *fixed.end() > POINTS_MAX {
                faults.push(format!("the band from {}: either `points` or `fixed`, not below 0", band.from));
            }
            if band.fixed.is_some() && self.by != BandsBy::Amount {
                faults.push(format!("the band from {}: `fixed` goes with bands by amount", band.from));
            }
        }
        faults
    }
}

impl Band {
    fn rate(&self, times: Ratio) -> Decimal {
        self.points.map_or(Decimal::ZERO, |points| points.and(times).decimal())
    }

    fn gives_less(&self, than: &Band) -> bool {
        match (self.points, than.points, self.fixed, than.fixed) {
            (Some(here), Some(before), None, None) => here < before,
            (None, None, Some(here), Some(before)) => here < before,
            _ => true,
        }
    }

    fn points_of(&self, steps: i64, times: Ratio) -> Decimal {
        match self.fixed {
            Some(fixed) => Decimal::from(fixed).saturating_mul(times.decimal()),
            None => Decimal::from(steps).saturating_mul(self.rate(times)),
        }
    }
}

impl Multiplier {
    /// What is wrong with it.
    pub(crate) fn faults(&self, tiers: &[RuleId]) -> Vec<String> {
        let mut faults = self.when.faults(tiers);
        if self.times.of_points(1_000_000) == 0 || self.times.of_points(1) > TIMES_MAX {
            faults.push(format!("`times` is above 0 and at most {TIMES_MAX}"));
        }
        faults
    }
}

/// An occasion brings at most so many times as many points.
const TIMES_MAX: i64 = 100;

/// How many times as many points an occasion brings.
pub(crate) fn times(multipliers: &[Multiplier], occasion: &Occasion) -> Ratio {
    let fitting = multipliers.iter().filter(|multiplier| multiplier.when.fits(occasion).is_ok());
    fitting.fold(Ratio::ONE, |times, multiplier| times.and(multiplier.times))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn earning(text: &str) -> Earning {
        toml::from_str(&format!("per = \"1\"\n{text}")).unwrap()
    }

    fn points(text: &str, yuan: i64, held: i64) -> i64 {
        earning(text).points(Fen(yuan * 100), held, Ratio::ONE)
    }

    #[test]
    fn bands_go_for_all_of_it_or_for_their_part() {
        let bands = "bands = [{ points = \"1\" }, { from = 100, points = \"2\" }]";
        assert_eq!([99, 100, 150].map(|yuan| points(bands, yuan, 0)), [99, 200, 300]);
        let parts = format!("by = \"part_of_amount\"\n{bands}");
        assert_eq!([99, 100, 150].map(|yuan| points(&parts, yuan, 0)), [99, 100, 200]);
        let fixed = "bands = [{ fixed = 5 }, { from = 100, fixed = 20 }]";
        assert_eq!([1, 100, 999].map(|yuan| points(fixed, yuan, 0)), [5, 20, 20]);
    }

    #[test]
    fn who_holds_too_few_for_a_band_that_earns_stays_below_it() {
        let bands = "by = \"points_held\"\nbands = [{ points = \"0\" }, { from = 1000, points = \"1\" }]";
        assert_eq!([points(bands, 100, 0), points(bands, 100, 1_000)], [0, 100]);
    }
}
