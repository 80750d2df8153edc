use purser_types::Fen;
use serde::Deserialize;

use crate::label::{Label, RuleId};

/// A tier of members, the lowest first. Everybody is in the first one; the others have to be reached.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// What it is called in rules.
    pub id: RuleId,
    /// What members call it.
    pub name: Label,
    /// Ways to reach it: one is enough.
    #[serde(default)]
    pub ways: Vec<Way>,
    /// How long it is held; for ever if nothing is said.
    pub valid: Option<Validity>,
    /// What keeps it for another time: one is enough, of what was bought within its validity, after the purchase
    /// that reached it. The ways to reach it, if there are none.
    #[serde(default)]
    pub keep: Vec<Way>,
    /// What becomes of who does not keep it.
    #[serde(default)]
    pub otherwise: Otherwise,
    /// Whether what counts towards tiers begins at zero when this one is reached (归零).
    #[serde(default)]
    pub resets: bool,
}

/// How long a tier is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case", deny_unknown_fields)]
pub enum Validity {
    /// So many months from the day on which it was reached.
    Months {
        /// How many.
        months: u32,
    },
    /// Until 31 December, so many years after the year in which it was reached.
    YearEnd {
        /// How many.
        years_after: u32,
    },
}

/// What becomes of a member whose tier has run out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Otherwise {
    /// The next lower tier.
    #[default]
    StepDown,
    /// The first tier.
    Lose,
}

/// A way to reach a tier, or to keep it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case", deny_unknown_fields)]
pub enum Way {
    /// One purchase of at least so much.
    Purchase {
        /// What was paid for it.
        from: Fen,
    },
    /// So much within some months.
    Spend {
        /// What was paid in all.
        from: Fen,
        /// Within so many months up to the day.
        months: u32,
    },
    /// So much within a calendar year.
    SpendInYear {
        /// What was paid in all.
        from: Fen,
    },
    /// So many orders.
    Orders {
        /// How many.
        from: u64,
    },
    /// So many points earned, whether spent since or not.
    Points {
        /// How many.
        from: i64,
    },
    /// A sales task that was met, and somebody's approval: a grant with this reason.
    Task {},
    /// Somebody's invitation: a grant.
    Invitation {},
}

impl Way {
    /// Whether whoever has come this way would have come that one too: the same way, and no farther.
    fn includes(&self, other: &Way) -> bool {
        match (self, other) {
            // Who has paid so much at once has paid it within any time; what was paid in a year so far was paid in
            // the twelve months up to the day.
            (
                Way::Purchase { from },
                Way::Purchase { from: other }
                | Way::Spend { from: other, .. }
                | Way::SpendInYear { from: other },
            )
            | (
                Way::SpendInYear { from },
                Way::SpendInYear { from: other } | Way::Spend { from: other, months: 12.. },
            ) => from >= other,
            (Way::Spend { from, months }, Way::Spend { from: other, months: longer }) => {
                from >= other && months <= longer
            }
            (Way::Orders { from }, Way::Orders { from: other }) => from >= other,
            (Way::Points { from }, Way::Points { from: other }) => from >= other,
            _ => false,
        }
    }

    pub(crate) fn fault(&self) -> Option<&'static str> {
        let is_empty = match self {
            Way::Purchase { from } | Way::SpendInYear { from } => from.0 <= 0,
            Way::Spend { from, months } => from.0 <= 0 || !(1..=120).contains(months),
            Way::Orders { from } => *from == 0,
            Way::Points { from } => *from <= 0,
            Way::Task {} | Way::Invitation {} => false,
        };
        is_empty.then_some("a way needs a `from` above zero, and `months` from 1 to 120 where it has them")
    }
}

/// More than anybody could explain at a counter.
const WAYS_MAX: usize = 20;

/// What is wrong with a tier that follows `lower` and comes before `higher`.
pub(crate) fn faults(tier: &Tier, lower: &[&Tier], higher: &[&Tier]) -> Vec<String> {
    let mut faults: Vec<String> =
        tier.ways.iter().chain(&tier.keep).filter_map(Way::fault).map(str::to_owned).collect();
    if lower.iter().any(|other| other.id == tier.id) {
        faults.push("another tier has this id".to_owned());
    }
    if lower.is_empty() {
        let is_bare = tier.ways.is_empty() && tier.keep.is_empty() && tier.valid.is_none() && !tier.resets;
        if !is_bare {
            faults.push("everybody is in the first tier: it has no ways, no validity, no reset".to_owned());
        }
    } else if tier.ways.is_empty() {
        faults.push("nobody can reach it: give it `ways`".to_owned());
    }
    let overtakes = |of: &&&Tier| {
        !tier.ways.is_empty() && tier.ways.iter().all(|way| of.ways.iter().any(|other| way.includes(other)))
    };
    if let Some(above) = higher.iter().find(overtakes) {
        faults.push(format!("nobody is ever in it: whoever reaches it reaches `{}` as well", above.id));
    }
    if tier.valid.is_none() && !tier.keep.is_empty() {
        faults.push("`keep` without `valid`: it is held for ever".to_owned());
    }
    let goes_on_counting = |way: &Way| matches!(way, Way::Orders { .. } | Way::Points { .. });
    if tier.valid.is_some() && !tier.resets && tier.ways.iter().any(goes_on_counting) {
        faults.push("whoever loses it has it again with the next purchase: add `resets = true`".to_owned());
    }
    if tier.keep.iter().any(|way| matches!(way, Way::Task {} | Way::Invitation {})) {
        faults.push("a task or an invitation keeps nothing: grant the tier once more".to_owned());
    }
    if tier.ways.len() + tier.keep.len() > WAYS_MAX {
        faults.push(format!("a tier has at most {WAYS_MAX} ways"));
    }
    if let Some(Validity::Months { months: 0 }) = tier.valid {
        faults.push("`valid` for no month".to_owned());
    }
    faults
}
