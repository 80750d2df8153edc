use std::{collections::BTreeMap, fmt, path::Path, time::Duration};

use serde::Serialize;

use super::{
    account::Account, checks::Check, evidence::Evidence, history::History, outage::OutageRecord,
    replay_error::ReplayError, tally::Tally,
};

/// What came of a replay. The JSON of `--report` has these keys.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Baskets checked out.
    pub baskets: u64,
    /// Members registered.
    pub members: usize,
    /// Stores, the hub not counted.
    pub stores: usize,
    /// Points earned, by the plain account.
    pub points_earned: i64,
    /// Points redeemed, as tills were told.
    pub points_redeemed: i64,
    /// Wishes to redeem, one at every fifth visit of a member with 100 points or more.
    pub wishes: u64,
    /// Of these, served in full.
    pub wishes_served: u64,
    /// Of these, served in part.
    pub wishes_partly: u64,
    /// Points wished for.
    pub points_wished: i64,
    /// Wishes not served in full, by the first cause.
    pub refused: BTreeMap<&'static str, u64>,
    /// Points not served, by cause.
    pub refused_points: BTreeMap<&'static str, i64>,
    /// How often a till asked again, because the stores it needs were on line and it was
    /// refused all the same: two seconds of a busy machine are days of the history.
    pub asked_again: u64,
    /// Points spent before they were earned.
    pub overspent_points: i64,
    /// Offer lines: rights to points moved from one replica to another.
    pub transfers: u64,
    /// Points that these moved.
    pub points_transferred: i64,
    /// Entries in all journals.
    pub entries: u64,
    /// Their bytes, in one replica.
    pub entry_bytes: u64,
    /// Bytes of frames that all nodes have sent.
    pub bytes_sent: u64,
    /// Turns of all engines: at most one commit each.
    pub turns: u64,
    /// Outages.
    pub outages: u64,
    /// How long a healed line took to catch up: median, 99th percentile and longest, in ms.
    pub catch_up_ms: Spread,
    /// Baskets that waited for real sync, because virtual time is so fast.
    pub waits: u64,
    /// How long they waited in all.
    pub waited_ms: u64,
    /// Waits that were in vain, those for healed lines included.
    pub waits_timed_out: u64,
    /// How long a checkout took: median, 99th percentile and longest, in ms.
    pub checkout_ms: Spread,
    /// How long a redemption took, rights fetched from elsewhere included.
    pub redemption_ms: Spread,
    /// From the last basket with all lines up until all replicas knew the same.
    pub converge_ms: u64,
    /// How long everything took.
    pub wall_ms: u64,
    /// Replica → digest.
    pub digests: BTreeMap<String, String>,
    /// Check → whether it held.
    pub checks: BTreeMap<&'static str, bool>,
    /// What failed checks complain of.
    pub complaints: BTreeMap<&'static str, Vec<String>>,
}

/// How durations are spread, in milliseconds.
#[derive(Debug, Default, Clone, Copy, Serialize)]
pub struct Spread {
    /// The median.
    pub p50: u64,
    /// The 99th percentile.
    pub p99: u64,
    /// The longest.
    pub max: u64,
}

/// What a report is made of.
pub(crate) struct Findings<'f> {
    pub(crate) history: &'f History,
    pub(crate) account: &'f Account,
    pub(crate) tally: Tally,
    pub(crate) outages: OutageRecord,
    pub(crate) evidence: Evidence,
    pub(crate) checks: Vec<Check>,
    pub(crate) bytes_sent: u64,
    pub(crate) turns: u64,
    pub(crate) converge: Duration,
    pub(crate) took: Duration,
}

impl Report {
    pub(crate) fn of(findings: Findings<'_>) -> Self {
        let Findings { history, account, tally, outages, evidence, checks, .. } = findings;
        let digests = evidence.replicas.iter();
        let digests = digests.map(|(name, (_, digest))| (name.clone(), digest.to_string())).collect();
        Self {
            baskets: tally.baskets,
            members: history.households.len(),
            stores: history.stores.len(),
            points_earned: account.earned,
            points_redeemed: tally.redeemed,
            wishes: tally.wishes,
            wishes_served: tally.wishes_served,
            wishes_partly: tally.wishes_partly,
            points_wished: tally.wished,
            asked_again: tally.asked_again,
            overspent_points: account.overspent(&tally.spent),
            refused: tally.refused,
            refused_points: tally.refused_points,
            transfers: evidence.journals.offers,
            points_transferred: evidence.journals.points_offered,
            entries: evidence.journals.entries,
            entry_bytes: evidence.journals.bytes,
            bytes_sent: findings.bytes_sent,
            turns: findings.turns,
            outages: outages.cuts,
            catch_up_ms: Spread::of(outages.catch_up_ms),
            waits: tally.waits,
            waited_ms: millis(tally.waited),
            waits_timed_out: tally.waits_timed_out + outages.timed_out,
            checkout_ms: Spread::of(tally.checkouts.into_iter().map(millis).collect()),
            redemption_ms: Spread::of(tally.redemptions.into_iter().map(millis).collect()),
            converge_ms: millis(findings.converge),
            wall_ms: millis(findings.took),
            digests,
            checks: checks.iter().map(|check| (check.name, check.complaints.is_empty())).collect(),
            complaints: checks
                .into_iter()
                .filter(|check| !check.complaints.is_empty())
                .map(|check| (check.name, check.complaints))
                .collect(),
        }
    }

