use purser_types::{BusinessDate, Fen};
use serde::Deserialize;

use crate::{
    basket::AMOUNT_FEN_MAX,
    discount::{Discount, Gives},
    goods::{Catalogue, Goods},
    label::{Label, RuleId},
    tier::Way,
    when::When,
};

/// A kind of coupons. One takes something off a basket once, after all discounts.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Coupon {
    /// What it is called in rules and entries.
    pub id: RuleId,
    /// What members call it.
    pub name: Label,
    /// When it can be used.
    #[serde(default)]
    pub when: When,
    /// For which goods.
    #[serde(default)]
    pub goods: Goods,
    /// What it gives.
    pub gives: Gives,
    /// Its goods have to come to so much before it takes anything off.
    pub full: Option<Fen>,
    /// It takes no more than this off.
    pub at_most: Option<Fen>,
    /// How long it is good.
    pub valid: Lasting,
}

/// How long a coupon or a pass is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case", deny_unknown_fields)]
pub enum Lasting {
    /// So many days, that on which it was issued included.
    Days {
        /// How many.
        days: u32,
    },
    /// Until the day before the same day so many months later.
    Months {
        /// How many.
        months: u32,
    },
    /// Until a day.
    Until {
        /// The last day.
        until: BusinessDate,
    },
}

/// A coupon for members who have come some way; once for each time that the way allows: a calendar year for
/// what counts within one, else once.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Award {
    /// Which coupon.
    pub coupon: RuleId,
    /// For what.
    pub way: Way,
}

/// A pass: a service so many times.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pass {
    /// What it is called in rules and entries.
    pub id: RuleId,
    /// What members call it.
    pub name: Label,
    /// How many uses it has.
    pub uses: u32,
    /// What it costs.
    pub price: Fen,
    /// What one use pays for: one piece of these.
    pub goods: Goods,
    /// How long it is good.
    pub valid: Lasting,
    /// Whether it can be given to somebody of the family.
    #[serde(default)]
    pub transfers: bool,
    /// Whether uses that are left are not taken back for money.
    #[serde(default)]
    pub no_cash_out: bool,
}

impl Lasting {
    /// The last day of what is issued on `date`.
    pub fn last_day(self, date: BusinessDate) -> BusinessDate {
        match self {
            Lasting::Days { days } => {
                date.plus_days(i32::try_from(days).unwrap_or(i32::MAX).saturating_sub(1))
            }
            Lasting::Months { months } => date.plus_months(months).plus_days(-1),
            Lasting::Until { until } => until,
        }
    }

    fn fault(self) -> Option<String> {
        let is_odd = match self {
            Lasting::Days { days } => !(1..=36_600).contains(&days),
            Lasting::Months { months } => !(1..=1_200).contains(&months),
            Lasting::Until { .. } => false,
        };
        is_odd.then(|| "`valid` is from a day to a hundred years".to_owned())
    }
}

impl Coupon {
    /// The discount that it is where it is used.
    pub(crate) fn discount(&self) -> Discount {
        let Self { id, name, when, goods, gives, full, at_most, .. } = self.clone();
        Discount { id, name, when, goods, gives, group: None, at_most, full }
    }

    pub(crate) fn faults(&self, catalogue: &Catalogue, tiers: &[RuleId]) -> Vec<String> {
        let mut faults = self.discount().faults(catalogue, tiers);
        faults.extend(self.valid.fault());
        faults
    }
}

impl Award {
    pub(crate) fn faults(&self, coupons: &[&RuleId]) -> Vec<String> {
        let is_known = coupons.contains(&&self.coupon);
        let mut faults: Vec<String> =
            (!is_known).then(|| format!("there is no coupon `{}`", self.coupon)).into_iter().collect();
        faults.extend(self.way.fault().map(str::to_owned));
        if matches!(self.way, Way::Task {} | Way::Invitation {}) {
            faults.push("a task or an invitation brings no coupon: grant it".to_owned());
        }
        faults
    }
}

impl Pass {
    /// One use of it: a piece that costs nothing.
    pub(crate) fn discount(&self) -> Discount {
        let Self { id, name, goods, .. } = self.clone();
        let gives = Gives::Free { pieces: 1 };
        Discount { id, name, when: When::default(), goods, gives, group: None, at_most: None, full: None }
    }

    pub(crate) fn faults(&self, catalogue: &Catalogue) -> Vec<String> {
        let mut faults = self.goods.faults(catalogue);
        faults.extend(self.valid.fault());
        if !(1..=10_000).contains(&self.uses) || !(0..=AMOUNT_FEN_MAX).contains(&self.price.0) {
            faults.push("`uses` is from 1 to 10000, `price` not below zero".to_owned());
        }
        if self.goods == Goods::default() {
            faults.push("`goods` says what it pays for: articles, categories or flags".to_owned());
        }
        faults
    }
}
