use std::cmp::Reverse;

use purser_types::ReplicaId;

/// Rights that pass from one replica to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Move {
    /// Who gives.
    pub from: ReplicaId,
    /// Who is to have them.
    pub to: ReplicaId,
    /// How many, above 0.
    pub amount: i64,
}

/// How many rights of a member should be where: at least so many at each, the most important
/// first. What nobody is to have stays where it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Placement {
    wanted: Vec<(ReplicaId, i64)>,
}

impl Placement {
    /// Nothing is wanted anywhere: all stays where it is.
    pub fn none() -> Self {
        Self::default()
    }

    /// Adds rights to what `at` is to have; one who is named first is served first.
    pub fn want(&mut self, at: ReplicaId, amount: i64) {
        match self.wanted.iter_mut().find(|(replica, _)| *replica == at) {
            Some((_, sum)) => *sum = sum.saturating_add(amount.max(0)),
            None => self.wanted.push((at, amount.max(0))),
        }
    }

    /// What each is to have, the most important first.
    pub fn wanted(&self) -> &[(ReplicaId, i64)] {
        &self.wanted
    }

    /// What `replica` is to have.
    pub fn wanted_at(&self, replica: ReplicaId) -> i64 {
        self.wanted.iter().find(|(at, _)| *at == replica).map_or(0, |(_, amount)| *amount)
    }

    /// Who has to give what to whom, by what each holds; debts count as nothing held. `first`
    /// gives before all others do, and then those who can spare most: so moves are few.
    ///
    /// Whoever carries out its part leaves the parts of the others as they were: so replicas that
    /// know the same agree without a word, each about what it has to give.
    pub fn moves(&self, held: &[(ReplicaId, i64)], first: ReplicaId) -> Vec<Move> {
        let held_at = |replica: ReplicaId| {
            held.iter().filter(|(at, _)| *at == replica).fold(0_i64, |sum, (_, n)| sum.saturating_add(*n))
        };
        let mut holders: Vec<ReplicaId> = held.iter().map(|(at, _)| *at).collect();
        holders.sort_unstable();
        holders.dedup();
        let spare = holders.into_iter().map(|at| (at, held_at(at) - self.wanted_at(at)));
        let mut givers: Vec<(ReplicaId, i64)> = spare.filter(|(_, spare)| *spare > 0).collect();
        givers.sort_by_key(|(at, spare)| (*at != first, Reverse(*spare), *at));
        let mut moves = Vec::new();
        for (to, wanted) in &self.wanted {
            let mut lacking = wanted - held_at(*to).max(0);
            for (from, spare) in &mut givers {
                let amount = lacking.min(*spare);
                if amount > 0 {
                    (lacking, *spare) = (lacking - amount, *spare - amount);
                    moves.push(Move { from: *from, to: *to, amount });
                }
            }
        }
        moves
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn replica(number: u8) -> ReplicaId {
        ReplicaId([number; 16])
    }

    fn carry_out(held: &mut Vec<(ReplicaId, i64)>, moves: &[Move]) {
        for step in moves {
            for (at, change) in [(step.from, -step.amount), (step.to, step.amount)] {
                match held.iter_mut().find(|(holder, _)| *holder == at) {
                    Some((_, amount)) => *amount += change,
                    None => held.push((at, change)),
                }
            }
        }
    }

    fn strategy() -> impl Strategy<Value = (Placement, Vec<(ReplicaId, i64)>)> {
        let wants = prop::collection::vec((0..8_u8, 0..4_i64), 0..6);
        let held = prop::collection::btree_map(0..8_u8, 0..400_i64, 0..8);
        (wants, held).prop_map(|(wants, held)| {
            let mut placement = Placement::none();
            for (at, blocks) in wants {
                placement.want(replica(at), 100 * blocks);
            }
            (placement, held.into_iter().map(|(at, amount)| (replica(at), amount)).collect())
        })
    }

    proptest! {
        #[test]
        fn nobody_gives_more_than_it_can_spare_nor_gets_more_than_it_lacks((placement, held) in strategy()) {
            let mut after = held.clone();
            let moves = placement.moves(&held, replica(3));
            prop_assert!(moves.iter().all(|step| step.amount > 0 && step.from != step.to));
            carry_out(&mut after, &moves);
            for (at, amount) in &after {
                let before = held.iter().find(|(holder, _)| holder == at).map_or(0, |(_, n)| *n);
                let wanted = placement.wanted_at(*at);
                prop_assert!(*amount >= before.min(wanted) && *amount <= before.max(wanted));
            }
            prop_assert_eq!(placement.moves(&after, replica(3)), vec![]);
        }

        #[test]
        fn replicas_agree_whether_or_not_they_have_heard_what_others_gave((placement, held) in strategy()) {
            let all = placement.moves(&held, replica(3));
            for giver in (0..8).map(replica) {
                let (given, rest): (Vec<Move>, Vec<Move>) = all.iter().partition(|step| step.from == giver);
                let mut after = held.clone();
                carry_out(&mut after, &given);
                let mut then = placement.moves(&after, replica(3));
                let mut rest = rest;
                then.sort_by_key(|step| (step.from, step.to));
                rest.sort_by_key(|step| (step.from, step.to));
                prop_assert_eq!(then, rest);
            }
        }
    }
}
