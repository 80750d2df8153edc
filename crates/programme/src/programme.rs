use purser_types::{BusinessDate, CityZone, Fen};
use serde::Deserialize;

use crate::{
    activity::{Activity, Claim, Referral},
    card_issue::CardIssue,
    commission::Commission,
    coupon::{Award, Coupon, Pass},
    discount::Discount,
    document::Document,
    earning::{Earning, Multiplier},
    expiry::Expiry,
    faults::{Fault, FaultKind, Faults},
    goods::Catalogue,
    label::{Label, RuleId},
    offline::Offline,
    ratio::{Ratio, Rounding},
    reader::{Reader, TEXT_BYTES_MAX},
    redemption::{Redemption, Reward},
    standing::{History, Standing, days_of, standing},
    stored_value::StoredValue,
    tier::{Tier, Way},
    when::When,
};

/// The rules of a city's scheme, in one version: read from its document and found sound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Programme {
    /// What it is called.
    pub name: Label,
    /// Which version, from 1.
    pub version: u32,
    /// The first day on which it is in force.
    pub in_force_from: BusinessDate,
    /// The time zone in which days begin.
    pub zone: CityZone,
    /// What goods can be told apart by.
    pub goods: Catalogue,
    /// How amounts are cut.
    pub rounding: RoundingRule,
    /// How discounts go together.
    pub stacking: Stacking,
    /// The tiers, the lowest first; at least one.
    pub tiers: Vec<Tier>,
    /// The discounts in the order in which they are applied.
    pub discounts: Vec<Discount>,
    /// What a sale earns, if anything.
    pub earning: Option<Earning>,
    /// Occasions that bring more.
    pub multipliers: Vec<Multiplier>,
    /// How long points live.
    pub expiry: Expiry,
    /// What points are good for.
    pub redemption: Redemption,
    /// What they are redeemed for.
    pub rewards: Vec<Reward>,
    /// Stored value, if the scheme has it.
    pub stored_value: Option<StoredValue>,
    /// Limited issues of cards with stored value.
    pub card_issues: Vec<CardIssue>,
    /// Kinds of coupons.
    pub coupons: Vec<Coupon>,
    /// What brings them.
    pub awards: Vec<Award>,
    /// Kinds of passes.
    pub passes: Vec<Pass>,
    /// What brings points without a purchase.
    pub activities: Vec<Activity>,
    /// What bringing a new member brings, if anything.
    pub referral: Option<Referral>,
    /// How long points can be claimed with the receipt, if at all.
    pub claim: Option<Claim>,
    /// How far a store may go that is cut off.
    pub offline: Offline,
    /// What staff get for selling stored value.
    pub commission: Commission,
}

/// How amounts are cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RoundingRule {
    /// What a ratio leaves of a line's price, to the fen.
    pub line: Rounding,
    /// What is to be paid is cut to whole multiples of this.
    pub total: Fen,
}

/// How discounts go together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Stacking {
    /// Goods that are below this share of their price already get nothing more.
    pub floor: Option<Ratio>,
}

impl Default for RoundingRule {
    fn default() -> Self {
        Self { line: Rounding::default(), total: Fen(1) }
    }
}

impl Programme {
    /// Reads a programme from the bytes of its document, which are text unless something went wrong.
    ///
    /// # Errors
    /// Every mistake in it, each with its line; of what is no text the first.
    pub fn read_bytes(bytes: &[u8]) -> Result<Self, Faults> {
        if let Err(error) = std::str::from_utf8(bytes)
            && bytes.len() <= TEXT_BYTES_MAX
        {
            let before = &bytes[..error.valid_up_to()];
            let line = before.split(|byte| *byte == b'\n').count();
            let what = "is no text in UTF-8: save it as such".to_owned();
            return Err(Faults(vec![Fault { kind: FaultKind::NotToml, line, rule: String::new(), what }]));
        }
        Self::read(&String::from_utf8_lossy(bytes))
    }

