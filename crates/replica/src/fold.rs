use std::collections::BTreeMap;

use purser_journal::{Entry, Fact, Receipt, Role, SaleFact, to_cbor};
use purser_ledger::{Asset, FoldError, OfferState, Posting, Rows};
use purser_storage::{AuthorNumber, DetailWanted, MovementKind, MovementRow, StorageError, TopUpRow};
use purser_types::mutant::{Mutant, is_on};
use purser_types::{EntryId, MemberId, OfferId, ReplicaId, SaleId};

use crate::{Alarm, Unsound, late::accepted_facts, ledger_cache::AuthorRows, soundness::check, state::State};

/// Why an entry was not folded.
#[derive(Debug)]
pub(crate) enum FoldFailure {
    /// It cannot stand. No state was changed.
    Unsound(Unsound),
    /// The tables could not be read or written: the transaction is lost.
    Storage(StorageError),
}

impl From<StorageError> for FoldFailure {
    fn from(error: StorageError) -> Self {
        FoldFailure::Storage(error)
    }
}

impl From<Unsound> for FoldFailure {
    fn from(reason: Unsound) -> Self {
        FoldFailure::Unsound(reason)
    }
}

impl State {
    /// Folds an entry into the tables. Entries of one author come in order; those of different
    /// authors in any order, with the same result.
    pub(crate) fn fold(&mut self, entry: &Entry) -> Result<(), FoldFailure> {
        let author = self.authors.get(entry.replica);
        let author = author.ok_or(StorageError::Implausible("an entry of an unknown author"))?;
        let number = author.number;
        check(entry, &author.credential, &self.charter)?;
        self.fold_postings(entry, number)?;
        for fact in &entry.facts {
            self.fold_fact(entry, number, fact)?;
        }
        self.fold_movements(entry, number)?;
        self.fold_figures(entry, number)?;
        self.fold_acts(entry, number)?;
        if number == self.my_number
            && !is_on(Mutant::ForgetsRequests)
            && let Some(request) = entry.request
        {
            self.database.add_request(request, entry.seq)?;
        }
        Ok(())
    }

    fn fold_postings(&mut self, entry: &Entry, number: AuthorNumber) -> Result<(), FoldFailure> {
        self.cache.begin_entry();
        for posting in postings(entry) {
            let (database, authors) = (&self.database, &self.authors);
            let mut rows =
                AuthorRows { cache: &mut self.cache, database, authors, author: number, entry: entry.id() };
            match purser_ledger::fold(&mut rows, entry.id(), posting) {
                Ok(()) => {}
                Err(FoldError::Rows(error)) => return Err(error.into()),
                Err(FoldError::Fault(fault)) => {
                    self.cache.undo_entry();
                    return Err(Unsound::Posting(fault).into());
                }
            }
            self.note_touched(posting);
            self.watch_rights(entry.id(), posting, number)?;
        }
        Ok(())
    }

    /// Notes for whom advances may be settled now.
    fn note_touched(&mut self, posting: &Posting) {
        let moves_nothing = matches!(posting, Posting::Hold { .. } | Posting::Offer { .. });
        if !moves_nothing && posting.lot().asset == Asset::Points {
            self.noted.touched.insert(posting.lot().member);
        }
    }

    /// Notes offers to us, and acceptances that no offer backs.
    fn watch_rights(
        &mut self,
        entry: EntryId,
        posting: &Posting,
        number: AuthorNumber,
    ) -> Result<(), StorageError> {
        let (offer, lot, receiver) = match *posting {
            Posting::Offer { offer, to, lot, .. } => (offer, lot, to),
            Posting::Accept { offer, lot, .. } => (offer, lot, entry.replica),
            _ => return Ok(()),
        };
        self.noted.offers_to_me |= receiver == self.me;
        let (database, authors) = (&self.database, &self.authors);
        let mut rows = AuthorRows { cache: &mut self.cache, database, authors, author: number, entry };
        let line = rows.offer(offer, lot, receiver)?;
        let giver = offer.tag().and_then(|tag| self.authors.tagged(tag));
        let giver_told = giver
            .and_then(|giver| self.authors.get(giver))
            .map(|giver| Ok::<_, StorageError>((giver.head.seq, self.fence_of(giver.credential.replica)?)))
            .transpose()?
            .is_some_and(|(head, fence)| head.min(fence.unwrap_or(head)) >= offer.seq());
        let forged = match line.state() {
            OfferState::Forged => true,
            OfferState::AcceptedAhead => {
                let may = giver.map(|giver| self.may_reclaim(giver, offer.seq(), receiver)).transpose()?;
                giver_told || may == Some(false) || is_on(Mutant::CriesWolf)
            }
            OfferState::InFlight | OfferState::Accepted => false,
        };
        if forged {
            self.noted.alarm(Alarm::ForgedAcceptance { by: receiver, offer });
        }
        Ok(())
    }

