use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{Marks, Verdict};

/// All runs together.
#[derive(Default)]
pub(crate) struct Report {
    seeds: u64,
    events: u64,
    virtual_ms: u64,
    wishes: u64,
    refused: u64,
    marks: Marks,
    looks: BTreeMap<&'static str, u64>,
    violations: BTreeMap<&'static str, u64>,
}

const DAY_MS: u64 = 86_400_000;
/// Marks that are faults, not what came of them.
const FAULTS: [&str; 37] = [
    "author_without_machine",
    "bit_rot",
    "bridge",
    "broken_frame",
    "clock_back",
    "clock_drifts",
    "clock_forward",
    "clock_off",
    "cloned",
    "died_before_commit",
    "died_before_sending",
    "died_while_writing",
    "disk_full",
    "everyone_away",
    "fenced",
    "frame_doubled",
    "frame_late",
    "frame_lost",
    "hub_lost",
    "impersonated",
    "key_reused",
    "later_version",
    "line_cut",
    "link_broken",
    "lost_for_good",
    "one_way",
    "overspent",
    "poisoned",
    "power_failure",
    "replaced",
    "restored",
    "restored_with_witness",
    "rot_was_found",
    "slow_line",
    "stampede",
    "sync_fails",
    "two_stories",
];

impl Report {
    pub(crate) fn add(&mut self, verdict: &Verdict) {
        self.seeds += 1;
        self.events += verdict.events;
        self.virtual_ms += verdict.virtual_ms;
        self.wishes += verdict.wishes;
        self.refused += verdict.refused;
        self.marks.add(&verdict.marks);
        for (checker, looks) in &verdict.looks {
            *self.looks.entry(checker).or_default() += looks;
        }
        for violation in &verdict.violations {
            *self.violations.entry(violation.checker).or_default() += 1;
        }
    }

    pub(crate) fn is_clean(&self) -> bool {
        self.violations.is_empty()
    }

    pub(crate) fn marks(&self) -> &Marks {
        &self.marks
    }

    /// The share of wishes to redeem that were not refused for want of rights, in thousandths.
    fn served_per_mille(&self) -> u64 {
        1_000 - (1_000 * self.refused).checked_div(self.wishes).unwrap_or(0)
    }

    fn split(&self) -> (BTreeMap<&str, u64>, BTreeMap<&str, u64>) {
        self.marks.iter().partition(|(mark, _)| FAULTS.contains(mark))
    }

    pub(crate) fn text(&self) -> String {
        let counts = |counts: &BTreeMap<&str, u64>| {
            let rows: Vec<String> = counts.iter().map(|(name, count)| format!("{name} {count}")).collect();
            if rows.is_empty() { "none".to_owned() } else { rows.join(", ") }
        };
        let (faults, situations) = self.split();
        let (served, days) = (self.served_per_mille(), self.virtual_ms / DAY_MS);
        let years = format!("{}.{:02}", days / 365, days % 365 * 100 / 365);
        [
            format!("seeds         {}", self.seeds),
            format!("virtual time  {days} days, {years} years"),
            format!("events        {}", self.events),
            format!("faults        {}", counts(&faults)),
            format!("situations    {}", counts(&situations)),
            format!("checkers      {}", counts(&self.looks.clone().into_iter().collect())),
            format!("served        {}.{} % of {} wishes to redeem", served / 10, served % 10, self.wishes),
            format!("violations    {}", counts(&self.violations)),
        ]
        .join("\n")
    }

    pub(crate) fn json(&self) -> Value {
        let (faults, situations) = self.split();
        json!({
            "seeds": self.seeds,
            "virtual_days": self.virtual_ms / DAY_MS,
            "virtual_ms": self.virtual_ms,
            "events": self.events,
            "faults": faults,
            "situations": situations,
            "checkers": self.looks,
            "violations": self.violations,
            "served_share": format!("{}.{:03}", self.served_per_mille() / 1_000, self.served_per_mille() % 1_000),
        })
    }
}
