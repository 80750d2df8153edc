//! What a replica wrote after it was put out. Hubs keep it, a person looks at it and decides, entry
//! by entry, whether it counts after all.
//!
//! What is accepted travels in the hub's own entry, so every replica folds its sale, receipt
//! number, profile change and card as its author's. What it did to shares the hub does to its own
//! in the same entry: nobody touches another's share, and a late entry that was never accepted
//! moves nothing.

use std::collections::BTreeMap;

use purser_journal::{AcceptedLate, Charter, Entry, Fact, Head, LateSettledFact, Role, VerifiedRun};
use purser_ledger::{AMOUNT_MAX, Asset, Lot, Posting};
use purser_storage::{AuthorNumber, LateSettlementRow, StorageError};
use purser_types::SaleId;

use crate::{
    Alarm, IntakeFault, LateChoice, Refusal, Transaction, Unsound,
    authors::Author,
    draft::Draft,
    fold::{FoldFailure, postings},
    soundness,
    state::State,
    words::{check_person, check_reason},
};

/// Why an entry is not folded.
pub(crate) const LATE: &str = "written after its author was fenced";

/// What is kept of one author, beyond the run in which the fence fell.
const KEPT_ENTRIES_MAX: u64 = 20_000;
const KEPT_BYTES_MAX: u64 = 32 * 1024 * 1024;

impl Transaction<'_> {
    /// Decides on one entry that `choice.replica` wrote after it was put out.
    pub(crate) fn plan_late(&mut self, choice: &LateChoice) -> Result<Draft, Refusal> {
        self.require_hub()?;
        check_words(choice)?;
        let (replica, seq) = (choice.replica, choice.seq);
        let state = &self.replica.state;
        let fence = state.first_fence(replica)?.ok_or(Refusal::NotFenced(replica))?;
        if fence.author != state.my_number {
            return Err(Refusal::FencedByAnother(replica));
        }
        self.fenced_everywhere_ms(replica)?;
        let unknown = Refusal::UnknownLate { replica, seq };
        let Some(author) = state.authors.get(replica) else { return Err(unknown) };
        let kept = state.database.late_entry(author.number, seq, LATE)?.filter(|_| seq > author.head.seq);
        let (hash, entry) = kept.ok_or(unknown)?;
        if state.database.late_settlement(replica, seq, hash)?.is_some() {
            return Err(Refusal::LateSettled { replica, seq });
        }
        let mut settled = LateSettledFact {
            replica,
            seq,
            hash,
            reason: choice.reason.clone(),
            by: choice.by.clone(),
            accepted: None,
        };
        if !choice.accept {
            return Ok(Draft::of([Fact::LateSettled(settled)]));
        }
        self.require_lease()?;
        settled.accepted = Some(AcceptedLate { entry, credential: author.signed.clone() });
        let late = late_entry(&settled, &state.charter).map_err(|why| Refusal::LateUnsound { seq, why })?;
        let postings = late.map(|late| state.own_postings_for(&late)).transpose()?.unwrap_or_default();
        let mut facts = vec![Fact::LateSettled(settled)];
        facts.extend((!postings.is_empty()).then_some(Fact::Postings(postings)));
        Ok(Draft::of(facts))
    }
}

fn check_words(choice: &LateChoice) -> Result<(), Refusal> {
    check_reason(&choice.reason)?;
    check_person("by", &choice.by)
}

/// The entry that a settlement accepts, if it accepts one; checked as any entry of its author.
/// Depends on the settlement and the charter only.
pub(crate) fn late_entry(settled: &LateSettledFact, charter: &Charter) -> Result<Option<Entry>, Unsound> {
    let Some(AcceptedLate { entry: bytes, credential }) = &settled.accepted else { return Ok(None) };
    let author = credential.verify(charter).map_err(|_| Unsound::BadCredential)?;
    let late = Entry::from_bytes(bytes).map_err(|_| Unsound::NotThatEntry)?;
    let is_named =
        (late.replica, late.seq, Entry::hash(bytes)) == (settled.replica, settled.seq, settled.hash);
    if !is_named || author.replica != settled.replica || author.key().is_err() {
        return Err(Unsound::NotThatEntry);
    }
    // A settlement within a settlement could go as deep as its author likes.
    if late.facts.iter().any(|fact| matches!(fact, Fact::LateSettled(_))) {
        return Err(Unsound::NotThatEntry);
    }
    soundness::check(&late, &author, charter)?;
    Ok(Some(late))
}

impl State {
    /// What the hub posts to its own shares in place of what a late entry posted: it credits what
    /// was earned, and takes what was spent from its own rights as far as it has them, the rest as
    /// a debt. Holds and rights that were given away came to nothing.
    fn own_postings_for(&self, late: &Entry) -> Result<Vec<Posting>, Refusal> {
        let mut rights: BTreeMap<Lot, i64> = BTreeMap::new();
        let mut own = Vec::new();
        for posting in postings(late) {
            let (gained, taken) = match *posting {
                Posting::Credit { amount, .. } => (amount, 0),
                Posting::Debit { amount, .. }
                | Posting::Settle { captured: amount, .. }
                | Posting::Advance { amount, .. }
                | Posting::Clawback { amount, .. } => (0, amount),
                Posting::Hold { .. } | Posting::Offer { .. } | Posting::Accept { .. } => (0, 0),
            };
            let lot = posting.lot();
            let is_issued = gained > 0 && matches!(lot.asset, Asset::Stock(_));
            if self.lies_in_store(lot.asset) || is_issued {
                // What lay in that store lies nowhere else; and cards of a limited issue come with a version, which
                // does not come about by being late.
                continue;
            }
            let why = Unsound::Figures;
            let amounts = 0..=AMOUNT_MAX;
            if !amounts.contains(&gained) || !amounts.contains(&taken) || !self.may_post(late, lot) {
                return Err(Refusal::LateUnsound { seq: late.seq, why });
            }
            let here = match rights.get(&lot) {
                Some(here) => *here,
                None => self.database.share(self.my_number, lot)?.available,
            };
            let is_debt = matches!(posting, Posting::Clawback { .. });
            let debit = if is_debt { 0 } else { taken.min(here.max(0)) };
            if gained > 0 {
                own.push(Posting::Credit { lot, amount: gained });
            }
            if debit > 0 {
                own.push(Posting::Debit { lot, amount: debit });
            }
            if taken > debit {
                own.push(Posting::Clawback { lot, amount: taken - debit });
            }
            rights.insert(lot, here.saturating_add(gained).saturating_sub(taken));
        }
        Ok(own)
    }

