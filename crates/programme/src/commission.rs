use std::collections::{BTreeMap, BTreeSet};

use purser_types::{BusinessDate, EntryId, Fen, Hlc, MemberId};
use serde::Deserialize;

use crate::{
    apportion::{share, total},
    label::RuleId,
    ratio::{Ratio, Rounding},
};

/// What staff get for stored value that they sell.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Commission {
    /// This share of every top-up goes to whoever sold the member the first one, refills included.
    pub share: Option<Ratio>,
    /// On top, for the first card that a seller sells in a period.
    pub first_card: Fen,
    /// On top, for who sells most in a period; all of them if several have sold as much.
    pub best_seller: Fen,
    /// So much for who meets the target of their role; of it the share that was met otherwise.
    pub appraisal: Fen,
    /// The target of each role in a period.
    pub targets: BTreeMap<RuleId, Fen>,
}

/// Money that a member has paid in, less what was given back of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TopUp {
    /// The day.
    pub date: BusinessDate,
    /// When in the day, by the clock of its store; and then by its entry.
    pub at: (Hlc, EntryId),
    /// Who has paid in.
    pub member: MemberId,
    /// Who has sold it: the store's own number of a person; empty if nobody is named.
    pub seller: String,
    /// How much.
    pub amount: Fen,
}

/// What one person gets for a period.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Earnings {
    /// What counts as sold.
    pub sold: Fen,
    /// The share of it.
    pub share: Fen,
    /// For a first card.
    pub first_card: Fen,
    /// For having sold most.
    pub best_seller: Fen,
    /// For the target.
    pub appraisal: Fen,
}

impl Earnings {
    /// All of it.
    pub fn sum(&self) -> Fen {
        total([self.share, self.first_card, self.best_seller, self.appraisal])
    }
}

impl Commission {
    /// What everybody gets for a period, by person. `top_ups` are all that were ever made, up to the
    /// period's end at least: whose first one it was is older than the period as a rule. A pure function of
    /// them, whatever order they came in.
    pub fn settle(
        &self,
        top_ups: &BTreeSet<TopUp>,
        (from, until): (BusinessDate, BusinessDate),
        roles: &BTreeMap<String, RuleId>,
    ) -> BTreeMap<String, Earnings> {
        let mut first_seller: BTreeMap<MemberId, &str> = BTreeMap::new();
        let mut all: BTreeMap<String, Earnings> = BTreeMap::new();
        for top_up in top_ups.iter().filter(|top_up| top_up.date <= until) {
            let is_new = !first_seller.contains_key(&top_up.member);
            if is_new && top_up.seller.is_empty() {
                continue;
            }
            let seller = *first_seller.entry(top_up.member).or_insert(&top_up.seller);
            if top_up.date < from || top_up.amount.0 <= 0 {
                continue;
            }
            let earnings = all.entry(seller.to_owned()).or_default();
            earnings.sold.0 = earnings.sold.0.saturating_add(top_up.amount.0);
            if is_new {
                earnings.first_card = self.first_card;
            }
        }
        let most = all.values().map(|earnings| earnings.sold).max().unwrap_or_default();
        for (seller, earnings) in &mut all {
            let target = roles.get(seller).and_then(|role| self.targets.get(role));
            earnings.share = self.share.map_or(Fen(0), |share| share.of(earnings.sold, Rounding::HalfUp));
            earnings.best_seller = if earnings.sold == most { self.best_seller } else { Fen(0) };
            earnings.appraisal = target.map_or(Fen(0), |target| self.appraised(earnings.sold, *target));
        }
        all
    }

    /// The part of the appraisal that a part of the target brings, the rest of a fen cut.
    fn appraised(&self, sold: Fen, target: Fen) -> Fen {
        Fen(share(self.appraisal.0, sold.0.min(target.0), target.0))
    }

    /// What is wrong with it.
    pub(crate) fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if self.share.is_some_and(|share| share > Ratio::ONE) {
            faults.push("`share` is at most 1".to_owned());
        }
        if [self.first_card, self.best_seller, self.appraisal].iter().any(|amount| amount.0 < 0) {
            faults.push("nobody gets less than nothing".to_owned());
        }
        let empty = self.targets.iter().filter(|(_, target)| target.0 < 1);
        faults.extend(empty.map(|(role, _)| format!("the target of `{role}` is above zero")));
        if self.appraisal.0 > 0 && self.targets.is_empty() {
            faults.push("an `appraisal` needs `targets`".to_owned());
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use purser_types::ReplicaId;

    use super::*;

    fn scheme() -> Commission {
        toml::from_str(
            "share = \"0.01\"\nfirst_card = \"100\"\nbest_seller = \"200\"\nappraisal = \"500\"
             targets = { adviser = \"50000\", cashier = \"10000\" }",
        )
        .unwrap()
    }

    fn top_ups(all: &[(&str, i64, &str, i64)]) -> BTreeSet<TopUp> {
        let top_up = |(seq, (date, member, seller, yuan)): (u64, &(&str, i64, &str, i64))| TopUp {
            date: date.parse().unwrap(),
            at: (Hlc { wall_ms: 0, counter: 0 }, EntryId { replica: ReplicaId([1; 16]), seq }),
            member: MemberId::from_i64(*member).unwrap(),
            seller: (*seller).to_owned(),
            amount: Fen(yuan * 100),
        };
        (1..).zip(all).map(top_up).collect()
    }

    fn settle(all: &[(&str, i64, &str, i64)], until: &str) -> BTreeMap<String, Earnings> {
        let role = |role: &str| RuleId::try_from(role.to_owned()).unwrap();
        let roles = [("Li".to_owned(), role("adviser")), ("Wu".to_owned(), role("cashier"))].into();
        let from = format!("{}-01", &until[..7]).parse().unwrap();
        scheme().settle(&top_ups(all), (from, until.parse().unwrap()), &roles)
    }

    #[test]
    fn the_first_card_of_a_seller_with_a_large_target() {
        let li = &settle(&[("2026-05-03", 5, "Li", 5_000)], "2026-05-31")["Li"];
        assert_eq!((li.share, li.first_card, li.appraisal), (Fen(5_000), Fen(10_000), Fen(5_000)));
        assert_eq!((li.best_seller, li.sum()), (Fen(20_000), Fen(40_000)));
    }

    #[test]
    fn refills_count_for_the_first_seller_and_first_cards_once_a_period() {
        let all = [
            ("2026-05-03", 5, "Li", 5_000),
            ("2026-06-01", 5, "Wu", 8_000),
            ("2026-06-02", 6, "Wu", 5_000),
            ("2026-06-03", 7, "Wu", 5_000),
            ("2026-06-30", 5, "", 1_000),
            ("2026-06-30", 8, "", 1_000),
            ("2026-07-01", 7, "Li", 9_999),
        ];
        let june = settle(&all, "2026-06-30");
        let (li, wu) = (&june["Li"], &june["Wu"]);
        // The one whom nobody sold the first one has no seller.
        assert_eq!((li.sold, li.first_card, li.best_seller), (Fen(900_000), Fen(0), Fen(0)));
        assert_eq!((wu.sold, wu.first_card, wu.best_seller), (Fen(1_000_000), Fen(10_000), Fen(20_000)));
        assert_eq!((li.appraisal, wu.appraisal), (Fen(9_000), Fen(50_000)));
        // What was given back altogether brings nothing; the member stays with the first seller.
        assert!(settle(&[("2026-05-03", 5, "Li", 0)], "2026-05-31").is_empty());
    }
}
