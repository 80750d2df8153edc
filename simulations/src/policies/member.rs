use purser_escrow::{Policy, Standpoint, Visit};
use purser_types::{Hlc, ReplicaId};

use super::{history::Shopping, purse::Purse};

/// The replica of the hub.
pub(super) const HUB: ReplicaId = ReplicaId([0xff; 16]);

/// How many visits a store looks back: as crates/replica does.
const VISITS: usize = 30;

/// The replica of a store.
pub(super) fn replica_of(store: usize) -> ReplicaId {
    let mut id = [0; 16];
    id[8..].copy_from_slice(&(store as u64).to_be_bytes());
    ReplicaId(id)
}

/// The store of a replica, `None` for the hub.
pub(super) fn store_of(replica: ReplicaId) -> Option<usize> {
    let number = replica.0.last_chunk::<8>().map(|bytes| u64::from_be_bytes(*bytes));
    number.filter(|_| replica != HUB).and_then(|number| usize::try_from(number).ok())
}

/// What is agreed on in the whole city.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scheme {
    /// Where rights live.
    pub(super) policy: Policy,
    /// The points of the cheapest reward, which every visit wishes to redeem.
    pub(super) reward: i64,
    /// Points for goods of 1.00.
    pub(super) rate: i64,
    /// Whether what a basket earns may stand in for rights that are elsewhere.
    pub(super) own_points: bool,
}

impl Scheme {
    pub(super) fn earned(&self, shopping: &Shopping) -> i64 {
        (shopping.value.max(0) * self.rate / 100).max(0)
    }

    /// What a basket can add to the rights at its store.
    pub(super) fn own(&self, earned: i64) -> i64 {
        if self.own_points { earned } else { 0 }
    }
}

/// What moving rights has cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Traffic {
    /// Visits.
    pub(super) visits: u64,
    /// Of these, with a wish to redeem that the balance allows.
    pub(super) wishes: u64,
    /// Of these, with a question to the hub or to neighbours, while the till waits.
    pub(super) asked: u64,
    /// Lots of rights that went from one replica to another.
    pub(super) transfers: u64,
    /// Entries that were written for nothing else.
    pub(super) entries: u64,
}

impl Traffic {
    pub(super) fn add(&mut self, more: Self) {
        self.visits += more.visits;
        self.wishes += more.wishes;
        self.asked += more.asked;
        self.transfers += more.transfers;
        self.entries += more.entries;
    }
}

/// One member: the rights, and the visits that the city knows of.
#[derive(Debug, Clone, Default)]
pub(super) struct Member {
    pub(super) purse: Purse,
    pub(super) been: Vec<Visit>,
}

impl Member {
    pub(super) fn note_visit(&mut self, shopping: &Shopping) {
        let hlc = Hlc { wall_ms: shopping.at_ms, counter: 0 };
        self.been.push(Visit { at: replica_of(shopping.store), hlc });
    }

    /// Nobody looks further back.
    pub(super) fn forget_old_visits(&mut self) {
        self.been.drain(..self.been.len().saturating_sub(VISITS));
    }

    /// What the policy wants to be moved now.
    pub(super) fn moves(&self, scheme: &Scheme, hub: Option<ReplicaId>) -> Vec<purser_escrow::Move> {
        let visits = &self.been[self.been.len().saturating_sub(VISITS)..];
        let held = self.purse.held();
        scheme.policy.moves(Standpoint { hub, visits, held, reward: scheme.reward })
    }

    /// A visit while all lines are up: the wish is served whenever the balance allows it.
    pub(super) fn visit_on_line(&mut self, scheme: &Scheme, shopping: &Shopping, traffic: &mut Traffic) {
        let (here, earned) = (replica_of(shopping.store), scheme.earned(shopping));
        traffic.visits += 1;
        if self.purse.total() >= scheme.reward {
            traffic.wishes += 1;
            let from_basket = (scheme.reward - self.purse.at(here)).clamp(0, scheme.own(earned));
            let missing = scheme.reward - from_basket - self.purse.at(here);
            if missing > 0 {
                traffic.asked += 1;
                for (giver, part) in self.purse.givers(missing, HUB, |at| at != here) {
                    self.purse.add(giver, -part);
                    self.purse.add(here, part);
                    traffic.transfers += 1;
                    traffic.entries += 2;
                }
            }
            self.purse.add(here, -scheme.reward);
        }
        self.purse.add(here, earned);
        self.note_visit(shopping);
        let (mut givers, mut takers) = (vec![here], Vec::new());
        for step in self.moves(scheme, Some(HUB)) {
            self.purse.add(step.from, -step.amount);
            self.purse.add(step.to, step.amount);
            traffic.transfers += 1;
            // What the store of the visit gives stands in the entry of the checkout.
            for (replica, seen) in [(step.from, &mut givers), (step.to, &mut takers)] {
                if !seen.contains(&replica) {
                    seen.push(replica);
                    traffic.entries += 1;
                }
            }
        }
    }
}