    /// Whether a late entry can have touched `lot`: nothing that is issued by hubs, and no sale
    /// that somebody else has yet to make.
    fn may_post(&self, late: &Entry, lot: Lot) -> bool {
        match lot.asset {
            Asset::Allowance => false,
            Asset::Refundable(sale) => {
                sale == SaleId::created_by(late.id()) || sale.tag() != Some(self.me.tag())
            }
            _ => true,
        }
    }

    /// Folds what a hub has decided on a late entry. One that several hubs have accepted counts once.
    pub(crate) fn fold_late(
        &mut self,
        entry: &Entry,
        number: AuthorNumber,
        settled: &LateSettledFact,
    ) -> Result<(), FoldFailure> {
        let LateSettledFact { replica, seq, hash, .. } = *settled;
        let counted = self.database.late_settlement(replica, seq, hash)? == Some(true);
        let accepted = settled.accepted.as_ref();
        self.database.add_late_settlement(&LateSettlementRow {
            replica,
            seq,
            hash,
            settled: (number, entry.seq),
            accepted: accepted.map(|accepted| accepted.entry.as_slice()),
        })?;
        let Some((late, accepted)) = late_entry(settled, &self.charter)?.zip(accepted) else { return Ok(()) };
        let author = self.introduce(replica, Some(&accepted.credential)).map_err(failure)?.number;
        if counted {
            return Ok(());
        }
        self.fold_figures(&late, author)?;
        for fact in &late.facts {
            match fact {
                Fact::Sale(sale) => self.fold_sale(&late, author, sale)?,
                Fact::Return(_)
                | Fact::TopUp(_)
                | Fact::TopUpBack(_)
                | Fact::PassSold(_)
                | Fact::PassBack(_)
                | Fact::Reward(_) => self.fold_dealing(&late, author, fact)?,
                Fact::Profile { member, change } => self.fold_profile(&late, *member, change)?,
                Fact::CardIssued { member, card } => self.database.issue_card(*card, *member)?,
                Fact::Merge(merge) => self.fold_merge(&late, author, merge)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// Whether there is room for a run of entries of an author, if it is out. The run in which the
    /// fence falls is kept by everybody, who could not check its seal otherwise; what comes after it,
    /// by hubs, for a person to look at.
    pub(crate) fn keeps_late(&mut self, author: &Author, run: &VerifiedRun) -> Result<bool, StorageError> {
        if author.late.is_none() {
            return Ok(true);
        }
        // What hubs wrote may count after all, if it was a hub that was out itself that put them out.
        let is_hub = |author: &Author| author.credential.role == Role::Hub;
        if !is_hub(self.mine()) && !is_hub(author) {
            return Ok(false);
        }
        let (entries, bytes) = self.database.set_aside_size(author.number, LATE)?;
        let more: usize = run.entries.iter().map(|(_, bytes)| bytes.len()).sum();
        let fits = entries + run.entries.len() as u64 <= KEPT_ENTRIES_MAX
            && bytes + u64::try_from(more).unwrap_or(u64::MAX) <= KEPT_BYTES_MAX;
        if !fits {
            self.noted.alarm(Alarm::TooMuchLate { author: author.credential.replica, kept: entries });
        }
        Ok(fits)
    }

    /// Keeps an entry that its author wrote too late.
    pub(crate) fn keep_late(&mut self, author: &Author, seq: u64, bytes: &[u8]) -> Result<(), StorageError> {
        self.keep_aside(author, seq, bytes, LATE)?;
        if let Some(author) = self.authors.get_mut(author.credential.replica) {
            author.late = Some(Head { seq, hash: Entry::hash(bytes) });
        }
        if author.credential.role == Role::Hub
            && let Ok(entry) = Entry::from_bytes(bytes)
        {
            self.add_fence(&entry, author.number)?;
        }
        Ok(())
    }
}

fn failure(fault: IntakeFault) -> FoldFailure {
    match fault {
        IntakeFault::Storage(error) => FoldFailure::Storage(error),
        _ => FoldFailure::Unsound(Unsound::BadCredential),
    }
}

/// The facts of entries that `entry` accepts.
pub(crate) fn accepted_facts(entry: &Entry) -> Vec<Fact> {
    let accepted = entry.facts.iter().filter_map(|fact| match fact {
        Fact::LateSettled(LateSettledFact { accepted: Some(accepted), .. }) => Some(&accepted.entry),
        _ => None,
    });
    accepted.filter_map(|bytes| Entry::from_bytes(bytes).ok()).flat_map(|late| late.facts).collect()
}
