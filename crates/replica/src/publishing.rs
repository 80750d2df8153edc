use purser_journal::{Fact, SignedProgramme};
use purser_ledger::{Lot, Posting};
use purser_programme::{CardIssue, Programme, RuleId};

use crate::{Refusal, Transaction, draft::Draft, draft::Plan};

impl Transaction<'_> {
    /// Publishes a version of the programme that head office has signed: a new one, sound, of this city's time.
    pub(crate) fn plan_publishing(&mut self, signed: &SignedProgramme) -> Result<Plan, Refusal> {
        self.require_hub()?;
        let state = &self.replica.state;
        let paper = signed.verify(&state.charter).map_err(Refusal::ProgrammeUnsigned)?;
        let programme =
            Programme::read(&paper.document).map_err(|faults| Refusal::ProgrammeUnsound(Box::new(faults)))?;
        let told = (programme.version, programme.in_force_from, programme.zone);
        if told != (paper.version, paper.in_force_from, state.zone) {
            return Err(Refusal::OutOfRange {
                what: "the programme",
                range: "of the version and day that were signed, in the city's time zone",
            });
        }
        let known = state.database.programmes()?;
        if let Some(same) = known.iter().find(|row| row.version == paper.version) {
            // Asked again by somebody whose answer got lost.
            if same.document == paper.document && same.place.0 == state.my_number {
                return Ok(Plan::Done { seq: same.place.1 });
            }
            return Err(Refusal::VersionTaken(paper.version));
        }
        if let Some(newest) = known.last().filter(|newest| newest.version > paper.version) {
            return Err(Refusal::VersionTaken(newest.version));
        }
        // Versions that cannot be read here were published by a later Purser, which this hub is not.
        let earlier: Vec<Programme> =
            known.iter().filter_map(|row| Programme::read(&row.document).ok()).collect();
        let postings = Some(new_cards(&programme, &earlier)).filter(|postings| !postings.is_empty());
        let facts = [Fact::Programme(signed.clone())].into_iter();
        Ok(Plan::Write(Draft::of(facts.chain(postings.map(Fact::Postings)))))
    }
}

/// The rights to sell cards of limited issues that no earlier version has brought: they begin at the hub that
/// publishes, and stores ask for them.
fn new_cards(programme: &Programme, earlier: &[Programme]) -> Vec<Posting> {
    let cards_before = |id: &RuleId| {
        let issues = earlier.iter().flat_map(|programme| &programme.card_issues);
        issues.filter(|issue| issue.id == *id).map(|issue| issue.cards).max().unwrap_or(0)
    };
    let credit = |issue: &CardIssue| {
        let amount = i64::from(issue.cards.saturating_sub(cards_before(&issue.id)));
        (amount > 0).then(|| Posting::Credit { lot: Lot::stock(issue.kind()), amount })
    };
    programme.card_issues.iter().filter_map(credit).collect()
}