    /// Reads a programme from its document (TOML; docs/programme.md has the language).
    ///
    /// # Errors
    /// Every mistake in it, each with its line.
    pub fn read(text: &str) -> Result<Self, Faults> {
        let mut reader = Reader::new(text)?;
        let document = Document::read(&mut reader);
        document.check(&mut reader);
        reader.end()?;
        match document.programme() {
            Some(programme) => Ok(programme),
            None => unreachable!("what is missing is a fault, and there was none"),
        }
    }

    /// What a city sells by until it publishes a programme, as version 0: a point for each full ¥1 of the
    /// goods, whatever pays for them; 100 points are ¥1 off; points live to the end of the next year.
    pub fn basic() -> Self {
        match Self::read(include_str!("basic.toml")) {
            Ok(basic) => Self { version: 0, ..basic },
            Err(faults) => unreachable!("the basic programme is sound: {faults}"),
        }
    }

    /// The same with so many points for each full ¥1.
    pub fn basic_with(points_per_yuan: u32) -> Self {
        let mut basic = Self::basic();
        let bands = basic.earning.iter_mut().flat_map(|earning| &mut earning.bands);
        bands.for_each(|band| band.points = Some(Ratio::from(points_per_yuan)));
        basic
    }

    /// The fewest points that are good for anything; 1 if they are for nothing.
    pub fn smallest_reward(&self) -> i64 {
        let rewards = self.rewards.iter().map(|reward| reward.points);
        rewards.chain(self.redemption.cash.as_ref().map(|cash| cash.step)).min().unwrap_or(1)
    }

    /// Whether rights to sell cards are counted under this kind.
    pub fn issues_cards(&self, kind: u32) -> bool {
        self.card_issues.iter().any(|issue| issue.kind() == kind)
    }

    /// Whether any rule asks what a member has done before.
    pub fn asks_past(&self) -> bool {
        self.tiers.len() > 1
            || !self.awards.is_empty()
            || self.referral.is_some()
            || self.stored_value.as_ref().is_some_and(|it| it.same_day_below.is_some())
            || self.whens().any(|when| when.first_order)
    }

    /// Whether any rule asks for the buyer's birthday.
    pub fn asks_birthday(&self) -> bool {
        self.whens().any(|when| when.birthday.is_some())
    }

    /// The occasions of all rules that look at who it is for.
    fn whens(&self) -> impl Iterator<Item = &When> {
        let discounts = self.discounts.iter().map(|rule| &rule.when);
        let coupons = self.coupons.iter().map(|rule| &rule.when);
        let activities = self.activities.iter().map(|rule| &rule.when);
        discounts.chain(coupons).chain(activities).chain(self.multipliers.iter().map(|rule| &rule.when))
    }

    /// The coupons that a history brings, each with the day of the purchase that brought it.
    pub fn awarded(&self, history: &History) -> Vec<(RuleId, BusinessDate)> {
        let of = |award: &Award| {
            let coupon = award.coupon.clone();
            days_of(&award.way, history).into_iter().map(move |day| (coupon.clone(), day))
        };
        self.awards.iter().flat_map(of).collect()
    }

    /// Within what a coupon comes but once for a way: the year of the day for what counts within one, else ever.
    /// `None` if no way brings it.
    pub fn award_period(&self, coupon: &str, day: BusinessDate) -> Option<i32> {
        let award = self.awards.iter().find(|award| award.coupon.as_str() == coupon)?;
        Some(if matches!(award.way, Way::SpendInYear { .. }) { day.year() } else { 0 })
    }

    /// How a member with this history stands on a day, after what the history has of that day.
    pub fn standing(&self, history: &History, date: BusinessDate) -> Standing {
        standing(&self.tiers, history, date)
    }
}

impl RoundingRule {
    pub(crate) fn faults(self) -> Vec<String> {
        let is_coin = [1, 10, 50, 100, 1_000].contains(&self.total.0);
        (!is_coin).then(|| "`total` is 0.01, 0.10, 0.50, 1.00 or 10.00".to_owned()).into_iter().collect()
    }
}

impl Stacking {
    pub(crate) fn faults(&self) -> Vec<String> {
        let is_odd = self.floor.is_some_and(|floor| floor > Ratio::ONE);
        is_odd.then(|| "`floor` is a share of the price, at most 1".to_owned()).into_iter().collect()
    }
}