    /// Looks for acceptances of offers that `giver` did not make in its entries from `first` to
    /// `last`, now that these are known: the receiver's journal may have come first.
    pub(crate) fn alarm_forged(
        &mut self,
        giver: ReplicaId,
        first: u64,
        last: u64,
    ) -> Result<(), StorageError> {
        const SHOWN: u32 = 100;
        let offer = |seq| OfferId::created_by(EntryId { replica: giver, seq });
        for row in self.database.offers_unbacked_between(offer(first), offer(last), SHOWN)? {
            self.noted.alarm(Alarm::ForgedAcceptance { by: row.receiver, offer: row.offer });
        }
        Ok(())
    }

    fn fold_fact(&mut self, entry: &Entry, number: AuthorNumber, fact: &Fact) -> Result<(), FoldFailure> {
        match fact {
            Fact::Sale(sale) => self.fold_sale(entry, number, sale)?,
            Fact::Return(_)
            | Fact::TopUp(_)
            | Fact::TopUpBack(_)
            | Fact::PassSold(_)
            | Fact::PassBack(_)
            | Fact::Reward(_) => {
                self.fold_dealing(entry, number, fact)?;
            }
            Fact::Programme(signed) => self.fold_programme(entry, number, signed)?,
            Fact::Profile { member, change } => self.fold_profile(entry, *member, change)?,
            Fact::Enrolled { credential, invitation } => {
                self.noted.city_changed = true;
                if let Ok(enrolled) = credential.verify(&self.charter) {
                    let (place, signed) = ((number, entry.seq), to_cbor(credential));
                    self.database.add_enrolment(enrolled.replica, place, &signed, *invitation)?;
                }
            }
            Fact::Fenced { .. } => self.add_fence(entry, number)?,
            Fact::Address(address) => self.database.set_address(entry.replica, address)?,
            Fact::CardIssued { member, card } => self.database.issue_card(*card, *member)?,
            Fact::LateSettled(settled) => self.fold_late(entry, number, settled)?,
            Fact::Unknown { .. } => assert!(!is_on(Mutant::FallsOverNews), "a fact of a later version"),
            Fact::Account(account) => self.fold_account(entry, account)?,
            Fact::Merge(merge) => self.fold_merge(entry, number, merge)?,
            // What these do, the postings do; acts are noted all together.
            Fact::Postings(_) | Fact::Grant(_) | Fact::Codes(_) | Fact::Act(_) => {}
        }
        Ok(())
    }

    /// Notes the receipt number that a fact uses up, and stored value that was paid in or given back.
    pub(crate) fn fold_dealing(
        &self,
        entry: &Entry,
        number: AuthorNumber,
        fact: &Fact,
    ) -> Result<(), StorageError> {
        match fact {
            Fact::TopUp(top_up) => self.add_top_up(
                (entry, number),
                (SaleId::created_by(entry.id()), top_up.member, top_up.principal.0),
                &top_up.receipt,
                top_up.seller.clone().unwrap_or_default(),
            )?,
            Fact::TopUpBack(back) => self.add_top_up(
                (entry, number),
                (back.top_up, back.member, back.principal.0.saturating_neg()),
                &back.receipt,
                String::new(),
            )?,
            _ => {}
        }
        match fact {
            Fact::Return(back) => self.fold_check(entry, number, &back.till, &back.check),
            _ => match receipt_of(fact) {
                Some(Receipt { till, check, .. }) => self.fold_check(entry, number, till, check),
                None => Ok(()),
            },
        }
    }

