//! The fold of a published version of the programme.

use purser_journal::{Entry, SignedProgramme};
use purser_ledger::{Lot, Posting};
use purser_programme::CardIssue;
use purser_storage::{AuthorNumber, ProgrammeRow, StorageError};
use purser_types::Digest;

use crate::{Alarm, fold::postings, programmes::Programmes, state::State};

impl State {
    pub(crate) fn fold_programme(
        &mut self,
        entry: &Entry,
        number: AuthorNumber,
        signed: &SignedProgramme,
    ) -> Result<(), StorageError> {
        let Ok(paper) = signed.verify(&self.charter) else { return Ok(()) };
        let row = ProgrammeRow {
            version: paper.version,
            place: (number, entry.seq),
            in_force_from: paper.in_force_from,
            hash: Digest::of(paper.document.as_bytes()),
            document: paper.document,
        };
        let version = row.version;
        if self.database.programmes()?.iter().any(|known| known.version == version && known.hash != row.hash)
        {
            self.noted.alarm(Alarm::TwoProgrammes { version });
        }
        self.database.add_programme(&row)?;
        self.programmes = Programmes::read(&self.database, self.programmes.basic())?;
        self.look_for_cards_issued_twice(entry, number)
    }

    /// Hubs that did not know of each other's versions may have issued the same cards.
    fn look_for_cards_issued_twice(
        &mut self,
        publication: &Entry,
        number: AuthorNumber,
    ) -> Result<(), StorageError> {
        let issued_in = |entry: &Entry, lot: Lot| {
            let credits = postings(entry).filter_map(move |posting| match *posting {
                Posting::Credit { lot: of, amount } if of == lot => Some(amount),
                _ => None,
            });
            credits.fold(0, i64::saturating_add)
        };
        let issues: Vec<CardIssue> = self.programmes.all().flat_map(|it| it.card_issues.clone()).collect();
        for issue in &issues {
            let lot = Lot::stock(issue.kind());
            if issued_in(publication, lot) == 0 {
                continue;
            }
            let mut issued = 0;
            for row in self.database.programmes()? {
                let is_other = row.place != (number, publication.seq);
                let entry = if is_other { self.entry(row.place.0, row.place.1)? } else { None };
                issued += entry.map_or(0, |entry| issued_in(&entry, lot));
            }
            let most =
                issues.iter().filter(|other| other.id == issue.id).map(|other| i64::from(other.cards)).max();
            if issued.saturating_add(issued_in(publication, lot)) > most.unwrap_or(0) {
                self.noted.alarm(Alarm::CardsIssuedTwice { issue: issue.id.to_string() });
            }
        }
        Ok(())
    }
}
