use purser_types::mutant::{Mutant, switch_on};

use crate::{Scenario, TROUBLES, Verdict};

/// A bug that is built in on purpose, the trouble that brings it out, and the checker that has to find it.
#[derive(Debug, Clone, Copy)]
pub struct Bug {
    /// Its name on the command line.
    pub name: &'static str,
    /// The bug.
    pub mutant: Mutant,
    /// Where it shows.
    pub trouble: &'static str,
    /// Who finds it.
    pub checker: &'static str,
}

const fn bug(name: &'static str, mutant: Mutant, trouble: &'static str, checker: &'static str) -> Bug {
    Bug { name, mutant, trouble, checker }
}

/// Every bug that can be switched on.
pub const BUGS: &[Bug] = &[
    bug("spends-elsewhere", Mutant::SpendsElsewhere, "partitions", "no_share_below_zero"),
    bug("spends-twice", Mutant::SpendsElsewhere, "partitions", "never_overspent"),
    bug("accepts-more", Mutant::AcceptsMore, "calm", "rights_taken_up_once"),
    bug("forgets-requests", Mutant::ForgetsRequests, "requests", "one_effect_per_request"),
    bug("forgets-checks", Mutant::ForgetsChecks, "requests", "one_effect_per_check"),
    bug("skips-sync", Mutant::SkipsSync, "calm", "durable_before_sent"),
    bug("skips-sync-and-dies", Mutant::SkipsSync, "crash", "acknowledged_survives"),
    bug("keeps-late-entries", Mutant::KeepsLateEntries, "hubs", "converged"),
    bug("sends-for-ever", Mutant::SendsForEver, "calm", "quiet"),
    bug("never-answers", Mutant::NeverAnswers, "calm", "every_request_ends"),
    bug("denies-after-doing", Mutant::DeniesAfterDoing, "calm", "every_effect_told"),
    bug("answers-twice", Mutant::AnswersTwice, "calm", "one_answer_an_order"),
    bug("writes-wrong-receipts", Mutant::WritesWrongReceipts, "calm", "tills_are_told_right"),
    bug("cries-wolf", Mutant::CriesWolf, "frames", "no_false_alarm"),
    bug("leases-for-ever", Mutant::LeasesForEver, "leases", "lease_respected"),
    bug("reclaims-again", Mutant::ReclaimsAgain, "fenced", "reclaimed_once"),
    bug("blames-honest", Mutant::BlamesHonest, "frames", "nobody_honest_set_aside"),
    bug("falls-over-news", Mutant::FallsOverNews, "versions", "no_abort"),
    bug("skips-runs", Mutant::SkipsRuns, "calm", "converged"),
    bug("skips-runs-to-hub", Mutant::SkipsRuns, "calm", "journals_are_whole"),
    bug("loses-rows", Mutant::LosesRows, "calm", "databases_verify"),
    bug("forgets-holds", Mutant::ForgetsHolds, "calm", "balances_are_right"),
    bug("advances-beyond", Mutant::AdvancesBeyond, "partitions", "loss_within_allowance"),
];

impl Bug {
    /// Plays cities with the bug until its checker has found it, at most so many.
    pub fn hunt(&self, seeds: u64) -> Option<Verdict> {
        let trouble = TROUBLES.iter().find(|trouble| trouble.name == self.trouble);
        let calm = Scenario { members: 12, ..Scenario::calm(4, 120) };
        let scenario = trouble.map_or(calm.clone(), |trouble| calm.with(trouble));
        switch_on(Some(self.mutant));
        let found = |verdict: &Verdict| verdict.violations.iter().any(|it| it.checker == self.checker);
        let verdict = (1..=seeds).map(|seed| scenario.play(seed)).find(found);
        switch_on(None);
        verdict
    }
}
