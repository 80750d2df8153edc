use purser_journal::{ENTRY_BYTES_MAX, Entry, Head, Request, SaleDetail, Seal};
use purser_storage::StorageError;
use purser_types::mutant::{Mutant, is_on};
use purser_types::{EntryId, Hlc};

use crate::{
    Gated, Order, Refusal, Replica, Reply, Transaction, Undertaking,
    draft::{Draft, Plan},
    fold::FoldFailure,
    reply::Outcome,
    state::State,
};

impl Transaction<'_> {
    /// Carries an order out, or refuses it without a trace.
    ///
    /// # Errors
    /// Why it is refused. After [`Refusal::Storage`] the transaction must be dropped.
    pub fn execute(&mut self, order: &Order) -> Result<Gated<Reply>, Refusal> {
        // A till whose answer got lost is owed it, whatever has become of this replica since.
        if let Some(request) = order.request
            && !is_on(Mutant::ForgetsRequests)
            && let Some((answered, seq)) = self.replica.state.database.request(request.id)?
        {
            return if answered == request { self.repeat(seq) } else { Err(Refusal::RequestReused) };
        }
        if let Some(why) = self.replica.stopped {
            return Err(Refusal::Stopped(why));
        }
        self.replica.state.flush()?;
        match self.plan(&order.undertaking)? {
            Plan::Write(mut draft) => {
                let detail = draft.detail.take();
                let (entry, bytes) = self.draw_up(draft, order.request);
                if bytes.len() > ENTRY_BYTES_MAX {
                    // Nobody would take it in. Planning may have touched profiles in memory.
                    self.replica.state.profiles.clear();
                    return Err(Refusal::OutOfRange { what: "order", range: "less at once" });
                }
                self.write(&entry, &bytes)?;
                if let Some(detail) = detail {
                    let state = &self.replica.state;
                    let hash = SaleDetail::hash(&detail);
                    state.database.keep_detail(state.my_number, entry.seq, hash, &detail)?;
                }
                Ok(self.reply(&entry, false))
            }
            Plan::Done { seq } => self.repeat(seq),
        }
    }

    /// Carries out an order that has waited for rights in vain: a sale may now spend in advance,
    /// against the allowance.
    ///
    /// # Errors
    /// As [`Transaction::execute`].
    pub fn execute_at_last(&mut self, order: &Order) -> Result<Gated<Reply>, Refusal> {
        self.may_advance = true;
        let answer = self.execute(order);
        self.may_advance = false;
        answer
    }

    pub(crate) fn plan(&mut self, undertaking: &Undertaking) -> Result<Plan, Refusal> {
        let draft = match undertaking {
            Undertaking::By { person, undertaking } => return self.plan_by(person, undertaking),
            Undertaking::CheckOut(basket) => return self.plan_checkout(basket),
            Undertaking::TakeBack(taken_back) => return self.plan_return(taken_back),
            Undertaking::TopUp(top_up) => return self.plan_top_up(top_up),
            Undertaking::TakeTopUpBack(back) => return self.plan_top_up_back(back),
            Undertaking::SellPass(sale) => return self.plan_pass_sale(sale),
            Undertaking::TakePassBack(back) => return self.plan_pass_back(back),
            Undertaking::RedeemReward(wish) => return self.plan_reward(wish),
            Undertaking::Publish(signed) => return self.plan_publishing(signed),
            Undertaking::Enrol { credential, invitation } => {
                return self.plan_enrolment(credential, *invitation);
            }
            Undertaking::Register { edits, with_card } => self.plan_registration(edits, *with_card),
            Undertaking::EditProfile { member, edits } => self.plan_edit(*member, edits),
            Undertaking::IssueCard { member } => self.plan_card(*member),
            Undertaking::ChangeCard { card, state } => self.plan_card_state(*card, *state),
            Undertaking::Give(giving) => self.plan_gift(giving),
            Undertaking::IssueCodes(issue) => self.plan_codes(issue),
            Undertaking::ClaimCode(claim) => self.plan_claim_of_code(claim),
            Undertaking::Stock { reward, pieces } => self.plan_stock(reward, *pieces),
            Undertaking::Hold { member, points, lasts_ms } => self.plan_hold(*member, *points, *lasts_ms),
            Undertaking::Capture { hold, points } => self.plan_capture(*hold, *points),
            Undertaking::Release { hold } => self.plan_release(*hold),
            Undertaking::Lend { to, member, asset, amount } => self.plan_loan(*to, *member, *asset, *amount),
            Undertaking::Fence { replica, reason } => self.plan_fence(*replica, reason),
            Undertaking::Reclaim { replica } => self.plan_reclaim(*replica),
            Undertaking::SettleLate(choice) => self.plan_late(choice),
            Undertaking::GrantAllowance { to, points } => self.plan_allowance(*to, *points),
            Undertaking::Carry { to, member, points } => self.plan_carrying(*to, *member, *points),
            Undertaking::TakeUp { voucher } => self.plan_taking_up(voucher),
            Undertaking::Merge(merge) => self.plan_merge(merge),
            Undertaking::ChangeAccount(change) => self.plan_account_change("", change),
            Undertaking::SetAccount(account) => self.plan_account(account),
            Undertaking::Note { by, act, about } => Ok(Self::plan_note(by, act, about)),
            Undertaking::Announce { address } => Self::plan_announcement(address),
        };
        draft.map(Plan::Write)
    }

    fn repeat(&self, seq: u64) -> Result<Gated<Reply>, Refusal> {
        let state = &self.replica.state;
        let bytes = state.database.entry(state.my_number, seq)?;
        let entry = bytes.and_then(|bytes| Entry::from_bytes(&bytes).ok());
        let entry = entry.ok_or(StorageError::Implausible("an answered request without its entry"))?;
        Ok(self.reply(&entry, true))
    }

    fn reply(&self, entry: &Entry, repeated: bool) -> Gated<Reply> {
        let (programme_version, outcome) = (entry.programme_version, Outcome::of(entry, &self.replica.key));
        let reply = Reply { entry: entry.id(), programme_version, repeated, outcome };
        Gated::new(self.number, reply)
    }

    /// The name of the entry that would be written next.
    pub(crate) fn next_entry(&self) -> EntryId {
        let head = self.replica.state.mine().head;
        EntryId { replica: self.replica.state.me, seq: head.seq + 1 }
    }

    /// Writes what the replica decides by itself, which is never long.
    pub(crate) fn append(&mut self, draft: Draft) -> Result<(), StorageError> {
        let (entry, bytes) = self.draw_up(draft, None);
        self.write(&entry, &bytes)
    }

    /// The next entry and its bytes.
    fn draw_up(&mut self, draft: Draft, request: Option<Request>) -> (Entry, Vec<u8>) {
        let previous = self.replica.state.mine().head.hash;
        let EntryId { replica, seq } = self.next_entry();
        let hlc = self.replica.clock.tick(self.now.wall_ms);
        let programme_version =
            draft.version.unwrap_or_else(|| self.replica.state.programmes.on(self.today()).version);
        let entry = Entry { replica, seq, previous, hlc, programme_version, request, facts: draft.facts };
        let bytes = entry.to_bytes();
        (entry, bytes)
    }

    /// Folds an entry, then stores it.
    fn write(&mut self, entry: &Entry, bytes: &[u8]) -> Result<(), StorageError> {
        self.own_bytes += bytes.len();
        let state = &mut self.replica.state;
        match state.fold(entry) {
            Ok(()) if is_on(Mutant::LosesRows) => state.cache.clear(),
            Ok(()) => {}
            Err(FoldFailure::Storage(error)) => return Err(error),
            Err(FoldFailure::Unsound(reason)) => panic!("we drafted an entry that cannot stand: {reason}"),
        }
        state.keep(entry, bytes)
    }
}

impl State {
    /// Stores a folded entry at the end of its journal.
    pub(crate) fn keep(&mut self, entry: &Entry, bytes: &[u8]) -> Result<(), StorageError> {
        let head = Head { seq: entry.seq, hash: Entry::hash(bytes) };
        let Some(author) = self.authors.get_mut(entry.replica) else {
            return Err(StorageError::Implausible("an entry of an unknown author"));
        };
        self.database.add_entry(author.number, entry.seq, bytes)?;
        author.head = head;
        Ok(())
    }

    /// The time of our last entry.
    pub(crate) fn last_hlc(&self) -> Result<Hlc, StorageError> {
        let last = self.database.entry(self.my_number, self.mine().head.seq)?;
        Ok(last.and_then(|bytes| Entry::from_bytes(&bytes).ok()).map_or(Hlc::default(), |entry| entry.hlc))
    }
}

impl Replica {
    /// Signs our head and notes it.
    pub(crate) fn seal_head(&mut self) -> Result<(), StorageError> {
        let head = self.state.mine().head;
        let seal = Seal::sign(&self.key, &self.state.charter.scope, self.state.me, head);
        self.state.database.add_seal(self.state.my_number, seal)?;
        self.state.database.set_head(self.state.my_number, head)
    }
}
