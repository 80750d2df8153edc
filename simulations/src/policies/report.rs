use std::fmt::Write as _;

use purser_escrow::Policy;
use serde_json::{Value, json};

use super::{
    comparison::{Mode, Outcome, Terms},
    history::History,
    outage::{Outage, Reach},
    sizes::Sizes,
};

/// What a comparison came to, for people and for programs.
pub struct Report {
    /// What was played, in words.
    pub source: String,
    /// Stores, members, baskets and days of it.
    pub extent: [u64; 4],
    /// What was agreed on.
    pub terms: Terms,
    /// What each policy came to.
    pub outcomes: Vec<Outcome>,
    /// What moving rights weighs.
    pub sizes: Sizes,
}

/// The outage by which policies are judged.
pub(super) const DAY: Outage = Outage { reach: Reach::Store, hours: 24 };

/// A share of a whole as a percentage with one decimal, rounded down: `82.9`.
pub(super) fn percent(part: u64, whole: u64) -> String {
    let per_mille = 1_000 * u128::from(part) / u128::from(whole.max(1));
    format!("{}.{}", per_mille / 10, per_mille % 10)
}

/// Hundredths as a number with two decimals.
fn hundredths(amount: i64) -> String {
    format!("{}.{:02}", amount / 100, amount % 100)
}

/// What a policy does, in two sentences.
fn explained(policy: Policy) -> &'static str {
    match policy {
        Policy::KeepWhereEarned => {
            "Points stay at the store where they were earned. Nothing moves but on demand."
        }
        Policy::Hub => "All points go to the hub. A store that is cut off has next to nothing.",
        Policy::Share => {
            "Each store has of a member's points what it has of the visits. Everything moves a little at every visit."
        }
        Policy::Habit => {
            "All points go to the store where the member is most likely to come next. A visit counts 0.8 of the one after it."
        }
        Policy::Spread => {
            "Enough for one reward goes to each of the stores where the member is likely to come next, the likeliest first. What is left over goes to the next of them, where it helps out with what a basket earns."
        }
    }
}

impl Report {
    /// A report on `outcomes`.
    pub fn new(source: String, history: &History, terms: Terms, outcomes: Vec<Outcome>) -> Self {
        let [stores, members, baskets] =
            [history.stores, history.members.len(), history.baskets()].map(|count| count as u64);
        let extent = [stores, members, baskets, history.span().1];
        Self { source, extent, terms, outcomes, sizes: Sizes::measured() }
    }

    /// The policy that serves most by rights alone, own points included, at a store that is cut off
    /// for a day.
    pub fn best(&self) -> Option<&Outcome> {
        self.outcomes.iter().max_by_key(|outcome| outcome.served(DAY, Mode::OwnPoints).1)
    }

    /// (offer and accept lines, entries, bytes) that moving rights takes in a day, in tenths.
    pub(super) fn cost_a_day(&self, outcome: &Outcome) -> [u64; 3] {
        let Sizes { entry, offer, accept } = self.sizes;
        let (transfers, entries) = (outcome.traffic.transfers, outcome.traffic.entries);
        let bytes = transfers * (offer + accept) as u64 + entries * entry as u64;
        [transfers, entries, bytes].map(|count| 10 * count / self.extent[3].max(1))
    }

    /// For people: what each policy means, tables, plots, a recommendation.
    pub fn markdown(&self) -> String {
        let mut text = String::from("# Where points should live\n\n");
        // Writing to a string never fails.
        let _ = self.write(&mut text);
        text
    }

