//! The city against the plain account.

use std::collections::{BTreeMap, BTreeSet};

use purser_ledger::{Asset, Totals};

use super::{
    account::{Account, Spent},
    evidence::Evidence,
    history::History,
    tally::Tally,
};

/// One check and what came of it.
#[derive(Debug)]
pub(crate) struct Check {
    /// Its name in the report.
    pub(crate) name: &'static str,
    /// What is wrong; empty if it held.
    pub(crate) complaints: Vec<String>,
}

/// What is checked: what the city was told, what it says, and the plain account.
pub(crate) struct Trial<'t> {
    pub(crate) history: &'t History,
    pub(crate) account: &'t Account,
    pub(crate) tally: &'t Tally,
    pub(crate) evidence: &'t Evidence,
    pub(crate) converged: bool,
    pub(crate) alarms: &'t [String],
}

/// Complaints shown of one check.
const COMPLAINTS_MAX: usize = 5;

impl Trial<'_> {
    /// All checks.
    pub(crate) fn checks(&self) -> Vec<Check> {
        let check = |name, complaints: Vec<String>| Check { name, complaints };
        vec![
            check("converged", self.convergence()),
            check("digests_equal", self.digests()),
            check("sales_everywhere", self.sales()),
            check("balances_everywhere", self.balances()),
            check("never_overspent", self.overspending()),
            check("points_conserved", self.points()),
            check("refundable_conserved", self.refundable()),
            check("nothing_on_its_way", self.on_their_way()),
            check("tills_were_told_right", self.tills()),
            check("no_alarms", self.alarms.to_vec()),
        ]
    }

    /// What tills were told that was redeemed.
    fn spent(&self) -> &Spent {
        &self.tally.spent
    }

    fn convergence(&self) -> Vec<String> {
        let complaint = "the replicas did not come to know the same in time".to_owned();
        if self.converged { Vec::new() } else { vec![complaint] }
    }

    fn digests(&self) -> Vec<String> {
        let different: BTreeSet<_> = self.evidence.replicas.values().map(|(_, digest)| digest.0).collect();
        if different.len() == 1 { Vec::new() } else { vec![format!("{} different digests", different.len())] }
    }

    fn sales(&self) -> Vec<String> {
        let mut complaints = Complaints::default();
        for (name, (sums, _)) in &self.evidence.replicas {
            complaints.compare(
                &format!("sales known at {name}"),
                sums.sales.unsigned_abs(),
                self.account.baskets,
            );
            complaints.compare(&format!("gross known at {name}"), sums.gross_fen, self.account.gross);
            complaints.compare(&format!("points earned at {name}"), sums.points_earned, self.account.earned);
        }
        complaints.0
    }

    fn balances(&self) -> Vec<String> {
        let mut complaints = Complaints::default();
        let balances = self.history.households.iter().map(|name| self.account.balance(name, self.spent()));
        let expected: Vec<i64> = balances.collect();
        for (replica, balances) in &self.evidence.balances {
            for ((household, balance), expected) in
                self.history.households.iter().zip(balances).zip(&expected)
            {
                complaints.compare(
                    &format!("balance of household {household} at {replica}"),
                    balance,
                    expected,
                );
            }
        }
        complaints.0
    }

    fn overspending(&self) -> Vec<String> {
        let mut complaints = Complaints::default();
        complaints.compare("points spent before they were earned", self.account.overspent(self.spent()), 0);
        complaints.0
    }

    /// The running sums of all journals against the account and against the rows of rights.
    fn points(&self) -> Vec<String> {
        let mut complaints = Complaints::default();
        let sum = self.sum(Asset::Points);
        complaints.compare("points credited", sum.credited, self.account.earned);
        complaints.compare("points debited", sum.debited, self.redeemed());
        complaints.compare("points clawed back", sum.clawed_back, 0);
        complaints.compare("points in holds", sum.held, 0);
        let mut held: BTreeMap<_, i128> = BTreeMap::new();
        for (replica, kind, totals) in &self.evidence.totals {
            if *kind == Asset::Points.as_key().0 {
                *held.entry(*replica).or_default() += totals.available();
            }
        }
        for (replica, available) in held {
            let rights = self.evidence.rights.get(&replica).copied().unwrap_or(0);
            complaints.compare(&format!("rights of {}", replica.short()), i128::from(rights), available);
        }
        let rights: i64 = self.evidence.rights.values().sum();
        complaints.compare("rights in all", rights, self.account.earned - self.redeemed());
        complaints.0
    }

    fn refundable(&self) -> Vec<String> {
        let mut complaints = Complaints::default();
        let kind = REFUNDABLE;
        let totals = self.evidence.totals.iter().filter(|(_, of, _)| *of == kind);
        let credited: i64 = totals.clone().map(|(_, _, totals)| totals.credited).sum();
        let available: i128 = totals.map(|(_, _, totals)| totals.available()).sum();
        complaints.compare("refundable value credited", credited, self.account.gross);
        complaints.compare("refundable value left", available, i128::from(self.account.gross));
        complaints.0
    }

    fn on_their_way(&self) -> Vec<String> {
        let mut complaints = Complaints::default();
        let sum = self.sum(Asset::Points);
        complaints.compare("points taken up", sum.accepted, sum.offered);
        complaints.compare("points offered in journals", self.evidence.journals.points_offered, sum.offered);
        complaints.0
    }

    fn tills(&self) -> Vec<String> {
        let mut complaints = Complaints::default();
        complaints.compare("baskets confirmed", self.tally.baskets, self.account.baskets);
        complaints.compare("points earned by confirmed baskets", self.tally.earned, self.account.earned);
        let refused: i64 = self.tally.refused_points.values().sum();
        complaints.compare("points redeemed and refused", self.tally.redeemed + refused, self.tally.wished);
        complaints.0
    }

    fn redeemed(&self) -> i64 {
        self.spent().values().flatten().map(|(_, points)| points).sum()
    }

    fn sum(&self, asset: Asset) -> Totals {
        let mut sum = Totals::default();
        let of_asset = self.evidence.totals.iter().filter(|(_, kind, _)| *kind == asset.as_key().0);
        of_asset.for_each(|(_, _, totals)| sum += *totals);
        sum
    }
}

/// The kind of [`Asset::Refundable`], whichever sale it is of.
const REFUNDABLE: u8 = 5;

#[derive(Default)]
struct Complaints(Vec<String>);

impl Complaints {
    fn compare<T: PartialEq + std::fmt::Display + Copy>(&mut self, what: &str, found: T, expected: T) {
        if found != expected && self.0.len() < COMPLAINTS_MAX {
            self.0.push(format!("{what}: {found} instead of {expected}"));
        }
    }
}
