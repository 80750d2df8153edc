use std::{fmt, str::FromStr};

use purser_types::{ParseError, ReplicaId};

use crate::{Move, Placement, Visit, ranking};

/// Where the rights of a member should be when a visit has ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Policy {
    /// They stay at the store that issued them.
    KeepWhereEarned,
    /// All go to the hub, the bank of rights.
    Hub,
    /// Each store has of them what it has of the visits.
    Share,
    /// All go to the store where the member is most likely to come next.
    Habit,
    /// Enough for one reward at each of the stores where the member is likely to come next, the
    /// likeliest first.
    #[default]
    Spread,
}

/// What a policy may know: of one member, at one replica, at the end of a visit.
#[derive(Debug, Clone, Copy)]
pub struct Standpoint<'a> {
    /// A hub that is connected now. Without one nothing moves: rights on their way
    /// through a cut line serve nobody.
    pub hub: Option<ReplicaId>,
    /// The member's latest visits, the one that has just ended included, in any order; only
    /// those of replicas that can be given rights.
    pub visits: &'a [Visit],
    /// How many rights each replica holds, on their way to it included. Debts count as none.
    pub held: &'a [(ReplicaId, i64)],
    /// The points of the cheapest reward.
    pub reward: i64,
}

/// What is left over after whole rewards is worth a move if it is at least such a part of one.
const CHANGE_WORTH_MOVING: i64 = 4;

impl Policy {
    /// All policies, the simplest first.
    pub const ALL: [Policy; 5] =
        [Policy::KeepWhereEarned, Policy::Hub, Policy::Share, Policy::Habit, Policy::Spread];

    /// Who should hold how many of the member's rights.
    pub fn placement(self, from: Standpoint<'_>) -> Placement {
        let total = from.held.iter().fold(0_i64, |sum, (_, amount)| sum.saturating_add((*amount).max(0)));
        let stores = ranking(from.visits);
        match (self, from.hub) {
            (_, None) | (Policy::KeepWhereEarned, _) => Placement::none(),
            (Policy::Hub, Some(hub)) => all_at(hub, total),
            (Policy::Share, _) => by_share(&stores, from.visits, total),
            (Policy::Habit, _) => stores.first().map_or(Placement::none(), |home| all_at(*home, total)),
            (Policy::Spread, _) => spread(&stores, total, from.reward.max(1)),
        }
    }

    /// Who has to give what to whom at the end of a visit. Every replica finds the same, and
    /// carries out what it gives itself.
    pub fn moves(self, from: Standpoint<'_>) -> Vec<Move> {
        let latest = from.visits.iter().max_by_key(|visit| (visit.hlc, visit.at));
        let Some(latest) = latest else { return Vec::new() };
        self.placement(from).moves(from.held, latest.at)
    }
}

fn all_at(replica: ReplicaId, total: i64) -> Placement {
    let mut placement = Placement::none();
    placement.want(replica, total);
    placement
}

fn by_share(stores: &[ReplicaId], visits: &[Visit], total: i64) -> Placement {
    let mut placement = Placement::none();
    for store in stores {
        let here = visits.iter().filter(|visit| visit.at == *store).count();
        let share = i128::from(total) * here as i128 / visits.len().max(1) as i128;
        placement.want(*store, i64::try_from(share).unwrap_or(0));
    }
    placement
}

/// One reward each, as far as they last, to the stores in turn; what is left over after whole
/// rewards to the next of them, where it helps out with what a basket earns.
fn spread(stores: &[ReplicaId], total: i64, reward: i64) -> Placement {
    let mut placement = Placement::none();
    let Some(home) = stores.first() else { return placement };
    let rewards = usize::try_from(total / reward).unwrap_or(usize::MAX);
    stores.iter().take(rewards).for_each(|store| placement.want(*store, reward));
    let more = rewards.saturating_sub(stores.len());
    placement.want(*home, i64::try_from(more).unwrap_or(0).saturating_mul(reward));
    let change = total % reward;
    if change >= reward / CHANGE_WORTH_MOVING {
        placement.want(*stores.get(rewards).unwrap_or(home), change);
    }
    placement
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Policy::KeepWhereEarned => "keep",
            Policy::Hub => "hub",
            Policy::Share => "share",
            Policy::Habit => "habit",
            Policy::Spread => "spread",
        })
    }
}

