//! The sections of a programme's document, each rule with its line, until all are found sound.

use purser_types::{BusinessDate, CityZone};

use crate::{
    activity::{Activity, Claim, Referral},
    card_issue::CardIssue,
    commission::Commission,
    coupon::{Award, Coupon, Pass},
    discount::Discount,
    earning::{Earning, Multiplier},
    expiry::Expiry,
    faults::FaultKind,
    goods::Catalogue,
    label::{Label, RuleId},
    offline::Offline,
    programme::{Programme, RoundingRule, Stacking},
    reader::{At, Reader},
    redemption::{Redemption, Reward},
    stored_value::StoredValue,
    tier::{self, Tier, Way},
};

/// What a document says.
pub(crate) struct Document {
    name: Option<At<Label>>,
    version: Option<At<u32>>,
    in_force_from: Option<At<BusinessDate>>,
    zone: Option<At<CityZone>>,
    goods: Option<At<Catalogue>>,
    rounding: Option<At<RoundingRule>>,
    stacking: Option<At<Stacking>>,
    tiers: Vec<At<Tier>>,
    discounts: Vec<At<Discount>>,
    earning: Option<At<Earning>>,
    multipliers: Vec<At<Multiplier>>,
    expiry: Option<At<Expiry>>,
    redemption: Option<At<Redemption>>,
    rewards: Vec<At<Reward>>,
    stored_value: Option<At<StoredValue>>,
    card_issues: Vec<At<CardIssue>>,
    coupons: Vec<At<Coupon>>,
    awards: Vec<At<Award>>,
    passes: Vec<At<Pass>>,
    activities: Vec<At<Activity>>,
    referral: Option<At<Referral>>,
    claim: Option<At<Claim>>,
    offline: Option<At<Offline>>,
    commission: Option<At<Commission>>,
}

impl Document {
    pub(crate) fn read(reader: &mut Reader<'_>) -> Self {
        Self {
            name: reader.value("name"),
            version: reader.value("version"),
            in_force_from: reader.value("in_force_from"),
            zone: reader.value("time_zone"),
            goods: reader.section("goods"),
            rounding: reader.section("rounding"),
            stacking: reader.section("stacking"),
            tiers: reader.rules("tier"),
            discounts: reader.rules("discount"),
            earning: reader.section("earning"),
            multipliers: reader.rules("multiplier"),
            expiry: reader.section("expiry"),
            redemption: reader.section("redemption"),
            rewards: reader.rules("reward"),
            stored_value: reader.section("stored_value"),
            card_issues: reader.rules("card_issue"),
            coupons: reader.rules("coupon"),
            awards: reader.rules("award"),
            passes: reader.rules("pass"),
            activities: reader.rules("activity"),
            referral: reader.section("referral"),
            claim: reader.section("claim"),
            offline: reader.section("offline"),
            commission: reader.section("commission"),
        }
    }

    /// Notes every mistake in what could be read.
    pub(crate) fn check(&self, reader: &mut Reader<'_>) {
        let none = Catalogue::default();
        let catalogue = self.goods.as_ref().map_or(&none, |at| &at.rule);
        let tiers = self.tiers.iter().map(|at| &at.rule.id).chain(reader.unread_ids("tier"));
        let tiers: Vec<RuleId> = tiers.cloned().collect();
        let coupons = self.coupons.iter().map(|at| &at.rule.id).chain(reader.unread_ids("coupon"));
        let coupons: Vec<RuleId> = coupons.cloned().collect();
        let coupons: Vec<&RuleId> = coupons.iter().collect();
        let mut check = Check { reader };
        check.version(self.version.as_ref());
        check.all(&self.rounding, |rule| rule.faults());
        check.all(&self.stacking, Stacking::faults);
        check.tiers(&self.tiers);
        check.points(self);
        check.days(self);
        check.all(&self.discounts, |rule| rule.faults(catalogue, &tiers));
        check.all(&self.earning, |rule| rule.faults(catalogue));
        check.all(&self.multipliers, |rule| rule.faults(&tiers));
        check.all(&self.expiry, |rule| rule.fault().into_iter().collect());
        check.all(&self.redemption, Redemption::faults);
        check.all(&self.rewards, |rule| rule.faults(&coupons, &tiers));
        check.all(&self.stored_value, StoredValue::faults);
        let scheme = self.stored_value.as_ref().map(|at| &at.rule);
        check.all(&self.card_issues, |rule| rule.faults(scheme));
        check.all(&self.coupons, |rule| rule.faults(catalogue, &tiers));
        check.all(&self.awards, |rule| rule.faults(&coupons));
        check.all(&self.passes, |rule| rule.faults(catalogue));
        check.all(&self.activities, |rule| rule.faults(&tiers));
        check.all(&self.referral, Referral::faults);
        check.all(&self.claim, |rule| rule.faults());
        check.all(&self.offline, |rule| rule.faults());
        check.all(&self.commission, Commission::faults);
        // Steps of a quote name what took something off by its id alone.
        let takes_off = self.discounts.iter().map(|at| (at.line, &at.rule.id));
        let takes_off = takes_off.chain(self.coupons.iter().map(|at| (at.line, &at.rule.id)));
        check.ids("discount", takes_off.chain(self.passes.iter().map(|at| (at.line, &at.rule.id))));
        check.ids("multiplier", self.multipliers.iter().map(|at| (at.line, &at.rule.id)));
        check.ids("activity", self.activities.iter().map(|at| (at.line, &at.rule.id)));
        // Which of two had brought it, nobody could say.
        check.ids("award", self.awards.iter().map(|at| (at.line, &at.rule.coupon)));
        // Both are counted in pieces, by their ids alone.
        let pieces = self.rewards.iter().map(|at| (at.line, &at.rule.id));
        check.ids("reward", pieces.chain(self.card_issues.iter().map(|at| (at.line, &at.rule.id))));
    }