    fn write(&self, text: &mut String) -> std::fmt::Result {
        let [stores, members, baskets, days] = self.extent;
        let Terms { rate, reward, phones_percent, allowance } = self.terms;
        writeln!(
            text,
            "{}: {stores} stores, {members} members, {baskets} baskets, {days} days.",
            self.source
        )?;
        writeln!(
            text,
            "{rate} points for 1.00; every visit wishes to redeem {reward} points. A wish counts if a referee who \
             knows everything at once would allow it.\n"
        )?;
        self.write_recommendation(text)?;
        writeln!(text, "## The policies\n")?;
        for outcome in &self.outcomes {
            writeln!(text, "- **{}**: {}", outcome.policy, explained(outcome.policy))?;
        }
        writeln!(
            text,
            "\nA store without a line goes by, one thing after the other: the *rights* that it holds; the points that \
             the *basket itself* earns, as far as the member's balance of before allows the wish; rights that a member \
             *carries* on a phone ({phones_percent} % have one); an *allowance* of {allowance} points a member, which the \
             store may advance.\n"
        )?;
        self.write_served(text)?;
        self.write_elsewhere(text)?;
        self.write_allowance(text)?;
        self.write_cost(text)
    }

    fn write_recommendation(&self, text: &mut String) -> std::fmt::Result {
        let Some(best) = self.best() else { return Ok(()) };
        let shares = Mode::ALL.map(|mode| {
            let (wishes, served) = best.served(DAY, mode);
            percent(served, wishes)
        });
        let (lost, _) = best.lost(DAY, Mode::CarriedAndAllowance);
        writeln!(
            text,
            "**Recommended: `{}`.** A store that is cut off for a day serves {} % of the wishes by rights alone, {} % \
             with the basket's own points, {} % with carried rights too, and {} % with an allowance on top, which \
             costs {} points in a year in which every store is cut off every day. Without an allowance not one point \
             is overspent, whatever the policy.\n",
            best.policy,
            shares[0],
            shares[1],
            shares[2],
            shares[4],
            hundredths(lost)
        )
    }

    fn write_served(&self, text: &mut String) -> std::fmt::Result {
        writeln!(text, "## Wishes served at once where the line is cut, in %\n")?;
        let mut reaches: Vec<Outage> = self
            .outcomes
            .first()
            .map_or(Vec::new(), |outcome| outcome.outages.iter().map(|(outage, _)| *outage).collect());
        reaches.dedup();
        for outage in reaches {
            let wishes =
                self.outcomes.first().map_or(0, |outcome| outcome.served(outage, Mode::Rights).0) / 100;
            writeln!(text, "### {} ({wishes} wishes)\n", capitalised(&outage.name()))?;
            let names: Vec<&str> = Mode::ALL.iter().map(|mode| mode.name()).collect();
            writeln!(text, "| policy | {} |\n|---|{}", names.join(" | "), "---:|".repeat(names.len()))?;
            for outcome in &self.outcomes {
                let shares = Mode::ALL.map(|mode| {
                    let (wishes, served) = outcome.served(outage, mode);
                    percent(served, wishes)
                });
                writeln!(text, "| {} | {} |", outcome.policy, shares.join(" | "))?;
            }
            writeln!(text)?;
        }
        writeln!(text, "![Served by mode](served.svg)\n\n![Served by length](lengths.svg)\n")
    }

    fn write_elsewhere(&self, text: &mut String) -> std::fmt::Result {
        writeln!(
            text,
            "## Who suffers elsewhere\n\nRights that lie in a store without a line serve nobody else. Wishes refused \
             at other stores for that, for each 100 wishes at the store that is cut off for a day:\n"
        )?;
        writeln!(text, "| policy | rights alone | with the basket's own points |\n|---|---:|---:|")?;
        for outcome in &self.outcomes {
            let [rights, own] = [Mode::Rights, Mode::OwnPoints].map(|mode| {
                let tally = outcome.tally(DAY, mode);
                percent(tally.suffered, tally.wishes)
            });
            writeln!(text, "| {} | {rights} | {own} |", outcome.policy)?;
        }
        writeln!(text)
    }

