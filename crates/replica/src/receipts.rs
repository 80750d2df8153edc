use purser_journal::{Entry, Fact, Receipt};
use purser_types::BusinessDate;

use crate::{Refusal, Transaction, draft::Plan, drawing::check_receipt};

impl Transaction<'_> {
    /// The entry of ours that used a receipt number before, if it did the same: a till whose answer got lost asks
    /// again, sometimes under a new request id.
    ///
    /// # Errors
    /// [`Refusal::CheckReused`] if the number was used for something else.
    pub(crate) fn done_before(
        &self,
        till: &str,
        check: &str,
        same: impl FnOnce(&Entry) -> Result<bool, Refusal>,
    ) -> Result<Option<u64>, Refusal> {
        let state = &self.replica.state;
        let Some((author, seq)) = state.database.check(till, check)? else { return Ok(None) };
        let entry = state.entry(author, seq)?.filter(|_| author == state.my_number);
        match entry.map(|entry| same(&entry)).transpose()? {
            Some(true) => Ok(Some(seq)),
            _ => Err(Refusal::CheckReused { till: till.to_owned(), check: check.to_owned() }),
        }
    }

    /// The same of what one fact tells whole: the plan of a repetition.
    ///
    /// # Errors
    /// As [`Transaction::done_before`].
    pub(crate) fn repeats(
        &self,
        till: &str,
        check: &str,
        same: impl Fn(&Fact) -> bool,
    ) -> Result<Option<Plan>, Refusal> {
        let done = self.done_before(till, check, |entry| Ok(entry.facts.iter().any(same)))?;
        Ok(done.map(|seq| Plan::Done { seq }))
    }

    /// The receipt of something that is done today.
    pub(crate) fn receipt(&self, till: &str, check: &str) -> Result<Receipt, Refusal> {
        check_receipt(till, check)?;
        let store = self.replica.me().credential.store;
        Ok(Receipt { store, till: till.to_owned(), check: check.to_owned(), date: self.today() })
    }

    /// The city's day.
    pub(crate) fn today(&self) -> BusinessDate {
        self.replica.state.date_at(self.now.wall_ms)
    }
}
