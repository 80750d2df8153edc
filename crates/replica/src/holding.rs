use purser_journal::{Entry, Fact};
use purser_ledger::{AMOUNT_MAX, Asset, HoldState, Posting};
use purser_programme::QuoteRefused;
use purser_storage::{AuthorNumber, HoldRow, StorageError};
use purser_types::{HoldId, MemberId, Now};

use crate::{
    Refusal, Transaction, draft::Draft, drawing::draw_or_refuse, lending::LINES_AT_ONCE, state::State,
};

/// A hold lasts at least a second and at most a day: what is set aside serves nobody else.
const LASTS_MS: std::ops::RangeInclusive<u64> = 1_000..=86_400_000;

/// Holds that ran out and are released by one entry.
const RELEASED_AT_ONCE: u32 = 100;

impl Transaction<'_> {
    pub(crate) fn plan_hold(
        &mut self,
        member: MemberId,
        points: i64,
        lasts_ms: u64,
    ) -> Result<Draft, Refusal> {
        if !(1..=AMOUNT_MAX).contains(&points) {
            return Err(Refusal::OutOfRange { what: "points", range: "a whole number above 0" });
        }
        if !LASTS_MS.contains(&lasts_ms) {
            return Err(Refusal::OutOfRange { what: "lasts_ms", range: "1000 to 86400000 (a day)" });
        }
        self.require_lease()?;
        self.replica.state.require_member(member)?;
        let today = self.replica.state.date_at(self.now.wall_ms);
        let programme = self.replica.state.programmes.on(today);
        programme.redemption.is_open(today).map_err(QuoteRefused::Points)?;
        let known = self.replica.state.holdings_here(member, Asset::Points, today)?;
        let hold = HoldId::created_by(self.next_entry());
        let deadline_ms = self.now.wall_ms.saturating_add(lasts_ms);
        let lines = draw_or_refuse(member, Asset::Points, &known, points, today)?.into_iter();
        let lines = lines.map(|(lot, amount)| Posting::Hold { hold, lot, amount, deadline_ms });
        Ok(Draft::of([Fact::Postings(lines.collect())]))
    }

    /// Spends `points` of the hold, soonest expiry first, and frees the rest.
    pub(crate) fn plan_capture(&mut self, hold: HoldId, points: Option<i64>) -> Result<Draft, Refusal> {
        self.require_lease()?;
        let mut lines = self.replica.state.open_hold(hold, self.now)?;
        lines.sort_by_key(|line| (line.lot.expires_on.is_none(), line.lot));
        let held: i64 = lines.iter().map(|line| line.amount).sum();
        let mut left = points.unwrap_or(held);
        if !(1..=held).contains(&left) {
            return Err(Refusal::OutOfRange { what: "points", range: "1 to what the hold sets aside" });
        }
        let settle = |line: HoldRow| {
            let captured = line.amount.min(left);
            left -= captured;
            Posting::Settle { hold, lot: line.lot, captured }
        };
        Ok(Draft::of([Fact::Postings(lines.into_iter().map(settle).collect())]))
    }

    pub(crate) fn plan_release(&mut self, hold: HoldId) -> Result<Draft, Refusal> {
        // Whoever lets go of a hold that has just run out gets what they want.
        let lines = self.replica.state.own_hold(hold)?;
        if lines.iter().any(|line| line.state != HoldState::Open) {
            return Err(Refusal::HoldSettled(hold));
        }
        Ok(Draft::of([Fact::Postings(release(hold, &lines))]))
    }

    /// Releases holds of ours that have run out; more may be left when many have.
    ///
    /// # Errors
    /// Whatever the database reports. The transaction must be dropped then.
    pub fn release_due_holds(&mut self) -> Result<(), StorageError> {
        if self.replica.stopped.is_some() {
            return Ok(());
        }
        let state = &mut self.replica.state;
        state.flush()?;
        let due = state.database.holds_due(state.my_number, self.now.wall_ms, RELEASED_AT_ONCE)?;
        let mut postings = Vec::new();
        for hold in due {
            let lines = state.database.hold(hold)?;
            if !postings.is_empty() && postings.len() + lines.len() > LINES_AT_ONCE {
                break;
            }
            postings.extend(release(hold, &lines));
        }
        if !postings.is_empty() {
            self.append(Draft::of([Fact::Postings(postings)]))?;
        }
        Ok(())
    }
}

fn release(hold: HoldId, lines: &[HoldRow]) -> Vec<Posting> {
    lines.iter().map(|line| Posting::Settle { hold, lot: line.lot, captured: 0 }).collect()
}

impl State {
    /// The lines of a hold of ours that can still be captured.
    pub(crate) fn open_hold(&self, hold: HoldId, now: Now) -> Result<Vec<HoldRow>, Refusal> {
        let lines = self.own_hold(hold)?;
        // We release holds at their deadline: one of which nothing was captured has run out,
        // whether that was done already or not.
        let is_unused = lines.iter().all(|line| line.state.captured().unwrap_or(0) == 0);
        if is_unused && lines.iter().any(|line| line.deadline_ms <= now.wall_ms) {
            return Err(Refusal::HoldExpired(hold));
        }
        if lines.iter().any(|line| line.state != HoldState::Open) {
            return Err(Refusal::HoldSettled(hold));
        }
        Ok(lines)
    }

    /// The lines of a hold of ours, one at least, whatever has become of it.
    fn own_hold(&self, hold: HoldId) -> Result<Vec<HoldRow>, Refusal> {
        let lines = self.database.hold(hold)?;
        match lines.first() {
            None => Err(Refusal::UnknownHold(hold)),
            Some(first) if first.author != self.my_number => Err(Refusal::HoldElsewhere(hold)),
            Some(_) => Ok(lines),
        }
    }

    /// One entry that counts.
    pub(crate) fn entry(&self, author: AuthorNumber, seq: u64) -> Result<Option<Entry>, StorageError> {
        let bytes = self.database.counted_entry(author, seq)?;
        Ok(bytes.and_then(|bytes| Entry::from_bytes(&bytes).ok()))
    }
}
