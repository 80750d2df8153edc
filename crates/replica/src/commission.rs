use std::collections::{BTreeMap, BTreeSet};

use purser_programme::{Earnings, RuleId, TopUp};
use purser_storage::{StorageError, TopUpRow};
use purser_types::{BusinessDate, EntryId, Fen, SaleId};

use crate::{Refusal, View};

impl View {
    /// What staff get for stored value that they sold in a period, by person, under the programme that is in force
    /// at its end. What was given back since counts as never sold; refills count for who sold the first.
    ///
    /// # Errors
    /// [`Refusal::UnknownRule`] for a role without a target, or whatever the database reports.
    pub fn commission(
        &mut self,
        period: (BusinessDate, BusinessDate),
        roles: &BTreeMap<String, RuleId>,
    ) -> Result<BTreeMap<String, Earnings>, Refusal> {
        let programme = self.programme_on(period.1)?;
        if let Some(role) = roles.values().find(|role| !programme.commission.targets.contains_key(role)) {
            return Err(Refusal::UnknownRule(role.clone()));
        }
        let rows = self.database().top_ups()?;
        let mut back: BTreeMap<SaleId, i64> = BTreeMap::new();
        for row in rows.iter().filter(|row| row.principal_fen < 0) {
            let sum = back.entry(row.top_up).or_default();
            *sum = sum.saturating_add(row.principal_fen);
        }
        let mut top_ups = BTreeSet::new();
        for row in rows.into_iter().filter(|row| row.principal_fen >= 0) {
            let given_back = back.get(&row.top_up).copied().unwrap_or(0);
            top_ups.extend(self.named_top_up(row, given_back)?);
        }
        Ok(programme.commission.settle(&top_ups, period, roles))
    }

    fn named_top_up(&mut self, row: TopUpRow, given_back: i64) -> Result<Option<TopUp>, StorageError> {
        let (number, seq, _) = row.entry;
        let Some(replica) = self.author_named(number)? else { return Ok(None) };
        let amount = Fen(row.principal_fen.saturating_add(given_back));
        let at = (row.hlc, EntryId { replica, seq });
        Ok(Some(TopUp { date: row.date, at, member: row.member, seller: row.seller, amount }))
    }
}
