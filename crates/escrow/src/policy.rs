use std::{fmt, str::FromStr};

use purser_types::{ParseError, ReplicaId};

use crate::{Visit, home};

/// Where new rights go as they are earned.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Policy {
    /// They stay at the store that issued them.
    KeepWhereEarned,
    /// All go to the hub, the bank of rights.
    Hub,
    /// They go to the store where the member is most likely to come next.
    #[default]
    Habit,
}

/// What a policy may know when rights are earned.
#[derive(Debug, Clone, Copy)]
pub struct Standpoint<'a> {
    /// The replica that issues the rights.
    pub here: ReplicaId,
    /// A hub that is connected now. Without one nothing moves: rights on their way
    /// through a cut line serve nobody.
    pub hub: Option<ReplicaId>,
    /// The member's latest visits, this one included, in any order.
    pub visits: &'a [Visit],
}

impl Policy {
    /// Who should hold rights issued here just now; `None` if they stay.
    pub fn destination(self, from: Standpoint<'_>) -> Option<ReplicaId> {
        let hub = from.hub?;
        let to = match self {
            Policy::KeepWhereEarned => None,
            Policy::Hub => Some(hub),
            Policy::Habit => home(from.visits),
        };
        to.filter(|to| *to != from.here)
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Policy::KeepWhereEarned => "keep",
            Policy::Hub => "hub",
            Policy::Habit => "habit",
        })
    }
}

impl FromStr for Policy {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        match text {
            "keep" => Ok(Policy::KeepWhereEarned),
            "hub" => Ok(Policy::Hub),
            "habit" => Ok(Policy::Habit),
            _ => Err(ParseError::new("escrow policy", text, "keep, hub or habit")),
        }
    }
}

#[cfg(test)]
mod tests {
    use purser_types::Hlc;

    use super::*;

    const HERE: ReplicaId = ReplicaId([1; 16]);
    const ELSEWHERE: ReplicaId = ReplicaId([2; 16]);
    const HUB: ReplicaId = ReplicaId([9; 16]);

    #[test]
    fn rights_go_where_the_policy_says_and_stay_while_the_line_is_down() {
        let visit = |at, wall_ms| Visit { at, hlc: Hlc { wall_ms, counter: 0 } };
        let visits = [visit(ELSEWHERE, 1), visit(ELSEWHERE, 2), visit(HERE, 3)];
        let on_line = Standpoint { here: HERE, hub: Some(HUB), visits: &visits };
        assert_eq!(Policy::KeepWhereEarned.destination(on_line), None);
        assert_eq!(Policy::Hub.destination(on_line), Some(HUB));
        assert_eq!(Policy::Habit.destination(on_line), Some(ELSEWHERE));
        let at_home = Standpoint { visits: &visits[2..], ..on_line };
        assert_eq!(Policy::Habit.destination(at_home), None);
        for policy in [Policy::KeepWhereEarned, Policy::Hub, Policy::Habit] {
            assert_eq!(policy.destination(Standpoint { hub: None, ..on_line }), None);
            assert_eq!(policy.to_string().parse(), Ok(policy));
        }
    }
}
