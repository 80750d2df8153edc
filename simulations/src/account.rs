use std::collections::HashMap;

use purser_ledger::{Asset, Lot, Posting};
use purser_types::{HoldId, MemberId};

/// What one replica has by its own journal, kept as plainly as can be and apart from crates/ledger:
/// what is wrong there must not be wrong here too.
#[derive(Debug, Clone, Default)]
pub struct Account {
    available: HashMap<Lot, i64>,
    held: HashMap<(HoldId, Lot), i64>,
    /// What was spent in advance and not settled, by lot.
    advanced: HashMap<Lot, i64>,
}

impl Account {
    /// Books one posting; tells what is wrong with it.
    pub fn book(&mut self, posting: &Posting) -> Option<String> {
        let lot = posting.lot();
        let available = self.available.entry(lot).or_default();
        let before = *available;
        let (change, may_sink) = match *posting {
            Posting::Credit { amount, .. } | Posting::Accept { amount, .. } => (amount, false),
            Posting::Debit { amount, .. } | Posting::Offer { amount, .. } => (-amount, false),
            Posting::Hold { hold, amount, .. } => {
                self.held.insert((hold, lot), amount);
                (-amount, false)
            }
            Posting::Settle { hold, captured, .. } => {
                let Some(held) = self.held.remove(&(hold, lot)) else {
                    return Some(format!("settles {hold}, of which nothing is held"));
                };
                if captured < 0 || captured > held {
                    return Some(format!("captures {captured} of {held}"));
                }
                (held - captured, false)
            }
            Posting::Clawback { amount, .. } | Posting::Advance { amount, .. } => (-amount, true),
        };
        *available = before.saturating_add(change);
        if matches!(posting, Posting::Advance { .. }) {
            return self.advance(lot, -change);
        }
        // No more stays advanced on a lot than what it lacks.
        if let Some(advanced) = self.advanced.get_mut(&lot) {
            *advanced = (*advanced).min(-(*available).min(0));
        }
        let available = self.available.get(&lot).copied().unwrap_or(0);
        let sinks = change < 0 && available < 0 && !may_sink;
        sinks.then(|| format!("takes {} of {before} of {lot:?}", -change))
    }

    fn advance(&mut self, lot: Lot, amount: i64) -> Option<String> {
        let lacking = -self.available.get(&lot).copied().unwrap_or(0).min(0);
        let on_lot = self.advanced.entry(lot).or_default();
        *on_lot = (*on_lot + amount).min(lacking);
        let advanced: i64 = self.advanced.values().sum();
        let granted = self.available.get(&Lot::allowance()).copied().unwrap_or(0);
        (advanced > granted).then(|| format!("has advanced {advanced} of {granted}"))
    }

    /// What is left of a lot, held points included.
    pub fn left(&self, lot: Lot) -> i64 {
        let held = self.held.iter().filter(|((_, of), _)| *of == lot).map(|(_, amount)| amount);
        self.available.get(&lot).copied().unwrap_or(0).saturating_add(held.sum())
    }

    /// What a member has set aside in points.
    pub fn held_points(&self, member: MemberId) -> i64 {
        let held =
            self.held.iter().filter(|((_, lot), _)| lot.member == member && lot.asset == Asset::Points);
        held.map(|(_, amount)| amount).sum()
    }

    /// All lots of which something is left.
    pub fn lots(&self) -> Vec<(Lot, i64)> {
        let mut lots: Vec<Lot> = self.available.keys().copied().collect();
        lots.sort_unstable();
        lots.into_iter().map(|lot| (lot, self.left(lot))).filter(|(_, left)| *left > 0).collect()
    }
}

/// By how much a posting changes what all replicas together own of its lot.
pub fn change(posting: &Posting) -> i64 {
    match *posting {
        Posting::Credit { amount, .. } => amount,
        Posting::Debit { amount, .. }
        | Posting::Clawback { amount, .. }
        | Posting::Advance { amount, .. } => -amount,
        Posting::Settle { captured, .. } => -captured,
        Posting::Hold { .. } | Posting::Offer { .. } | Posting::Accept { .. } => 0,
    }
}