    /// Whether every check held.
    pub fn holds(&self) -> bool {
        self.complaints.is_empty()
    }

    /// Writes the report as JSON.
    pub(crate) fn write(&self, path: &Path) -> Result<(), ReplayError> {
        let unwritable = |source| ReplayError::Unwritable { path: path.to_owned(), source };
        let json = serde_json::to_string_pretty(self).map_err(|error| unwritable(error.into()))?;
        std::fs::write(path, json + "\n").map_err(unwritable)
    }
}

impl Spread {
    fn of(mut durations: Vec<u64>) -> Self {
        durations.sort_unstable();
        let at = |percent: usize| {
            let place = (durations.len() * percent / 100).min(durations.len().saturating_sub(1));
            durations.get(place).copied().unwrap_or(0)
        };
        Self { p50: at(50), p99: at(99), max: at(100) }
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { p50, p99, max } = self;
        write!(f, "{p50} ms median, {p99} ms 99th percentile, {max} ms longest")
    }
}

/// A table for people.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in self.rows() {
            writeln!(f, "{name:<28}{value}")?;
        }
        for (name, held) in &self.checks {
            writeln!(f, "{:<28}{}", format!("check {name}"), if *held { "holds" } else { "FAILED" })?;
        }
        for (name, complaints) in &self.complaints {
            complaints.iter().try_for_each(|complaint| writeln!(f, "{name}: {complaint}"))?;
        }
        Ok(())
    }
}

impl Report {
    fn rows(&self) -> Vec<(&'static str, String)> {
        let counts = |wishes: u64, points: i64| format!("{} ({} points)", grouped(wishes), grouped(points));
        let refused = self.refused.iter().map(|(cause, wishes)| {
            let points = self.refused_points.get(cause).copied().unwrap_or(0);
            format!("{cause} {}", counts(*wishes, points))
        });
        let digest = self.digests.get("hub").cloned().unwrap_or_default();
        vec![
            ("baskets", grouped(self.baskets)),
            ("members", grouped(self.members)),
            ("stores", grouped(self.stores)),
            ("points earned", grouped(self.points_earned)),
            ("points redeemed", grouped(self.points_redeemed)),
            ("points overspent", grouped(self.overspent_points)),
            ("wishes", counts(self.wishes, self.points_wished)),
            ("  served", grouped(self.wishes_served)),
            ("  served in part", grouped(self.wishes_partly)),
            ("  refused by cause", refused.collect::<Vec<_>>().join(", ")),
            ("  asked again", grouped(self.asked_again)),
            ("outages", grouped(self.outages)),
            ("  caught up after", self.catch_up_ms.to_string()),
            (
                "transfers of rights",
                format!("{} ({} points)", grouped(self.transfers), grouped(self.points_transferred)),
            ),
            ("entries", format!("{} ({} bytes)", grouped(self.entries), grouped(self.entry_bytes))),
            ("bytes sent", grouped(self.bytes_sent)),
            ("engine turns", grouped(self.turns)),
            ("checkout", self.checkout_ms.to_string()),
            ("redemption", self.redemption_ms.to_string()),
            ("waits for sync", format!("{} ({} ms in all)", grouped(self.waits), grouped(self.waited_ms))),
            ("  in vain", grouped(self.waits_timed_out)),
            ("converged after", format!("{} ms", grouped(self.converge_ms))),
            ("wall time", format!("{} ms", grouped(self.wall_ms))),
            ("digest", digest),
        ]
    }
}

/// `1234567` as `1,234,567`.
fn grouped(number: impl Copy + ToString) -> String {
    let text = number.to_string();
    let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |digits| ("-", digits));
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().filter_map(|group| std::str::from_utf8(group).ok()).collect();
    format!("{sign}{}", groups.join(","))
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
