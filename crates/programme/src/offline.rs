use serde::Deserialize;

/// How far a store may go that does not reach the rights to what a member wants to spend, within the allowance that it
/// was granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Offline {
    /// Points that one member may have open at one store in advance of rights.
    pub advance_per_member: i64,
    /// Points that one store may spend in advance on one day, whosoever they are; as many as its allowance covers, if
    /// nothing is said.
    pub advance_per_day: Option<i64>,
}

const POINTS_MAX: i64 = 1_000_000_000;

impl Default for Offline {
    fn default() -> Self {
        Self { advance_per_member: 2_000, advance_per_day: None }
    }
}

impl Offline {
    /// What is wrong with it.
    pub(crate) fn faults(self) -> Vec<String> {
        let is_odd = |points: i64| !(0..=POINTS_MAX).contains(&points);
        let odd = is_odd(self.advance_per_member) || self.advance_per_day.is_some_and(is_odd);
        odd.then(|| "points in advance are from 0 to 1000000000".to_owned()).into_iter().collect()
    }
}
