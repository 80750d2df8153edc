use std::{collections::BTreeMap, time::Duration};

use purser_types::{EntryId, Fen, ReplicaId};

use super::account::Spent;

/// What came of a visit at a till.
#[derive(Debug)]
pub(crate) struct Served {
    /// The basket: a place in the history.
    pub(crate) basket: usize,
    /// What the member wanted to redeem, if anything.
    pub(crate) wish: Option<Wish>,
    /// The entry of the checkout.
    pub(crate) entry: EntryId,
    /// To whom the checkout gave rights.
    pub(crate) offered_to: Vec<ReplicaId>,
    /// How long real sync was waited for before it, if at all.
    pub(crate) waited: Option<Duration>,
    /// Whether that was in vain.
    pub(crate) timed_out: bool,
    /// How long the checkout took.
    pub(crate) checkout: Duration,
}

/// What came of a wish to redeem.
#[derive(Debug, Default)]
pub(crate) struct Wish {
    /// Points wanted.
    pub(crate) wanted: i64,
    /// Points redeemed.
    pub(crate) redeemed: i64,
    /// What was refused on the way, first things first: cause and points.
    pub(crate) refused: Vec<(&'static str, i64)>,
    /// How often the till asked again where only a slow machine could be the reason.
    pub(crate) asked_again: u64,
    /// How long it took, from the first hold to the last answer.
    pub(crate) took: Duration,
}

/// Sums over all visits.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) baskets: u64,
    pub(crate) gross: i64,
    pub(crate) earned: i64,
    pub(crate) redeemed: i64,
    pub(crate) asked_again: u64,
    pub(crate) wishes: u64,
    pub(crate) wished: i64,
    pub(crate) wishes_served: u64,
    pub(crate) wishes_partly: u64,
    /// Wishes not served in full, by the first cause.
    pub(crate) refused: BTreeMap<&'static str, u64>,
    /// Points not served, by cause.
    pub(crate) refused_points: BTreeMap<&'static str, i64>,
    /// What tills were told that was redeemed.
    pub(crate) spent: Spent,
    pub(crate) waits: u64,
    pub(crate) waits_timed_out: u64,
    pub(crate) waited: Duration,
    pub(crate) checkouts: Vec<Duration>,
    pub(crate) redemptions: Vec<Duration>,
}

/// Causes that a wish is refused by, as the report names them.
pub(crate) const CAUSES: [&str; 4] = ["off_line", "holder_off_line", "no_answer", BALANCE_UNKNOWN];
/// The store did not know (yet) that the member has as much.
pub(crate) const BALANCE_UNKNOWN: &str = "balance_unknown";

impl Tally {
    pub(crate) fn new() -> Self {
        Self {
            refused: CAUSES.iter().map(|cause| (*cause, 0)).collect(),
            refused_points: CAUSES.iter().map(|cause| (*cause, 0)).collect(),
            ..Self::default()
        }
    }

    /// Adds a basket of that value, which earns so many points for each full yuan.
    pub(crate) fn add(&mut self, value: Fen, points_per_yuan: i64, served: &Served) {
        self.baskets += 1;
        self.gross += value.0;
        self.earned += value.whole_yuan() * points_per_yuan;
        self.checkouts.push(served.checkout);
        self.waits += u64::from(served.waited.is_some());
        self.waited += served.waited.unwrap_or_default();
        self.waits_timed_out += u64::from(served.timed_out);
    }

    /// Adds a wish of a household's visit (from 1).
    pub(crate) fn add_wish(&mut self, household: &str, visit: usize, wish: &Wish) {
        self.wishes += 1;
        self.wished += wish.wanted;
        self.redeemed += wish.redeemed;
        self.asked_again += wish.asked_again;
        self.redemptions.push(wish.took);
        self.wishes_served += u64::from(wish.redeemed == wish.wanted);
        self.wishes_partly += u64::from(wish.redeemed > 0 && wish.redeemed < wish.wanted);
        if wish.redeemed > 0 {
            self.spent.entry(household.to_owned()).or_default().push((visit, wish.redeemed));
        }
        if let Some((cause, _)) = wish.refused.first() {
            *self.refused.entry(cause).or_default() += 1;
        }
        for (cause, points) in &wish.refused {
            *self.refused_points.entry(cause).or_default() += points;
        }
    }
}