impl FromStr for Policy {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let named = Policy::ALL.into_iter().find(|policy| policy.to_string() == text);
        named.ok_or_else(|| ParseError::new("escrow policy", text, "keep, hub, share, habit or spread"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use purser_types::Hlc;

    use super::*;

    const HUB: ReplicaId = ReplicaId([99; 16]);

    fn store(number: u8) -> ReplicaId {
        ReplicaId([number; 16])
    }

    fn visits(stores: &[u8]) -> Vec<Visit> {
        let at =
            |(wall_ms, number): (u64, &u8)| Visit { at: store(*number), hlc: Hlc { wall_ms, counter: 0 } };
        (1..).zip(stores).map(at).collect()
    }

    fn wanted(policy: Policy, been: &[u8], held: &[(u8, i64)]) -> Vec<(u8, i64)> {
        let visits = visits(been);
        let held: Vec<_> = held.iter().map(|(at, amount)| (store(*at), *amount)).collect();
        let from = Standpoint { hub: Some(HUB), visits: &visits, held: &held, reward: 100 };
        assert!(policy.moves(Standpoint { hub: None, ..from }).is_empty(), "nothing moves without a line");
        policy.placement(from).wanted().iter().map(|(at, amount)| (at.0[0], *amount)).collect()
    }

    #[test]
    fn each_policy_puts_rights_where_it_says() {
        let (been, held) = ([2, 2, 2, 1], [(1, 250), (2, 30)]);
        assert_eq!(wanted(Policy::KeepWhereEarned, &been, &held), []);
        assert_eq!(wanted(Policy::Hub, &been, &held), [(99, 280)]);
        assert_eq!(wanted(Policy::Share, &been, &held), [(2, 210), (1, 70)]);
        assert_eq!(wanted(Policy::Habit, &been, &held), [(2, 280)]);
        assert_eq!(wanted(Policy::Spread, &been, &held), [(2, 180), (1, 100)]);
    }

    #[test]
    fn rewards_are_spread_whole_and_small_change_stays() {
        let been = [3, 2, 2, 1, 1, 1];
        assert_eq!(wanted(Policy::Spread, &been, &[(1, 60)]), [(1, 60)]);
        assert_eq!(wanted(Policy::Spread, &been, &[(1, 124)]), [(1, 100)]);
        assert_eq!(wanted(Policy::Spread, &been, &[(1, 125)]), [(1, 100), (2, 25)]);
        assert_eq!(wanted(Policy::Spread, &been, &[(1, 350)]), [(1, 150), (2, 100), (3, 100)]);
        assert_eq!(wanted(Policy::Spread, &been, &[(1, 610), (2, -40)]), [(1, 400), (2, 100), (3, 100)]);
        assert_eq!(wanted(Policy::Spread, &[], &[(1, 610)]), []);
    }

    #[test]
    fn names_are_read_back() {
        for policy in Policy::ALL {
            assert_eq!(policy.to_string().parse(), Ok(policy));
        }
        assert!("all".parse::<Policy>().is_err());
    }

    proptest! {
        #[test]
        fn no_policy_places_more_than_there_is(
            been in prop::collection::vec(1..9_u8, 1..30),
            held in prop::collection::btree_map(1..9_u8, -50..900_i64, 1..8),
            reward in 1..300_i64,
        ) {
            let visits = visits(&been);
            let held: Vec<_> = held.into_iter().map(|(at, amount)| (store(at), amount)).collect();
            let total: i64 = held.iter().map(|(_, amount)| (*amount).max(0)).sum();
            let from = Standpoint { hub: Some(HUB), visits: &visits, held: &held, reward };
            for policy in Policy::ALL {
                let placement = policy.placement(from);
                let placed: i64 = placement.wanted().iter().map(|(_, amount)| *amount).sum();
                prop_assert!((0..=total).contains(&placed), "{} places {} of {}", policy, placed, total);
                prop_assert_eq!(&placement, &policy.placement(from));
            }
            let mut parts = Policy::Spread.placement(from).wanted().iter().filter(|(_, n)| n % reward != 0).count();
            prop_assert!(parts <= 1, "whole rewards but for one remainder");
            parts = Policy::Spread.placement(from).wanted().len();
            prop_assert!(parts <= ranking(&visits).len());
        }
    }
}
