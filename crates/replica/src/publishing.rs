use purser_journal::{Fact, SignedProgramme};
use purser_programme::Programme;

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
        Ok(Plan::Write(Draft::of([Fact::Programme(signed.clone())])))
    }
}