    pub(crate) fn fold_sale(
        &mut self,
        entry: &Entry,
        number: AuthorNumber,
        sale: &SaleFact,
    ) -> Result<(), StorageError> {
        self.fold_check(entry, number, &sale.till, &sale.check)?;
        if number != self.my_number {
            self.noted.seen_elsewhere.insert(sale.member);
            self.want_detail(entry, number, sale)?;
        }
        Ok(())
    }

    /// Hubs keep the details of all stores.
    fn want_detail(&self, entry: &Entry, author: AuthorNumber, sale: &SaleFact) -> Result<(), StorageError> {
        match sale.basket {
            Some(hash) if self.mine().credential.role == Role::Hub => {
                self.database.want_detail(DetailWanted { author, seq: entry.seq, hash })
            }
            _ => Ok(()),
        }
    }

    fn add_top_up(
        &self,
        (entry, number): (&Entry, AuthorNumber),
        (top_up, member, principal_fen): (SaleId, MemberId, i64),
        receipt: &Receipt,
        seller: String,
    ) -> Result<(), StorageError> {
        self.database.add_top_up(&TopUpRow {
            top_up,
            entry: (number, entry.seq, u32::from(principal_fen < 0)),
            date: receipt.date,
            hlc: entry.hlc,
            member,
            seller,
            principal_fen,
        })
    }

    /// Receipt numbers matter at the store that gave them, whichever life of it did.
    pub(crate) fn fold_check(
        &self,
        entry: &Entry,
        number: AuthorNumber,
        till: &str,
        check: &str,
    ) -> Result<(), StorageError> {
        let store_of = |replica: ReplicaId| self.authors.get(replica).map(|a| a.credential.store);
        if store_of(entry.replica) == store_of(self.me) && !is_on(Mutant::ForgetsChecks) {
            self.database.add_check(till, check, number, entry.seq)?;
        }
        Ok(())
    }

    fn fold_movements(&mut self, entry: &Entry, number: AuthorNumber) -> Result<(), StorageError> {
        let touched = postings(entry).map(|posting| (posting.lot().member, MovementKind::Other));
        let mut touched: BTreeMap<MemberId, MovementKind> = touched.collect();
        let accepted = accepted_facts(entry);
        for (member, kind) in entry.facts.iter().chain(&accepted).filter_map(movement_of) {
            let known = touched.entry(member).or_insert(kind);
            *known = (*known).max(kind);
        }
        let row = MovementRow { wall_ms: entry.hlc.wall_ms, author: number, seq: entry.seq };
        for (member, kind) in touched {
            self.database.add_movement(member, row, kind)?;
        }
        Ok(())
    }
}

/// Whom a fact is about, and what it is to that member.
pub(crate) fn movement_of(fact: &Fact) -> Option<(MemberId, MovementKind)> {
    match fact {
        Fact::Sale(sale) => Some((sale.member, MovementKind::Sale)),
        Fact::Return(back) => Some((back.member, MovementKind::Dealing)),
        Fact::Grant(grant) => Some((grant.member, MovementKind::Dealing)),
        Fact::TopUp(top_up) => Some((top_up.member, MovementKind::Dealing)),
        Fact::TopUpBack(back) => Some((back.member, MovementKind::Dealing)),
        Fact::PassSold(sold) => Some((sold.member, MovementKind::Dealing)),
        Fact::PassBack(back) => Some((back.member, MovementKind::Dealing)),
        Fact::Reward(reward) => Some((reward.member, MovementKind::Dealing)),
        Fact::Profile { member, .. } | Fact::CardIssued { member, .. } => {
            Some((*member, MovementKind::Other))
        }
        Fact::Merge(merge) => Some((merge.member, MovementKind::Other)),
        _ => None,
    }
}

fn receipt_of(fact: &Fact) -> Option<&Receipt> {
    match fact {
        Fact::TopUp(top_up) => Some(&top_up.receipt),
        Fact::TopUpBack(back) => Some(&back.receipt),
        Fact::PassSold(sold) => Some(&sold.receipt),
        Fact::PassBack(back) => Some(&back.receipt),
        Fact::Reward(reward) => Some(&reward.receipt),
        _ => None,
    }
}

pub(crate) fn postings(entry: &Entry) -> impl Iterator<Item = &Posting> {
    entry.facts.iter().flat_map(|fact| match fact {
        Fact::Postings(postings) => postings.as_slice(),
        _ => &[],
    })
}