    /// The programme, if nothing is missing.
    pub(crate) fn programme(self) -> Option<Programme> {
        Some(Programme {
            name: self.name?.rule,
            version: self.version?.rule,
            in_force_from: self.in_force_from?.rule,
            zone: self.zone?.rule,
            goods: self.goods.map(|at| at.rule).unwrap_or_default(),
            rounding: self.rounding.map(|at| at.rule).unwrap_or_default(),
            stacking: self.stacking.map(|at| at.rule).unwrap_or_default(),
            tiers: rules(self.tiers),
            discounts: rules(self.discounts),
            earning: self.earning.map(|at| at.rule),
            multipliers: rules(self.multipliers),
            expiry: self.expiry.map_or(Expiry::Never {}, |at| at.rule),
            redemption: self.redemption.map(|at| at.rule).unwrap_or_default(),
            rewards: rules(self.rewards),
            stored_value: self.stored_value.map(|at| at.rule),
            card_issues: rules(self.card_issues),
            coupons: rules(self.coupons),
            awards: rules(self.awards),
            passes: rules(self.passes),
            activities: rules(self.activities),
            referral: self.referral.map(|at| at.rule),
            claim: self.claim.map(|at| at.rule),
            offline: self.offline.map(|at| at.rule).unwrap_or_default(),
            commission: self.commission.map(|at| at.rule).unwrap_or_default(),
        })
    }
}

fn rules<T>(at: Vec<At<T>>) -> Vec<T> {
    at.into_iter().map(|at| at.rule).collect()
}

/// Notes what the rules find wrong with themselves.
struct Check<'r, 't> {
    reader: &'r mut Reader<'t>,
}

impl Check<'_, '_> {
    fn version(&mut self, version: Option<&At<u32>>) {
        if let Some(At { line, rule: 0, .. }) = version {
            self.reader.fault(
                FaultKind::Unsound,
                *line,
                "version".to_owned(),
                "versions begin at 1".to_owned(),
            );
        }
    }

    fn all<'a, T: 'a>(
        &mut self,
        rules: impl IntoIterator<Item = &'a At<T>>,
        faults: impl Fn(&T) -> Vec<String>,
    ) {
        for At { line, section, rule } in rules {
            for what in faults(rule) {
                self.reader.fault(FaultKind::Unsound, *line, section.clone(), what);
            }
        }
    }

    fn tiers(&mut self, tiers: &[At<Tier>]) {
        if tiers.is_empty() && !self.reader.is_unread("tier") {
            self.reader.fault(
                FaultKind::Missing,
                1,
                "[[tier]]".to_owned(),
                "a programme has at least one tier".to_owned(),
            );
        }
        let rules: Vec<&Tier> = tiers.iter().map(|at| &at.rule).collect();
        for (place, at) in tiers.iter().enumerate() {
            for what in tier::faults(&at.rule, &rules[..place], &rules[place + 1..]) {
                self.reader.fault(FaultKind::Unsound, at.line, at.section.clone(), what);
            }
        }
    }

    /// Whoever has to earn points for a tier can earn some.
    fn points(&mut self, document: &Document) {
        let unread = ["earning", "activity", "referral"].into_iter().any(|key| self.reader.is_unread(key));
        let earns =
            document.earning.is_some() || !document.activities.is_empty() || document.referral.is_some();
        for at in document.tiers.iter().filter(|_| !earns && !unread) {
            let by_points = |way: &Way| matches!(way, Way::Points { .. });
            if at.rule.ways.iter().any(by_points) {
                self.reader.fault(
                    FaultKind::Missing,
                    at.line,
                    at.section.clone(),
                    "nothing earns points: add `[earning]`".to_owned(),
                );
            }
        }
    }

    /// No rule has ended before the version is in force.
    fn days(&mut self, document: &Document) {
        let Some(from) = document.in_force_from.as_ref().map(|at| at.rule) else { return };
        let discounts = document.discounts.iter().map(|at| (at.line, &at.section, &at.rule.when));
        let multipliers = document.multipliers.iter().map(|at| (at.line, &at.section, &at.rule.when));
        let activities = document.activities.iter().map(|at| (at.line, &at.section, &at.rule.when));
        for (line, section, when) in discounts.chain(multipliers).chain(activities) {
            if let Some(until) = when.until.filter(|until| *until < from) {
                let what = format!("it ends on {until}, before this version is in force");
                self.reader.fault(FaultKind::Unsound, line, section.clone(), what);
            }
        }
    }

    /// No two rules of a kind have one id.
    fn ids<'a>(&mut self, kind: &str, ids: impl Iterator<Item = (usize, &'a RuleId)>) {
        let mut seen = Vec::new();
        for (line, id) in ids {
            if seen.iter().any(|other: &&RuleId| other.kind() == id.kind()) {
                self.reader.fault(
                    FaultKind::IdTaken,
                    line,
                    format!("[[{kind}]] {id}"),
                    "another one has this id".to_owned(),
                );
            }
            seen.push(id);
        }
    }
}