    fn write_allowance(&self, text: &mut String) -> std::fmt::Result {
        writeln!(
            text,
            "## What an allowance costs\n\nPoints advanced by stores that are cut off for a day, points overspent \
             once all journals have met, and the most that one member overspent ({} may be advanced):\n",
            self.terms.allowance
        )?;
        writeln!(
            text,
            "| policy | help | advanced | overspent | for 1,000 wishes | the most by one |\n|---|---|---:|---:|---:|---:|"
        )?;
        for outcome in &self.outcomes {
            for mode in [Mode::Allowance, Mode::CarriedAndAllowance] {
                let tally = outcome.tally(DAY, mode);
                let for_thousand =
                    100_000 * tally.lost / i64::try_from(tally.wishes.max(1)).unwrap_or(i64::MAX);
                writeln!(
                    text,
                    "| {} | {} | {} | {} | {} | {} |",
                    outcome.policy,
                    if mode == Mode::Allowance { "allowance" } else { "carried rights, allowance" },
                    tally.advanced / 100,
                    hundredths(tally.lost),
                    hundredths(for_thousand),
                    tally.lost_most
                )?;
            }
        }
        writeln!(text)
    }

    fn write_cost(&self, text: &mut String) -> std::fmt::Result {
        let Sizes { entry, offer, accept } = self.sizes;
        writeln!(
            text,
            "## What it costs while lines are up\n\nNobody is refused then. A till waits when it has to ask the hub \
             or neighbours. In the journals an offer takes {offer} bytes, its acceptance {accept}, an entry of its own \
             with its seal {entry} (measured); a store's own offers stand in the entry of its checkout.\n"
        )?;
        writeln!(
            text,
            "| policy | wishes that wait, % | transfers a day | entries a day | bytes a day |\n|---|---:|---:|---:|---:|"
        )?;
        for outcome in &self.outcomes {
            let [transfers, entries, bytes] =
                self.cost_a_day(outcome).map(|tenths| format!("{}.{}", tenths / 10, tenths % 10));
            let waits = percent(outcome.traffic.asked, outcome.traffic.wishes);
            writeln!(text, "| {} | {waits} | {transfers} | {entries} | {bytes} |", outcome.policy)?;
        }
        writeln!(text, "\n![Cost](cost.svg)")
    }

    /// For programs.
    pub fn json(&self) -> Value {
        let [stores, members, baskets, days] = self.extent;
        let Terms { rate, reward, phones_percent, allowance } = self.terms;
        let policies: Vec<Value> = self.outcomes.iter().map(|outcome| self.policy_json(outcome)).collect();
        json!({
            "source": self.source, "stores": stores, "members": members, "baskets": baskets, "days": days,
            "points_for_one": rate, "reward_points": reward, "phones_percent": phones_percent,
            "allowance_points": allowance,
            "entry_bytes": self.sizes.entry, "offer_bytes": self.sizes.offer, "accept_bytes": self.sizes.accept,
            "recommended": self.best().map(|outcome| outcome.policy.to_string()),
            "policies": policies,
        })
    }

    fn policy_json(&self, outcome: &Outcome) -> Value {
        let of = |outage: Outage, mode: Mode| {
            let tally = outcome.tally(outage, mode);
            json!({
                "outage": outage.name(), "mode": mode.name(),
                "wishes": tally.wishes / 100, "served_percent": percent(tally.served, tally.wishes),
                "suffered_elsewhere": tally.suffered / 100,
                "points_advanced": tally.advanced / 100, "points_overspent": hundredths(tally.lost),
                "points_overspent_most": tally.lost_most,
            })
        };
        let outages = outcome.outages.iter().map(|(outage, _)| *outage);
        let outages: Vec<Value> = outages.flat_map(|outage| Mode::ALL.map(|mode| of(outage, mode))).collect();
        let [transfers, entries, bytes] = self.cost_a_day(outcome).map(|tenths| tenths / 10);
        json!({
            "policy": outcome.policy.to_string(),
            "waiting_percent": percent(outcome.traffic.asked, outcome.traffic.wishes),
            "transfers_a_day": transfers, "entries_a_day": entries, "bytes_a_day": bytes,
            "outages": outages,
        })
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_rounded_down() {
        assert_eq!([percent(829, 1_000), percent(9_999, 10_000), percent(0, 0)], ["82.9", "99.9", "0.0"]);
        assert_eq!(hundredths(1_305), "13.05");
    }
}
