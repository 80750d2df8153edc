use purser_types::{BusinessDate, CityZone, Fen, ParseError};
use serde::Deserialize;

use crate::{
    activity::{Activity, Claim, Referral},
    commission::Commission,
    discount::Discount,
    earning::{Earning, Multiplier},
    expiry::Expiry,
    faults::Faults,
    goods::Catalogue,
    label::{Label, RuleId},
    ratio::{Ratio, Rounding},
    reader::{At, Reader},
    redemption::{Redemption, Reward},
    standing::{History, Standing, standing},
    stored_value::StoredValue,
    tier::{self, Tier},
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
    /// What brings points without a purchase.
    pub activities: Vec<Activity>,
    /// What bringing a new member brings, if anything.
    pub referral: Option<Referral>,
    /// How long points can be claimed with the receipt, if at all.
    pub claim: Option<Claim>,
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

/// The document's values at the top.
struct Head {
    name: Option<At<Label>>,
    version: Option<At<u32>>,
    in_force_from: Option<At<BusinessDate>>,
    zone: Option<At<CityZone>>,
}

impl Default for RoundingRule {
    fn default() -> Self {
        Self { line: Rounding::default(), total: Fen(1) }
    }
}

impl Programme {
    /// Reads a programme from its document (TOML; docs/programme.md has the language).
    ///
    /// # Errors
    /// Every mistake in it, each with its line.
    pub fn read(text: &str) -> Result<Self, Faults> {
        let mut reader = Reader::new(text)?;
        let head = Head::read(&mut reader);
        let goods = reader.section("goods");
        let rounding: Option<At<RoundingRule>> = reader.section("rounding");
        let stacking: Option<At<Stacking>> = reader.section("stacking");
        let tiers: Vec<At<Tier>> = reader.rules("tier");
        let discounts: Vec<At<Discount>> = reader.rules("discount");
        let earning: Option<At<Earning>> = reader.section("earning");
        let multipliers: Vec<At<Multiplier>> = reader.rules("multiplier");
        let expiry: Option<At<Expiry>> = reader.section("expiry");
        let redemption: Option<At<Redemption>> = reader.section("redemption");
        let rewards: Vec<At<Reward>> = reader.rules("reward");
        let stored_value: Option<At<StoredValue>> = reader.section("stored_value");
        let activities: Vec<At<Activity>> = reader.rules("activity");
        let referral: Option<At<Referral>> = reader.section("referral");
        let claim: Option<At<Claim>> = reader.section("claim");
        let commission: Option<At<Commission>> = reader.section("commission");

        let catalogue: Catalogue = goods.map(|at: At<Catalogue>| at.rule).unwrap_or_default();
        let ids: Vec<RuleId> = tiers.iter().map(|at| at.rule.id.clone()).collect();
        let mut check = Check { reader: &mut reader };
        check.all(&rounding, |rule| rule.faults());
        check.all(&stacking, Stacking::faults);
        check.tiers(&tiers);
        check.all(&discounts, |rule| rule.faults(&catalogue, &ids));
        check.all(&earning, |rule| rule.faults(&catalogue));
        check.all(&multipliers, |rule| rule.when.faults(&ids));
        check.all(&expiry, |rule| rule.fault().into_iter().collect());
        check.all(&redemption, Redemption::faults);
        check.all(&rewards, Reward::faults);
        check.all(&stored_value, StoredValue::faults);
        check.all(&activities, Activity::faults);
        check.all(&referral, Referral::faults);
        check.all(&claim, |rule| rule.faults());
        check.all(&commission, Commission::faults);
        check.ids("discount", discounts.iter().map(|at| (at.line, &at.rule.id)));
        check.ids("multiplier", multipliers.iter().map(|at| (at.line, &at.rule.id)));
        check.ids("activity", activities.iter().map(|at| (at.line, &at.rule.id)));
        check.ids("reward", rewards.iter().map(|at| (at.line, &at.rule.id)));
        reader.end()?;

        let Head { name: Some(name), version: Some(version), in_force_from: Some(from), zone: Some(zone) } =
            head
        else {
            unreachable!("what is missing is a fault, and there was none");
        };

        Ok(Self {
            name: name.rule,
            version: version.rule,
            in_force_from: from.rule,
            zone: zone.rule,
            goods: catalogue,
            rounding: rounding.map(|at| at.rule).unwrap_or_default(),
            stacking: stacking.map(|at| at.rule).unwrap_or_default(),
            tiers: tiers.into_iter().map(|at| at.rule).collect(),
            discounts: discounts.into_iter().map(|at| at.rule).collect(),
            earning: earning.map(|at| at.rule),
            multipliers: multipliers.into_iter().map(|at| at.rule).collect(),
            expiry: expiry.map_or(Expiry::Never, |at| at.rule),
            redemption: redemption.map(|at| at.rule).unwrap_or_default(),
            rewards: rewards.into_iter().map(|at| at.rule).collect(),
            stored_value: stored_value.map(|at| at.rule),
            activities: activities.into_iter().map(|at| at.rule).collect(),
            referral: referral.map(|at| at.rule),
            claim: claim.map(|at| at.rule),
            commission: commission.map(|at| at.rule).unwrap_or_default(),
        })
    }

    /// How a member with this history stands on a day, after what the history has of that day.
    pub fn standing(&self, history: &History, date: BusinessDate) -> Standing {
        standing(&self.tiers, history, date)
    }
}

impl Head {
    fn read(reader: &mut Reader<'_>) -> Self {
        let zone: Option<At<Parsed<CityZone>>> = reader.value("time_zone");
        let from: Option<At<Parsed<BusinessDate>>> = reader.value("in_force_from");
        let version: Option<At<u32>> = reader.value("version");
        if let Some(At { line, rule: 0, .. }) = version {
            reader.fault(line, "version".to_owned(), "versions begin at 1".to_owned());
        }
        let (zone, in_force_from) = (zone.map(At::parsed), from.map(At::parsed));
        Self { name: reader.value("name"), version, in_force_from, zone }
    }
}

/// A value that is written as text.
#[derive(Deserialize)]
#[serde(try_from = "String", bound = "T: std::str::FromStr<Err = ParseError>")]
struct Parsed<T>(T);

impl<T: std::str::FromStr<Err = ParseError>> TryFrom<String> for Parsed<T> {
    type Error = ParseError;

    fn try_from(text: String) -> Result<Self, ParseError> {
        text.parse().map(Self)
    }
}

impl<T> At<Parsed<T>> {
    fn parsed(self) -> At<T> {
        At { line: self.line, section: self.section, rule: self.rule.0 }
    }
}

impl RoundingRule {
    fn faults(self) -> Vec<String> {
        let is_coin = [1, 10, 50, 100, 1_000].contains(&self.total.0);
        (!is_coin).then(|| "`total` is 0.01, 0.10, 0.50, 1.00 or 10.00".to_owned()).into_iter().collect()
    }
}

impl Stacking {
    fn faults(&self) -> Vec<String> {
        let is_odd = self.floor.is_some_and(|floor| floor > Ratio::ONE);
        is_odd.then(|| "`floor` is a share of the price, at most 1".to_owned()).into_iter().collect()
    }
}

/// Notes what the rules find wrong with themselves.
struct Check<'r, 't> {
    reader: &'r mut Reader<'t>,
}

impl Check<'_, '_> {
    fn all<'a, T: 'a>(
        &mut self,
        rules: impl IntoIterator<Item = &'a At<T>>,
        faults: impl Fn(&T) -> Vec<String>,
    ) {
        for At { line, section, rule } in rules {
            for what in faults(rule) {
                self.reader.fault(*line, section.clone(), what);
            }
        }
    }

    fn tiers(&mut self, tiers: &[At<Tier>]) {
        if tiers.is_empty() {
            self.reader.fault(1, "[[tier]]".to_owned(), "a programme has at least one tier".to_owned());
        }
        let rules: Vec<&Tier> = tiers.iter().map(|at| &at.rule).collect();
        for (place, at) in tiers.iter().enumerate() {
            for what in tier::faults(&at.rule, &rules[..place], &rules[place + 1..]) {
                self.reader.fault(at.line, format!("[[tier]] {}", at.rule.id), what);
            }
        }
    }

    /// No two rules of a kind have one id.
    fn ids<'a>(&mut self, kind: &str, ids: impl Iterator<Item = (usize, &'a RuleId)>) {
        let mut seen = Vec::new();
        for (line, id) in ids {
            if seen.contains(&id) {
                self.reader.fault(line, format!("[[{kind}]] {id}"), "another one has this id".to_owned());
            }
            seen.push(id);
        }
    }
}
